"""News on their way to the places, and the stretches of places that they are written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paperwire.core.matching.news import Matched


@dataclass(frozen=True, slots=True)
class Wave:
    """News on their way to the places; `muted` are those of their (paper, kind, value) that any place has muted.

    With `few` deliveries to make it is asked from the matches on, otherwise place by place.
    """

    news: Sequence[Matched]
    muted: Sequence[tuple[int, str, str]]
    few: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """The places with numbers above `after` and up to `last` (None: all the others)."""

    after: int = 0
    last: int | None = None
