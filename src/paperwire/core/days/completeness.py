"""How complete the days of a source are: its batches added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from paperwire.core.days.batch import Batch, BatchState
from paperwire.core.days.doubt import Doubt, Why

_WORST_FIRST = (
    BatchState.UNCONFIRMED,
    BatchState.EXPECTED,
    BatchState.LATE,
    BatchState.COMPLETE,
    BatchState.BACKFILLED,
    BatchState.SILENT,
    BatchState.HOLIDAY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproven:
    """A batch that is not proven complete, and what is missing for that."""

    part: str
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """All batches of one day of one source, added up.

    `state` is the worst of theirs, and `parts` counts them by state; `new`, `crossed` and `replaced` count papers,
    each once; `late` those found late; `unproven` are the batches that are open.
    """

    source: str
    day: date
    state: BatchState
    parts: Mapping[BatchState, int]
    new: int
    crossed: int
    replaced: int
    late: int
    unproven: tuple[Unproven, ...] = ()

    @property
    def is_doubtful(self) -> bool:
        """Whether something is known to be wrong with the day."""
        return any(not doubt.is_harmless for batch in self.unproven for doubt in batch.doubts)

    @property
    def is_thin(self) -> bool:
        """Whether unusually few papers came, in the whole source or in a large category."""
        return any(doubt.why is Why.LOW for batch in self.unproven for doubt in batch.doubts)


def days_of(batches: Iterable[Batch]) -> tuple[Day, ...]:
    """`batches` by source and day, the latest day of each source first."""
    groups: dict[tuple[str, date], list[Batch]] = {}
    for batch in batches:
        groups.setdefault((batch.source, batch.day), []).append(batch)
    return tuple(
        _day(source, day, rows)
        for (source, day), rows in sorted(groups.items(), key=lambda item: (item[0][0], -item[0][1].toordinal()))
    )


def _day(source: str, day: date, batches: Sequence[Batch]) -> Day:
    states = Counter(batch.state for batch in batches)
    views = [view for batch in batches for view in batch.bringing()]
    new = frozenset[str]().union(*(view.new for view in views))
    crossed = frozenset[str]().union(*(view.crossed for view in views)) - new
    replaced = frozenset[str]().union(*(view.replaced for view in views))
    ids_known = all(batch.ids_known for batch in batches)
    return Day(
        source=source,
        day=day,
        state=_state(states),
        parts=dict(states),  # `asdict` would make a Counter of its pairs
        new=len(new) if ids_known else sum(batch.new for batch in batches),
        crossed=len(crossed) if ids_known else sum(batch.crossed for batch in batches),
        replaced=len(replaced) if ids_known else sum(batch.replaced for batch in batches),
        late=len(frozenset[str]().union(*(batch.late for batch in batches))),
        unproven=tuple(Unproven(part=batch.part, doubts=batch.doubts) for batch in batches if batch.is_open),
    )


def _state(parts: Mapping[BatchState, int]) -> BatchState:
    worst = next(state for state in _WORST_FIRST if parts.get(state))
    # Some categories proven and others not seen yet is no day that has yet to come.
    begun = parts.get(BatchState.COMPLETE) or parts.get(BatchState.LATE)
    return BatchState.UNCONFIRMED if worst is BatchState.EXPECTED and begun else worst
