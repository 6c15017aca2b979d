"""`/language`: one's own and a shared place's, chosen by button or word, in a made-up language besides English."""

from dataclasses import replace

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of

from paperwire.ports.callers import Actor, Place
from paperwire.texts import texts_in
from pseudo_locale import LOCALE, install, serve_from

CHANNEL = Place(channel="telegram", address="-7", kind="channel", title="Server › papers", locale=LOCALE)
NAME = "Esperanto"


@pytest.fixture
def _pseudo(tmp_path, monkeypatch):
    yield install(tmp_path, monkeypatch)
    texts_in.cache_clear()


@pytest.fixture
def _english_alone(tmp_path, monkeypatch):
    serve_from(tmp_path, monkeypatch)
    yield
    texts_in.cache_clear()


async def asked(bot, text, **where):
    """What is answered to someone whose app reports English."""
    command, _, args = text.removeprefix("/").partition(" ")
    return await bot.commands.handle(bot.request(command=command, args=args, locale="en-US", **where))


async def stored(bot, place):
    async with bot.store.read() as unit:
        return await unit.places.at(place)


@pytest.mark.usefixtures("_english_alone")
async def test_with_english_alone_it_says_so(bot):
    reply = await asked(bot, "/language")
    assert text_of(reply) == "Everything is in English: there is no other language yet."
    assert buttons_of(reply) == {}


@pytest.mark.usefixtures("_pseudo")
async def test_one_chooses_for_oneself_by_a_button_and_goes_back(bot):
    reply = await asked(bot, "/language")
    assert text_of(reply) == "Your language: automatic, as your app reports it."
    assert buttons_of(reply) == {
        "English": "language:en",
        NAME: f"language:{LOCALE}",
        "Automatic": "language:auto",
    }
    chosen = await bot.presses(f"language:{LOCALE}")
    assert chosen.edit
    assert text_of(chosen) == f"⟦Your language: ⟨{NAME}⟩.⟧"
    assert text_of(await asked(bot, "/style")).startswith("⟦")
    await bot.presses("language:auto")
    assert not text_of(await asked(bot, "/style")).startswith("⟦")


@pytest.mark.usefixtures("_pseudo")
@pytest.mark.parametrize("typed", [LOCALE, "esperanto", "EO"])
async def test_a_language_is_typed_by_its_name_or_code(bot, typed):
    assert NAME in text_of(await asked(bot, f"/language {typed}"))


@pytest.mark.usefixtures("_pseudo")
async def test_what_is_no_language_is_refused_with_those_there_are(bot):
    assert text_of(await asked(bot, "/language klingon")) == f"Use one of: en, {LOCALE}, auto."
    assert "too old" in text_of(await bot.presses("language:xx"))


@pytest.mark.usefixtures("_pseudo")
async def test_a_group_has_a_language_that_managers_choose(bot):
    assert "Only managers" in text_of(await asked(bot, f"/language {LOCALE}", place=GROUP, manages=False))
    await asked(bot, f"/language {LOCALE}", place=GROUP)
    assert (await stored(bot, GROUP)).locale == LOCALE
    seen = await asked(bot, "/language", place=GROUP, manages=False)
    assert NAME in text_of(seen)
    assert buttons_of(seen) == {}
    assert not text_of(await asked(bot, "/style")).startswith("⟦")  # in private, one's own


@pytest.mark.usefixtures("_pseudo")
async def test_a_server_gets_papers_in_its_own_language_until_another_is_chosen(bot):
    await asked(bot, "/subscribe snakes", place=CHANNEL)
    assert (await stored(bot, CHANNEL)).locale == LOCALE
    await asked(bot, "/subscribe worms", place=replace(CHANNEL, locale="en-GB"))
    assert (await stored(bot, CHANNEL)).locale == "en-GB"
    await asked(bot, f"/language {LOCALE}", place=replace(CHANNEL, locale="en-GB"))
    assert (await stored(bot, CHANNEL)).locale == LOCALE


@pytest.mark.usefixtures("_pseudo")
async def test_what_is_due_comes_in_the_language_chosen_meanwhile(bot):
    await asked(bot, "/subscribe snakes")
    await bot.record(paper(1, "Snakes"))
    await bot.match()
    await bot.presses(f"language:{LOCALE}")
    bot.clock.advance(minutes=10)
    await bot.deliver()
    (_, message) = bot.channel.sent[-1]
    assert message.locale == LOCALE


@pytest.mark.usefixtures("_pseudo")
async def test_an_open_question_and_an_old_button_are_answered_in_the_new_language(bot):
    question = await asked(bot, "/subscribe")
    assert question.question is not None
    assert not text_of(question).startswith("⟦")
    style = await asked(bot, "/style")
    await bot.presses(f"language:{LOCALE}")
    answered = await bot.commands.handle(bot.request(args="snakes", locale="en-US"))
    assert "⟦" in text_of(answered)
    assert await bot.subscribed() == ["snakes"] or "⟦" in text_of(answered)
    assert text_of(await bot.presses("Lists", style)).startswith("⟦")


@pytest.mark.usefixtures("_pseudo")
async def test_a_language_stays_with_who_links_accounts_and_who_moves(bot):
    await bot.presses(f"language:{LOCALE}")
    await asked(bot, "/style", who="2")
    async with bot.store.write() as unit:
        ann = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
        bob = await unit.people.ensure(Actor(channel="telegram", user_id="2"), "en")
        await unit.people.link(Actor(channel="telegram", user_id="1"), bob.number)
        both = await unit.people.get(bob.number)
        assert (ann.reads, both.reads, both.language) == (LOCALE, LOCALE, LOCALE)
        exported = await unit.people.export(bob.number)
        assert exported["person"]["language"] == LOCALE
        await unit.people.unlink(bob.number, Actor(channel="telegram", user_id="1"), lambda *_: "")
        assert (await unit.people.person_of(Actor(channel="telegram", user_id="1"))).language == LOCALE


@pytest.mark.usefixtures("_pseudo")
async def test_a_group_that_becomes_another_keeps_its_language(bot):
    await asked(bot, f"/language {LOCALE}", place=GROUP)
    await asked(bot, "/style list", place=replace(GROUP, address="-200"))
    async with bot.store.write() as unit:
        old = await unit.places.at(GROUP)
        assert (await unit.places.get(await unit.places.moved(old.number, "-200"))).language == LOCALE


@pytest.mark.usefixtures("_pseudo")
async def test_settings_say_the_language_and_lead_to_the_others(bot):
    reply = await asked(bot, "/settings")
    assert "Your language: automatic, as your app reports it." in text_of(reply)
    assert buttons_of(reply)["Language…"] == "language:"


@pytest.mark.usefixtures("_english_alone")
async def test_settings_say_nothing_of_it_where_there_is_english_alone(bot):
    assert "anguage" not in text_of(await asked(bot, "/settings"))


@pytest.mark.usefixtures("_pseudo")
async def test_a_choice_is_undone(bot):
    await asked(bot, "/language en")
    chosen = await asked(bot, f"/language {LOCALE}")
    assert chosen.undo == "language:en"
    back = await bot.presses(chosen.undo)
    assert text_of(back) == "Your language: English."
    assert back.undo == f"language:{LOCALE}"
    assert not (await asked(bot, "/language en")).undo
