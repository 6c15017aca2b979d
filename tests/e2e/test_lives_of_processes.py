"""Lives on both platforms with the product as a process of its own, which is killed before every answer and press."""

from contextlib import asynccontextmanager

import pytest
from conversation_world import ANN, BOB, FORUM, PAPERS, SERVER, events_of
from product import Product, papers_of
from test_four_lives import ALL, Player

from paperwire.store.unit import Store
from servers.discord import DiscordServer
from servers.loopback import PATIENCE
from servers.telegram import TelegramServer


class Patient(Product):
    """Takes the time that a busy machine needs instead of deferring its answers."""

    main = f"""
from paperwire.channels.discord import answer
answer.DEFER_AFTER = answer.SUGGEST_WITHIN = {PATIENCE}
{Product.main}
"""


class ProcessWorld:
    """Two platforms and one process, whose clock begins where it ended at each start."""

    def __init__(self, product, database, clock, telegram, discord):
        self.product, self.database, self.clock = product, database, clock
        self.telegram, self.discord = telegram, discord

    async def start(self):
        self.clock.advance(minutes=10)
        self.product.settings["now"] = self.clock.at.isoformat()
        await self.product.start()
        await self.discord.until(lambda: self.discord.connected)

    async def end(self):
        """Kill it between two messages of people."""
        await self.telegram.until(self.telegram.confirmed)
        await self.product.kill()
        await self.discord.until(lambda: not self.discord.connected)

    async def restart(self):
        await self.end()
        await self.start()

    async def record(self, *papers):
        """Papers that a source announces while no process runs; the next one sends them."""
        await self.end()
        store = Store.open(self.database, now=self.clock)
        async with store.write() as unit:
            await unit.papers.record(events_of(papers, self.clock()), quiet=False)
        await store.close()
        await self.start()


class PlayerOverProcesses(Player):
    """Somebody whom a process sends what is due."""

    async def _sent(self):
        await self.chat.server.until(
            lambda: len({each for sent in self.chat.messages() for each in papers_of(sent)}) == self.papers
        )


@asynccontextmanager
async def living(folder, database, clock):
    async with TelegramServer(scale=1000) as telegram, DiscordServer() as discord:
        discord.answer_within = PATIENCE
        telegram.chat(FORUM, title="Forum", forum=True, topics={5: "papers"}, admins={ANN})
        telegram.person(ANN, "Ann")
        telegram.person(BOB, "Bob")
        discord.channel(PAPERS, discord.guild(SERVER, managers=(ANN,)))
        fakes = (("telegram", telegram), ("discord", discord))
        about = {f"channels__{kind}__token": fake.token for kind, fake in fakes}
        about |= {f"channels__{kind}__api_url": fake.url for kind, fake in fakes}
        async with Patient(folder, database, now=clock.at.isoformat(), **about) as product:
            yield ProcessWorld(product, database, clock, telegram, discord)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["telegram", "discord"])
@pytest.mark.parametrize("life", ["lab", "drowning"])
async def test_a_life_goes_on_though_its_process_is_killed_at_every_question(tmp_path, database, clock, life, kind):
    steps, chats = ALL[life]
    async with living(tmp_path, database, clock) as world:
        await PlayerOverProcesses(world, chats[kind](world, tmp_path)).lives(steps)
