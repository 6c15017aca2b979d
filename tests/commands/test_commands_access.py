"""Who may use an instance that names its people, and accounts that are banned."""

from dataclasses import replace

import pytest
from commands_bot import GROUP, Asker, Bot, buttons_of, paper, text_of
from sqlalchemy import select

from paperwire.core.tokens import number_token
from paperwire.errors import CloseReason, CommandError
from paperwire.ports.callers import Actor, Community, Place
from paperwire.services.access import Access, ban_key, close_to_strangers
from paperwire.services.accounts import opt_in
from paperwire.services.accounts.link import unlink
from paperwire.services.accounts.opt_in import Wish
from paperwire.services.limits import PER_TYPIST
from paperwire.store.database.tables.people import OptInRow

KEY = b"k" * 32
CHANNEL = Place(
    channel="discord", address="5", kind="channel", community=Community(kind="server", address="80351110224678912")
)
TOPIC = Place(channel="telegram", address="-100/4", kind="topic", community=Community(kind="group", address="-100"))
ANN = Place(channel="email", address="ann@example.org", kind="mailbox", title="ann@example.org")
REFUSED = "This Paperwire is for invited people only."


def letting_in(bot, *names, ask="papers@example.org"):
    """The same bot under settings that name these."""
    context = replace(bot.context, access=Access(names=names, ask=ask, secret_key=KEY))
    return Bot(bot.store, bot.clock, context)


async def asked(bot, actor, place=None):
    async with bot.store.read() as unit:
        return await bot.context.access.admits(unit, actor, place)


def telegram(user):
    return Actor(channel="telegram", user_id=user)


async def test_anyone_is_let_in_where_no_one_is_named(bot):
    assert await asked(bot, telegram("9"))
    assert "Subscribed" in text_of(await bot.says("/subscribe diffusion", who="9"))


@pytest.mark.parametrize(
    ("name", "account", "place", "let_in"),
    [
        ("telegram:1", telegram("1"), None, True),
        ("telegram:1", telegram("12"), None, False),
        ("telegram:1", Actor(channel="discord", user_id="1"), None, False),
        ("telegram:*", telegram("12"), None, True),
        ("email:*@example.org", Actor(channel="email", user_id="Ann@Example.org"), None, True),
        ("email:*@example.org", Actor(channel="email", user_id="ann@example.org.evil.net"), None, False),
        ("email:*@example.org", Actor(channel="email", user_id="ann@evilexample.org"), None, False),
        ("email:a.b@example.org", Actor(channel="email", user_id="axb@example.org"), None, False),
        ("discord-server:80351110224678912", Actor(channel="discord", user_id="1"), CHANNEL, True),
        ("discord-server:80351110224678912", Actor(channel="discord", user_id="1"), None, False),
        ("discord-server:9", Actor(channel="discord", user_id="1"), CHANNEL, False),
        ("telegram-group:-100", telegram("1"), GROUP, True),
        ("telegram-group:-100", telegram("1"), TOPIC, True),
        ("telegram-group:-1001", telegram("1"), GROUP, False),
        # A private chat has a person's id for its address, and no one is let in by calling themselves a group.
        ("telegram-group:1", telegram("1"), Place(channel="telegram", address="1", kind="private"), False),
        ("telegram:1", Actor(channel="console", user_id="ann"), None, True),
    ],
)
async def test_accounts_servers_groups_and_domains_are_let_in_by_name(bot, name, account, place, let_in):
    assert await asked(letting_in(bot, name), account, place) is let_in


async def test_all_accounts_of_a_person_are_let_in_by_one(bot):
    async with bot.store.write() as unit:
        person = await unit.people.ensure(telegram("1"), "en")
        await unit.people.link(Actor(channel="discord", user_id="77"), person.number)
    assert await asked(letting_in(bot, "telegram:1"), Actor(channel="discord", user_id="77"))


