"""How complete the days of a source are: its batches added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from paperwire.core.batch import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from paperwire.core.batch import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A batch that is not whole, and why.

    `stale`: a view still shows an older list; `unseen`: no view shows anything of it; `unproved`: what one view shows
    is not confirmed by another yet.
    """

    part: str
    why: Literal["stale", "unseen", "unproved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """All batches of one day of one source, added up.

    `parts` counts them by state; `new`, `crossed` and `replaced` count papers, each once; `late` those found late;
    `waiting` are the batches that are not settled.
    """

    source: str
    day: date
    parts: Mapping[State, int]
    new: int
    crossed: int
    replaced: int
    late: int
    waiting: tuple[Waiting, ...] = ()

    @property
    def state(self) -> State:
        """The state of the whole day: the worst of its parts."""
        order = (State.FAILED, State.PARTIAL, State.EXPECTED, State.LATE, State.COMPLETE, State.HOLIDAY)
        worst = next((state for state in order if self.parts.get(state)), State.EXPECTED)
        # Some parts whole and others not seen yet is a part of the day.
        begun = self.parts.get(State.COMPLETE) or self.parts.get(State.LATE)
        return State.PARTIAL if worst is State.EXPECTED and begun else worst


def days_of(batches: Iterable[Batch]) -> tuple[Day, ...]:
    """`batches` by source and day, the latest day of each source first."""
    groups: dict[tuple[str, date], list[Batch]] = {}
    for batch in batches:
        groups.setdefault((batch.source, batch.day), []).append(batch)
    return tuple(
        _day(source, day, some)
        for (source, day), some in sorted(groups.items(), key=lambda item: (item[0][0], -item[0][1].toordinal()))
    )


def _day(source: str, day: date, batches: Sequence[Batch]) -> Day:
    states: dict[State, int] = {}
    for batch in batches:
        states[batch.state] = states.get(batch.state, 0) + 1
    views = [view for batch in batches for view in batch.views.values()]
    new = frozenset[str]().union(*(view.new for view in views))
    crossed = frozenset[str]().union(*(view.crossed for view in views)) - new
    replaced = frozenset[str]().union(*(view.replaced for view in views))
    known = all(batch.ids_known for batch in batches)
    return Day(
        source=source,
        day=day,
        parts=states,
        new=len(new) if known else sum(batch.new for batch in batches),
        crossed=len(crossed) if known else sum(batch.crossed for batch in batches),
        replaced=len(replaced) if known else sum(batch.replaced for batch in batches),
        late=len(frozenset[str]().union(*(batch.late for batch in batches))),
        waiting=tuple(_waiting(batch) for batch in batches if not batch.is_settled),
    )


def _waiting(batch: Batch) -> Waiting:
    if any(view.stale for view in batch.views.values()):
        return Waiting(part=batch.part, why="stale")
    return Waiting(part=batch.part, why="unproved" if batch.views else "unseen")
