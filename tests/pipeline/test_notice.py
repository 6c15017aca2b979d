"""Managers hear in private, once, of places of theirs that were closed."""

import asyncio
import re
from dataclasses import replace
from gettext import NullTranslations

import pytest
from babel import Locale
from pipeline_world import Post, failing

from paperwire.core.messages.message import Message, Span
from paperwire.core.query.language import parse
from paperwire.errors import CloseReason, Gone, Retry, Unknown
from paperwire.pipeline import notice
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.turn import Turn
from paperwire.ports.callers import Actor, Place
from paperwire.texts import ENGLISH, Texts

KICKED = Gone("Telegram: Forbidden: bot was kicked from the group chat", CloseReason.REMOVED)


@pytest.fixture
def patience(monkeypatch):
    monkeypatch.setattr(notice, "GATHER", 0.0)


@pytest.fixture
async def owner(stages):
    """Person 1, who has talked to the bot in private on Telegram."""
    async with stages.store.write() as unit:
        found = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        await unit.places.ensure(Place(channel="telegram", address="1", kind="private"), found.number)
    return found.number


async def place(stages, owner, address, *, kind="group", title="", channel="telegram", wants="study"):
    async with stages.store.write() as unit:
        where = Place(channel=channel, address=address, kind=kind, title=title)
        there = await unit.places.ensure(where, owner)
        await unit.subscriptions.subscribe(
            owner,
            parse(wants),
            name="",
            occasions=frozenset({"arrival"}),
            cadence="",
            destinations=[there.number],
        )
    return there.number


async def told(stages, address="1"):
    """The notices in a private chat, once all has been told."""
    await asyncio.gather(*[task for task in [stages.delivery.notices._notifying] if task])
    messages = [message for message in stages.post.arrived[address] if not message.items]
    return ["\n".join(span.text for line in (*m.head, *m.foot) for span in line) for m in messages]


@pytest.mark.usefixtures("patience")
async def test_the_owner_is_told_which_place_was_closed_and_why(stages, owner):
    number = await place(stages, owner, "-5", title="Reading club")
    stages.post.fails["-5"].append(KICKED)
    await stages.announce("Study one", "Study two")
    await stages.deliver()
    [text] = await told(stages)
    assert "Reading club: the bot was removed. Add it again.\n" in text
    assert "/resume" in text
    assert (await stages.place(number)).paused == "removed"
    assert stages.post.arrived["-5"] == []
    assert await stages.owed() == 2


@pytest.mark.usefixtures("patience")
async def test_many_closed_places_make_one_message(stages, owner):
    for number in range(25):
        await place(stages, owner, f"-{number + 10}", title=f"Group {number}")
        stages.post.fails[f"-{number + 10}"].append(KICKED)
    await stages.announce("Study one")
    gathered, tell = [], stages.delivery.notices.closed
    stages.delivery.notices.closed = lambda *closed: gathered.append(closed)
    await stages.deliver()
    for closed in gathered:
        tell(*closed)
    [text] = await told(stages)
    assert "no longer reach 25 of your chats" in text
    assert text.count("the bot was removed") == 20
    assert "and 5 more" in text


async def test_a_place_found_closed_twice_is_told_of_once(stages, owner):
    number = await place(stages, owner, "-5", title="Reading club")
    gathered = []
    stages.delivery.notices.closed = lambda where, why: gathered.append((where.title, why))
    for error in (KICKED, Gone("chat not found", CloseReason.DELETED)):
        await stages.delivery._turns._failures.close(Turn(await stages.place(number), 60, 10), error)
    assert gathered == [("Reading club", "removed")]
    assert (await stages.place(number)).paused == "deleted"


@pytest.mark.usefixtures("patience")
async def test_what_is_told_again_later_is_another_message(stages, owner):
    """Mail programs hide a mail with the Message-ID of an earlier one, which is made of its key."""
    number = await place(stages, owner, "-5", title="Reading club")
    for title in ("Study one", "Study two"):
        stages.post.fails["-5"].append(KICKED)
        await stages.announce(title)
        await stages.deliver()
        await told(stages)
        async with stages.store.write() as unit:
            await unit.places.resume(number)
        stages.clock.advance(days=30)
    first, second = stages.post.arrived["1"]
    assert replace(first, key="") == replace(second, key="")
    assert first.key != second.key


class Talk(Post):
    """A channel on which people talk; whose name begins with a dash is no person."""

    has_roles = False
    threaded = frozenset()

    async def private_address(self, actor):
        if actor.user_id.startswith("-"):
            raise Gone("no person")
        return f"chat with {actor.user_id}"

    async def listen(self, specs, handler):
        raise NotImplementedError

    inspect = state = close = Post.probe


