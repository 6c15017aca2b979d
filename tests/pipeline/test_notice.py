"""Owners hear in private, once, of places of theirs that were closed; places, once, of what was given up there."""

import asyncio
import re
from gettext import NullTranslations

import pytest
from babel import Locale
from pipeline_world import Post, ada, failing

from paperwire.core.query.language import parse
from paperwire.errors import Closed, Gone, Rejected, Retry, Unknown
from paperwire.pipeline import notice
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.turns import Turn
from paperwire.ports.requests import Actor, Place
from paperwire.texts import ENGLISH, Texts

KICKED = Gone("Telegram: Forbidden: bot was kicked from the group chat", Closed.REMOVED)


@pytest.fixture
def patience(monkeypatch):
    monkeypatch.setattr(notice, "GATHER", 0.0)


@pytest.fixture
async def owner(scene):
    """Person 1, who has talked to the bot in private on Telegram."""
    async with scene.store.write() as unit:
        found = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        await unit.people.ensure_destination(Place(channel="telegram", address="1", kind="private"), found.number)
    return found.number


async def place(scene, owner, address, *, kind="group", title="", channel="telegram", wants="study"):
    async with scene.store.write() as unit:
        where = Place(channel=channel, address=address, kind=kind, title=title)
        there = await unit.people.ensure_destination(where, owner)
        await unit.subscriptions.subscribe(
            owner,
            parse(wants),
            name="",
            occasions=frozenset({"arrival"}),
            cadence="",
            destinations=[there.number],
        )
    return there.number


async def told(scene, address="1"):
    """The notices in a private chat, once all has been told."""
    await asyncio.gather(*[task for task in [scene.delivery.notices._notifying] if task])
    messages = [message for message in scene.post.arrived[address] if not message.items]
    return ["\n".join(span.text for line in (*m.head, *m.foot) for span in line) for m in messages]


@pytest.mark.usefixtures("patience")
async def test_the_owner_is_told_which_place_was_closed_and_why(scene, owner):
    number = await place(scene, owner, "-5", title="Reading club")
    scene.post.fails["-5"].append(KICKED)
    await scene.announce("Study one", "Study two")
    await scene.deliver()
    [text] = await told(scene)
    assert "Reading club: the bot was removed. Add it again.\n" in text
    assert "/resume" in text
    assert (await scene.place(number)).paused == "removed"
    assert scene.post.arrived["-5"] == []
    assert await scene.owed() == 2


@pytest.mark.usefixtures("patience")
async def test_many_closed_places_make_one_message(scene, owner):
    for number in range(25):
        await place(scene, owner, f"-{number + 10}", title=f"Group {number}")
        scene.post.fails[f"-{number + 10}"].append(KICKED)
    await scene.announce("Study one")
    gathered, tell = [], scene.delivery.notices.closed
    scene.delivery.notices.closed = lambda *closed: gathered.append(closed)
    await scene.deliver()
    for closed in gathered:
        tell(*closed)
    [text] = await told(scene)
    assert "no longer reach 25 of your chats" in text
    assert text.count("the bot was removed") == 20
    assert "and 5 more" in text


async def test_a_place_found_closed_twice_is_told_of_once(scene, owner):
    number = await place(scene, owner, "-5", title="Reading club")
    gathered = []
    scene.delivery.notices.closed = lambda where, why: gathered.append((where.title, why))
    for error in (KICKED, Gone("chat not found", Closed.DELETED)):
        await scene.delivery._failures._closed(Turn(await scene.place(number)), error)
    assert gathered == [("Reading club", "removed")]
    assert (await scene.place(number)).paused == "deleted"


@pytest.mark.usefixtures("patience")
async def test_somebody_without_a_private_chat_is_not_told(scene):
    async with scene.store.write() as unit:
        group = (await unit.people.ensure(Actor(channel="telegram", user_id="-5"), "en")).number
    number = await place(scene, group, "-5")
    scene.post.fails["-5"].append(KICKED)
    await scene.announce("Study one")
    await scene.deliver()
    assert await told(scene) == []
    assert (await scene.place(number)).paused


