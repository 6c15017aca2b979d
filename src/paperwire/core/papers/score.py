"""What scores come to: how hot a paper is, and what it gained in a window of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from paperwire.core.papers.paper import Paper

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Trend:
    """A paper and the upvotes that it gained in a window."""

    paper: Paper
    gained: int


def heat(upvotes: int, age: timedelta) -> float:
    """How hot a paper is: its upvotes / (age in hours + 2) ^ 1.5, so that new ones come up and old ones sink."""
    return float(upvotes / (max(age / _HOUR, 0.0) + 2) ** 1.5)


def heat_of(paper: Paper, now: datetime) -> float:
    """How hot a paper is `now`, its age counted from when it was first seen."""
    return heat(paper.upvotes or 0, now - paper.seen_at if paper.seen_at else timedelta(0))
