"""Storing a page of a source in few statements: load what it may be about, let core decide, write what it decided.

Of papers that change, the texts of the version before are kept; of two that turn out to be one, all that points to the
younger number moves to the older.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, col

from paperwire.core.papers.decision import Decider, Decision, NewEvent, Recorded, StoredArrival, StoredPaper
from paperwire.core.papers.identity import aliases
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.papers.revision import is_shown_otherwise
from paperwire.store.database.locks import count_change, lock_fan_out, lock_papers
from paperwire.store.database.part import chunks, former_number, paper_of, paper_values, rows_among, small
from paperwire.store.database.statements import fold_rows, insert_new, keep_plans, move_rows, row_list
from paperwire.store.database.statements import names as names_table
from paperwire.store.database.tables.base import ARRIVAL_CODES, EventCode, storable
from paperwire.store.database.tables.deliveries import MatchRow, MatchScoreRow, UndoRow
from paperwire.store.database.tables.lists import SubmissionRow, VoteRow
from paperwire.store.database.tables.meetings import TalkRow
from paperwire.store.database.tables.papers import AliasRow, EventRow, PaperRow, PromiseRow, RevisionRow, ScoreRow
from paperwire.store.database.tables.people import SavedRow, WatchRow
from paperwire.store.database.tables.subscriptions import QueryRow
from paperwire.store.lists.communities import unmatch_removed
from paperwire.store.outbox.duplicates import fold_deliveries
from paperwire.store.papers.promises import write_promises
from paperwire.store.search.word_index import delete_words, write_words

NAMED = select(col(AliasRow.alias), col(AliasRow.paper))
"""The names of papers, each with the paper's number."""
_NAMES = names_table("names")


async def store_page(
    db: AsyncConnection, now: datetime, events: Sequence[Event], *, quiet: bool, adds_unannounced: bool = False
) -> Recorded:
    """Store what these events change; see `Papers.record` and `Papers.add`."""
    names = [aliases(event.paper, event.same_as) for event in events]
    await lock_papers(db)
    await keep_plans(db)
    stored = await _stored(db, (name for its_names in names for name in its_names))
    decider = Decider(stored, now=now, quiet=quiet, adds_unannounced=adds_unannounced)
    for event, its_names in zip(events, names, strict=True):
        decider.take(event, its_names)
    decision = decider.decision()
    numbers = await _write_papers(db, now, decision)
    await write_promises(db, now, [(numbers[paper.id], paper) for paper in decision.new], decision.changed)
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
        arrivals = update(EventRow).where(its, col(EventRow.kind).in_(ARRIVAL_CODES), col(EventRow.source) == source)
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
    columns = tuple(getattr(EventRow, name) for name in ("paper", "kind", "source", "mark", "quiet", "day"))
    arrivals: defaultdict[int, list[StoredArrival]] = defaultdict(list)
    arrived = select(*columns).where(col(EventRow.kind).in_(ARRIVAL_CODES)).order_by(col(EventRow.number))
    for number, kind, source, mark, quiet, day in await rows_among(db, arrived, col(EventRow.paper), papers):
        arrivals[number].append(StoredArrival(_KINDS[kind], source, mark, quiet, day))
    return arrivals


_KINDS: dict[int, EventKind] = {code: EventKind[code.name] for code in ARRIVAL_CODES}


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
        await db.execute(new.on_conflict_do_nothing(), {"names": row_list(named)})
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
        its = {"paper": numbers[paper_id], "kind": EventCode[kind.name], "source": source, "mark": mark}
        again = update(EventRow).filter_by(**its).where(col(EventRow.matched_at).is_not(None))
        await db.execute(again.values(matched_at=None, before={}))
    if not decision.events:
        return 0
    rows = [_event_values(event, numbers[event.paper_id], now, quiet=quiet) for event in decision.events]
    await _queue_again(db, [row for row in rows if row["before"] is not None])
    new = insert_new(db, EventRow).on_conflict_do_nothing()
    return (await db.execute(new, rows, execution_options={"preserve_rowcount": True})).rowcount


def _event_values(event: NewEvent, paper: int, now: datetime, *, quiet: bool) -> dict[str, Any]:
    columns = ("source", "mark", "day", "score_from", "score_to", "told_at", "late", "before")
    return {name: getattr(event, name) for name in columns} | {
        "paper": paper,
        "kind": EventCode[event.kind.name],
        "version": small(event.version),
        "quiet": quiet,
        "seen_at": now,
        "matched_at": None if event.is_news else now,
    }


