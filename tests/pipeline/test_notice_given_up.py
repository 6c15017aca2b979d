"""Places hear once, when they work again, of what was given up there."""

import asyncio

import pytest
from pipeline_world import ada, failing

from paperwire.errors import Gone, Rejected, Retry, Unknown


@pytest.fixture
async def chat(stages):
    """A chat that follows studies."""
    return await ada(stages, "study")


async def refuse(stages, *titles, why="message is too long"):
    """Papers that the platform refuses at the chat."""
    stages.post.fails["1"] += [Rejected(why)] * 2 * len(titles)  # a list, and then each of its papers
    await stages.announce(*titles)
    await stages.deliver()
    stages.post.fails["1"].clear()


def notices(stages):
    """The texts and links of the messages that carry no papers of their own."""
    messages = [message for message in stages.post.arrived["1"] if not message.items]
    texts = ["\n".join("".join(span.text for span in line) for line in message.head) for message in messages]
    return texts, [[span.url for line in message.head for span in line if span.url] for message in messages]


@pytest.mark.usefixtures("chat")
async def test_a_place_that_works_again_is_told_once_what_could_not_be_sent(stages):
    await refuse(stages, "Study one", "Study two")
    assert notices(stages) == ([], [])
    await stages.announce("Study three", "Study four")
    await stages.deliver()
    (text,), (links,) = notices(stages)
    assert text.split("\n") == [
        "2 papers couldn't be sent:",
        "Study one",
        "Study two",
    ]
    assert all(link.startswith("https://arxiv.org/abs/2601.") for link in links)
    assert len(set(links)) == 2
    assert [len(message.items) for message in stages.post.arrived["1"]] == [1, 1, 0]
    stages.begin()  # after a restart too
    await stages.announce("Study five")
    await stages.deliver()
    assert len(notices(stages)[0]) == 1


@pytest.mark.usefixtures("chat")
async def test_what_is_given_up_while_a_turn_goes_on_is_told_in_it(stages, monkeypatch):
    """The process that gave it up needs no look at the database to know."""
    refused = stages.delivery.notices.gave_up

    def gave_up(place):
        monkeypatch.setattr(stages.delivery.notices, "look", lambda _kind: asyncio.sleep(0))
        refused(place)

    monkeypatch.setattr(stages.delivery.notices, "gave_up", gave_up)
    await refuse(stages, "Study one")
    await stages.announce("Study two")
    await stages.deliver()
    assert [text.split("\n")[0] for text in notices(stages)[0]] == ["1 paper couldn't be sent:"]


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("error", [Rejected("no"), Unknown("no answer")])
async def test_a_notice_that_is_refused_or_may_have_arrived_is_not_sent_again(stages, error):
    await refuse(stages, "Study one")
    await stages.announce("Study two")
    await told_with(stages, error)
    await stages.announce("Study three")
    await stages.deliver()
    assert notices(stages)[0] == []
    assert await unreported(stages) == set()


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("error", [Retry("busy", 1.0), Gone("blocked"), ValueError("a fault")])
async def test_a_notice_that_did_not_arrive_is_sent_the_next_time(stages, error):
    await refuse(stages, "Study one")
    await stages.announce("Study two")
    await told_with(stages, error)
    assert len(await unreported(stages)) == 1
    await stages.announce("Study three")
    await stages.deliver()
    assert len(notices(stages)[0]) == 1


async def close(unit, place):
    await unit.places.pause(place, "by a person")


async def be_quiet(unit, place):
    await unit.places.update(place, quiet="07:00-09:00")


@pytest.mark.parametrize("change", [close, be_quiet])
async def test_no_notice_follows_the_message_under_way_when_a_place_wants_nothing_more(stages, chat, change):
    await refuse(stages, "Study one")
    await stages.announce("Study two")
    send = stages.post.send

    async def change_meanwhile(to, message):
        async with stages.store.write() as unit:
            await change(unit, chat)
        return await send(to, message)

    stages.post.send = change_meanwhile
    await stages.deliver()
    assert [len(message.items) for message in stages.post.arrived["1"]] == [1]
    assert len(await unreported(stages)) == 1


async def told_with(stages, error):
    """Deliver, and let the notice after the paper fail."""
    send = stages.post.send

    async def fail_once(to, message):
        if not message.items:
            stages.post.fails[to].append(error)
        return await send(to, message)

    stages.post.send = fail_once
    await stages.deliver()
    stages.post.send = send
    assert notices(stages)[0] == []


async def unreported(stages):
    async with stages.store.read() as unit:
        return await unit.given_up.places_with_unreported("telegram")


@pytest.mark.usefixtures("chat")
async def test_a_database_that_fails_after_a_notice_has_it_sent_again(stages, monkeypatch):
    await refuse(stages, "Study one")
    failing(monkeypatch, "paperwire.store.outbox.given_up.GivenUp.mark_reported", 1)
    await stages.announce("Study two")
    await stages.deliver()
    await stages.announce("Study three")
    await stages.deliver()
    await stages.announce("Study four")
    await stages.deliver()
    assert len(notices(stages)[0]) == 2


@pytest.mark.usefixtures("chat")
async def test_a_long_list_is_cut(stages):
    await refuse(stages, *(f"Study {number:02}" for number in range(23)))
    await stages.announce("Study last")
    await stages.deliver()
    (text,), (links,) = notices(stages)
    assert text.startswith("23 papers couldn't be sent:\n")
    assert text.endswith("\nand 3 more")
    assert len(links) == 20


@pytest.mark.usefixtures("chat")
async def test_a_place_with_nothing_given_up_costs_no_statement(stages, monkeypatch):
    await stages.announce("Study one", "Study two")
    monkeypatch.setattr(stages.delivery.notices, "_store", None)
    monkeypatch.setattr(stages.delivery.notices, "look", lambda _kind: asyncio.sleep(0))
    assert await stages.deliver() == 2
