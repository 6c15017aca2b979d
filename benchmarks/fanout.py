"""Fan-out: what it costs to turn a day's matches into owed deliveries, and what the usual ways cost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.databases import NOW, Database, postgres, sqlite
from benchmarks.frame import Context, Row
from sqlalchemy import Boolean, delete, insert, text

from paperwire.core.matching.news import Matched
from paperwire.core.papers.paper import ARRIVAL, Paper
from paperwire.pipeline.fan_out import fan_out, record
from paperwire.store.database.part import paper_values
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.base import LIVE, PlainText, UTCDateTime
from paperwire.store.database.tables.base import Row as TableRow
from paperwire.store.database.tables.deliveries import DeliveryRow
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.unit import Unit

DAY = 10_000_000
_FEW = 50  # of them are fanned out by the usual ways
_PAGE = 500  # news that are matched together
_QUERIES_EACH = 3_600  # of 400,000, that match a paper
_NOW = (NOW - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
_LATER = _NOW + 10_800_000_000


@dataclass(frozen=True)
class _Size:
    """How much is made; `share` of what a million subscriptions are, in the same proportions."""

    share: float
    papers: int

    @property
    def subscriptions(self) -> int:
        return round(1_000_000 * self.share)

    @property
    def queries(self) -> int:
        return round(400_000 * self.share)

    @property
    def places(self) -> int:
        return round(250_000 * self.share)

    @property
    def queries_each(self) -> int:
        return round(_QUERIES_EACH * self.share)


@dataclass(frozen=True)
class _Cost:
    """What a way of doing it took for a number of deliveries."""

    way: str
    deliveries: int
    cpu: float
    note: str = ""

    @property
    def of_a_day(self) -> float:
        return self.cpu * DAY / self.deliveries


def run(ctx: Context) -> list[Row]:
    """Both databases, or SQLite alone where there is no PostgreSQL."""
    size = _Size(0.05, 150) if ctx.quick else _Size(1.0, 371)  # a third of a day: it comes in three batches
    return asyncio.run(_both(ctx, size))


async def _both(ctx: Context, size: _Size) -> list[Row]:
    async with sqlite(ctx.folder) as database:
        rows = await _measure(database, size, goal=40)
    if ctx.postgres:
        async with postgres(ctx.postgres) as database:
            rows += await _measure(database, size, goal=60)
    return rows


async def _measure(database: Database, size: _Size, goal: int) -> list[Row]:
    news = await _fill(database, size)
    await database.settle()
    whole, ours = await _ours(database, news)
    async with database.store.write() as unit:  # the usual ways ask by paper
        await unit.connection.execute(text("CREATE INDEX ix_match_paper ON match (paper)"))
    few = news[:_FEW]
    rows = [_row(database, size, whole, goal=f"{goal} CPU s, 0.5 s"), _row(database, size, ours)]
    return rows + [_row(database, size, await way(database, few), ours) for way in (_through_python, _textbook)]


def _row(database: Database, size: _Size, cost: _Cost, ours: _Cost | None = None, goal: str = "") -> Row:
    section = f"Fan-out, {database.kind}"
    return Row(
        section=section,
        what=cost.way,
        size=f"{cost.deliveries:,} deliveries, {size.subscriptions:,} subscriptions",
        cpu=cost.cpu,
        figure=f"{cost.of_a_day:,.0f} CPU s for 10,000,000",
        ratio=cost.of_a_day / ours.of_a_day if ours else None,
        key=f"{section}: {cost.way}" if ours else "",
        goal=goal,
        note=cost.note,
    )


# --- ways to do it -------------------------------------------------------------------------------------------------


async def _ours(database: Database, news: Sequence[Matched]) -> tuple[_Cost, _Cost]:
    """All statements of the product; and of them those that make delivery rows and turns of places."""
    made, began, matching = 0, database.cpu(), 0.0
    for page in _pages(news):
        start = database.cpu()
        await record(database.write, page)
        matching += database.cpu() - start
        made += await fan_out(database.write, page)
    spent = database.cpu() - began
    note = f"longest transaction {database.longest:.2f} s, {database.longest_cpu:.2f} CPU s"
    whole = _Cost("matches, deliveries and turns of places", made, spent, note)
    return whole, _Cost("of these, deliveries and turns", made, spent - matching)


async def _through_python(database: Database, news: Sequence[Matched]) -> _Cost:
    """The same rows into the same table, read into Python and written from there."""
    async with database.store.write() as unit:
        await unit.connection.execute(delete(DeliveryRow))

    async def add(unit: Unit, first: int, last: int) -> int:
        rows = (await unit.connection.execute(text(_OWED), _between(first, last))).mappings().all()
        new = insert_new(unit.connection, DeliveryRow).on_conflict_do_nothing()
        owed = [{**row, "due_at": NOW, "state": 0, "attempts": 0} for row in rows]
        await unit.connection.execute(new, owed)
        return len(owed)

    return await _by_paper(database, news, "the same rows through Python (executemany)", add)


async def _textbook(database: Database, news: Sequence[Matched]) -> _Cost:
    """The row that first comes to mind, filled by INSERT ... SELECT as well."""
    number = "INTEGER PRIMARY KEY" if database.kind == "SQLite" else "BIGSERIAL PRIMARY KEY"
    async with database.store.write() as unit:
        await unit.connection.execute(text(_TEXTBOOK.format(number)))
        await unit.connection.execute(text("CREATE INDEX ix_textbook ON textbook (status, due_at)"))

    async def add(unit: Unit, first: int, last: int) -> int:
        return (await unit.connection.execute(text(_FILL_TEXTBOOK), _between(first, last))).rowcount

    return await _by_paper(database, news, "rows with a surrogate id and text columns", add)


async def _by_paper(
    database: Database, news: Sequence[Matched], way: str, add: Callable[[Unit, int, int], Awaitable[int]]
) -> _Cost:
    """Add the deliveries of a few papers a transaction, about as many as the product does."""
    few = 5
    made, began = 0, database.cpu()
    for start in range(0, len(news), few):
        chunk = news[start : start + few]
        async with database.store.write() as unit:
            made += await add(unit, chunk[0].paper.number, chunk[-1].paper.number)
    return _Cost(way, made, database.cpu() - began)


def _pages(news: Sequence[Matched]) -> Iterator[Sequence[Matched]]:
    for start in range(0, len(news), _PAGE):
        yield news[start : start + _PAGE]


def _between(first: int, last: int) -> dict[str, int]:
    return {"first": first, "last": last, "now": _NOW}


_FROM = (
    " FROM match JOIN subscription ON subscription.query = match.query"
    " JOIN subscription_destination AS route ON route.subscription = subscription.number"
    " JOIN destination ON destination.number = route.destination JOIN paper ON paper.number = match.paper"
    " WHERE match.paper BETWEEN :first AND :last AND match.occasion = 0 AND NOT subscription.paused"
)
_OWED = f"SELECT DISTINCT route.destination, match.paper, match.occasion {_FROM}"
_TEXTBOOK = (
    "CREATE TABLE textbook (id {}, destination TEXT NOT NULL, paper TEXT NOT NULL, occasion TEXT NOT NULL,"
    " status TEXT NOT NULL, due_at TEXT NOT NULL, created_at TEXT NOT NULL, attempts INTEGER NOT NULL,"
    " UNIQUE (destination, paper, occasion))"
)
_FILL_TEXTBOOK = (
    "INSERT INTO textbook (destination, paper, occasion, status, due_at, created_at, attempts)"
    " SELECT DISTINCT destination.channel || ':' || destination.address, paper.id, 'arrival', 'pending',"
    f" '2026-01-05T08:00:00+00:00', '2026-01-05T08:00:00+00:00', 0 {_FROM} ON CONFLICT DO NOTHING"
)


# --- what is there before the papers come --------------------------------------------------------------------------

_TABLES = TableRow.metadata.tables
_COUNT = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many) "
# Spread without a random generator, alike in both databases; squared, so that some queries are in much more use.
_SPREAD = "(CAST(i AS BIGINT) * 2654435761 % 1000003)"
_QUERY = f"(1 + {_SPREAD} * {_SPREAD} / 1000003 * :queries / 1000003)"


async def _fill(database: Database, size: _Size) -> list[Matched]:
    """Queries, places, subscriptions and papers; and which queries each paper matches."""
    papers = [_paper(number) for number in range(1, size.papers + 1)]
    async with database.store.write() as unit:

        async def make(table: str, many: int, **columns: str) -> None:
            statement = _COUNT + _insert(table, columns)
            given = {"many": many, "now": _NOW, "later": _LATER, "queries": size.queries, "places": size.places}
            named = {name: value for name, value in given.items() if f":{name}" in statement}
            await unit.connection.execute(text(statement), named)

        blob = "BLOB"
        if database.kind == "PostgreSQL":
            blob = "BYTEA"
            # A million rows at once would each be asked for their foreign keys, which takes minutes.
            await unit.connection.execute(text("SET LOCAL session_replication_role = replica"))
        await make("person", 1, number="i")
        await make(
            "query", size.queries, number="i", key="CAST(i AS TEXT)", dumped=f"CAST('' AS {blob})", in_use="true"
        )
        await make("destination", size.places, number="i", channel="'telegram'", address="CAST(i AS TEXT)", owner="1")
        await make("subscription", size.subscriptions, number="i", ordinal="i", person="1", query=_QUERY, occasions="1")
        routes = {
            "subscription": "i",
            "destination": "1 + CAST(i AS BIGINT) * 7919 % :places",
            "query": _QUERY,
            "wants": str(1 | LIVE),
            # three in ten are digests
            "next_slot_at": "CASE WHEN i % 10 < 3 THEN CAST(:later AS BIGINT) END",
        }
        await make("subscription_destination", size.subscriptions, **routes)
        # one place in fifty has muted a class that half of the papers are in
        await make("mute", size.places // 50, number="i", destination="i * 50", kind="'category'", value="'cs.cv'")
        values = [{"number": paper.number, **paper_values(paper), "announced": NOW.date()} for paper in papers]
        await unit.connection.execute(insert(PaperRow), values)
    return [_news(paper, size) for paper in papers]


def _news(paper: Paper, size: _Size) -> Matched:
    """A paper and the queries it matches, the same each time."""
    queries = random.Random(paper.number).sample(range(1, size.queries + 1), size.queries_each)
    return Matched(paper=paper, occasion=ARRIVAL, seen_at=NOW, queries=sorted(queries))


def _insert(table: str, columns: dict[str, str]) -> str:
    """One row for each `i`; what a row must have and is not given is empty, zero or now."""
    said = dict(columns)
    for column in _TABLES[table].columns:
        if column.name not in said and not column.nullable:
            said[column.name] = _neutral(column.type)
    return f"INSERT INTO {table} ({', '.join(said)}) SELECT {', '.join(said.values())} FROM n"  # noqa: S608 -- our own words


def _neutral(kind: object) -> str:
    if isinstance(kind, UTCDateTime):
        return "CAST(:now AS BIGINT)"
    if isinstance(kind, PlainText):
        return "''"
    return "false" if isinstance(kind, Boolean) else "0"


def _paper(number: int) -> Paper:
    authors = tuple(f"Author {number * 7 + place}" for place in range(5))
    classes = ("cs.CV", "cs.LG") if number % 2 else ("cs.CL",)
    return Paper(id=f"2601.{number:05}", title="x", number=number, authors=authors, categories=classes, seen_at=NOW)
