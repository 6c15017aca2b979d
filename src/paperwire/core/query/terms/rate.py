"""`rate:5/week`: how many of the papers that `like:` finds near are wanted."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cached_property

from paperwire.core.query.prepared import Doc
from paperwire.core.query.repairs import moved_to_end, named, replaced
from paperwire.core.query.terms.like import Like
from paperwire.core.query.terms.term import ModifierRules, Term
from paperwire.errors import QueryError, Refusal
from paperwire.texts import Texts, gettext_noop

_DAYS_OF_UNIT = {"day": 1, "week": 7, "month": 30}
# Translators: how many papers: %(count)s is a number.
_RATES = {
    "day": gettext_noop("%(count)s a day"),
    "week": gettext_noop("%(count)s a week"),
    "month": gettext_noop("%(count)s a month"),
}
_LOWEST_RATE, _HIGHEST_RATE = Fraction(1, _DAYS_OF_UNIT["month"]), Fraction(20)  # papers a day
_WEEK = 7
_FORM = re.compile(rf"([0-9]{{1,3}})/({'|'.join(_DAYS_OF_UNIT)})", re.IGNORECASE)
_ANY = named("rate")
_drop = replaced(_ANY, " ")
_TYPED = re.compile(
    r'rate:"?(?:\s*(?P<number>\d+)(?:\s*(?:/|an?\b|per\b)\s*(?P<time>[dwm])\w*)?)?[^\s()]*', re.IGNORECASE
)
_TIMES = {"d": "day", "w": "week", "m": "month"}


def _write_rate(text: str, error: QueryError) -> str:
    """`rate:5` becomes `rate:5/week`, one that is too high the highest; what is no number is left out."""
    begin = text.casefold().rindex("rate:", 0, error.column + len("rate:"))
    return text[:begin] + _TYPED.sub(_right_rate, text[begin:], count=1)


def _right_rate(typed: re.Match[str]) -> str:
    if not typed["number"] or not int(typed["number"]):
        return " "
    rate = Rate("rate", f"{typed['number']}/{_TIMES[(typed['time'] or 'w').lower()]}")
    return f"{rate.show('')} " if rate.is_something() else f"rate:{_HIGHEST_RATE}/day "


class Rate(Term):
    """How many papers are wished for, from 1 a month (of 30 days) to 20 a day; it goes with `like:`."""

    names = {"rate": "rate"}  # noqa: RUF012 -- declared in Term
    listed = True
    help = (("like:2510.01234 rate:2/week", gettext_noop("the nearest ones only, about two a week")),)
    described = {"rate": (gettext_noop("the nearest, about %(value)s"),)}  # noqa: RUF012 -- declared in Term
    by_meaning = True
    whole = True
    unknown = Refusal(
        "rate: without a number of papers a day, week or month",
        gettext_noop("rate: takes a number of papers a day, week or month"),
        gettext_noop("Type rate:5/week, or anything from rate:1/month to rate:20/day"),
        _write_rate,
        example="like:saved rate:5",
    )
    modifier = ModifierRules(
        misplaced=Refusal(
            "rate: inside OR, NOT or brackets",
            gettext_noop("rate: isn't allowed in OR, NOT or brackets"),
            gettext_noop("Type it at the end: lora like:2510.01234 rate:5/week"),
            moved_to_end(_ANY),
            example="like:saved (lora rate:5/day)",
        ),
        repeated=Refusal(
            "rate: twice",
            gettext_noop("rate: is allowed only once"),
            gettext_noop("Keep the number you mean."),
            _drop,
            example="like:saved rate:1/day rate:1/day",
        ),
        alone=Refusal(
            "rate: without like:",
            gettext_noop("rate: needs like: to choose papers by"),
            gettext_noop(
                'Add what the papers should be like, such as like:"proofs by language models", or remove rate:'
            ),
            _drop,
            example="lora rate:5/day",
        ),
        only_with=Like,
    )

    @cached_property
    def a_day(self) -> Fraction:
        """Papers a day, 0 for what is no rate."""
        match = _FORM.fullmatch(self.typed)
        return Fraction(int(match[1]), _DAYS_OF_UNIT[match[2].casefold()]) if match else Fraction(0)

    def value(self, texts: Texts) -> str:
        number, _, unit = self.typed.casefold().partition("/")
        return texts.gettext(_RATES[unit], count=texts.number(int(number)))

    @property
    def a_week(self) -> float:
        return float(self.a_day * _WEEK)

    def is_something(self) -> bool:
        return _LOWEST_RATE <= self.a_day <= _HIGHEST_RATE

    def show(self, within: str) -> str:  # noqa: ARG002 -- no group has its field
        return f"rate:{self.typed.casefold()}"

    def normal(self) -> str:
        """Papers a day as a fraction, as 7 a week are 1 a day."""
        return f"rate:{self.a_day}"

    def holds(self, doc: Doc) -> bool:  # noqa: ARG002 -- see below
        """Always: it says how near `like:` asks papers to be."""
        return True


USUAL = Rate("rate", "5/week")
"""What a subscription with `like:` and no rate of its own wishes for."""