async def test_a_stranger_is_refused_once_and_told_whom_to_ask(bot):
    bot = letting_in(bot, "telegram:1")
    reply = await bot.says("/subscribe diffusion", who="9")
    assert text_of(reply) == f"{REFUSED} To be let in, ask papers@example.org and name your account: telegram:9"
    assert reply.aside
    again = await bot.says("/help", who="9", place=GROUP)
    assert (text_of(again), again.toast.startswith(REFUSED)) == ("", True)  # only the asker sees that
    bot.clock.advance(hours=1)
    assert text_of(await bot.says("hello", who="9")).startswith(REFUSED)
    assert text_of(await letting_in(bot, "telegram:1", ask="").says("/start", who="9")).startswith(
        f"{REFUSED} To be let in, ask its operator"
    )
    async with bot.store.read() as unit:
        assert await unit.people.person_of(telegram("9")) is None  # nothing is stored of them
    assert "Subscribed" in text_of(await bot.says("/subscribe diffusion", who="1"))


async def test_a_stranger_who_goes_on_and_on_gets_nothing_more(bot):
    bot = letting_in(bot, "telegram:1")
    replies = [await bot.commands.handle(bot.request("9", command="help")) for _ in range(100)]
    assert [bool(text_of(reply)) for reply in replies] == [True] + [False] * 99
    assert "Subscribed" in text_of(await bot.says("/subscribe diffusion", who="1"))


async def test_buttons_completions_and_reactions_of_strangers_do_nothing(bot):
    made = await bot.says("/subscribe diffusion", place=GROUP, who="1")
    undo = buttons_of(made)["Undo"]
    bot = letting_in(bot, "telegram:1")
    assert text_of(await bot.presses(undo, who="9", place=GROUP)).startswith(REFUSED)
    assert await bot.subscribed(place=GROUP) == ["diffusion"]
    typed = replace(bot.request("9", command="subscribe", args="diff"), completing="query")
    assert (await bot.commands.handle(typed)).choices == ()
    upvoted = await bot.presses("place:upvoted:7", who="9", place=GROUP)
    assert (text_of(upvoted), upvoted.toast) == ("", "")


async def test_a_banned_account_gets_no_choices_while_it_types(bot):
    await bot.says("/subscribe diffusion")
    typed = replace(bot.request("1", command="unsubscribe", args="diff"), completing="subscription")
    assert (await bot.commands.handle(typed)).choices != ()
    async with bot.store.write() as unit:
        await unit.settings.put(ban_key(bot.context.access.secret_key, telegram("1")), unit.now.isoformat())
    assert (await bot.commands.handle(typed)).choices == ()


async def test_choices_for_one_who_types_have_a_limit_of_their_own(bot):
    typed = replace(bot.request("1", command="digest", args="daily 08:00"), completing="time")
    replies = [await bot.commands.handle(typed) for _ in range(PER_TYPIST + 1)]
    assert [bool(reply.choices) for reply in replies] == [True] * PER_TYPIST + [False]
    other = replace(bot.request("2", command="digest", args="daily 08:00"), completing="time")
    assert (await bot.commands.handle(other)).choices != ()
    assert (await bot.commands.handle(replace(other, args="daily 08:00 " * 400))).choices == ()
    assert "Subscribed" in text_of(await bot.says("/subscribe diffusion"))


async def test_a_group_that_a_stranger_adds_the_bot_to_is_told_whom_to_ask(bot):
    reply = await letting_in(bot, "telegram:1").presses("place:open", who="9", place=GROUP)
    assert text_of(reply).startswith(REFUSED)


async def test_that_a_chat_was_closed_is_noted_whoever_closed_it(bot):
    await bot.says("/subscribe diffusion", place=GROUP, who="1")
    await letting_in(bot, "telegram:1").presses("place:closed:removed", who="9", place=GROUP)
    async with bot.store.read() as unit:
        assert (await unit.places.at(GROUP)).paused == CloseReason.REMOVED