def talking(stages, *others):
    """Telegram as people talk on it, and other channels, in place of the one that the stages have."""
    stages.post = Talk()
    channels = {"telegram": stages.post} | {other.kind: other for other in others}
    stages.delivery = Delivery(stages.store, channels, owner="me", now=stages.clock, hold=stages.hold)


async def newcomer(stages, user, channel="telegram"):
    """Somebody who has never written in private."""
    async with stages.store.write() as unit:
        return (await unit.people.ensure(Actor(channel=channel, user_id=user), "en")).number


@pytest.mark.usefixtures("patience")
async def test_who_never_wrote_in_private_is_written_to_all_the_same(stages):
    talking(stages)
    await place(stages, await newcomer(stages, "7"), "-5", title="Reading club")
    stages.post.fails["-5"].append(KICKED)
    await stages.announce("Study one")
    await stages.deliver()
    [text] = await told(stages, "chat with 7")
    assert "Reading club: the bot was removed." in text


@pytest.mark.usefixtures("patience")
async def test_all_who_subscribed_at_a_place_are_told(stages, owner):
    talking(stages)
    await place(stages, owner, "-5", title="Reading club")
    await place(stages, await newcomer(stages, "7"), "-5", title="Reading club", wants="one")
    await place(stages, await newcomer(stages, "8"), "-6", title="Elsewhere", wants="nothing")
    stages.post.fails["-5"].append(KICKED)
    await stages.announce("Study one")
    await stages.deliver()
    for address in ("1", "chat with 7"):
        [text] = await told(stages, address)
        assert "Reading club: the bot was removed." in text
    assert await told(stages, "chat with 8") == []


@pytest.mark.usefixtures("patience")
async def test_who_refuses_private_messages_is_told_on_another_channel(stages):
    post = Post("email")
    talking(stages, post)
    person = await newcomer(stages, "7")
    async with stages.store.write() as unit:
        await unit.people.link(Actor(channel="email", user_id="ann@example.org"), person)
    await place(stages, person, "-5")
    stages.post.fails["-5"].append(KICKED)
    stages.post.fails["chat with 7"].append(Gone("bot can't initiate conversation with a user", CloseReason.BLOCKED))
    await stages.announce("Study one")
    await stages.deliver()
    assert await told(stages, "chat with 7") == []
    assert not post.arrived  # an account there is no address that people talk at

    await place(stages, person, "ann@example.org", kind="mailbox", channel="email", wants="nothing")
    await place(stages, person, "-6", wants="study two")
    stages.post.fails["-6"].append(KICKED)
    await stages.announce("Study two")
    await stages.deliver()
    await told(stages)
    assert len(post.arrived["ann@example.org"]) == 1
    assert await told(stages, "chat with 7") == []


@pytest.mark.usefixtures("patience")
async def test_a_private_chat_that_is_known_and_closed_is_not_asked_again(stages):
    talking(stages)
    here = await place(stages, await newcomer(stages, "7"), "chat with 7", kind="private")
    stages.post.fails["chat with 7"].append(Gone("blocked", CloseReason.BLOCKED))
    await stages.announce("Study one")
    await stages.deliver()
    assert await told(stages, "chat with 7") == []
    assert (await stages.place(here)).paused == "blocked"


@pytest.mark.usefixtures("patience")
async def test_a_chat_that_speaks_for_itself_is_not_told(stages):
    talking(stages)
    number = await place(stages, await newcomer(stages, "-5"), "-5")
    stages.post.fails["-5"].append(KICKED)
    await stages.announce("Study one")
    await stages.deliver()
    await told(stages)
    assert not any(stages.post.arrived.values())
    assert (await stages.place(number)).paused


@pytest.mark.usefixtures("patience")
async def test_a_database_that_fails_meanwhile_does_no_harm(stages, owner, monkeypatch):
    await place(stages, owner, "-5")
    await place(stages, owner, "-6")
    failing(monkeypatch, "paperwire.store.people.places.Places.managers_of", 1)
    await stages.announce("Study one")
    stages.post.fails["-5"].append(KICKED)
    await stages.deliver()
    assert await told(stages) == []
    stages.post.fails["-6"].append(KICKED)
    await stages.announce("Study two")
    await stages.deliver()
    [text] = await told(stages)
    assert text.startswith("Papers no longer reach one of your chats:")


@pytest.mark.usefixtures("patience")
async def test_somebody_without_a_private_chat_is_not_told(stages):
    async with stages.store.write() as unit:
        group = (await unit.people.ensure(Actor(channel="telegram", user_id="-5"), "en")).number
    number = await place(stages, group, "-5")
    stages.post.fails["-5"].append(KICKED)
    await stages.announce("Study one")
    await stages.deliver()
    assert await told(stages) == []
    assert (await stages.place(number)).paused


