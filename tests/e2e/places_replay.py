"""A running product with ten places on each platform, and days of papers that are shown to it one after the other."""

import asyncio
import sys
import time
from bisect import bisect_right
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

from lxml import etree
from places_faults import BadDiscord, BadTelegram
from places_world import begin, discord_places, feed_links, share_out, subscribe, telegram_places
from product import STARTING, Product, papers_of
from test_replay import Recorded

from paperwire.ports.callers import Place
from paperwire.store.unit import Store
from servers.loopback import PATIENCE

# The same program with shorter patience, as the test would take hours otherwise.
HASTY = """
from datetime import timedelta
from paperwire.store import pace
from paperwire.worker import lease
lease.LEASE = timedelta(seconds=3)
pace.SLOT_TIMEOUT = timedelta(seconds=1)
"""
IMPATIENT = """
from paperwire.channels.discord.channel import DiscordChannel
from paperwire.channels.telegram import faults
from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.core.messages import failures
from paperwire.pipeline import turns
faults.COPY_AFTER = 2.0
failures._LAST_WAIT = timedelta(seconds=5)
failures._LONGEST_PAUSE = timedelta(seconds=5)
turns._PROOF_AWAITED = timedelta(seconds=1)
TelegramChannel.__init__.__kwdefaults__["timeout"] = 3.0
DiscordChannel.__init__.__kwdefaults__["timeout"] = 4.0
"""

COLUMNS = ("place", "queries", "owed", "messages", "lost", "unasked", "repeated", "out of order")


class Hasty(Product):
    """What a dead process held is free again after seconds instead of minutes."""

    main = HASTY + Product.main


class Impatient(Product):
    """So it is, requests time out in seconds, and whatever failed is tried again in seconds."""

    main = HASTY + IMPATIENT + Product.main


