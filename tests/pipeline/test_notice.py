"""Owners hear in private, once, of places of theirs that were closed."""

import asyncio

import pytest
from pipeline_world import Post

from paperwire.core.query import parse
from paperwire.errors import Gone, Retry, Unknown
from paperwire.pipeline import notice
from paperwire.pipeline.deliver import Delivery
from paperwire.ports import Actor, Place

KICKED = Gone("Telegram: Forbidden: bot was kicked from the group chat")


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
    await asyncio.gather(*[task for task in [scene.delivery.notices._telling] if task])
    messages = [message for message in scene.post.arrived[address] if not message.items]
    return ["\n".join(span.text for line in (*m.head, *m.foot) for span in line) for m in messages]


@pytest.mark.usefixtures("patience")
async def test_the_owner_is_told_which_place_was_closed_and_why(scene, owner):
    number = await place(scene, owner, "-5", title="Reading club")
    scene.post.fails["-5"].append(KICKED)
    await scene.announce("Study one", "Study two")
    await scene.deliver()
    [text] = await told(scene)
    assert "Reading club: Telegram: Forbidden: bot was kicked from the group chat" in text
    assert "/resume" in text
    assert (await scene.place(number)).paused == str(KICKED)
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
    assert "no longer reach 25 places" in text
    assert text.count("bot was kicked") == 20
    assert "and 5 more" in text


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
    scene.post.fails["1"].append(Gone("blocked"))
    await scene.announce("Study one")
    await scene.deliver()
    assert await told(scene) == []
    [message] = discord.arrived["d9"]
    assert message.head[1][0].text == "Ann: blocked"
    assert (await scene.place(here)).paused == "blocked"


@pytest.mark.usefixtures("patience")
async def test_a_private_chat_that_is_closed_too_is_paused_as_well(scene, owner):
    await place(scene, owner, "-5")
    scene.post.fails["-5"].append(KICKED)
    scene.post.fails["1"].append(Gone("blocked"))
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
    assert text.startswith("Papers no longer reach one of your places:\ngroup on telegram: ")

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
