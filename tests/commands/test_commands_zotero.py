"""A Zotero library joins the saved papers, and is read daily."""

from dataclasses import replace

import pytest
from commands_bot import GROUP, paper, text_of

from paperwire.libraries.zotero import Zotero
from paperwire.pipeline.libraries import KeySeal, LibraryReader, LibraryReading
from paperwire.pipeline.notice import Notices
from paperwire.ports.callers import Actor
from servers.direct import DIRECT
from servers.zotero import KEY, ZoteroServer


@pytest.fixture
async def zotero_server():
    async with ZoteroServer() as running:
        yield running


@pytest.fixture
async def reader(bot, zotero_server):
    zotero = Zotero(zotero_server.url, network=DIRECT, agent="Paperwire/test")
    reader = LibraryReader(
        store=bot.store,
        service=zotero,
        seal=KeySeal(bot.context.secret_key),
        lookup_many=bot.context.lookup_many,
        now=bot.clock,
    )
    bot.commands.context = replace(bot.commands.context, libraries=reader)
    yield reader
    await zotero.close()


@pytest.fixture
def job(bot, reader):
    return LibraryReading(reader=reader, tell=Notices(bot.store, bot.context.channels).tell)


async def answers(bot, text):
    bot.clock.advance(seconds=5)
    return await bot.commands.handle(bot.request(args=text))


def entry(number, title):
    return {"title": title, "number": f"arXiv:2601.{number:05}"}


async def connected(bot):
    reply = await bot.says(f"/saved import zotero {KEY}")
    assert reply.unseen
    return await reply.update()


async def saved(bot):
    return {item.title for item in (await bot.says("/saved")).message.items}


async def test_the_key_is_asked_for_and_the_library_read(bot, zotero_server, reader, known):
    await bot.record(paper(1, "Diffusion"))
    known["2601.09999"] = paper(9999, "Elsewhere")
    zotero_server.add(entry(1, "Diffusion"), entry(9999, "Elsewhere"), {"title": "A book"})
    asked = await bot.says("/saved import zotero")
    assert asked.private
    assert "https://www.zotero.org/settings/keys/new" in text_of(asked)
    reply = await answers(bot, KEY)
    assert reply.unseen
    assert "will be read once a day" in text_of(reply)
    assert KEY not in text_of(reply)
    update = await reply.update()
    assert "2 papers added to your saved papers." in text_of(update.reply)
    assert "1 wasn't found." in text_of(update.reply)
    assert await saved(bot) == {"Diffusion", "Elsewhere"}


async def test_a_form_answers_too(bot, zotero_server, reader):
    reply = await bot.says(f"/saved {KEY}", **{"import": "zotero"})
    assert "once a day" in text_of(reply)


async def test_it_is_read_on_daily_from_where_it_was(bot, zotero_server, reader, job):
    await bot.record(paper(1, "Diffusion"), paper(2, "Adapters"))
    zotero_server.add(entry(1, "Diffusion"))
    await connected(bot)
    zotero_server.add(entry(2, "Adapters"))
    await job.run()
    assert await saved(bot) == {"Diffusion"}
    bot.clock.advance(days=1)
    await job.run()
    assert await saved(bot) == {"Diffusion", "Adapters"}
    assert zotero_server.requests[-1][1]["since"] == "1"


async def test_a_revoked_key_stops_it_and_is_told_once(bot, zotero_server, reader, job):
    await connected(bot)
    zotero_server.keys.clear()
    for _ in range(2):
        bot.clock.advance(days=1)
        await job.run()
    ((place, message),) = bot.channel.sent
    assert place == "1"
    assert "its key isn't valid any more" in message.head[0][0].text
    asked = len(zotero_server.requests)
    bot.clock.advance(days=2)
    await job.run()
    assert len(zotero_server.requests) == asked
    assert "No library is connected." in text_of(await bot.says("/saved import off"))


async def test_a_key_that_another_secret_key_sealed_stops_it(bot, zotero_server, reader, job):
    await connected(bot)
    other = replace(job, reader=replace(reader, seal=KeySeal(b"another" * 5)))
    bot.clock.advance(days=1)
    await other.run()
    assert len(bot.channel.sent) == 1