class Replay:
    """The days up to number `shown` have been announced; the first one was there before anybody subscribed."""

    def __init__(self, product, telegram, discord, arxiv, days):
        self.product, self.telegram, self.discord, self.arxiv, self.days = product, telegram, discord, arxiv, days
        self.spots = telegram_places(telegram) + discord_places(discord)
        share_out(self.spots, days.queries)
        self.links = []
        self.shown = 0
        self.kills = []
        self.clock = days.start - timedelta(seconds=time.monotonic())

    async def restart(self, **later):
        """Start the product again, by a clock that has gone on meanwhile, or been put forward: `hours=14`."""
        self.clock += timedelta(**later)
        self.product.settings["now"] = (self.clock + timedelta(seconds=time.monotonic())).isoformat()
        self.telegram.limits.rest(STARTING)
        await self.product.start()

    async def kill(self):
        """Take the process away, and note how much each place has got once all that it had sent has arrived."""
        await self.product.kill()
        while self.telegram.sending:  # noqa: ASYNC110 -- what it waits for has no event
            await asyncio.sleep(0.01)
        self.kills.append({id(spot): len(spot.alerts) for spot in self.spots})

    async def begin(self, *, only=""):
        """Everybody (on one platform) subscribes and asks for a feed, as people do."""
        self.spots = [spot for spot in self.spots if only in spot.platform]
        await self.product.ready()
        await subscribe(self.spots)
        self.links = await feed_links(self.spots)
        begin(self.spots)

    def spot(self, name, platform):
        return next(spot for spot in self.spots if (spot.platform, spot.name) == (platform, name))

    def show(self, number):
        """arXiv announces day `number`."""
        self.shown = number
        self.arxiv.body = self.days.feeds[number]

    async def has_stored_all(self):
        """Whether the product has kept the day that arXiv shows, so that arXiv may go on to the next one."""
        last = self.days.papers[self.shown][-1]
        return not self.shown or (await self.product.get(f"/papers/{last.id}")).status_code == 200

    def expected(self, spot):
        """What a place should have by now, in order."""
        return self.days.expected(spot.wants, self.shown)

    def is_complete(self, but=()):
        return all(set(self.expected(spot)) <= set(spot.told) for spot in self.spots if spot not in but)

    async def complete(self, *, but=()):
        """Wait until everybody has what was announced; `but` are places that are not waited for."""

        async def is_complete():
            return self.is_complete(but)

        await self.product.until(is_complete, 5 * PATIENCE)

    async def progress(self):
        """Wait until one more alert has arrived, or nothing is owed any more."""
        before = self.arrived()

        async def is_under_way():
            return self.arrived() > before or self.is_complete()

        await self.product.until(is_under_way)

    def arrived(self):
        """How many alerts have arrived, in all places."""
        return sum(len(spot.alerts) for spot in self.spots)

    def assert_once_each(self, *, but=()):
        """Everybody has what was announced, each paper once and in order."""
        for spot in self.spots:
            if spot not in but:
                assert spot.told == self.expected(spot), f"{spot.platform}: {spot.name}"

    async def assert_feeds(self):
        """The feed of a person or place shows what plain evaluation of all that is subscribed there says."""
        for spot, link in self.links:
            feed = etree.fromstring((await self.product.get(link)).content)
            found = sorted(entry.text.rsplit("/", 1)[1] for entry in feed.iterfind("{*}entry/{*}id"))
            assert found == sorted(self.days.expected(spot.wants, self.shown, first=0)), spot.name

    def not_confirmed(self, spot, paper):
        """In how many messages a platform that knows no nonces took this paper and did not say so."""
        return self.telegram.unanswered[spot.lane[1], spot.thread][paper] if spot.platform == "telegram" else 0

    def requests_to(self, spot):
        """How many messages the bot has tried to send to a place."""
        if spot.platform == "telegram":
            sends = [values for method, values in self.telegram.calls if method == "sendMessage"]
            places = [(values["chat_id"], values.get("message_thread_id")) for values in sends]
            return places.count((spot.lane[1], spot.thread))
        posts = [path for method, path, _ in self.discord.calls if method == "POST"]
        return posts.count(f"/api/v10/channels/{spot.lane[1]}/messages")

    async def paused(self, spot):
        """Why nothing is sent to a place, empty while it is open."""
        store = Store.open(self.product.settings["database__url"], now=lambda: datetime.now(UTC), readonly=True)
        try:
            async with store.read() as unit:
                address = f"{spot.lane[1]}/{spot.thread}" if spot.thread else str(spot.lane[1])
                place = Place(channel=spot.platform, address=address, kind="private")
                return (await unit.places.at(place)).paused
        finally:
            await store.close()

    def repeated(self, spot):
        """How many papers came again, over all messages of a place."""
        return sum(count - 1 for count in Counter(spot.told).values())

    def repeats(self, spot):
        """Which of a place's alerts, by their position, brought a paper that an earlier one there had brought."""
        seen, positions = set(), []
        for position, message in enumerate(spot.alerts):
            told = set(papers_of(message))
            if told & seen:
                positions.append(position)
            seen |= told
        return positions

    def repeated_messages(self, platform):
        """How many messages brought a paper that an earlier one in the same place had brought."""
        return sum(len(self.repeats(spot)) for spot in self.spots if spot.platform == platform)

    def most_repeated_after_a_kill(self, platform):
        """The most messages that came again in one place between one kill and the next."""
        most = 0
        for spot in self.spots:
            if spot.platform == platform:
                counts = [kill[id(spot)] for kill in self.kills]
                after = Counter(bisect_right(counts, position) for position in self.repeats(spot))
                most = max(most, *after.values(), 0)
        return most

    def rows(self):
        """What each place was owed and got, by the names of `COLUMNS`."""
        for spot in self.spots:
            owed, told = self.expected(spot), spot.told
            first = list(dict.fromkeys(told))
            yield (
                f"{spot.platform}: {spot.name}",
                len(spot.wants),
                len(owed),
                len(spot.alerts),
                len(set(owed) - set(told)),
                len(set(told) - set(owed)),
                self.repeated(spot),
                sum(a != b for a, b in zip(first, owed, strict=False)),
            )

    def print(self, title):
        """Show the table to whoever reads the tests' output."""
        rows = list(self.rows())
        total = ("all places", *(sum(row[column] for row in rows) for column in range(1, len(COLUMNS))))
        lines = ["", f"{title}, {self.product.settings['database__url'].partition('+')[0]}"]
        lines += [f"{name:<40}" + "".join(f"{cell:>14}" for cell in cells) for name, *cells in (COLUMNS, *rows, total)]
        again = [f"{self.repeated_messages(platform)} on {platform}" for platform in ("telegram", "discord")]
        lines.append(f"killed {len(self.kills)} times; messages that came again: {', '.join(again)}")
        if self.kills:
            most = max(self.most_repeated_after_a_kill(platform) for platform in ("telegram", "discord"))
            lines.append(f"messages that came again in one place after one kill, at most: {most}")
        for name, fake in (("Telegram", self.telegram), ("Discord", self.discord)):
            trouble = f"{fake.met.total()} of {fake.asked} requests in trouble"
            lines.append(
                f"{name}: {trouble}, {len(fake.violations)} limits broken {' '.join(fake.violations)}".rstrip()
            )
        lines.append(f"Telegram messages that were not confirmed: {self.telegram.unanswered_messages}")
        lines.append(f"Discord sends known by their nonce: {self.discord.repeats}")
        sys.stdout.write("\n".join(lines) + "\n")


@asynccontextmanager
async def replay(folder, database, days, *, product=Product, **settings):
    """Both platforms, arXiv and the product, running; nobody has subscribed yet. `settings` are the product's."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(BadTelegram())
        discord = await stack.enter_async_context(BadDiscord())
        arxiv = await stack.enter_async_context(Recorded())
        arxiv.body = days.feeds[0]
        usual = {
            "now": days.start.isoformat(),
            "channels__telegram__token": telegram.token,
            "channels__telegram__api_url": telegram.url,
            "channels__discord__token": discord.token,
            "channels__discord__api_url": discord.url,
            "sources__arxiv__enabled": "true",
            "sources__arxiv__categories": f'["{days.category}"]',
            "sources__arxiv__every": "0.5",
            "sources__arxiv__min_interval": "0.05",
            "sources__arxiv__rss_url": f"{arxiv.url}/rss",
            "sources__arxiv__oai_url": f"{arxiv.url}/oai",
            "sources__arxiv__api_url": f"{arxiv.url}/api/query",
        }
        running = await stack.enter_async_context(product(folder, database, **(usual | settings)))
        yield Replay(running, telegram, discord, arxiv, days)
