"""Search: a page of the stored papers, against both full-text indexes asked directly and without a last word."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import psycopg
from benchmarks.databases import NOW, Database, sqlite
from benchmarks.frame import Context, Row, percentile, spent
from benchmarks.many import hold_many
from benchmarks.rivals import as_vector
from benchmarks.workload import corpus, exact_forms, real_queries

from paperwire.core.index.tree import EVERYTHING, NOTHING, Tree
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import ask, index_row
from paperwire.core.search.result import MOST_COUNTED, SearchResult
from paperwire.store.search.fulltext import fts5_text, standing, tsquery_text
from paperwire.store.search.word_index import first_place

_SECTION = "Search"
_AT_ONCE = 1_000


def run(ctx: Context) -> list[Row]:
    """Ours on SQLite, and the same questions to bare FTS5 and PostgreSQL."""
    papers, queries = _papers(ctx), _asked(ctx)
    forms = _forms(ctx, papers)
    size = f"{len(papers):,} papers, {len(queries)} real queries"
    size_of_forms = f"{len(papers):,} papers, {len(forms)} forms"
    took = asyncio.run(_on_sqlite(ctx, queries, forms, lambda database: hold(database, papers)))
    rows = _rows(size, size_of_forms, took)
    if ctx.postgres:
        theirs = _postgres(ctx.postgres, papers, [tree for _, tree in queries], rounds=8 if ctx.quick else 1)
        rows.append(_row("bare PostgreSQL (GIN, ts_rank), ranked page with count", size, theirs, took.ranked.cpu))
    return rows


def run_many(ctx: Context, count: int) -> list[Row]:
    """Ours on SQLite and bare FTS5 over `count` papers made from the recorded ones; slow."""
    papers, queries = _papers(ctx), _asked(ctx)
    forms = _forms(ctx, papers)
    took = asyncio.run(_on_sqlite(ctx, queries, forms, lambda database: hold_many(database, papers, count)))
    return _rows(f"{count:,} papers, {len(queries)} real queries", f"{count:,} papers, {len(forms)} forms", took)


def _papers(ctx: Context) -> list[Paper]:
    return corpus(ctx.shared, 1_500 if ctx.quick else 100_000)


def _asked(ctx: Context) -> list[tuple[Query, Tree]]:
    queries = [parse(text) for text in real_queries(ctx.shared)][:: 4 if ctx.quick else 2]
    asked = [(query, standing(ask(query)).most) for query in queries]
    return [(query, tree) for query, tree in asked if tree not in (EVERYTHING, NOTHING)]


def _forms(ctx: Context, papers: Sequence[Paper]) -> list[Query]:
    return [parse(text) for text in exact_forms(papers, 50 if ctx.quick else 200)]


@dataclass
class _Pages:
    """What each question took: CPU seconds and seconds; and how many searches ended before the earliest paper."""

    cpu: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    cut: int = 0

    @property
    def note(self) -> str:
        if not self.cut:
            return ""
        return f"{self.cut} of {len(self.cpu)} ended early, the longest took {max(self.seconds):.2f} s"


@dataclass(frozen=True)
class _Took:
    """Our pages, and CPU seconds of bare FTS5 by the names in `_FTS5`."""

    newest: _Pages
    ranked: _Pages
    forms: _Pages
    bare: dict[str, list[float]]


def _rows(size: str, forms: str, took: _Took) -> list[Row]:
    newest, ranked, bare = took.newest, took.ranked, took.bare
    return [
        _row("Paperwire on SQLite, newest page with count", size, newest.cpu, goal="5 ms", note=newest.note),
        _row("bare FTS5, newest page", size, bare["newest"], newest.cpu),
        _row(
            "Paperwire on SQLite, exact words and authors by initials, ranked page with count",
            forms,
            took.forms.cpu,
            goal="p99 150 ms",
            note=took.forms.note,
        ),
        _row(
            "Paperwire on SQLite, ranked page with count", size, ranked.cpu, goal="20 ms, p99 150 ms", note=ranked.note
        ),
        _row("bare FTS5, ranked page with count", size, bare["ranked"], ranked.cpu),
    ]


def _row(  # noqa: PLR0913 -- the columns of a row
    what: str, size: str, took: list[float], ours: list[float] | None = None, *, goal: str = "", note: str = ""
) -> Row:
    half, most = percentile(took, 0.5), percentile(took, 0.99)
    figure = f"{half * 1e3:.2g} ms median, {_milliseconds(most)} ms p99"
    if what.startswith("bare PostgreSQL"):
        figure = f"{sum(took) / len(took) * 1e3:.2g} ms mean"  # the kernel counts other processes' CPU in 10 ms
    return Row(
        section=_SECTION,
        what=what,
        size=size,
        cpu=sum(took),
        figure=figure,
        ratio=sum(took) / sum(ours) if ours else None,
        key=f"{_SECTION}: {what}" if ours else "",
        goal=goal,
        note=note,
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:,.0f}"


async def _on_sqlite(
    ctx: Context,
    asked: Sequence[tuple[Query, Tree]],
    forms: Sequence[Query],
    hold: Callable[[Database], Awaitable[None]],
) -> _Took:
    async with sqlite(ctx.folder) as database:
        await hold(database)
        queries = [query for query, _ in asked]
        newest, ranked = [await _each(database, queries, order) for order in ("date", "relevance")]
        exact = await _each(database, forms, "relevance")
        assert database.store.file is not None  # noqa: S101 -- it is SQLite
        with closing(sqlite3.connect(database.store.file)) as db:
            bare = {way: _bare(db, _FTS5[way], [fts5_text(tree) for _, tree in asked]) for way in _FTS5}
    return _Took(newest, ranked, exact, bare)


async def hold(database: Database, papers: Sequence[Paper]) -> None:
    """Store papers as the product does."""
    for start in range(0, len(papers), _AT_ONCE):
        events = [
            Event(kind=EventKind.NEW, paper=paper, source="arxiv", day=paper.announced)
            for paper in papers[start : start + _AT_ONCE]
        ]
        async with database.store.write() as unit:
            await unit.papers.record(events, quiet=True)


async def _each(database: Database, queries: Sequence[Query], order: Any) -> _Pages:
    """What each question takes, after one round of warming up."""
    took = _Pages()

    async def search(query: Query) -> SearchResult:
        async with database.store.read() as unit:
            return await unit.search.search(query, order=order, limit=25)

    for query in queries[:20]:
        await search(query)
    for query in queries:
        began = time.perf_counter()
        with spent(tidy=False) as cost:
            result = await search(query)
        took.cpu.append(cost.cpu)
        took.seconds.append(time.perf_counter() - began)
        took.cut += result.at_least and result.total < MOST_COUNTED
    return took


_FTS5 = {
    "newest": ("SELECT rowid FROM paper_words WHERE paper_words MATCH ? ORDER BY rowid DESC LIMIT 25",),
    "ranked": (
        "SELECT rowid FROM paper_words WHERE paper_words MATCH ? ORDER BY rank LIMIT 25",
        "SELECT count(*) FROM paper_words WHERE paper_words MATCH ?",
    ),
}


def _bare(db: sqlite3.Connection, statements: Sequence[str], texts: Sequence[str]) -> list[float]:
    """The product's own index, asked with nothing between."""
    took: list[float] = []
    for text in [*texts[:20], *texts]:
        with spent(tidy=False) as cost:
            for statement in statements:
                db.execute(statement, [text]).fetchall()
        took.append(cost.cpu)
    return took[20:]


