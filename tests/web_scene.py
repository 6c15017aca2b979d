"""What happens before a request to the web application: papers, scores, subscriptions, matches, feeds."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime

from paperwire.core.health import ChannelHealth, Health, SourceHealth, StageHealth
from paperwire.core.matching.news import Matched
from paperwire.core.papers.paper import ARRIVAL, Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.subscriptions.subscription import Owner
from paperwire.core.tokens import feed_token, token_hash
from paperwire.ports.callers import Actor
from paperwire.web.server import bind, serve

SECRET = b"a made-up secret key"
SITE = "https://papers.example.org"
DAY = date(2026, 1, 5)


def a_paper(number=1, **changes):
    told = {
        "id": f"2601.{number:05d}",
        "title": f"Gliding snakes, part {number}",
        "abstract": f"We watched snakes glide {number} times.",
        "authors": ("Ada Łukasiewicz", "Kaiming He"),
        "categories": ("cs.CV", "cs.LG"),
        "announced": DAY,
        "published": datetime(2026, 1, 2, 18, 0, tzinfo=UTC),
    }
    return Paper(**{**told, **changes})


@asynccontextmanager
async def serving(app):
    """Serve an application as a process does; gives the port."""
    listening = bind("127.0.0.1", 0)
    port = listening.getsockname()[1]
    task = asyncio.create_task(serve(app, listening))
    try:
        yield port
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        listening.close()  # if the task never began


class Scene:
    """What happens before a request: papers, scores, subscriptions, matches, feeds."""

    def __init__(self, store, clock):
        self.store = store
        self.clock = clock
        self.ready = False
        self.locale = "en"  # of people who begin from now on
        self.health = Health()

    async def papers(self, *papers, kind=EventKind.NEW, score=None):
        events = [
            Event(kind=kind, paper=one, source=one.source, day=one.announced, at=self.clock(), score=score)
            for one in papers
        ]
        async with self.store.write() as unit:
            await unit.papers.record(events, quiet=False)

    async def scored(self, paper, upvotes):
        await self.papers(paper, kind=EventKind.LISTED, score=upvotes)

    async def subscribe(self, text, *, name="", who="1"):
        async with self.store.write() as unit:
            person = await unit.people.ensure(Actor(channel="console", user_id=who), self.locale)
            subscription, _ = await unit.subscriptions.subscribe(
                person.number,
                parse(text),
                name=name,
                occasions=frozenset({"arrival"}),
                cadence="",
                destinations=(),
            )
        return subscription

    async def match(self, text, *ids, occasion=ARRIVAL, who="1"):
        """Note that these papers match a person's query, as the matcher would."""
        subscription = await self.subscribe(text, who=who)
        async with self.store.write() as unit:
            papers = [await unit.papers.get(one) for one in ids]
            assert all(parse(text).matches(Doc.of(one)) for one in papers)
            await unit.fanout.record_matches(
                [
                    Matched(paper=one, occasion=occasion, seen_at=self.clock(), queries=(subscription.query,))
                    for one in papers
                ]
            )
            await unit.papers.settle_matched(await unit.papers.unmatched(1000))

    async def feed(self, subscription=None, *, who="1"):
        """The token of a person's feed."""
        async with self.store.write() as unit:
            person = await unit.people.ensure(Actor(channel="console", user_id=who), self.locale)
            row = await unit.feeds.ensure(Owner(person.number), subscription, self.hash_of)
        return feed_token(SECRET, row.number, row.generation)

    async def reset(self, token):
        async with self.store.write() as unit:
            row = await unit.feeds.by_hash(token_hash(token))
            row = await unit.feeds.reset(row.number, self.hash_of)
        return feed_token(SECRET, row.number, row.generation)

    @staticmethod
    def hash_of(number, generation):
        return token_hash(feed_token(SECRET, number, generation))

    async def unready(self):
        return () if self.ready else ("arxiv: the first run has not ended yet",)

    async def told_health(self):
        return self.health

    def in_trouble(self):
        self.health = Health(
            papers=3,
            first_day=date(2026, 1, 2),
            last_day=DAY,
            subscriptions=2,
            owed=7,
            sources=(
                SourceHealth(name="arxiv", ok_at=self.clock(), next_at=self.clock(), first_done=True),
                SourceHealth(name="huggingface", next_at=self.clock(), error="cannot reach <huggingface.co>"),
                SourceHealth(name="biorxiv"),
                SourceHealth(name="rss", ok_at=self.clock(), first_done=True, overdue_since=self.clock()),
            ),
            channels=(
                ChannelHealth(kind="discord", state=""),
                ChannelHealth(kind="telegram", state="connected"),
                ChannelHealth(
                    kind="email",
                    state="reconnecting since 2026-01-05 07:59 UTC: cannot reach relay.internal:587: timed out",
                ),
            ),
            troubles=(StageHealth(name="match", since=self.clock(), next_at=self.clock(), reason="disk is full"),),
            database_problem="the database paperwire.db failed: disk is full",
            given_up=2,
            unknown=1,
            started_at=self.clock(),
        )