async def _queue_again(db: AsyncConnection, changed: Sequence[Mapping[str, Any]]) -> None:
    """Put changes of records that were matched before on the queue again.

    One that still waits stays the change that it is, from what the record said before the first of them.
    """
    if not changed:
        return
    its_kind = select(EventRow).where(col(EventRow.kind) == EventCode.CHANGED)
    waiting = its_kind.where(or_(col(EventRow.matched_at).is_(None), col(EventRow.awaits_meaning)))
    rows: list[Any] = await rows_among(db, waiting, col(EventRow.paper), {row["paper"] for row in changed})
    first = {(row.paper, row.source): dict(zip(row._fields, row, strict=True)) for row in rows}
    names = ("version", "day", "seen_at", "told_at", "late")
    again = []
    for row in changed:
        its = first.get((row["paper"], row["source"]), row)
        values = {name: its[name] for name in ("paper", "source", *names)}
        again.append({**values, "before": {**row["before"], **(its["before"] or {})}})
    over = update(EventRow).where(
        col(EventRow.paper) == bindparam("_paper"),
        col(EventRow.source) == bindparam("_source"),
        col(EventRow.kind) == EventCode.CHANGED,
    )
    over = over.values(matched_at=None, **{name: bindparam(f"_{name}") for name in (*names, "before")})
    await db.execute(over, [{f"_{name}": value for name, value in row.items()} for row in again])


async def keep_revisions(db: AsyncConnection, now: datetime, pairs: Sequence[tuple[Paper, Paper]]) -> None:
    """Keep of papers, each as it was and as it is now, the texts of versions that are replaced.

    And that it changed now, if that is shown: by these dates feeds date their entries.
    """
    replaced = [_texts(before, now) for before, after in pairs if before.version < after.version]
    if replaced:
        await db.execute(insert_new(db, RevisionRow).on_conflict_do_nothing(), replaced)
    reworded = [_reworded(after, now) for before, after in pairs if is_shown_otherwise(before, after)]
    if reworded:
        await db.execute(insert_new(db, EventRow).on_conflict_do_nothing(), reworded)


def _texts(paper: Paper, now: datetime) -> dict[str, Any]:
    return {
        "paper": paper.number,
        "version": small(paper.version),
        "until": now,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "comment": paper.comment,
    }


def _reworded(paper: Paper, now: datetime) -> dict[str, Any]:
    return {
        "paper": paper.number,
        "kind": EventCode.REWORDED,
        "source": paper.source,
        "mark": int(now.timestamp()),
        "version": small(paper.version),
        "day": now.date(),
        "quiet": True,
        "seen_at": now,
        "matched_at": now,
    }


# Tables whose rows simply change over, unless the one that stays has such a row already: table, the rest of its key.
_OF_PAPER: tuple[tuple[type[SQLModel], tuple[str, ...]], ...] = (
    (EventRow, ("kind", "source", "mark")),
    (ScoreRow, ("at",)),
    (RevisionRow, ("version",)),
    (SavedRow, ("person",)),
    (WatchRow, ("destination",)),
    (SubmissionRow, ("list",)),
    (VoteRow, ("list", "person")),
    (TalkRow, ("meeting",)),
    (AliasRow, ("alias",)),
    (PromiseRow, ()),
    (UndoRow, ("subscription", "destination", "occasion")),
)


async def fold_paper(db: AsyncConnection, gone: int, kept: int) -> None:
    """Give all that paper `gone` has to paper `kept` and delete it; no delivery is owed again because of it."""
    await lock_fan_out(db)  # one that began earlier adds deliveries of `gone` first
    # So does a process that is saving it, as a row that points to a paper locks it.
    papers = select(col(PaperRow.number)).where(col(PaperRow.number).in_([gone, kept]))
    await db.execute(papers.order_by(col(PaperRow.number)).with_for_update())
    # By way of `query`, with which the key begins: no index leads from a paper to its rows, as that would cost every
    # fan-out more than this, which is rare.
    any_query = col(MatchRow.query).in_(select(col(QueryRow.number)))
    of_gone = and_(any_query, col(MatchRow.paper) == gone)
    its_key = ("query", "paper", "occasion")
    await fold_rows(db, MatchRow, its_key, of_gone, {"paper": kept}, _as_other, better=_is_earlier)
    await move_rows(db, MatchScoreRow, "paper", ("query", "occasion"), gone=gone, kept=kept)
    await fold_deliveries(db, gone, kept)
    for table, key in _OF_PAPER:
        await move_rows(db, table, "paper", key, gone=gone, kept=kept)
    await unmatch_removed(db, kept)
    await db.execute(insert(AliasRow).values(alias=former_number(gone), paper=kept))
    await delete_words(db, gone)
    await db.execute(delete(PaperRow).where(col(PaperRow.number) == gone))


def _as_other(other: Any) -> dict[str, Any]:
    return {"seen_at": other.seen_at, "quiet": other.quiet}


def _is_earlier(other: Any) -> ColumnElement[bool]:
    earlier: ColumnElement[bool] = other.seen_at < col(MatchRow.seen_at)
    return earlier