async def test_no_mail_goes_to_an_address_that_is_not_let_in_and_asking_does_not_say_so(bot):
    bot = letting_in(bot, "email:*@example.net")
    mail = bot.context.channels["email"] = Asker("email")
    other = replace(ANN, address="ann@example.net", title="ann@example.net")
    for place in (ANN, other):
        await opt_in.ask(bot.context, place, Wish(text="diffusion"), client="203.0.113.7", locale="en")
    assert [to for to, _ in mail.sent] == [other.address]
    mail.managed[ANN.address] = (ANN, set())
    async with bot.store.read() as unit:
        number = await unit.connection.scalar(select(OptInRow.number).where(OptInRow.address == ANN.address))
    token = number_token(bot.context.secret_key, opt_in.PURPOSE, number)
    with pytest.raises(CommandError, match=REFUSED):
        await opt_in.confirm(bot.context, token)


async def test_who_is_let_in_by_a_group_subscribes_nothing_elsewhere(bot):
    bot = letting_in(bot, "telegram-group:-100", "telegram-group:-300")
    for address in ("-200", "-300"):
        place = Place(channel="telegram", address=address, kind="group", title="Elsewhere")
        bot.channel.managed[address] = (place, {"9"})
    bot.channel.managed["9"] = (Place(channel="telegram", address="9", kind="private"), {"9"})
    for address in ("-200", "9"):
        refused = text_of(await bot.says(f"/subscribe diffusion to:{address}", who="9", place=GROUP))
        assert refused.startswith(REFUSED)
    assert "Subscribed" in text_of(await bot.says("/subscribe diffusion to:-300", who="9", place=GROUP))
    assert "Subscribed" in text_of(await bot.says("/subscribe diffusion", who="9", place=GROUP))


async def test_who_is_let_in_by_a_group_gets_no_link_to_sign_in_that_would_be_refused(bot):
    bot = letting_in(bot, "telegram-group:-100", "telegram:1")
    assert text_of(await bot.says("/me", who="9", place=GROUP)).startswith(REFUSED)
    assert "The link signs you in." in text_of(await bot.says("/me", who="1", place=GROUP))


# --- places of those who may no longer --------------------------------------------------------------------------------


async def paused(bot, *places):
    async with bot.store.read() as unit:
        return [(await unit.places.at(place)).paused for place in places]


async def test_what_a_person_who_is_not_let_in_any_more_was_to_get_is_held_and_comes_when_they_are(bot):
    chat, other = (Place(channel="telegram", address=who, kind="private") for who in ("1", "2"))
    await bot.says("/subscribe diffusion", who="1")
    await bot.says("/subscribe diffusion", who="2")
    await bot.says("/subscribe diffusion", who="2", place=GROUP)
    assert await close_to_strangers(bot.store, Access(names=["telegram:1"])) == (2, 0)
    assert await paused(bot, chat, other, GROUP) == ["", CloseReason.NOT_ALLOWED, CloseReason.NOT_ALLOWED]
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    await bot.deliver()
    assert [to for to, _ in bot.channel.sent] == ["1"]
    assert await close_to_strangers(bot.store, Access(names=["telegram:1", "telegram-group:-100"])) == (0, 1)
    assert await close_to_strangers(bot.store, Access()) == (0, 1)
    assert await paused(bot, chat, other, GROUP) == ["", "", ""]
    await bot.deliver()
    assert sorted(to for to, _ in bot.channel.sent) == ["-100", "1", "2"]


async def test_who_blocked_the_bot_while_not_let_in_gets_papers_again_once_they_are(bot):
    chat = Place(channel="telegram", address="2", kind="private")
    await bot.says("/subscribe diffusion", who="2")
    await close_to_strangers(bot.store, Access(names=["telegram:1"]))
    for report in ("place:closed:blocked", "place:open"):
        await letting_in(bot, "telegram:1").presses(report, who="2", place=chat)
    assert await paused(bot, chat) == [CloseReason.NOT_ALLOWED]
    assert await close_to_strangers(bot.store, Access()) == (0, 1)


