"""Terms that compare a number: `upvotes>=50`."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.term import Term
from paperwire.errors import Mistake


@dataclass(frozen=True)
class Number(Term):
    """A paper whose number of something is `typed` or more; `field` is what is counted."""

    counted: ClassVar[str]
    """What is counted, as it is typed."""
    unknown: ClassVar[Mistake]
    """What is wrong with a comparison that is not `>=` and a number of six digits at most."""

    @classmethod
    @abstractmethod
    def count(cls, doc: Doc) -> int:
        """A paper's number."""

    @classmethod
    def begins(cls, text: str, place: int, group: str) -> bool:  # noqa: ARG003 -- it has no field
        """Whether a comparison stands here, whatever it looks like."""
        return _anything(cls.counted).match(text, place) is not None

    @classmethod
    def end(cls, text: str, place: int) -> int | None:
        """Behind the comparison; None if it is malformed."""
        right = _right(cls.counted).match(text, place)
        return right.end() if right else None

    @classmethod
    def bare(cls, run: str) -> Number:
        """The term of a comparison."""
        return cls(cls.counted, run.rpartition("=")[2])

    @property
    def least(self) -> int:
        """The number."""
        return int(self.typed)

    def show(self, within: str) -> str:  # noqa: ARG002 -- it has no field to leave out
        """The comparison."""
        return f"{self.counted}>={self.least}"

    def normal(self) -> str:
        """The comparison."""
        return self.show("")

    def holds(self, doc: Doc) -> bool:
        """Whether the paper has as many."""
        return self.count(doc) >= self.least


@cache
def _anything(counted: str) -> re.Pattern[str]:
    return re.compile(rf"{counted}\s*(?:[<>=!≥≤≠]|:\S)", re.IGNORECASE)


@cache
def _right(counted: str) -> re.Pattern[str]:
    return re.compile(rf"{counted}>=([0-9]{{1,6}})(?=[\s)]|$)", re.IGNORECASE)
