"""The same outages over real HTTP: what the channels say of a fake platform in trouble costs no delivery either."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from outage_world import live, states

from paperwire.channels.discord.channel import DiscordChannel
from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.store.database.tables.base import State
from servers.direct import DIRECT
from servers.discord import DiscordServer
from servers.outage import Outage
from servers.telegram import TelegramServer

PLACES, PAPERS, HOURS = 5, 5, 6
SHORT = 0.3
"""Seconds that an answer may take where none will come, and `PATIENT` otherwise: a slow machine is no fault."""
PATIENT = 30.0
TROUBLES = {
    "502": {"sends": ("bad_gateway",)},
    "502, the probe too": {"sends": ("bad_gateway",), "probe": "bad_gateway"},
    "no answer": {"sends": ("hang",), "probe": "hang", "others": "hang"},
    "resets": {"sends": ("reset",), "probe": "reset", "others": "reset"},
    "accepted": {"sends": ("hang_after",)},
    "70 % 502": {"sends": ("bad_gateway",), "share": 0.7},
}


class Line:
    """A channel in whose place another one may be put."""

    def __init__(self, channel):
        self.channel = channel

    def __getattr__(self, name):
        return getattr(self.channel, name)


@asynccontextmanager
async def platform(kind, clock):
    """A fake platform, the addresses of private chats there, a function that makes the channel, and what a chat has."""
    if kind == "telegram":
        async with TelegramServer() as server:
            for number in range(1, PLACES + 1):
                server.chat(number, "private", "Ann")
            addresses = [str(number) for number in range(1, PLACES + 1)]
            yield (
                server,
                addresses,
                lambda timeout: TelegramChannel(
                    server.token, network=DIRECT, now=clock, api_url=server.url, timeout=timeout
                ),
                lambda to: server.messages(int(to)),
            )
    else:
        async with DiscordServer() as server:
            server.limits.nonce_memory = 0.0  # hours pass in seconds here: it has always forgotten
            addresses = [str(server.dm(1000 + number).id) for number in range(PLACES)]
            yield (
                server,
                addresses,
                lambda timeout: DiscordChannel(
                    server.token, network=DIRECT, now=clock, api_url=server.url, timeout=timeout
                ),
                lambda to: server.messages(int(to)),
            )


def papers_in(message, titles):
    """The papers of a message, in the order in which it names them."""
    found = {title: str(message.body if hasattr(message, "body") else message.text).find(title) for title in titles}
    return sorted((title for title, at in found.items() if at >= 0), key=found.get)


@pytest.mark.slow
@pytest.mark.parametrize("trouble", list(TROUBLES))
@pytest.mark.parametrize("kind", ["telegram", "discord"])
async def test_an_outage_over_the_wire(stages, kind, trouble):
    async with platform(kind, stages.clock) as (server, addresses, channel, messages):
        stages.post = line = Line(channel(SHORT if trouble in {"no answer", "accepted"} else PATIENT))
        stages.begin()
        for address in addresses:
            await stages.subscribe(address, "paper")
        began = stages.clock()
        ends = began + timedelta(hours=HOURS)
        server.outage = Outage(**TROUBLES[trouble])
        titles = [f"Paper {number}" for number in range(PAPERS)]
        await live(stages, ends, [(began + timedelta(hours=number), title) for number, title in enumerate(titles)])
        before, requests = [len(messages(to)) for to in addresses], len(server.calls)
        server.outage = None
        stages.clock.at = max(stages.clock(), ends)
        await line.close()
        line.channel = channel(PATIENT)
        await live(stages, ends + timedelta(hours=2))
        counts = await states(stages)
        await line.close()
        print(  # noqa: T201 -- what `-s` is for
            f"\n{stages.store.url.partition('+')[0]}, {kind}, {trouble} for {HOURS} h: {counts},"
            f" {requests} requests in the outage, {sum(before)} messages arrived in it"
        )
        assert State.OWED not in counts
        assert State.GIVEN_UP not in counts
        if trouble != "accepted":
            assert State.UNKNOWN not in counts
        for to in addresses:
            told = [title for message in messages(to) for title in papers_in(message, titles)]
            assert list(dict.fromkeys(told)) == titles
            assert max(map(told.count, titles)) <= (3 if trouble == "accepted" else 1)