@pytest.mark.usefixtures("patience")
async def test_who_blocked_the_bot_here_is_told_elsewhere(stages, owner):
    here = await place(stages, owner, "1", kind="private", title="Ann")
    await place(stages, owner, "d9", kind="private", channel="discord", wants="nothing")
    discord = Post("discord")
    channels = {"telegram": stages.post, "discord": discord}
    stages.delivery = Delivery(stages.store, channels, owner="me", now=stages.clock, hold=stages.hold)
    stages.post.fails["1"].append(Gone("blocked", CloseReason.BLOCKED))
    await stages.announce("Study one")
    await stages.deliver()
    assert await told(stages) == []
    [message] = discord.arrived["d9"]
    assert message.head[1][0].text == (
        "your chat on Telegram: the bot is blocked, or may not send private messages."
        " Unblock it, or allow private messages from it."
    )
    assert (await stages.place(here)).paused == "blocked"


async def test_the_channel_that_a_message_is_about_is_tried_first(stages, owner):
    await place(stages, owner, "d9", kind="private", channel="discord")
    discord = Post("discord")
    channels = {"telegram": stages.post, "discord": discord}
    stages.delivery = Delivery(stages.store, channels, owner="me", now=stages.clock, hold=stages.hold)
    for first, reached in (("discord", (0, 1)), ("telegram", (1, 1))):
        assert await stages.delivery.notices.tell(owner, lambda _texts: Message(head=[[Span("Hi")]]), first=first)
        assert (len(stages.post.arrived["1"]), len(discord.arrived["d9"])) == reached


@pytest.mark.usefixtures("patience")
async def test_a_private_chat_that_is_closed_too_is_paused_as_well(stages, owner):
    await place(stages, owner, "-5")
    stages.post.fails["-5"].append(KICKED)
    stages.post.fails["1"].append(Gone("blocked", CloseReason.BLOCKED))
    await stages.announce("Study one")
    await stages.deliver()
    assert await told(stages) == []
    async with stages.store.read() as unit:
        private = await unit.places.at(Place(channel="telegram", address="1", kind="private"))
    assert private.paused == "blocked"


@pytest.mark.usefixtures("patience")
async def test_a_notice_is_tried_again_but_not_forever(stages, owner):
    await place(stages, owner, "-5")
    stages.post.fails["-5"].append(KICKED)
    stages.post.fails["1"] += [Retry("busy", 0.0), Retry("busy", 0.0)]
    await stages.announce("Study one")
    await stages.deliver()
    [text] = await told(stages)
    assert text.startswith("Papers no longer reach one of your chats:\na group on Telegram: ")

    await place(stages, owner, "-6")
    stages.post.fails["-6"].append(KICKED)
    stages.post.fails["1"] += [Retry("busy", 0.0)] * 4
    await stages.announce("Study two")
    await stages.deliver()
    assert len(await told(stages)) == 1

    await place(stages, owner, "-7")
    stages.post.fails["-7"].append(KICKED)
    stages.post.fails["1"].clear()
    stages.post.fails["1"].append(Unknown("no answer"))
    await stages.announce("Study three")
    await stages.deliver()
    assert len(await told(stages)) == 1


async def test_what_was_gathered_is_told_when_the_process_ends(stages, owner):
    await place(stages, owner, "-5")
    stages.post.fails["-5"].append(KICKED)
    await stages.announce("Study one")
    await stages.deliver()
    assert stages.post.arrived["1"] == []
    await stages.delivery.shut_down()
    assert len(await told(stages)) == 1


# --- in whose language -------------------------------------------------------------------------------------------


class _Upper(NullTranslations):
    """Every text in capitals."""

    def gettext(self, message):
        return re.sub(r"%\(\w+\)S", lambda found: found[0].lower(), message.upper())

    def ngettext(self, singular, plural, n):
        return self.gettext(singular if n == 1 else plural)


@pytest.mark.usefixtures("patience")
async def test_notices_are_in_the_language_of_the_owner(stages, monkeypatch):
    monkeypatch.setattr(notice, "texts_in", lambda locale: Texts(Locale("de"), _Upper()) if locale == "de" else ENGLISH)
    async with stages.store.write() as unit:
        owner = (await unit.people.ensure(Actor(channel="telegram", user_id="1"), "de")).number
        await unit.places.ensure(Place(channel="telegram", address="1", kind="private"), owner)
    await place(stages, owner, "-5")
    stages.post.fails["-5"].append(KICKED)
    await stages.announce("Study one")
    await stages.deliver()
    [text] = await told(stages)
    assert text.startswith("PAPERS NO LONGER REACH ONE OF YOUR CHATS:\nA GROUP ON Telegram: ")
