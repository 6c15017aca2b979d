"""Lists of papers that people put together, and what comes of submitting and voting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
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
