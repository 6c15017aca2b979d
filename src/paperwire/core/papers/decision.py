"""What a page of statements changes: which papers it is about, what becomes of them, and what of it is news.

Facts in, a decision out: `Decider` is given the stored papers that share a name with those of a page, takes the page's
events in order, and says which rows to write. See core/papers/identity.py for when two records are one paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from paperwire.core.papers.acceptance import newly_accepted
from paperwire.core.papers.categories import CATEGORIES
from paperwire.core.papers.hub import LINKED, NOT_LISTED
from paperwire.core.papers.identity import are_two, code_link, merge, same_work
from paperwire.core.papers.paper import ARRIVALS, Event, EventKind, Occasion, Paper
from paperwire.core.papers.revision import earlier_record, reads_otherwise, with_fact


@dataclass(frozen=True, slots=True)
class PaperCounts:
    """How many papers are stored, of which days."""

    papers: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a page brought: papers stored for the first time, and events that were not known yet.

    `arrived` are the ids of the papers of which a new event says that they are there; `crossed` are those of them
    that are known by their categories alone to have been cross-listed: to which ones, and when.
    """

    papers_new: int
    events_new: int
    arrived: frozenset[str] = frozenset()
    crossed: Mapping[str, tuple[frozenset[str], date]] = field(default_factory=dict)


EventKey: TypeAlias = tuple[EventKind, str, int]
"""What makes an event one of its kind for its paper: kind, source and mark."""

