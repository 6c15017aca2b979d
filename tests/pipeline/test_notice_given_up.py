"""Places hear once, when they work again, of what was given up there."""

import asyncio

import pytest
from pipeline_world import ada, failing

from paperwire.errors import Gone, Rejected, Retry, Unknown


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
    assert await unreported(scene) == set()


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("error", [Retry("busy", 1.0), Gone("blocked"), ValueError("a fault")])
async def test_a_notice_that_did_not_arrive_is_sent_the_next_time(scene, error):
    await refuse(scene, "Study one")
    await scene.announce("Study two")
    await told_with(scene, error)
    assert len(await unreported(scene)) == 1
    await scene.announce("Study three")
    await scene.deliver()
    assert len(notices(scene)[0]) == 1


async def close(unit, place):
    await unit.places.pause(place, "by a person")


async def be_quiet(unit, place):
    await unit.places.update_destination(place, quiet="07:00-09:00")


@pytest.mark.parametrize("change", [close, be_quiet])
async def test_no_notice_follows_the_message_under_way_when_a_place_wants_nothing_more(scene, chat, change):
    await refuse(scene, "Study one")
    await scene.announce("Study two")
    send = scene.post.send

    async def change_meanwhile(to, message):
        async with scene.store.write() as unit:
            await change(unit, chat)
        return await send(to, message)

    scene.post.send = change_meanwhile
    await scene.deliver()
    assert [len(message.items) for message in scene.post.arrived["1"]] == [1]
    assert len(await unreported(scene)) == 1


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


async def unreported(scene):
    async with scene.store.read() as unit:
        return await unit.given_up.places_with_unreported("telegram")


@pytest.mark.usefixtures("chat")
async def test_a_database_that_fails_after_a_notice_has_it_sent_again(scene, monkeypatch):
    await refuse(scene, "Study one")
    failing(monkeypatch, "paperwire.store.outbox.given_up.GivenUp.mark_reported", 1)
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
