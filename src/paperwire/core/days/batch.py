"""A batch: what is known of one announcement day of one category, server or feed.

A batch is identified by its set of ids, never by dates or headers. Views (the announcement feeds, the harvest, the
listing page) show it each for itself, and are compared; what that proves is decided in `core/days/proof.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from paperwire.core.days.doubt import OF_VIEWS, THIRD, Doubt, Why, doubts_about
from paperwire.core.papers.paper import Event, EventKind

NO_PAPERS: frozenset[str] = frozenset()
_HASH_BYTES = 16
_ALL_VIEWS = timedelta(hours=10)


class BatchState(StrEnum):
    """Where a batch stands.

    `expected`: it is not due and nothing of it was seen; `unconfirmed`: something is missing for a proof; `complete`:
    two views agree on a plausible number; `late`: the same, but some papers were only found afterwards; `backfilled`:
    it is of a day before the first look, of which nothing is claimed; `silent`: nothing was announced on a working
    evening, as no view shows anything and later days are proven; `holiday`: the calendar has no announcement that day,
    and no view shows any.
    """

    EXPECTED = "expected"
    UNCONFIRMED = "unconfirmed"
    COMPLETE = "complete"
    LATE = "late"
    BACKFILLED = "backfilled"
    SILENT = "silent"
    HOLIDAY = "holiday"


PROVEN = frozenset({BatchState.COMPLETE, BatchState.LATE})
OPEN_STATES = frozenset({BatchState.EXPECTED, BatchState.UNCONFIRMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Batches that a source should have: those of `parts` on `day`.

    They are out from `announced_at` on and usually seen by `usual_at`; after `due_at` they are overdue. `views` are
    the names of the views that must show them, the last of which outlives the others; without any there is one view
    only, which has shown the day by a good reading at or after `closes_at`. `holiday` names the reason why there are
    none, which what a view shows overrules.
    """

    day: date
    parts: tuple[str, ...]
    announced_at: datetime
    usual_at: datetime
    closes_at: datetime
    due_at: datetime
    views: tuple[str, ...] = ()
    holiday: str = ""

    @property
    def shown_by(self) -> datetime:
        """When every view should have shown them: arXiv's at ten in the morning of New York."""
        return self.usual_at + _ALL_VIEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Papers of a batch: ids by what was said of them, `replaced` ones with their version (`…v2`).

    With `whole` that is the whole list; `stale` says that the view shows an older batch in its place, `cut` that it
    shows no more of a longer list.
    """

    new: frozenset[str] = NO_PAPERS
    crossed: frozenset[str] = NO_PAPERS
    replaced: frozenset[str] = NO_PAPERS
    whole: bool = False
    stale: bool = False
    cut: bool = False

    @property
    def fault(self) -> Why | None:
        """What is wrong with the list, if anything is."""
        return Why.STALE if self.stale else Why.CUT if self.cut else None

    @property
    def arrivals(self) -> frozenset[str]:
        """The papers that came that day, new or cross-listed."""
        return self.new | self.crossed


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Shown):
    """What one page shows of the batch of a part; `whole` if that is all besides what its view showed earlier."""

    part: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Shown):
    """All that one view has shown of a batch; `at` is when it last showed something that was not known."""

    at: datetime | None = None

    def with_listing(self, listing: Listing, now: datetime) -> View:
        """This view after one more page; `at` moves only if the page says something new."""
        after = replace(
            self,
            new=self.new | listing.new,
            crossed=(self.crossed | listing.crossed) - self.new - listing.new,
            replaced=self.replaced | listing.replaced,
            whole=self.whole or listing.whole,
            stale=listing.stale and not (self.whole or listing.whole),
            cut=(self.cut or listing.cut) and not (self.whole or listing.whole),
        )
        return self if after == self else replace(after, at=now)


_VIEW = TypeAdapter(View)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch with its evidence: what each view showed, and which papers were found `late`.

    `doubts` say what is missing for a proof; an open batch without any was not judged yet. The counts are of papers
    that a view brought, and stay when the ids are forgotten (`ids_known` is False then). `ids_hash` tells two sets of
    ids apart.
    """

    source: str
    part: str
    day: date
    state: BatchState = BatchState.EXPECTED
    doubts: tuple[Doubt, ...] = ()
    views: Mapping[str, View] = field(default_factory=dict)
    late: frozenset[str] = NO_PAPERS
    new: int = 0
    crossed: int = 0
    replaced: int = 0
    ids_hash: str = ""
    ids_known: bool = True

    def with_listing(self, view: str, listing: Listing, now: datetime) -> Batch:
        """This batch after a page of `view`; a batch whose ids were forgotten is settled and stays as it is."""
        before = self.views.get(view, View())
        after = before.with_listing(listing, now)
        if after is before or not self.ids_known:
            return self
        return self._counted(replace(self, views={**self.views, view: after}))

    def without(self, view: str, ids: frozenset[str], now: datetime, *, stale: bool = False) -> Batch:
        """This batch without papers that a view showed here and that are of another one.

        The view is `stale` if it showed that one in place of this.
        """
        before = self.views[view]
        after = replace(before, new=before.new - ids, crossed=before.crossed - ids, at=now)
        if stale:
            after = replace(after, whole=False, stale=True)
        return self._counted(replace(self, views={**self.views, view: after}, late=self.late - ids))

    def with_late(self, ids: Iterable[str]) -> Batch:
        late = self.late | frozenset(ids)
        return self if late == self.late else replace(self, late=late)

    @staticmethod
    def _counted(batch: Batch) -> Batch:
        views = batch.bringing()
        new = frozenset[str]().union(*(view.new for view in views))
        crossed = frozenset[str]().union(*(view.crossed for view in views)) - new
        replaced = frozenset[str]().union(*(view.replaced for view in views))
        text = " ".join([*sorted(new), "/", *sorted(crossed), "/", *sorted(replaced)])
        digest = hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()
        return replace(batch, new=len(new), crossed=len(crossed), replaced=len(replaced), ids_hash=digest)

    def bringing(self) -> Sequence[View]:
        """The views by which papers come, which the third one is not."""
        return [view for name, view in self.views.items() if name != THIRD]

    @property
    def arrivals(self) -> frozenset[str]:
        """The papers that came that day by any view."""
        return frozenset[str]().union(*(view.arrivals for view in self.bringing()))

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def weighed(self, slot: Slot, now: datetime, *, owed: bool) -> Batch:
        """This batch with what its views leave in doubt; whether its number is plausible is judged by the whole day.

        A day that is not `owed` lies before the first look. What was complete once stays complete, although something
        late may turn up.
        """
        if self.state in PROVEN:
            return replace(self, state=BatchState.LATE if self.late else BatchState.COMPLETE)
        if not owed:
            return replace(self, state=BatchState.BACKFILLED, doubts=())
        is_seen = any(view.arrivals for view in self.views.values())
        if self.state is BatchState.SILENT and not is_seen:
            return self
        if slot.holiday and not is_seen and not self.doubts:
            return replace(self, state=BatchState.HOLIDAY, doubts=())
        if slot.views and not is_seen and now < slot.usual_at:  # a view that still shows the day before is on time
            return replace(self, state=BatchState.EXPECTED, doubts=(Doubt(why=Why.EARLY),))
        state = BatchState.UNCONFIRMED if is_seen or now >= slot.shown_by else BatchState.EXPECTED
        return replace(self, state=state, doubts=self._doubts(slot))

    def _doubts(self, slot: Slot) -> tuple[Doubt, ...]:
        if not slot.views:
            return self.doubts or (Doubt(why=Why.OPEN),)
        shown = {name: view.arrivals for name, view in self.views.items() if view.whole}
        of_views = doubts_about(
            slot.views, shown, {name: why for name, view in self.views.items() if (why := view.fault)}
        )
        before = tuple(doubt for doubt in self.doubts if doubt.why not in OF_VIEWS)
        return of_views + before or (Doubt(why=Why.REST),)

    def has_missed(
        self, slot: Slot, paper_id: str, view: str, now: datetime, *, unreported: frozenset[str] = NO_PAPERS
    ) -> bool:
        """Whether a paper that `view` shows now is late: overdue, or another view whose list was whole lacks it.

        What any view has shown is not, unless it is one of the `unreported` papers, which were only read back.
        """
        if paper_id in self.arrivals and paper_id not in unreported:
            return False
        others = (self.views.get(name, View()) for name in slot.views[:-1] if name != view)
        return now >= slot.due_at or any(other.whole and paper_id not in other.arrivals for other in others)

    def evidence(self) -> dict[str, Any]:
        """What the state rests on, as JSON values."""
        return {
            "views": {name: _dump(view) for name, view in self.views.items()},
            "late": sorted(self.late),
        }

    def without_ids(self) -> Batch:
        """This batch with its counts and its hash alone, for days that are no longer asked about."""
        views = {name: View(whole=view.whole, at=view.at) for name, view in self.views.items()}
        return replace(self, views=views, ids_known=False)

    def with_evidence(self, evidence: Mapping[str, Any]) -> Batch:
        """This batch with the evidence that `evidence()` of another time wrote."""
        views = {name: _VIEW.validate_python(view) for name, view in evidence.get("views", {}).items()}
        return replace(self, views=views, late=frozenset(evidence.get("late", ())))


