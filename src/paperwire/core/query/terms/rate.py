"""`rate:5/week`: how many of the papers that `like:` finds near are wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.like import Like
from paperwire.core.query.terms.term import Beside, Term
from paperwire.errors import Mistake
from paperwire.texts import gettext_noop

_DAYS = {"day": 1, "week": 7, "month": 30}
_LEAST, _MOST = Fraction(1, _DAYS["month"]), Fraction(20)
"""Papers a day."""
_WEEK = 7
_FORM = re.compile(rf"([0-9]{{1,3}})/({'|'.join(_DAYS)})", re.IGNORECASE)


@dataclass(frozen=True)
class Rate(Term):
    """How many papers are wished for, from 1 a month (of 30 days) to 20 a day; it goes with `like:`."""

    names = {"rate": "rate"}  # noqa: RUF012 -- declared in Term
    help = (("like:2510.01234 rate:2/week", gettext_noop("the nearest ones only, about two a week")),)
    whole = True
    unknown = Mistake.MALFORMED_RATE
    beside = Beside(Mistake.MISPLACED_RATE, Mistake.REPEATED_RATE, Mistake.LONE_RATE, only_with=Like)

    @cached_property
    def a_day(self) -> Fraction:
        """Papers a day, 0 for what is no rate."""
        found = _FORM.fullmatch(self.typed)
        return Fraction(int(found[1]), _DAYS[found[2].casefold()]) if found else Fraction(0)

    @property
    def a_week(self) -> float:
        """Papers a week."""
        return float(self.a_day * _WEEK)

    def is_something(self) -> bool:
        """Whether it is a rate that may be asked for."""
        return _LEAST <= self.a_day <= _MOST

    def show(self, within: str) -> str:  # noqa: ARG002 -- no group has its field
        """The rate in small letters."""
        return f"rate:{self.typed.casefold()}"

    def normal(self) -> str:
        """Papers a day as a fraction, as 7 a week are 1 a day."""
        return f"rate:{self.a_day}"

    def holds(self, doc: Doc) -> bool:  # noqa: ARG002 -- see below
        """Always: it says how near `like:` asks papers to be."""
        return True


USUAL = Rate("rate", "5/week")
"""What a subscription with `like:` and no rate of its own wishes for."""
