"""Why a batch is not proven: what a view lacks, where views differ, and which numbers are unusual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from pydantic import TypeAdapter

THIRD = "list"
"""The view that is only asked where the others disagree: it judges and brings no papers."""
_TOLERANCE = 50  # two views agree if neither lacks more than one paper in 50 of the other's: 2 %


class Why(StrEnum):
    """What is missing for a proof.

    `lacks`, `stale`: a view has not shown the batch, or shows an older one in its place; `cut`: its list goes on after
    what the view shows; `differ`: two views do not agree; `early`: no view has to show it yet; `low`, `high`: the
    number is unusual; `history`: there are too few days to compare it with; `rest`: the source's other categories are
    not in yet; `open`: the one view was not read since the day ended; `alone`: it was, and there is no second one.
    """

    EARLY = "early"
    LACKS = "lacks"
    STALE = "stale"
    CUT = "cut"
    DIFFER = "differ"
    LOW = "low"
    HIGH = "high"
    HISTORY = "history"
    REST = "rest"
    OPEN = "open"
    ALONE = "alone"


OF_VIEWS = frozenset({Why.EARLY, Why.LACKS, Why.STALE, Why.CUT, Why.DIFFER})
"""What keeps two views from agreeing; without any of these both have shown the whole batch."""
HARMLESS = frozenset({Why.EARLY, Why.HISTORY, Why.REST, Why.OPEN, Why.ALONE})
"""Doubts that are no failure, and no reason to ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One thing that is missing for a proof.

    `views` are the names of the views it is about. `count` is the number of papers in question: those that two views
    do not share, or those that came where `usual` is the median; `whole` says that this counts the whole source.
    """

    why: Why
    views: tuple[str, ...] = ()
    count: int = 0
    usual: float = 0
    whole: bool = False

    @property
    def is_harmless(self) -> bool:
        """Whether nothing is known to be wrong with the batch."""
        return self.why in HARMLESS


def doubts_about(
    views: Sequence[str], shown: Mapping[str, frozenset[str]], faults: Mapping[str, Why]
) -> tuple[Doubt, ...]:
    """Why no two views agree; empty if two do.

    `views` are the names of those that must show a batch, `shown` has the papers by each view that has shown it in
    whole (the third one may be among them), `faults` say of others what is wrong with their lists (`stale`, `cut`).
    """
    pairs = list(combinations([name for name in (*views, THIRD) if name in shown], 2))
    if any(agree(shown[name], shown[other]) for name, other in pairs):
        return ()
    doubts = [Doubt(why=faults.get(name, Why.LACKS), views=(name,)) for name in views if name not in shown]
    if pairs:
        count, pair = min((len(shown[name] ^ shown[other]), (name, other)) for name, other in pairs)
        doubts.append(Doubt(why=Why.DIFFER, views=pair, count=count))
    return tuple(doubts)


def agree(ids: frozenset[str], other: frozenset[str]) -> bool:
    """Whether neither set lacks more than 2 % of the other."""
    return len(ids - other) * _TOLERANCE <= len(ids) and len(other - ids) * _TOLERANCE <= len(other)


_DOUBTS = TypeAdapter(tuple[Doubt, ...])


def dump(doubts: Iterable[Doubt]) -> str:
    """Doubts as text for the store; empty for none."""
    rows = tuple(doubts)
    return _DOUBTS.dump_json(rows, exclude_defaults=True).decode() if rows else ""


def load(text: str) -> tuple[Doubt, ...]:
    return _DOUBTS.validate_json(text) if text else ()