_RANKED = (
    "SELECT place FROM stored WHERE words @@ %(asked)s::tsquery"
    " ORDER BY ts_rank(words, %(asked)s::tsquery) DESC, place DESC LIMIT 25"
)
_COUNTED = "SELECT count(*) FROM stored WHERE words @@ %(asked)s::tsquery"


def _postgres(server: str, papers: Sequence[Paper], trees: Sequence[Tree], rounds: int) -> list[float]:
    """A tsvector under GIN; all questions one after the other, as often as the kernel's 10 ms need to tell them."""
    with psycopg.connect(server) as db:
        db.execute("SET max_parallel_workers_per_gather = 0")
        db.execute("CREATE TEMP TABLE stored (place bigint, words tsvector)")
        with db.cursor().copy("COPY stored FROM STDIN") as copy:
            for number, paper in enumerate(papers, 1):
                place = first_place(paper.announced or NOW.date()) | number
                copy.write_row((place, as_vector(index_row(Doc.of(paper)))))
        db.execute("CREATE INDEX ON stored USING gin (words)")
        db.execute("ANALYZE stored")
        db.execute("SET enable_seqscan = off")
        took: list[float] = []
        for tree in trees:
            with spent(db.info.backend_pid, tidy=False) as cost:
                for statement in (_RANKED, _COUNTED) * rounds:
                    db.execute(statement, {"asked": tsquery_text(tree)}).fetchall()
            took.append(cost.cpu / rounds)
        db.rollback()
    return took