@pytest.mark.usefixtures("patience")
async def test_who_blocked_the_bot_here_is_told_elsewhere(scene, owner):
    here = await place(scene, owner, "1", kind="private", title="Ann")
    await place(scene, owner, "d9", kind="private", channel="discord", wants="nothing")
    discord = Post("discord")
    channels = {"telegram": scene.post, "discord": discord}
    scene.delivery = Delivery(scene.store, channels, owner="me", now=scene.clock, hold=scene.hold)
    scene.post.fails["1"].append(Gone("blocked", Closed.BLOCKED))
    await scene.announce("Study one")
    await scene.deliver()
    assert await told(scene) == []
    [message] = discord.arrived["d9"]
    assert message.head[1][0].text == (
        "your chat on telegram: the bot is blocked, or may not send private messages."
        " Unblock it, or allow private messages from it."
    )
    assert (await scene.place(here)).paused == "blocked"


@pytest.mark.usefixtures("patience")
async def test_a_private_chat_that_is_closed_too_is_paused_as_well(scene, owner):
    await place(scene, owner, "-5")
    scene.post.fails["-5"].append(KICKED)
    scene.post.fails["1"].append(Gone("blocked", Closed.BLOCKED))
    await scene.announce("Study one")
    await scene.deliver()
    assert await told(scene) == []
    async with scene.store.read() as unit:
        private = await unit.people.destination_of(Place(channel="telegram", address="1", kind="private"))
    assert private.paused == "blocked"


@pytest.mark.usefixtures("patience")
async def test_a_notice_is_tried_again_but_not_for_ever(scene, owner):
    await place(scene, owner, "-5")
    scene.post.fails["-5"].append(KICKED)
    scene.post.fails["1"] += [Retry("busy", 0.0), Retry("busy", 0.0)]
    await scene.announce("Study one")
    await scene.deliver()
    [text] = await told(scene)
    assert text.startswith("Papers no longer reach one of your chats:\na group on telegram: ")

    await place(scene, owner, "-6")
    scene.post.fails["-6"].append(KICKED)
    scene.post.fails["1"] += [Retry("busy", 0.0)] * 4
    await scene.announce("Study two")
    await scene.deliver()
    assert len(await told(scene)) == 1

    await place(scene, owner, "-7")
    scene.post.fails["-7"].append(KICKED)
    scene.post.fails["1"].clear()
    scene.post.fails["1"].append(Unknown("no answer"))
    await scene.announce("Study three")
    await scene.deliver()
    assert len(await told(scene)) == 1


async def test_what_was_gathered_is_told_when_the_process_ends(scene, owner):
    await place(scene, owner, "-5")
    scene.post.fails["-5"].append(KICKED)
    await scene.announce("Study one")
    await scene.deliver()
    assert scene.post.arrived["1"] == []
    await scene.delivery.shut_down()
    assert len(await told(scene)) == 1


# --- what was given up ------------------------------------------------------------------------------------------------


@pytest.fixture
async def chat(scene):
    """A chat that follows studies."""
    return await ada(scene, "study")


async def refuse(scene, *titles, why="message is too long"):
    """Papers that the platform refuses at the chat."""
    scene.post.fails["1"] += [Rejected(why)] * 2 * len(titles)  # a list, and then each of its papers
    await scene.announce(*titles)
    await scene.deliver()
    scene.post.fails["1"].clear()


def notices(scene):
    """The texts and links of the messages that carry no papers of their own."""
    messages = [message for message in scene.post.arrived["1"] if not message.items]
    texts = ["\n".join("".join(span.text for span in line) for line in message.head) for message in messages]
    return texts, [[span.url for line in message.head for span in line if span.url] for message in messages]


@pytest.mark.usefixtures("chat")
async def test_a_place_that_works_again_is_told_once_what_could_not_be_sent(scene):
    await refuse(scene, "Study one", "Study two")
    assert notices(scene) == ([], [])
    await scene.announce("Study three", "Study four")
    await scene.deliver()
    (text,), (links,) = notices(scene)
    assert text.split("\n") == [
        "2 papers couldn't be sent:",
        "Study one",
        "Study two",
    ]
    assert all(link.startswith("https://arxiv.org/abs/2601.") for link in links)
    assert len(set(links)) == 2
    assert [len(message.items) for message in scene.post.arrived["1"]] == [1, 1, 0]
    scene.begin()  # after a restart too
    await scene.announce("Study five")
    await scene.deliver()
    assert len(notices(scene)[0]) == 1


