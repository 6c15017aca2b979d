"""A live service through the recorded week, and people who subscribe to it before and late."""

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy
from aiohttp import web
from places_faults import BadTelegram
from places_replay import Hasty
from product import STARTING, papers_of
from test_replay import Recorded
from week_days import START

from paperwire.store.unit import Store
from servers.loopback import PATIENCE

LEFT = sqlalchemy.text(
    "SELECT (SELECT count(*) FROM paper), (SELECT count(*) FROM event WHERE matched_at IS NULL), (SELECT count(*)"
    " FROM delivery JOIN destination ON destination.number = delivery.destination"
    " WHERE delivery.state = 0 AND destination.paused = '')"
)
"""How many papers are stored, wait for the matcher, and are owed to places that are open."""


class Announcing(Recorded):
    """An arXiv that says when its feed is the one that was read before."""

    async def _feed(self, request):
        etag = f'"{len(self.body)}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=self.body, content_type="application/rss+xml", headers={"ETag": etag})


@dataclass
class Subscriber:
    """Somebody in a chat of their own; `owed` is theirs for certain, `either` is what was announced as they came."""

    user: int
    query: str
    owed: set = field(default_factory=set)
    either: set = field(default_factory=set)


class Week:
    """The days up to `shown` were announced; a day's papers are owed to who is subscribed when it begins."""

    def __init__(self, product, telegram, arxiv, days, database):
        self.product, self.telegram, self.arxiv, self.days, self.database = product, telegram, arxiv, days, database
        self.people = []
        self.shown = self.kills = 0
        self.began = time.monotonic()

    async def subscribe(self, queries):
        """More people come, one for each query, and subscribe."""
        came = [Subscriber(1_001 + len(self.people) + number, query) for number, query in enumerate(queries)]
        self.people += came

        async def asks(one):
            self.telegram.person(one.user)
            answer = await self.telegram.ask(one.user, f"/subscribe {one.query}")
            assert answer.text.startswith("Subscribed"), (one.query, answer.text)

        for one in came:  # at once they would be asked to try again in some seconds
            await asks(one)
        return came

    def show(self):
        """arXiv announces the next day."""
        self.arxiv.body = self.days.feeds[self.shown + 1]
        for one in self.people:
            one.owed |= set(self.days.fits(one.query)[self.shown])
        self.shown += 1

    def during_an_announcement(self, came):
        """What was being announced when these came may be told to them or not."""
        for one in came:
            one.either |= set(self.days.fits(one.query)[self.shown - 1])

    async def settled(self):
        """Wait until all that was announced is stored, matched and sent; whether it is what anybody awaits or not."""
        await self.product.until(self.is_settled, 8 * PATIENCE)

    async def is_settled(self):
        """Whether all that was announced is stored and matched, and no open place is owed anything."""
        store = Store.open(self.database, now=lambda: START, readonly=True)
        try:
            async with store.read() as unit:
                left = tuple((await unit.connection.execute(LEFT)).one())
        finally:
            await store.close()
        papers = 1 + sum(map(len, self.days.papers[: self.shown]))
        return left == (papers, 0, 0) and not self.telegram.sending

    async def alerts_more(self, number):
        """Wait until `number` more messages have arrived."""
        before = len(self.telegram.calls)
        await self.telegram.until(
            lambda: sum(name == "sendMessage" for name, _ in self.telegram.calls[before:]) >= number
        )

    async def restart(self, *, kill=False):
        """End the service, at once or in order, and start it again a little later."""
        await (self.product.kill() if kill else self.product.stop())
        assert not (kill and await self.is_settled()), "the kill came too late to show anything"
        self.kills += kill
        while self.telegram.sending:  # noqa: ASYNC110 -- what it waits for has no event
            await asyncio.sleep(0.01)
        now = START + timedelta(seconds=time.monotonic() - self.began)
        self.product.settings["now"] = now.isoformat()
        self.telegram.limits.rest(STARTING)
        await self.product.start()

    def alerts(self, one):
        return [sent for sent in self.telegram.messages(one.user) if not sent.text.startswith("Subscribed")]

    def misses(self):
        """What did not arrive, by person."""
        told = {one.user: {found for sent in self.alerts(one) for found in papers_of(sent)} for one in self.people}
        return {(one.user, one.query): one.owed - told[one.user] for one in self.people if one.owed - told[one.user]}

    def figures(self):
        owed = sum(len(one.owed) for one in self.people)
        alerts = [sent for one in self.people for sent in self.alerts(one)]
        missed = sum(map(len, self.misses().values()))
        told = sum(len(papers_of(sent)) for sent in alerts)
        arrived = f"{told} told in {len(alerts)} messages"
        return f"{len(self.people)} subscribers: {owed} papers owed, {arrived}, {missed} missed"

    def assert_each_once(self):
        """Nobody misses a paper, nobody has one they were not owed, and only a kill repeats one message in a chat."""
        misses = self.misses()
        assert not misses, f"{self.figures()} by {len(misses)} people"
        for one in self.people:
            told = Counter(found for sent in self.alerts(one) for found in papers_of(sent))
            assert set(told) <= one.owed | one.either, (one.query, set(told) - one.owed - one.either)
            again = {found for found, times in told.items() if times > 1}
            repeats = [sent for sent in self.alerts(one) if again & set(papers_of(sent))]
            assert len(repeats) <= 2 * self.kills, one.query
            assert max(told.values(), default=1) <= 1 + self.kills, one.query


@asynccontextmanager
async def living(folder, database, days):
    """Telegram, arXiv and the service; nobody has subscribed yet."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(BadTelegram())
        arxiv = await stack.enter_async_context(Announcing())
        arxiv.body = days.feeds[0]
        settings = {
            "now": START.isoformat(),
            "channels__telegram__token": telegram.token,
            "channels__telegram__api_url": telegram.url,
            "sources__arxiv__enabled": "true",
            "sources__arxiv__categories": str(days.categories).replace("'", '"'),
            "sources__arxiv__every": "0.5",
            "sources__arxiv__min_interval": "0.05",
            "sources__arxiv__rss_url": f"{arxiv.url}/rss",
            "sources__arxiv__oai_url": f"{arxiv.url}/oai",
            "sources__arxiv__api_url": f"{arxiv.url}/api/query",
        }
        product = await stack.enter_async_context(Hasty(folder, database, **settings))
        await product.ready()
        yield Week(product, telegram, arxiv, days, database)
