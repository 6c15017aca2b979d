"""End to end: a day collected, matched, fanned out and handed to a channel, compared with what bots usually do."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.databases import NOW, Database, sqlite
from benchmarks.frame import BenchmarkError, Context, Row, spent
from benchmarks.workload import one_day, texts_of, wanted
from sqlalchemy import func, insert, select

from paperwire.core.index.tree import EVERYTHING, NOTHING
from paperwire.core.messages.message import Message
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import ask, index_row
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import Collector
from paperwire.pipeline.match import Matching
from paperwire.ports.channels import Receipt
from paperwire.ports.sources import Page
from paperwire.store.database.tables.base import LIVE, Want
from paperwire.store.database.tables.people import DestinationRow, PersonRow
from paperwire.store.database.tables.subscriptions import QueryRow, RouteRow, SubscriptionRow
from paperwire.store.search.fulltext import fts5_text, standing

_SECTION = "End to end"
_SUBSCRIPTIONS_EACH = 4  # of a person, all to one place


def run(ctx: Context, subscriptions: int) -> list[Row]:
    """The product's own stages on SQLite, and a loop over subscriptions with a row for each delivery."""
    papers = [replace(paper, announced=NOW.date()) for paper in one_day(ctx.shared)]
    parts, channel = asyncio.run(_ours(ctx, subscriptions, papers))
    spent_by_us = sum(parts.values())
    delivered = channel.papers
    theirs, made = _usual(ctx.folder, texts_of(ctx, subscriptions), papers)
    size = f"{len(papers):,} papers, {subscriptions:,} subscriptions"
    note = ", ".join(f"{name} {seconds:.1f}" for name, seconds in parts.items())
    return [
        Row(
            section=_SECTION,
            what="Paperwire, collected to handed over",
            size=f"{size}, {delivered:,} deliveries in {channel.messages:,} messages",
            cpu=spent_by_us,
            figure=f"{spent_by_us / delivered * 1e6:,.0f} µs a delivery",
            note=note,
        ),
        Row(
            section=_SECTION,
            what="each subscription's FTS5 query run again, a row and a message for each paper",
            size=f"{size}, {made:,} deliveries",
            cpu=theirs,
            figure=f"{theirs / made * 1e6:,.0f} µs a delivery",
            ratio=(theirs / made) / (spent_by_us / delivered),
            key=f"{_SECTION}: each query run again",
            note="plain sqlite3, no leases, no retries, nothing settled together",
        ),
    ]


class Day:
    """A source that announces its papers in one page."""

    name = "arxiv"

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._papers = papers

    def parts(self) -> tuple[str]:
        """See `ports.Source`."""
        return ("all",)

    async def fetch(self, part: str, _cursor: str) -> AsyncIterator[Page]:
        """See `ports.Source`."""
        for start in range(0, len(self._papers), 500):
            events = tuple(
                Event(kind=EventKind.NEW, paper=paper, source=self.name, day=NOW.date())
                for paper in self._papers[start : start + 500]
            )
            yield Page(part=part, events=events, cursor=str(start))


class Nowhere:
    """A channel that takes everything at once and keeps only the counts."""

    kind = "telegram"
    singleton = False
    in_flight = 50
    shared_service = True
    naming = "managed"
    greets = False
    digest_size = 10

    def __init__(self) -> None:
        self.messages = self.papers = 0

    def per_minute(self, _kind: str) -> int:
        """See `ports.Channel`."""
        return 1_000_000

    async def wait_for_slot(self, _to: str) -> None:
        """See `ports.Channel`."""

    async def send(self, _to: str, message: Message) -> Receipt:
        """See `ports.Channel`."""
        self.messages += 1
        self.papers += len(message.items)
        return Receipt(str(self.messages))

    async def probe(self) -> None:
        """See `ports.Channel`."""

    async def close(self) -> None:
        """See `ports.Channel`."""


@dataclass(frozen=True)
class Subscribed:
    """The queries of subscriptions, `dumped` by number from 1, how many have each, and how many a person has.

    All of a person's go to one place.
    """

    dumped: Sequence[bytes]
    users: Sequence[int]
    each: int = _SUBSCRIPTIONS_EACH

    @classmethod
    def of(cls, ctx: Context, subscriptions: int) -> Subscribed:
        """The first subscriptions of the run."""
        wants = wanted(ctx, subscriptions)
        return cls(wants.dumped, wants.users)


async def _ours(ctx: Context, subscriptions: int, papers: Sequence[Paper]) -> tuple[dict[str, float], Nowhere]:
    """CPU seconds of each stage."""
    channel: Any = Nowhere()
    source: Any = Day(papers)
    async with sqlite(ctx.folder) as database:
        await subscribe(database, Subscribed.of(ctx, subscriptions), channel.kind)
        store = database.store
        collector = Collector(source, store, every=timedelta(minutes=15), now=lambda: NOW)
        matching = Matching(store, now=lambda: NOW, next_slot=lambda *_: None)
        delivery = Delivery(store, {channel.kind: channel}, owner="me", now=lambda: NOW, hold=Hold(store))
        await matching.follow()
        with spent() as collecting:
            collected = await collector.poll()
        with spent() as matched:
            await matching.run()
        with spent() as delivering:
            await delivery.run(channel.kind)
        async with store.read() as unit:
            left = (await unit.ledger.counts()).owed
    if collected.failed or left or not channel.papers:
        raise BenchmarkError(f"not everything was delivered: {collected}, {left} deliveries are left")
    parts = {"collect": collecting.cpu, "match and fan out": matched.cpu, "deliver": delivering.cpu}
    return parts, channel