@pytest.mark.usefixtures("chat")
async def test_what_is_given_up_while_a_turn_goes_on_is_told_in_it(scene, monkeypatch):
    """The process that gave it up needs no look at the database to know."""
    refused = scene.delivery.notices.gave_up

    def gave_up(place):
        monkeypatch.setattr(scene.delivery.notices, "look", lambda _kind: asyncio.sleep(0))
        refused(place)

    monkeypatch.setattr(scene.delivery.notices, "gave_up", gave_up)
    await refuse(scene, "Study one")
    await scene.announce("Study two")
    await scene.deliver()
    assert [text.split("\n")[0] for text in notices(scene)[0]] == ["1 paper couldn't be sent:"]


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("error", [Rejected("no"), Unknown("no answer")])
async def test_a_notice_that_is_refused_or_may_have_arrived_is_not_sent_again(scene, error):
    await refuse(scene, "Study one")
    await scene.announce("Study two")
    await told_with(scene, error)
    await scene.announce("Study three")
    await scene.deliver()
    assert notices(scene)[0] == []
    assert await untold(scene) == set()


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("error", [Retry("busy", 1.0), Gone("blocked"), ValueError("a fault")])
async def test_a_notice_that_did_not_arrive_is_sent_the_next_time(scene, error):
    await refuse(scene, "Study one")
    await scene.announce("Study two")
    await told_with(scene, error)
    assert len(await untold(scene)) == 1
    await scene.announce("Study three")
    await scene.deliver()
    assert len(notices(scene)[0]) == 1


async def told_with(scene, error):
    """Deliver, and let the notice behind the paper fail."""
    send = scene.post.send

    async def fail_once(to, message):
        if not message.items:
            scene.post.fails[to].append(error)
        return await send(to, message)

    scene.post.send = fail_once
    await scene.deliver()
    scene.post.send = send
    assert notices(scene)[0] == []


async def untold(scene):
    async with scene.store.read() as unit:
        return await unit.given_up.untold_places("telegram")


@pytest.mark.usefixtures("chat")
async def test_a_database_that_fails_after_a_notice_has_it_sent_again(scene, monkeypatch):
    await refuse(scene, "Study one")
    failing(monkeypatch, "paperwire.store.outbox.given_up.GivenUp.told", 1)
    await scene.announce("Study two")
    await scene.deliver()
    await scene.announce("Study three")
    await scene.deliver()
    await scene.announce("Study four")
    await scene.deliver()
    assert len(notices(scene)[0]) == 2


@pytest.mark.usefixtures("chat")
async def test_a_long_list_is_cut(scene):
    await refuse(scene, *(f"Study {number:02}" for number in range(23)))
    await scene.announce("Study last")
    await scene.deliver()
    (text,), (links,) = notices(scene)
    assert text.startswith("23 papers couldn't be sent:\n")
    assert text.endswith("\nand 3 more")
    assert len(links) == 20


@pytest.mark.usefixtures("chat")
async def test_a_place_with_nothing_given_up_costs_no_statement(scene, monkeypatch):
    await scene.announce("Study one", "Study two")
    monkeypatch.setattr(scene.delivery.notices, "_store", None)
    monkeypatch.setattr(scene.delivery.notices, "look", lambda _kind: asyncio.sleep(0))
    assert await scene.deliver() == 2


# --- in whose language -------------------------------------------------------------------------------------------


class _Upper(NullTranslations):
    """Every text in capitals."""

    def gettext(self, message):
        return re.sub(r"%\(\w+\)S", lambda found: found[0].lower(), message.upper())

    def ngettext(self, singular, plural, n):
        return self.gettext(singular if n == 1 else plural)


@pytest.mark.usefixtures("patience")
async def test_notices_are_in_the_language_of_the_owner(scene, monkeypatch):
    monkeypatch.setattr(notice, "texts_in", lambda locale: Texts(Locale("de"), _Upper()) if locale == "de" else ENGLISH)
    async with scene.store.write() as unit:
        owner = (await unit.people.ensure(Actor(channel="telegram", user_id="1"), "de")).number
        await unit.people.ensure_destination(Place(channel="telegram", address="1", kind="private"), owner)
    await place(scene, owner, "-5")
    scene.post.fails["-5"].append(KICKED)
    await scene.announce("Study one")
    await scene.deliver()
    [text] = await told(scene)
    assert text.startswith("PAPERS NO LONGER REACH ONE OF YOUR CHATS:\nA GROUP ON telegram: ")