async def test_what_a_person_paused_stays_paused_whoever_is_let_in(bot):
    chat = Place(channel="telegram", address="1", kind="private")
    await bot.says("/subscribe diffusion", who="1")
    await bot.says("/pause", who="1")
    before = await paused(bot, chat)
    assert await close_to_strangers(bot.store, Access(names=["telegram:2"])) == (0, 0)
    assert await close_to_strangers(bot.store, Access()) == (0, 0)
    assert await paused(bot, chat) == before != [""]


async def test_a_group_of_who_is_not_let_in_any_more_stays_open_once_another_manager_opened_it(bot):
    await bot.says("/subscribe diffusion", who="2", place=GROUP)
    access = Access(names=["telegram:1"])
    await close_to_strangers(bot.store, access)
    bot = letting_in(bot, "telegram:1")
    assert "are paused here (its owner may not use this Paperwire) until /resume." in text_of(
        await bot.says("/subscribe lora", place=GROUP)
    )
    assert "Resumed" in text_of(await bot.says("/resume", place=GROUP))
    assert await close_to_strangers(bot.store, access) == (0, 0)  # at the next start
    assert await paused(bot, GROUP) == [""]
    assert await bot.subscribed(place=GROUP) == ["diffusion", "lora"]


# --- bans -------------------------------------------------------------------------------------------------------------


async def test_a_banned_account_is_refused_where_all_others_are_let_in(bot):
    bot = letting_in(bot)
    async with bot.store.write() as unit:
        await unit.settings.put(ban_key(KEY, telegram("9")), "now")
    assert text_of(await bot.says("/subscribe diffusion", who="9")).startswith(REFUSED)
    assert "Subscribed" in text_of(await bot.says("/subscribe diffusion", who="1"))
    assert not await asked(letting_in(bot, "telegram:9"), telegram("9"))
    async with bot.store.write() as unit:
        assert await unit.settings.remove(ban_key(KEY, telegram("9")))
        assert not await unit.settings.remove(ban_key(KEY, telegram("9")))
    assert "Subscribed" in text_of(await bot.says("/subscribe diffusion", who="9"))


async def test_a_ban_during_a_command_leaves_nothing_of_it(bot):
    async def banned_meanwhile(paper_id):
        async with bot.store.write() as unit:
            await unit.settings.put(ban_key(KEY, telegram("9")), "now")
            await unit.people.forget((await unit.people.person_of(telegram("9"))).number)
        return paper(1, "Diffusion")

    bot = letting_in(Bot(bot.store, bot.clock, replace(bot.context, lookup=banned_meanwhile)))
    await bot.says("/subscribe diffusion", who="9")
    assert text_of(await bot.says("/watch 2601.00001", who="9")).startswith(REFUSED)
    async with bot.store.read() as unit:
        assert await unit.people.person_of(telegram("9")) is None


def test_what_is_kept_of_a_banned_account_names_no_one():
    kept = ban_key(KEY, Actor(channel="email", user_id="ann@example.org"))
    assert "ann@" not in kept
    for same in ("ANN@example.org", "ann+again@example.org"):
        assert kept == ban_key(KEY, Actor(channel="email", user_id=same))
    assert kept != ban_key(b"another", Actor(channel="email", user_id="ann@example.org"))


async def test_who_was_let_in_by_another_account_gets_nothing_once_it_is_unlinked(bot):
    bot = letting_in(bot, "telegram:1")
    await bot.says("/subscribe diffusion")
    async with bot.store.write() as unit:
        person = (await unit.people.person_of(telegram("1"))).number
        await unit.people.link(telegram("2"), person)
        (subscription,) = await unit.subscriptions.of_person(person)
        chat = await unit.places.ensure(Place(channel="telegram", address="2", kind="private"), person)
        await unit.routes.lead(subscription.number, chat.number)
    assert await asked(bot, telegram("2"))
    await unlink(bot.context, bot.request(), "telegram:2")
    assert not await asked(bot, telegram("2"))
    async with bot.store.read() as unit:
        assert (await unit.places.get(chat.number)).paused == CloseReason.NOT_ALLOWED
        assert (await unit.places.get(subscription.destinations[0])).paused == ""