def _dump(view: View) -> dict[str, Any]:
    ids = {"new": view.new, "crossed": view.crossed, "replaced": view.replaced}
    flags = {"whole": view.whole, "stale": view.stale, "cut": view.cut}
    return {
        **{name: sorted(paper_ids) for name, paper_ids in ids.items() if paper_ids},
        **{name: True for name, flag in flags.items() if flag},
        "at": view.at.isoformat() if view.at else None,
    }


_ARRIVALS = {EventKind.NEW: "new", EventKind.LISTED: "new", EventKind.CROSS: "crossed"}
_VERSIONS = {EventKind.REPLACED, EventKind.WITHDRAWN}


def listed_ids(event: Event) -> tuple[str, str] | None:
    """Under which heading of a listing an event stands (`new`, `crossed`, `replaced`), and its id there."""
    if heading := _ARRIVALS.get(event.kind):
        return heading, event.paper.id
    return ("replaced", f"{event.paper.id}v{event.paper.version}") if event.kind in _VERSIONS else None


def listings_of(rows: Iterable[tuple[str, Event]]) -> tuple[Listing, ...]:
    """The listings that (part, event) pairs make, by part and day; events without a day belong to none."""
    headings: dict[tuple[str, date], dict[str, set[str]]] = {}
    for part, event in rows:
        entry = listed_ids(event)
        if event.day is not None and entry is not None:
            heading, paper_id = entry
            headings.setdefault((part, event.day), {}).setdefault(heading, set()).add(paper_id)
    return tuple(
        Listing(
            part=part,
            day=day,
            new=frozenset(ids.get("new", ())),
            crossed=frozenset(ids.get("crossed", ())),
            replaced=frozenset(ids.get("replaced", ())),
        )
        for (part, day), ids in headings.items()
    )


def daily_slots(parts: Sequence[str], first: date, last: date, *, closes: timedelta, due: timedelta) -> list[Slot]:
    """A batch for every calendar day in UTC, shown by one reading `closes` after its midnight, overdue after `due`."""
    slots = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        begins = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")
        slots.append(
            Slot(
                day=day,
                parts=tuple(parts),
                announced_at=begins,
                usual_at=begins + closes,
                closes_at=begins + closes,
                due_at=begins + due,
            )
        )
    return slots
