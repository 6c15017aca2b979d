"""Recording a page of a source: which papers its statements are about, what they change, and what of it is news."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from paperwire.core.days.dates import checked
from paperwire.core.papers.categories import CATEGORIES
from paperwire.core.papers.identity import aliases, are_two, code_link, merge, same_work
from paperwire.core.papers.paper import Event, EventKind
from paperwire.core.papers.revision import is_published, reads_otherwise
from paperwire.store.engine import insert_new
from paperwire.store.papers.merging import fold_paper
from paperwire.store.part import Part, chunks
from paperwire.store.rows import paper_of, paper_values, small
from paperwire.store.search.word_index import write_words
from paperwire.store.tables.base import EventCode
from paperwire.store.tables.papers import AliasRow, EventRow, PaperRow, RevisionRow, ScoreRow
from paperwire.store.tables.service import CounterRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from paperwire.core.papers.paper import Paper

ARRIVALS = (EventCode.NEW, EventCode.CROSS, EventCode.LISTED)
"""Three ways to say that a paper is there; together they are the occasion `arrival`."""

_BY_VERSION = (EventCode.REPLACED, EventCode.WITHDRAWN)

_CODES: dict[EventKind, EventCode] = {kind: EventCode[kind.name] for kind in EventKind if kind is not EventKind.CHANGED}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a page brought: papers stored for the first time, and statements that were not known yet.

    `arrived` are the ids of the papers of which a new statement says that they are there; `crossed` are those of them
    that are known by their classes alone to have been cross-listed: to which ones, and when.
    """

    papers_new: int
    events_new: int
    arrived: frozenset[str] = frozenset()
    crossed: Mapping[str, tuple[frozenset[str], date]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Work:
    """One paper while a page is recorded: as it was stored (or not), as it shall be, and by which names.

    It was `told` if its arrival was said aloud, so that subscribers heard of it.
    """

    paper: Paper
    stored: Paper | None = None
    names: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    arrivals: set[tuple[int, str, int]] = field(default_factory=set)
    told: bool = False
    into: _Work | None = None

    def living(self) -> _Work:
        """The work this one was united with, or itself."""
        return self if self.into is None else self.into.living()


@dataclass(slots=True, eq=False)
class _Said:
    """One row of `event` to be: whose, its columns, and whether the matcher should see it."""

    work: _Work
    kind: EventCode
    source: str
    mark: int
    version: int
    day: date
    news: bool = True
    told_at: datetime | None = None
    late: bool = False
    score_from: int | None = None
    score_to: int | None = None

    @property
    def key(self) -> tuple[int, str, int]:
        """What makes it one of its kind for its paper."""
        return int(self.kind), self.source, self.mark


class Recorder(Part):
    """Records one page in few statements, however many papers it holds."""

    _holds = False

    async def hold(self, papers: Sequence[Paper]) -> None:
        """Store papers without any statement. See `Papers.hold`."""
        self._holds = True
        events = [Event(kind=EventKind.CHANGED, paper=paper, source=paper.source) for paper in papers]
        await self.record([checked(event, self._now)[0] for event in events], quiet=True)

    async def record(self, events: Sequence[Event], *, quiet: bool) -> Recorded:
        """Store what the events say; a repeated event changes nothing. See `Papers.record`."""
        self._quiet = quiet
        self._index: dict[str, list[_Work]] = {}
        self._works: list[_Work] = []
        self._said: list[_Said] = []
        self._scores: list[dict[str, Any]] = []
        self._united: list[tuple[int, int]] = []
        self._again: list[_Said] = []
        self._crossed: dict[str, tuple[frozenset[str], date]] = {}
        names = [aliases(event.paper) for event in events]
        await self.take_turn()
        await self._load(name for some in names for name in some)
        for event, its_names in zip(events, names, strict=True):
            self._hear(event, its_names)
        papers_new, papers_changed = await self._write_papers()
        events_new = await self._write_events()
        if papers_new or papers_changed or events_new:
            await self._changed()
        arrived = frozenset(said.work.living().paper.id for said in self._said if said.kind in ARRIVALS)
        return Recorded(papers_new, events_new, arrived, self._crossed)

    async def take_turn(self) -> None:
        """One page at a time: two that tell papers apart beside each other might both store the same one."""
        counter = col(CounterRow.value)
        await self._db.execute(update(CounterRow).where(col(CounterRow.name) == "paper").values(value=counter + 1))

    # --- which paper -------------------------------------------------------------------------------------------

    async def _load(self, names: Iterable[str]) -> None:
        """Make known every stored paper that bears one of these names."""
        bearers: list[tuple[str, int]] = []
        for some in chunks(names):
            found = select(col(AliasRow.alias), col(AliasRow.paper)).where(col(AliasRow.alias).in_(some))
            bearers += (await self._db.execute(found)).all()
        works: dict[int, _Work] = {}
        for numbers in chunks(number for _, number in bearers):
            for row in await self._db.execute(select(PaperRow).where(col(PaperRow.number).in_(numbers))):
                paper = paper_of(row)
                works[paper.number] = _Work(paper, stored=paper)
        await self._load_arrivals(works)
        for alias, number in bearers:
            works[number].known.add(alias)
            self._index.setdefault(alias, []).append(works[number])
        self._works = list(works.values())

    async def _load_arrivals(self, works: dict[int, _Work]) -> None:
        columns = (col(EventRow.paper), col(EventRow.kind), col(EventRow.source), col(EventRow.mark))
        for numbers in chunks(works):
            arrived = (
                select(*columns, col(EventRow.quiet))
                .where(col(EventRow.paper).in_(numbers), col(EventRow.kind).in_(ARRIVALS))
                .order_by(col(EventRow.number))
            )
            for number, kind, source, mark, quiet in await self._db.execute(arrived):
                work = works[number]
                # What a list says of a paper that was there before is nobody's news.
                work.told = work.told or not (quiet or (kind == EventCode.LISTED and work.arrivals))
                work.arrivals.add((kind, source, mark))

    def _find(self, paper: Paper, names: Sequence[str]) -> list[_Work]:
        """The works this paper is one with: those that share an id, or a title and more (core/papers/identity.py).

        Those that cannot be one with the first of them are left out.
        """
        found: dict[_Work, None] = {}
        for name in names:
            for work in self._index.get(name, ()):
                living = work.living()
                if living not in found and _are_one(living.paper, paper, name):
                    found[living] = None
        if not found:
            return []
        first, *others = sorted(found, key=lambda work: (work.stored is None, work.paper.number))
        return [first, *(other for other in others if not are_two(first.paper, other.paper))]

    def _unite(self, kept: _Work, other: _Work) -> None:
        """Two works are one after all: what is in memory moves now, what is stored when the page is written."""
        other.into = kept
        kept.arrivals |= other.arrivals
        kept.told = kept.told or other.told
        kept.paper = merge(kept.paper, other.paper)
        kept.names |= other.names
        kept.known |= other.known
        if other.stored is not None:
            self._united.append((other.stored.number, kept.paper.number))

    def _hear(self, event: Event, names: Sequence[str]) -> None:
        paper = replace(event.paper, id=names[0].partition(":")[2], upvotes=None)
        if event.kind is EventKind.WITHDRAWN:
            paper = replace(paper, withdrawn=True)
        found = self._find(paper, names)
        if found:
            work, *others = found
            before: Paper | None = work.paper
            for other in others:
                self._unite(work, other)
            work.paper = merge(work.paper, paper)
        elif event.kind is EventKind.CHANGED and not self._holds:
            return  # how a paper that was never announced to us reads now is nobody's news
        else:
            day = paper.announced or self._day(event, paper)
            work = _Work(replace(paper, announced=day, seen_at=self._now, number=0))
            before = None
            self._works.append(work)
        for name in names:
            if name not in work.names:
                work.names.add(name)
                self._index.setdefault(name, []).append(work)
        self._note(event, work, before)

    # --- what was said -----------------------------------------------------------------------------------------

    def _note(self, event: Event, work: _Work, before: Paper | None) -> None:
        kind = _CODES.get(event.kind)
        if kind in ARRIVALS:
            self._note_arrival(event, work, before, kind)
        elif kind in _BY_VERSION:
            said = self._say(event, work, kind, mark=small(event.paper.version))
            said.news = kind is EventCode.WITHDRAWN or said.version > 1
            self._note_classes(event, work, before)
        elif event.kind is EventKind.CHANGED:
            self._note_classes(event, work, before)
        self._note_score(event, work, (before.upvotes if before else None))
        if before is not None:
            if not is_published(before) and is_published(work.paper):
                self._say(event, work, EventCode.PUBLISHED)
            if not code_link(before) and code_link(work.paper):
                self._say(event, work, EventCode.CODE)

    def _note_arrival(self, event: Event, work: _Work, before: Paper | None, kind: EventCode) -> None:
        """The first arrival counts; a later one is news only if queries can see something new in the paper."""
        said = self._made(event, work, kind, mark=len(work.paper.categories) if kind is EventCode.CROSS else 0)
        said.news = not work.arrivals or before is None or reads_otherwise(before, work.paper)
        if self._is_aloud_after_quiet(event, work):
            said.news, said.mark = True, -1 - said.mark
        work.told = work.told or (said.news and not self._quiet)
        if said.key not in work.arrivals:
            work.arrivals.add(said.key)
            self._said.append(said)
        elif not self._note_classes(event, work, before) and said.news:
            self._again.append(said)

    def _is_aloud_after_quiet(self, event: Event, work: _Work) -> bool:
        """Whether a paper is announced of which only a reading back has told so far, and that to nobody."""
        if self._quiet or not event.owed or work.told or not work.arrivals:
            return False
        is_sure = event.kind is EventKind.NEW and not event.guessed
        return is_sure or (event.kind is not EventKind.LISTED and event.day == work.paper.announced)

    def _note_classes(self, event: Event, work: _Work, before: Paper | None) -> bool:
        """A known paper with more classes than before was cross-listed, by the day of its record's change at least."""
        grown = (
            frozenset(work.paper.categories).intersection(CATEGORIES).difference(before.categories if before else ())
        )
        said = self._made(event, work, EventCode.CROSS, mark=len(work.paper.categories))
        if not before or not grown or said.key in work.arrivals:
            return False
        said.day = event.at.date() if event.at else said.day
        said.told_at, said.late = None, False  # what the event says of those is about its own day
        work.arrivals.add(said.key)
        self._said.append(said)
        self._crossed[work.paper.id] = (grown, said.day)
        return True

    def _note_score(self, event: Event, work: _Work, last: int | None) -> None:
        score = event.paper.upvotes if event.score is None else event.score
        if score is None or score == last:
            return
        work.paper = replace(work.paper, upvotes=score)
        self._scores.append({"work": work, "at": event.at or self._now, "upvotes": score})
        if score > (last or 0):
            said = self._say(event, work, EventCode.SCORE, mark=score)
            said.score_from, said.score_to = last or 0, score

    def _say(self, event: Event, work: _Work, kind: EventCode, *, mark: int = 0) -> _Said:
        said = self._made(event, work, kind, mark=mark)
        self._said.append(said)
        return said

    def _made(self, event: Event, work: _Work, kind: EventCode, *, mark: int) -> _Said:
        day = event.day or event.paper.announced or self._now.date()
        said = _Said(work, kind, event.source, mark, small(event.paper.version), day)
        said.told_at, said.late = event.told_at, event.late
        return said

    def _day(self, event: Event, paper: Paper) -> date:
        """The day of a paper whose source names none: that of its arrival, of its first version, or today."""
        if _CODES.get(event.kind) in ARRIVALS and event.day:
            return event.day
        if _CODES.get(event.kind) not in ARRIVALS and paper.published:
            return paper.published.date()
        return self._now.date()

    # --- writing -----------------------------------------------------------------------------------------------

    async def _write_papers(self) -> tuple[int, int]:
        today = self._now.date()
        for gone, kept in self._united:
            await fold_paper(self._db, gone, kept)
        living = [work for work in self._works if work.into is None]
        new = [work for work in living if work.stored is None]
        changed = [work for work in living if work.stored is not None and work.paper != work.stored]
        await self._insert(new, today)
        await self._keep_texts(changed)
        if changed:
            values = [paper_values(work.paper, today) | {"_number": work.paper.number} for work in changed]
            for some in values:
                del some["seen_at"]
            await self._db.execute(update(PaperRow).where(col(PaperRow.number) == bindparam("_number")), values)
        before = [work.stored for work in changed if work.stored is not None]
        await write_words(self._db, [work.paper.number for work in (*new, *changed)], before)
        named = [
            {"alias": name, "paper": work.paper.number} for work in living for name in sorted(work.names - work.known)
        ]
        if named:
            await self._db.execute(insert_new(self._db, AliasRow).on_conflict_do_nothing(), named)
        return len(new), len(changed)

    async def _keep_texts(self, works: Sequence[_Work]) -> None:
        """Keep the texts of versions that are replaced now."""
        old = [work.stored for work in works if work.stored and work.stored.version < work.paper.version]
        if old:
            rows = [
                {
                    "paper": paper.number,
                    "version": small(paper.version),
                    "until": self._now,
                    "title": paper.title,
                    "abstract": paper.abstract,
                    "authors": list(paper.authors),
                    "comment": paper.comment,
                }
                for paper in old
            ]
            await self._db.execute(insert_new(self._db, RevisionRow).on_conflict_do_nothing(), rows)

    async def _insert(self, works: Sequence[_Work], today: date) -> None:
        if not works:
            return
        await self._db.execute(insert(PaperRow), [paper_values(work.paper, today) for work in works])
        numbers: dict[str, int] = {}
        for some in chunks(work.paper.id for work in works):
            found = select(col(PaperRow.id), col(PaperRow.number)).where(col(PaperRow.id).in_(some))
            numbers.update((await self._db.execute(found)).all())
        for work in works:
            work.paper = replace(work.paper, number=numbers[work.paper.id])

    async def _write_events(self) -> int:
        if self._scores:
            scores = [row | {"paper": row["work"].living().paper.number} for row in self._scores]
            for row in scores:
                del row["work"]
            await self._db.execute(insert_new(self._db, ScoreRow).on_conflict_do_nothing(), scores)
        await self._match_again()
        if not self._said:
            return 0
        rows = [self._event(said) for said in self._said]
        new = insert_new(self._db, EventRow).on_conflict_do_nothing()
        result = await self._db.execute(new, rows, execution_options={"preserve_rowcount": True})
        return result.rowcount

    async def _match_again(self) -> None:
        """Put known arrivals back on the matcher's queue, as queries may see something now, such as a link to code."""
        for said in self._again:
            kind, source, mark = said.key
            known = (
                col(EventRow.paper) == said.work.living().paper.number,
                col(EventRow.kind) == kind,
                col(EventRow.source) == source,
                col(EventRow.mark) == mark,
            )
            await self._db.execute(update(EventRow).where(*known).values(matched_at=None))

    def _event(self, said: _Said) -> dict[str, Any]:
        return {
            "paper": said.work.living().paper.number,
            "kind": said.kind,
            "source": said.source,
            "mark": said.mark,
            "version": said.version,
            "day": said.day,
            "quiet": self._quiet,
            "seen_at": self._now,
            "score_from": said.score_from,
            "score_to": said.score_to,
            "told_at": said.told_at,
            "late": said.late,
            "matched_at": None if said.news else self._now,
        }


def _are_one(stored: Paper, paper: Paper, name: str) -> bool:
    """Whether a paper is the stored one that bears the same name."""
    return same_work(stored, paper) if name.startswith("title:") else not are_two(stored, paper)