async def test_a_person_who_cannot_be_told_does_not_keep_it(bot, zotero_server, reader, job):
    await connected(bot)
    zotero_server.keys.clear()

    async def tell(_person, _words):
        return False

    bot.clock.advance(days=1)
    await replace(job, tell=tell).run()
    assert "No library is connected." in text_of(await bot.says("/saved import off"))


async def test_a_key_that_was_replaced_meanwhile_is_not_stopped(bot, zotero_server, reader, job):
    await connected(bot)
    bot.clock.advance(days=1)
    async with bot.store.write() as unit:
        library = await unit.libraries.claim()
    await connected(bot)
    await job._stop(library, LookupError("refused"))
    assert bot.channel.sent == []


async def test_what_fails_is_tried_again_later(bot, zotero_server, reader, job):
    await connected(bot)
    bot.clock.advance(days=1)
    zotero_server.faults.append(500)
    await job.run()
    asked = len(zotero_server.requests)
    bot.clock.advance(minutes=59)
    await job.run()
    assert len(zotero_server.requests) == asked
    bot.clock.advance(minutes=2)
    await job.run()
    assert len(zotero_server.requests) == asked + 1


async def test_a_first_reading_that_fails_is_told(bot, zotero_server, reader):
    reply = await bot.says(f"/saved import zotero {KEY}")
    zotero_server.faults.append(500)
    assert "Reading it failed" in text_of((await reply.update()).reply)


async def test_off_and_forget_delete_the_key(bot, zotero_server, reader):
    await connected(bot)
    assert "its key is deleted" in text_of(await bot.says("/saved import off"))
    assert "No library is connected" in text_of(await bot.says("/saved import off"))
    assert "No library is connected" in text_of(await bot.says("/saved import off", who="7"))
    await connected(bot)
    await bot.presses("forget:yes")
    assert "No library is connected" in text_of(await bot.says("/saved import off"))


async def test_a_library_is_read_for_no_one_after_accounts_part(bot, zotero_server, reader, job):
    """It may be of either, and its key must not go on to bring one's papers to the other."""
    await connected(bot)
    async with bot.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
        await unit.people.link(Actor(channel="telegram", user_id="2"), person.number)
    question = await bot.presses("unlink:telegram:1", who="2")
    assert "A connected library is no longer read" in text_of(question)
    await bot.presses("unlink:yes:telegram:1", who="2")
    zotero_server.add(entry(1, "Diffusion"))
    await bot.record(paper(1, "Diffusion"))
    bot.clock.advance(days=1)
    await job.run()
    assert await saved(bot) == set()
    assert {item.title for item in (await bot.says("/saved", who="2")).message.items} == set()


async def test_a_group_is_read_where_the_key_opens_it(bot, zotero_server, reader):
    await bot.record(paper(1, "Diffusion"))
    zotero_server.add(entry(1, "Diffusion"), library="groups/5")
    asked = await bot.says("/saved import zotero https://www.zotero.org/groups/5/lab")
    assert asked.question.options == {"import": "zotero groups/5"}
    reply = await answers(bot, KEY)
    await reply.update()
    assert await saved(bot) == {"Diffusion"}
    assert "doesn't open the library" in text_of(await bot.says(f"/saved import zotero 6 {KEY}"))


async def test_wrong_keys_and_words_are_refused(bot, zotero_server, reader):
    refused = await bot.says(f"/saved import zotero {'x' * 24}")
    assert "This key doesn't open the library" in text_of(refused)
    assert refused.unseen
    assert "neither a Zotero key" in text_of(await bot.says("/saved import zotero hello"))
    zotero_server.faults.append(500)
    assert "Can't reach Zotero" in text_of(await bot.says(f"/saved import zotero {KEY}"))


async def test_in_a_group_no_key_is_taken(bot, zotero_server, reader):
    shown = await bot.says(f"/saved import zotero {KEY}", place=GROUP)
    assert shown.unseen
    assert "in a private chat" in text_of(shown)
    assert not (await bot.says("/saved import zotero", place=GROUP)).unseen
    assert zotero_server.requests == []


def test_a_sealed_key_opens_under_its_own_secret_key_alone():
    sealed = KeySeal(b"k" * 32).close(KEY)
    assert KEY not in sealed
    assert KeySeal(b"k" * 32).open(sealed) == KEY
    assert KeySeal(b"j" * 32).open(sealed) is None
    assert KeySeal(b"k" * 32).open("nonsense") is None
