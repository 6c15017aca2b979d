"""Terms that compare a number: `upvotes>=50`."""

from __future__ import annotations

import re
from abc import abstractmethod
from functools import cache
from typing import ClassVar

from paperwire.core.query.prepared import Doc
from paperwire.core.query.repairs import Repair, replaced
from paperwire.core.query.terms.term import Term
from paperwire.errors import Refusal


class Number(Term):
    """A paper whose number of something is `typed` or more; `field` is what is counted."""

    counted: ClassVar[str]
    """What is counted, as it is typed."""
    unknown: ClassVar[Refusal]
    """How a comparison is refused that is not `>=` and a number of six digits at most."""

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
        """The place after the comparison; None if it is malformed."""
        right = _right(cls.counted).match(text, place)
        return right.end() if right else None

    @classmethod
    def bare(cls, run: str) -> Number:
        return cls(cls.counted, run.rpartition("=")[2])

    @property
    def least(self) -> int:
        return int(self.typed)

    def show(self, within: str) -> str:  # noqa: ARG002 -- it has no field to leave out
        return f"{self.counted}>={self.least}"

    def normal(self) -> str:
        return self.show("")

    def holds(self, doc: Doc) -> bool:
        return self.count(doc) >= self.least


def comparison(counted: str) -> re.Pattern[str]:
    """Matches a comparison, well-formed or not, with its `sign` and its `number`."""
    return re.compile(rf"{counted}\s*(?P<sign>[<>=!≥≤≠:]+)\s*(?P<number>\d{{1,6}})?[^\s)]*", re.IGNORECASE)


def write_least(counted: str) -> Repair:
    """The repair that makes `upvotes>=50` of `upvotes > 50`, and leaves out what asks for no least number."""

    def right(typed: re.Match[str]) -> str:
        is_least = typed["number"] and typed["sign"][0] not in "<!≤≠"
        return f"{counted}>={typed['number']}" if is_least else " "

    return replaced(comparison(counted), right)


@cache
def _anything(counted: str) -> re.Pattern[str]:
    return re.compile(rf"{counted}\s*(?:[<>=!≥≤≠]|:\S)", re.IGNORECASE)


@cache
def _right(counted: str) -> re.Pattern[str]:
    return re.compile(rf"{counted}>=([0-9]{{1,6}})(?=[\s)]|$)", re.IGNORECASE)
