"""Lists of papers that people put together, the results of submitting and voting, and what scores come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from paperwire.core.papers.paper import Paper

PUBLIC = 0
"""The number of the instance's public list; any other list has the number of the first shared place whose it was."""

Submitted: TypeAlias = Literal["added", "known", "removed"]
"""What came of a submission: it is on the list now, it was before, or a manager removed it."""
Cast: TypeAlias = Literal["counted", "known", "removed"]
"""What came of a vote: it counts now, it did before, or a manager removed the paper from the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A paper on a list since `day`, with its votes there.

    `person` submitted it (0: anonymous, or forgotten since), under `name` where that is shown.
    """

    list: int
    paper: Paper
    day: date
    person: int
    name: str
    at: datetime
    votes: int


@dataclass(frozen=True, slots=True)
class Voted:
    """A paper and the votes that it got on a list in a window."""

    paper: Paper
    votes: int


@dataclass(frozen=True, slots=True)
class Unannounced:
    """A submission not yet owed, and the number of its list's query, None if it has no followers."""

    list: int
    paper: Paper
    at: datetime
    query: int | None


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