async def subscribe(database: Database, wants: Subscribed, channel: str) -> None:
    """People in private chats of a channel with a few subscriptions each, put straight into the tables."""
    long_ago = NOW - timedelta(days=30)
    numbers = [number for number, users in enumerate(wants.users, 1) for _ in range(users)]
    # Neighbours want different things.
    spread = [numbers[(place * 7919) % len(numbers)] for place in range(len(numbers))]
    people = range(1, (len(spread) - 1) // wants.each + 2)
    owner = [1 + place // wants.each for place in range(len(spread))]
    every = list(enumerate(zip(spread, owner, strict=True), 1))
    about = {"name": "", "cadence": "", "mention": "", "began_at": long_ago}
    rows: list[tuple[Any, list[dict[str, Any]]]] = [
        (
            PersonRow,
            [{"number": number, "name": "", "locale": "en", "zone": "UTC", "created_at": NOW} for number in people],
        ),
        (DestinationRow, [_place(number, channel) for number in people]),
        (QueryRow, [_query(number, dumped) for number, dumped in enumerate(wants.dumped, 1)]),
        (
            SubscriptionRow,
            [
                about
                | {"number": n, "person": person, "query": query, "text": str(query), "occasions": Want.ARRIVAL}
                | {"ordinal": n}
                for n, (query, person) in every
            ],
        ),
        (
            RouteRow,
            [
                {"subscription": n, "destination": person, "query": query, "began_at": long_ago}
                | {"wants": Want.ARRIVAL | LIVE}
                for n, (query, person) in every
            ],
        ),
    ]
    async with database.store.write() as unit:
        for table, values in rows:
            await unit.connection.execute(insert(table), values)
            if database.server and table is not RouteRow:  # what is made later counts on from here
                sequence = func.pg_get_serial_sequence(table.__tablename__, "number")
                await unit.connection.execute(select(func.setval(sequence, len(values))))


def _place(number: int, channel: str) -> dict[str, Any]:
    empty = dict.fromkeys(("title", "cadence", "quiet", "paused", "last_message"), "")
    about = {"channel": channel, "address": str(number), "kind": "private", "zone": "UTC", "style": "auto"}
    return empty | about | {"number": number, "owner": number, "cadence": "instant", "created_at": NOW}


def _query(number: int, dumped: bytes) -> dict[str, Any]:
    return {"number": number, "key": str(number), "text": "", "dumped": dumped, "seq": number, "in_use": True}


# --- what bots usually do ------------------------------------------------------------------------------------------

_TABLES = """
CREATE VIRTUAL TABLE paper USING fts5(id UNINDEXED, title, abstract, rest);
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY, chat TEXT NOT NULL, paper TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL,
    UNIQUE (chat, paper)
);
CREATE INDEX ix_delivery_status ON delivery (status, chat);
"""
_FOUND = "SELECT id FROM paper WHERE paper MATCH ?"
_OWE = (
    "INSERT OR IGNORE INTO delivery (chat, paper, status, created_at) VALUES (?, ?, 'pending', '2026-01-05T08:00:00')"
)
_PENDING = "SELECT delivery.id, chat, paper FROM delivery WHERE status = 'pending'"


def _usual(folder: Path, texts: Sequence[str], papers: Sequence[Paper]) -> tuple[float, int]:
    """CPU seconds and deliveries of a loop over subscriptions; each message is its own transaction."""
    trees = [standing(ask(parse(text))).most for text in texts]
    fts_queries = ["" if tree in (EVERYTHING, NOTHING) else fts5_text(tree) for tree in trees]
    rows = [index_row(Doc.of(paper)) for paper in papers]
    file = folder / "usual.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + _TABLES)
        with spent() as cost:
            for number, row in enumerate(rows):
                db.execute("INSERT INTO paper VALUES (?, ?, ?, ?)", [str(number), row.title, row.abstract, row.rest])
            db.commit()
            for number, text in enumerate(fts_queries):
                for (paper,) in db.execute(_FOUND, [text]).fetchall() if text else ():
                    db.execute(_OWE, [str(number // _SUBSCRIPTIONS_EACH), paper])
                db.commit()
            pending = db.execute(_PENDING).fetchall()
            for delivery, chat, paper in pending:
                _send(chat, papers[int(paper)])
                db.execute("UPDATE delivery SET status = 'sent' WHERE id = ?", [delivery])
                db.commit()
    file.unlink()
    return cost.cpu, len(pending)


def _send(chat: str, paper: Paper) -> str:
    """A message as bots make it, sent nowhere."""
    return f"{chat}: {paper.title}\n{', '.join(paper.authors)}\nhttps://arxiv.org/abs/{paper.id}\n{paper.abstract}"
