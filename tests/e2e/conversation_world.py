"""The real commands over a real store, talked to over the wire of both fake platforms."""

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import get_args
from unittest.mock import patch

import sqlalchemy
from sqlmodel import col

from chats import chat_of
from paperwire.commands.answer import Commands
from paperwire.commands.memory import LongTexts
from paperwire.commands.table import COMMANDS
from paperwire.core.papers.categories import select
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.ports.requests import Feature, available
from paperwire.store.database.tables.subscriptions import SubscriptionRow
from servers.discord import DiscordServer
from servers.discord_listening import listening as listening_on_discord
from servers.loopback import PATIENCE
from servers.telegram import TelegramServer
from servers.telegram_listening import listening as listening_on_telegram

ANN, BOB = 7, 8
"""Ann manages the shared places, Bob doesn't."""
GROUP, NEWS, FORUM = -100, -200, -300
SERVER, PAPERS, POST = 1000, 2000, 2001
FEATURES = frozenset(get_args(Feature))


class World:
    """Two platforms, one service: `known` is what a source answers to a look-up, by id."""

    def __init__(self, store, clock, telegram, discord, most):
        self.store, self.clock, self.telegram, self.discord = store, clock, telegram, discord
        self.known = {}
        self.context = chat_of(
            store=store,
            secret_key=b"k" * 32,
            public_url="https://papers.example.org/",
            followed=select(["cs", "stat.ML"]),
            channels={},
            lookup=self._lookup,
            lookup_many=self._lookup_many,
            now=clock,
            sources={"arxiv": timedelta(minutes=15)},
            max_subscriptions=most,
        )

    async def _lookup(self, paper_id):
        return self.known.get(paper_id)

    async def _lookup_many(self, ids):
        return {paper_id: self.known[paper_id] for paper_id in ids if paper_id in self.known}

    async def record(self, *papers):
        """Papers as a source announces them."""
        async with self.store.write() as unit:
            await unit.papers.record(events_of(papers, self.clock()), quiet=False)

    async def subscriptions(self):
        """All subscriptions, the earliest first."""
        async with self.store.read() as unit:
            numbers = (await unit.connection.execute(sqlalchemy.select(col(SubscriptionRow.number)))).scalars().all()
            found = [await unit.subscriptions.get(number) for number in sorted(numbers)]
        return [one for one in found if one is not None]

    async def queries(self):
        """Their texts."""
        return [one.text for one in await self.subscriptions()]


def events_of(papers, at):
    """What arXiv says of papers that it announces."""
    kinds = {"kind": EventKind.NEW, "source": "arxiv", "at": at}
    return [Event(paper=each, day=each.announced, **kinds) for each in papers]


def paper(number, title, **more):
    """A made-up arXiv paper."""
    about = {"abstract": f"This is about {title.lower()}.", "authors": ("Jiaqi Liu",), "categories": ("cs.CV",)}
    return Paper(id=f"2601.{number:05}", title=title, announced=date(2026, 1, 5), **(about | more))


@asynccontextmanager
async def conversing(store, clock, listed=COMMANDS, most=500, access=None, features=FEATURES, **settings):
    """Both platforms, until the block ends; `listed` are the commands, `most` the subscriptions of one owner.

    `access` says who may use them, and `features` what is on.
    """
    async with TelegramServer(scale=1000) as telegram, DiscordServer() as discord:
        telegram.chat(GROUP, title="Lab", admins={ANN})
        telegram.chat(NEWS, "channel", "News", admins={ANN})
        telegram.chat(FORUM, title="Forum", forum=True, topics={5: "papers"}, admins={ANN})
        telegram.person(ANN, "Ann")
        telegram.person(BOB, "Bob")
        guild = discord.guild(SERVER, managers=(ANN,))
        discord.thread(POST, discord.channel(PAPERS, guild), "LoRA")
        discord.answer_within = PATIENCE
        world = World(store, clock, telegram, discord, most)
        channels = world.context.channels
        specs = tuple(command.spec for command in listed)
        about = {"specs": specs, "features": features, "access": access or world.context.access}
        world.context = replace(world.context, **about)
        specs = available(specs, features)

        async def start():
            """Another process, which remembers nothing, begins to answer."""
            commands = Commands(replace(world.context, long_texts=LongTexts()), listed)

            async def handle(request):
                clock.advance(seconds=5)
                return await commands.handle(request)

            on_telegram = listening_on_telegram(telegram, handle, specs, clock, **settings)
            channels["telegram"] = await process.enter_async_context(on_telegram)
            on_discord = listening_on_discord(discord, handle, specs, clock)
            channels["discord"] = await process.enter_async_context(on_discord)

        async def restart():
            await telegram.until(telegram.confirmed)
            await process.aclose()
            await start()

        world.restart = restart
        # A busy machine would defer answers by chance, and Discord shows those elsewhere.
        with patch("paperwire.channels.discord.answer.DEFER_AFTER", PATIENCE):
            async with AsyncExitStack() as process:
                await start()
                yield world
