"""The bot is removed from a server or a group with topics: all places there are closed, but not in an outage."""

from dataclasses import replace

import pytest
from conversation_world import ANN, FORUM, PAPERS, POST, SERVER, conversing

from paperwire.ports.callers import Place

TOPIC = 5


@pytest.fixture
async def conversation(store, clock):
    async with conversing(store, clock) as made:
        made.closed = []
        made.context = replace(made.context, closed=lambda place, why: made.closed.append((place.address, why)))
        await made.restart()
        yield made


async def paused(conversation, channel, *addresses):
    async with conversation.store.read() as unit:
        places = [await unit.places.at(Place(channel=channel, address=each, kind="channel")) for each in addresses]
    return [place.paused for place in places]


async def test_a_server_that_removed_the_bot_is_closed_with_all_its_places(conversation):
    discord, places = conversation.discord, ("discord", str(PAPERS), str(POST))
    for channel in (PAPERS, POST):
        await discord.ask(ANN, "/subscribe lora", channel)
    await discord.ask(ANN, "/subscribe lora")
    await discord.make_unavailable(discord.guilds[SERVER])
    await discord.ask(ANN, "/status")  # whatever came before was dealt with
    assert (await paused(conversation, *places), conversation.closed) == (["", ""], [])
    await discord.join(discord.guilds[SERVER])  # it can be reached again
    await discord.leave(discord.guilds[SERVER])
    private = await discord.ask(ANN, "/status")
    assert "Not paused." in private.text
    assert await paused(conversation, *places) == ["removed", "removed"]
    assert conversation.closed == [(str(PAPERS), "removed"), (str(POST), "removed")]


async def test_topics_are_closed_with_their_group(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora", FORUM, TOPIC)
    telegram.standing(ANN, FORUM, "kicked")
    await telegram.until(telegram.confirmed)
    assert await paused(conversation, "telegram", f"{FORUM}/{TOPIC}") == ["removed"]
    assert conversation.closed == [(f"{FORUM}/{TOPIC}", "removed")]
