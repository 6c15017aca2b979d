"""Storing a page of a source in few statements: load what it may be about, let core decide, write what it decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.papers.decision import Decider, Decision, StoredArrival, StoredPaper
from paperwire.core.papers.identity import aliases
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.papers.recorded import Recorded
from paperwire.store.database import lists
from paperwire.store.database.locks import count_change, lock_papers
from paperwire.store.database.statements import insert_new, keep_plans
from paperwire.store.papers.merging import fold_paper
from paperwire.store.papers.revisions import keep_revisions
from paperwire.store.part import chunks, rows_among
from paperwire.store.rows import paper_of, paper_values, small
from paperwire.store.search.word_index import write_words
from paperwire.store.tables.base import ARRIVALS, EventCode
from paperwire.store.tables.columns import storable
from paperwire.store.tables.papers import AliasRow, EventRow, PaperRow, ScoreRow

NAMED = select(col(AliasRow.alias), col(AliasRow.paper))
"""The names of papers, each with the paper's number."""
_NAMES = lists.names("names")


async def store_page(
    db: AsyncConnection, now: datetime, events: Sequence[Event], *, quiet: bool, adds_unannounced: bool = False
) -> Recorded:
    """Store what these events change; see `Papers.record` and `Papers.add`."""
    names = [aliases(event.paper) for event in events]
    await lock_papers(db)
    await keep_plans(db)
    stored = await _stored(db, (name for its_names in names for name in its_names))
    decider = Decider(stored, now=now, quiet=quiet, adds_unannounced=adds_unannounced)
    for event, its_names in zip(events, names, strict=True):
        decider.take(event, its_names)
    decision = decider.decision()
    numbers = await _write_papers(db, now, decision)
    events_new = await _write_events(db, now, decision, numbers, quiet=quiet)
    if decision.new or decision.changed or events_new:
        await count_change(db)
    return Recorded(len(decision.new), events_new, decision.arrived, decision.crossed)


async def move_day(db: AsyncConnection, ids: Collection[str], source: str, day: date, to: date) -> None:
    """Move papers and the arrivals that `source` stated from one day to another; see `Papers.redate`."""
    await lock_papers(db)
    for chunk in chunks(ids):
        papers = [paper_of(row) for row in await db.execute(select(PaperRow).where(col(PaperRow.id).in_(chunk)))]
        its = col(EventRow.paper).in_([paper.number for paper in papers])
        arrivals = update(EventRow).where(its, col(EventRow.kind).in_(ARRIVALS), col(EventRow.source) == source)
        await db.execute(arrivals.where(col(EventRow.day) == day).values(day=to))
        moved = [paper for paper in papers if paper.announced == day]
        numbers = [paper.number for paper in moved]
        await db.execute(update(PaperRow).where(col(PaperRow.number).in_(numbers)).values(announced=to))
        await write_words(db, numbers, moved)
    await count_change(db)


async def _stored(db: AsyncConnection, names: Iterable[str]) -> list[StoredPaper]:
    """Every stored paper that bears one of these names."""
    borne: defaultdict[int, list[str]] = defaultdict(list)
    for alias, number in await rows_among(db, NAMED, col(AliasRow.alias), names):
        borne[number].append(alias)
    arrivals = await _arrivals(db, borne)
    rows = await rows_among(db, select(PaperRow), col(PaperRow.number), borne)
    return [StoredPaper(paper_of(row), borne[row.number], arrivals[row.number]) for row in rows]


async def _arrivals(db: AsyncConnection, papers: Iterable[int]) -> dict[int, list[StoredArrival]]:
    columns = (col(EventRow.paper), col(EventRow.kind), col(EventRow.source), col(EventRow.mark), col(EventRow.quiet))
    arrivals: defaultdict[int, list[StoredArrival]] = defaultdict(list)
    arrived = select(*columns).where(col(EventRow.kind).in_(ARRIVALS)).order_by(col(EventRow.number))
    for number, kind, source, mark, quiet in await rows_among(db, arrived, col(EventRow.paper), papers):
        arrivals[number].append(StoredArrival(_KINDS[kind], source, mark, quiet))
    return arrivals


_KINDS: dict[int, EventKind] = {code: EventKind[code.name] for code in ARRIVALS}


async def _write_papers(db: AsyncConnection, now: datetime, decision: Decision) -> dict[str, int]:
    """Write the papers themselves; the numbers of all that the page is about, by id."""
    for gone, kept_paper in decision.merged:
        await fold_paper(db, gone, kept_paper)
    numbers = {**decision.numbers, **await _insert(db, decision.new)}
    before = [paper for paper, _ in decision.changed]
    after = [paper for _, paper in decision.changed]
    await keep_revisions(db, now, decision.changed)
    if after:
        values = [paper_values(paper) | {"_number": paper.number} for paper in after]
        for columns in values:
            del columns["seen_at"]
        await db.execute(update(PaperRow).where(col(PaperRow.number) == bindparam("_number")), values)
    reworded = [new.number for old, new in decision.changed if (old.title, old.abstract) != (new.title, new.abstract)]
    if reworded:
        await db.execute(update(PaperRow).where(col(PaperRow.number).in_(reworded)).values(unencoded=True))
    await write_words(db, [numbers[paper.id] for paper in (*decision.new, *after)], before)
    if decision.aliases:
        named = [(numbers[paper_id], storable(name)) for paper_id, name in decision.aliases]
        # SQLite would take ON CONFLICT for the condition of a join, were there no other.
        names = select(_NAMES.c.alias, _NAMES.c.paper).where(true())
        new = insert_new(db, AliasRow).from_select(["alias", "paper"], names)
        await db.execute(new.on_conflict_do_nothing(), {"names": lists.row_list(named)})
    return numbers


async def _insert(db: AsyncConnection, papers: Sequence[Paper]) -> dict[str, int]:
    if papers:
        await db.execute(insert(PaperRow), [paper_values(paper) for paper in papers])
    numbers = select(col(PaperRow.id), col(PaperRow.number))
    return dict(await rows_among(db, numbers, col(PaperRow.id), (paper.id for paper in papers)))


async def _write_events(
    db: AsyncConnection, now: datetime, decision: Decision, numbers: Mapping[str, int], *, quiet: bool
) -> int:
    """Write scores and events; how many of the latter were not known."""
    if decision.scores:
        scores = [
            {"paper": numbers[score.paper_id], "at": score.at, "upvotes": score.upvotes} for score in decision.scores
        ]
        await db.execute(insert_new(db, ScoreRow).on_conflict_do_nothing(), scores)
    for paper_id, (kind, source, mark) in decision.rematched:
        statement = (
            col(EventRow.paper) == numbers[paper_id],
            col(EventRow.kind) == EventCode[kind.name],
            col(EventRow.source) == source,
            col(EventRow.mark) == mark,
        )
        await db.execute(update(EventRow).where(*statement).values(matched_at=None))
    if not decision.events:
        return 0
    rows: list[dict[str, Any]] = [
        {
            "paper": numbers[event.paper_id],
            "kind": EventCode[event.kind.name],
            "source": event.source,
            "mark": event.mark,
            "version": small(event.version),
            "day": event.day,
            "quiet": quiet,
            "seen_at": now,
            "score_from": event.score_from,
            "score_to": event.score_to,
            "told_at": event.told_at,
            "late": event.late,
            "matched_at": None if event.is_news else now,
        }
        for event in decision.events
    ]
    new = insert_new(db, EventRow).on_conflict_do_nothing()
    return (await db.execute(new, rows, execution_options={"preserve_rowcount": True})).rowcount
