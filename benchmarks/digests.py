"""Digests: many that are due at once, to a channel that drops them, against a loop over places in plain SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg
from benchmarks.databases import temporary
from benchmarks.frame import BenchmarkError, Context, Row, spent
from benchmarks.rounds import PAPERS, Round, played
from benchmarks.workload import one_day

from paperwire.core.papers.paper import Paper

PLACES = 2_000


def run(ctx: Context, places: int = PLACES) -> list[Row]:
    """Digests of ten papers to `places` private places, on both databases."""
    return [row for kind, values in ctx.databases() for row in ours(ctx, kind, values, places)]


def ours(ctx: Context, kind: str, values: dict[str, Any], places: int) -> list[Row]:
    """The outbox on one database, and the loop on the same one."""
    took = played(Round(**values, places=places, digests=True))
    if took.messages != places:
        raise BenchmarkError(f"{took.messages} digests to {places} places")
    section, size = f"Digests, {kind}", f"{places:,} places, {PAPERS} papers each"
    theirs = loop_over_places(ctx, values["postgres"], places, papers=PAPERS)
    return [
        Row(
            section=section,
            what="Paperwire, all due at once",
            size=size,
            cpu=took.deliver,
            figure=f"{places / took.seconds:.0f} digests/s, {took.deliver / places * 1e3:.2f} ms each",
            memory=took.most_mb,
        ),
        Row(
            section=section,
            what="a loop over places: its rows read, a text made, its rows marked",
            size=size,
            cpu=theirs,
            figure=f"{theirs / places * 1e3:.2f} ms each",
            ratio=theirs / took.deliver,
            key=f"{section}: a loop over places",
            note="plain SQL, a transaction each, no leases, no retries, nothing looked at again",
        ),
    ]


# --- what bots usually do ------------------------------------------------------------------------------------------

_TABLES = (
    "CREATE TABLE paper (id INTEGER PRIMARY KEY, arxiv TEXT, title TEXT, authors TEXT, abstract TEXT)",
    "CREATE TABLE delivery (chat INTEGER, paper INTEGER, status TEXT, due_at TEXT, PRIMARY KEY (chat, paper))",
    "CREATE INDEX ix_delivery_status ON delivery (status, due_at)",
)
_FILL = "INSERT INTO paper VALUES (?, ?, ?, ?, ?)"
_OWE = "INSERT INTO delivery SELECT ?, id, 'pending', '2026-01-05T08:00:00' FROM paper"
_CHATS = "SELECT DISTINCT chat FROM delivery WHERE status = 'pending' AND due_at <= '2026-01-05T08:00:00'"
_DUE = (
    "SELECT arxiv, title, authors, abstract FROM delivery JOIN paper ON paper.id = delivery.paper"
    " WHERE chat = ? AND status = 'pending'"
)
_SENT = "UPDATE delivery SET status = 'sent' WHERE chat = ? AND status = 'pending'"


def loop_over_places(ctx: Context, server: str, places: int, *, papers: int) -> float:
    """CPU seconds of the loop that sends this number of papers to each place, the database's included."""
    sent = one_day(ctx.shared)[:papers]
    if server:
        with temporary(server, "paperwire_benchmark_loop") as url, psycopg.connect(url) as db:
            return _looped(db, sent, places, db.info.backend_pid)
    file = ctx.folder / "loop.db"
    with closing(sqlite3.connect(file)) as lite:
        lite.execute("PRAGMA journal_mode = WAL")
        took = _looped(lite, sent, places)
    file.unlink()
    return took


def _looped(db: Any, papers: Sequence[Paper], places: int, *servers: int) -> float:
    def sql(text: str) -> str:
        return text.replace("?", "%s") if servers else text

    cursor = db.cursor()
    for table in _TABLES:
        cursor.execute(table)
    rows = [
        (number, paper.id, paper.title, ", ".join(paper.authors), paper.abstract) for number, paper in enumerate(papers)
    ]
    cursor.executemany(sql(_FILL), rows)
    cursor.executemany(sql(_OWE), [(chat,) for chat in range(places)])
    cursor.execute("ANALYZE")
    db.commit()
    with spent(*servers) as cost:
        for (chat,) in cursor.execute(_CHATS).fetchall():
            if not _text(cursor.execute(sql(_DUE), (chat,)).fetchall()):
                raise BenchmarkError("a digest without papers")
            cursor.execute(sql(_SENT), (chat,))
            db.commit()
    return cost.cpu


def _text(due: Sequence[tuple[str, str, str, str]]) -> str:
    """A message as bots make it, sent nowhere."""
    return "\n\n".join(
        f"{title}\n{authors}\nhttps://arxiv.org/abs/{number}\n{text}" for number, title, authors, text in due
    )