_LINKED_WITHIN = timedelta(days=2)
"""How long after its day on a list a paper's linked repositories were looked for, if they ever were."""
_BY_VERSION = (EventKind.REPLACED, EventKind.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class StoredArrival:
    """A stored event that says that a paper is there, on some day; a `quiet` one notified no one."""

    kind: EventKind
    source: str
    mark: int
    quiet: bool
    day: date | None = None


@dataclass(frozen=True, slots=True)
class StoredPaper:
    """A paper as it is stored, with those of its aliases that were asked for and its arrivals in order."""

    paper: Paper
    aliases: Iterable[str]
    arrivals: Iterable[StoredArrival]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to store unless its paper has one with the same key; the matcher sees it if it `is_news`.

    `paper_id` is empty until it is known which papers are one.
    `mark` is the version of a replacement or withdrawal, the number of categories of a cross-listing, the score of a
    rise, otherwise 0; -1 and less for an arrival that is announced after a quiet record of it. `before` is what the
    record said that `changed`, see `earlier_record`.
    """

    paper_id: str = ""
    kind: EventKind
    source: str
    mark: int
    version: int
    day: date
    is_news: bool
    told_at: datetime | None = None
    late: bool = False
    before: Mapping[str, Any] | None = None
    score_from: int | None = None
    score_to: int | None = None

    @property
    def key(self) -> EventKey:
        return self.kind, self.source, self.mark


@dataclass(frozen=True, slots=True)
class NewScore:
    """A paper's upvotes at an instant, which are others than before."""

    paper_id: str
    at: datetime
    upvotes: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be written for a page, in this order.

    Of each pair in `merged` the first number gives all it has to the second. `changed` are pairs of a stored paper and
    what it becomes. `aliases` and the rest name papers by the id that they have at the end; `numbers` are those of
    stored papers. `rematched` are known arrivals that belong on the matcher's queue again. `crossed` are the papers
    whose categories alone tell that they were cross-listed: to which ones, and when.
    """

    merged: Sequence[tuple[int, int]]
    new: Sequence[Paper]
    changed: Sequence[tuple[Paper, Paper]]
    numbers: Mapping[str, int]
    aliases: Sequence[tuple[str, str]]
    scores: Sequence[NewScore]
    rematched: Sequence[tuple[str, EventKey]]
    events: Sequence[NewEvent]
    crossed: Mapping[str, tuple[frozenset[str], date]]

    @property
    def arrived(self) -> frozenset[str]:
        """The papers of which a new event says that they are there."""
        return frozenset(event.paper_id for event in self.events if event.kind in ARRIVALS)


@dataclass(slots=True, eq=False)
class _Work:
    """One paper while a page is read: as it was stored (or not), as it will be, and its names.

    It is `notified` if an event announced it and subscribers were notified. `before` is what was stored of it, with
    that of works that were united with it; `event` is the last of the page, and it `arrives` if one is its first
    arrival. `listed_on` is a day on which Hugging Face listed it before.
    """

    paper: Paper
    stored: Paper | None = None
    before: Paper | None = None
    event: Event | None = None
    arrives: bool = False
    listed_on: date | None = None
    today: date = date.max
    names: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    arrivals: set[EventKey] = field(default_factory=set)
    notified: bool = False
    into: _Work | None = None

    @classmethod
    def of(cls, stored: StoredPaper, today: date) -> _Work:
        work = cls(stored.paper, stored=stored.paper, before=stored.paper, aliases=set(stored.aliases), today=today)
        for arrival in stored.arrivals:
            if arrival.kind is EventKind.LISTED:
                work.listed_on = arrival.day
            # A list that names a paper which was there before notifies no one.
            silent = arrival.quiet or (arrival.kind is EventKind.LISTED and bool(work.arrivals))
            work.notified = work.notified or not silent
            work.arrivals.add((arrival.kind, arrival.source, arrival.mark))
        return work

    def as_read(self, before: Paper) -> Paper:
        """The record `before`, in which what was never looked for counts as no news: what Hugging Face says of a paper.

        A paper that it listed long ago says that for the first time after an upgrade.
        """
        hub = self.paper.hub
        if before.hub == NOT_LISTED and self.listed_on is not None:
            return replace(before, hub=hub)
        was_asked = before.hub.model_count is not None or before.hub.dataset_count is not None
        if was_asked or self.listed_on is None or self.today - self.listed_on <= _LINKED_WITHIN:
            return before
        linked = {name: getattr(hub, name) for name in LINKED}
        return replace(before, hub=replace(before.hub, **linked))

    def living(self) -> _Work:
        """The work this one was united with, or itself."""
        return self if self.into is None else self.into.living()


class Decider:
    """Decides on one page, read at `now`; no one is to be notified of a `quiet` one.

    The record of a paper that nothing was stated of is left out, unless the page `adds_unannounced` ones.
    """

    def __init__(
        self, stored: Iterable[StoredPaper], *, now: datetime, quiet: bool, adds_unannounced: bool = False
    ) -> None:
        self._now = now
        self._quiet = quiet
        self._adds_unannounced = adds_unannounced
        self._works = [_Work.of(paper, now.date()) for paper in stored]
        self._bearers: dict[str, list[_Work]] = {}
        for work in self._works:
            for name in work.aliases:
                self._bearers.setdefault(name, []).append(work)
        self._merged: list[tuple[int, int]] = []
        self._events: list[tuple[_Work, NewEvent]] = []
        self._rematched: list[tuple[_Work, EventKey]] = []
        self._scores: list[tuple[_Work, datetime, int]] = []
        self._crossed: dict[str, tuple[frozenset[str], date]] = {}

    def take(self, event: Event, names: Sequence[str]) -> None:
        """Take the page's next event; `names` are the aliases of its paper."""
        paper = replace(event.paper, id=names[0].partition(":")[2], upvotes=None)
        if event.notice is not None or event.kind is EventKind.CODE:
            for work in self._works_of(paper, names):  # of a paper that is not stored it is no one's news
                work.paper, is_news = with_fact(work.paper, event, self._now.date())
                self._events.append((work, self._made(event, event.kind, is_news=is_news)))
            return
        if event.kind is EventKind.WITHDRAWN:
            paper = replace(paper, withdrawn=True)
        same = self._works_of(paper, names)
        before: Paper | None = None
        if same:
            work, *others = same
            before = work.paper
            for other in others:
                self._unite(work, other)
            if paper.source == before.source and (event.guessed or event.kind not in ARRIVALS):
                # Such a day is worked out from when the paper was sent in; it may have been held back since.
                paper = replace(paper, announced=before.announced)
            work.paper = merge(work.paper, paper)
        elif event.kind is EventKind.CHANGED and not self._adds_unannounced:
            return  # a change of a paper that was never announced to us is no news
        else:
            day = paper.announced or self._first_day(event)
            work = _Work(replace(paper, announced=day, seen_at=self._now, number=0))
            self._works.append(work)
        for name in names:
            if name not in work.names:
                work.names.add(name)
                self._bearers.setdefault(name, []).append(work)
        self._note(event, work, before)

    def decision(self) -> Decision:
        """What all events so far change."""
        living = [work for work in self._works if work.into is None]
        changed = [(work, event) for work in living if (event := self._changed(work)) is not None]
        return Decision(
            merged=self._merged,
            new=[work.paper for work in living if work.stored is None],
            changed=[(work.stored, work.paper) for work in living if work.stored and work.paper != work.stored],
            numbers={work.paper.id: work.paper.number for work in living if work.stored},
            aliases=[(work.paper.id, name) for work in living for name in sorted(work.names - work.aliases)],
            scores=[NewScore(work.living().paper.id, at, upvotes) for work, at, upvotes in self._scores],
            rematched=[(work.living().paper.id, key) for work, key in self._rematched],
            events=[replace(event, paper_id=work.living().paper.id) for work, event in (*changed, *self._events)],
            crossed=self._crossed,
        )

    # --- which paper -------------------------------------------------------------------------------------------

    def _works_of(self, paper: Paper, names: Sequence[str]) -> list[_Work]:
        """The works this paper is one with: those that share an id, or a title and more.

        Those that cannot be one with the first of them are left out.
        """
        same: dict[_Work, None] = {}
        for name in names:
            for work in self._bearers.get(name, ()):
                living = work.living()
                if living not in same and _are_one(living.paper, paper, name):
                    same[living] = None
        if not same:
            return []
        first, *others = sorted(same, key=lambda work: (work.stored is None, work.paper.number))
        return [first, *(other for other in others if not are_two(first.paper, other.paper))]

    def _unite(self, work: _Work, other: _Work) -> None:
        """Let two works be one: what is in memory moves now, what is stored when the page is written."""
        other.into = work
        work.arrivals |= other.arrivals
        work.notified = work.notified or other.notified
        work.paper = merge(work.paper, other.paper)
        if work.before is not None and other.before is not None:
            work.before = merge(work.before, other.before)
        work.arrives = work.arrives or other.arrives
        work.names |= other.names
        work.aliases |= other.aliases
        if other.stored is not None:
            self._merged.append((other.stored.number, work.paper.number))

    def _first_day(self, event: Event) -> date:
        """The day of a paper whose source names none: that of its arrival, of its first version, or today."""
        if event.kind in ARRIVALS:
            return event.day or self._now.date()
        return event.paper.published.date() if event.paper.published else self._now.date()

    # --- what is news ------------------------------------------------------------------------------------------

    def _changed(self, work: _Work) -> NewEvent | None:
        """What the record of a paper says otherwise than before, which queries may ask for; an arrival tells it all."""
        if self._quiet or work.arrives or work.before is None or work.event is None:
            return None
        before = earlier_record(work.as_read(work.before), work.paper)
        if not before:
            return None
        # It is so from now on, whenever its source was read last.
        return replace(self._made(work.event, EventKind.CHANGED), before=before, told_at=None, late=False)

    def _note(self, event: Event, work: _Work, before: Paper | None) -> None:
        work.event = event
        if event.kind in ARRIVALS:
            self._note_arrival(event, work, before)
        elif event.kind in _BY_VERSION:
            version = event.paper.version
            is_news = event.kind is EventKind.WITHDRAWN or version > 1
            mark = Occasion.version(version).code
            self._events.append((work, self._made(event, event.kind, mark=mark, is_news=is_news)))
            self._note_categories(event, work, before)
        elif event.kind is EventKind.CHANGED:
            self._note_categories(event, work, before)
        self._note_score(event, work, before.upvotes if before else None)
        if before is not None:
            if (kind := newly_accepted(before, work.paper)) is not None:
                self._events.append((work, self._made(event, kind)))
            if not code_link(work.as_read(before)) and code_link(work.paper):
                self._events.append((work, self._made(event, EventKind.CODE)))

    def _note_arrival(self, event: Event, work: _Work, before: Paper | None) -> None:
        """The first arrival counts; a later one is news only if queries can see something new in the paper."""
        is_news = not work.arrivals or before is None or reads_otherwise(before, work.paper)
        mark = len(work.paper.categories) if event.kind is EventKind.CROSS else 0
        work.arrives = work.arrives or not work.arrivals
        if self._is_announced_after_quiet(event, work):
            is_news, mark = True, -1 - mark
            work.arrives = True
        work.notified = work.notified or (is_news and not self._quiet)
        arrival = self._made(event, event.kind, mark=mark, is_news=is_news)
        if arrival.key not in work.arrivals:
            work.arrivals.add(arrival.key)
            self._events.append((work, arrival))
        elif not self._note_categories(event, work, before) and is_news:
            self._rematched.append((work, arrival.key))

    def _is_announced_after_quiet(self, event: Event, work: _Work) -> bool:
        """Whether a paper is announced that only a reading back has reported so far, without notifying anyone."""
        if self._quiet or not event.owed or work.notified or not work.arrivals:
            return False
        is_sure = event.kind is EventKind.NEW and not event.guessed
        return is_sure or (event.kind is not EventKind.LISTED and event.day == work.paper.announced)

    def _note_categories(self, event: Event, work: _Work, before: Paper | None) -> bool:
        """A known paper with more categories than before was cross-listed, by the day its record changed at least."""
        if before is None:
            return False
        added = frozenset(work.paper.categories).intersection(CATEGORIES).difference(before.categories)
        key = EventKind.CROSS, event.source, len(work.paper.categories)
        if not added or key in work.arrivals:
            return False
        # The day of the event, and that it is late, is about what the source stated, not about this.
        day = event.at.date() if event.at else self._day(event)
        crossed = self._made(event, EventKind.CROSS, mark=key[2])
        work.arrivals.add(key)
        self._events.append((work, replace(crossed, day=day, told_at=None, late=False)))
        self._crossed[work.paper.id] = (added, day)
        return True

    def _note_score(self, event: Event, work: _Work, last: int | None) -> None:
        score = event.paper.upvotes if event.score is None else event.score
        if score is None or score == last:
            return
        work.paper = replace(work.paper, upvotes=score)
        self._scores.append((work, event.at or self._now, score))
        if score > (last or 0):
            rise = self._made(event, EventKind.SCORE, mark=score)
            self._events.append((work, replace(rise, score_from=last or 0, score_to=score)))

    def _made(self, event: Event, kind: EventKind, *, mark: int = 0, is_news: bool = True) -> NewEvent:
        return NewEvent(
            kind=kind,
            source=event.source,
            mark=mark,
            version=max(event.paper.version, 1),
            day=self._day(event),
            is_news=is_news,
            told_at=event.told_at,
            late=event.late,
        )

    def _day(self, event: Event) -> date:
        return event.day or event.paper.announced or self._now.date()


def _are_one(stored: Paper, paper: Paper, name: str) -> bool:
    return same_work(stored, paper) if name.startswith("title:") else not are_two(stored, paper)
