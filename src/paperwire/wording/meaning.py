"""Explains why papers are near to a query by meaning."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.core.meaning.aim import Scored
from paperwire.core.meaning.threshold import FEW_DAYS
from paperwire.core.meaning.vectors import Share
from paperwire.core.query.language import Query
from paperwire.core.query.terms.rate import USUAL
from paperwire.texts import Texts


def few_days_line(query: Query, days: int, texts: Texts) -> str:
    """What to add for a query by meaning whose threshold is taken from so few days of papers; empty otherwise."""
    if query.like is None or not 0 < days < FEW_DAYS:
        return ""
    # Translators: %(rate)s is "3 a week" or the like, %(all)s how many days there will be.
    return texts.ngettext(
        "The threshold for %(rate)s comes from only %(num)s day of papers. It is renewed daily until there are "
        "%(all)s.",
        "The threshold for %(rate)s comes from only %(num)s days of papers. It is renewed daily until there are "
        "%(all)s.",
        days,
        rate=(query.rate or USUAL).show(""),
        all=FEW_DAYS,
    )


_MUCH = 1 / 2  # the part of all from which percents say something


def closeness(shares: Sequence[Share], texts: Texts) -> str:
    """Which words bring a paper close: `Close in: hallucination 47%, truthfulness 14%`; nothing without shares.

    Words that together are less than half of what brings it close have no percents.
    """
    if not shares:
        return ""
    is_much = sum(share.part for share in shares) >= _MUCH
    words = texts.listed(f"{share.word} {texts.percent(share.part)}" if is_much else share.word for share in shares)
    # Translators: %(words)s are words of papers, of which each brings a paper close to another: "diffusion 47%, ..."
    return texts.gettext("Close in: %(words)s", words=words)


def scored_lines(scored: Scored, texts: Texts) -> list[str]:
    if scored.is_own:
        return [texts.gettext("✗ %(term)s: it is one of these papers itself", term=scored.like)]
    if scored.score is None:
        return [texts.gettext("✗ %(term)s: this paper isn't indexed by meaning yet", term=scored.like)]
    if scored.threshold is None:
        return [texts.gettext("✗ %(term)s: no stored paper is like that", term=scored.like)]
    # Translators: %(term)s is a part of a query such as like:"words"; the numbers are from 0 to 1.
    line = texts.gettext(
        "%(term)s: score %(score)s, needs %(threshold)s",
        term=scored.like,
        score=texts.decimal(scored.score),
        threshold=texts.decimal(scored.threshold),
    )
    return [f"{'✓' if scored.is_near else '✗'} {line}", *filter(None, [scored.why, scored.from_few])]


def avoids_line(words: Sequence[str], texts: Texts) -> str:
    """What a subscription learned to avoid; empty where that can't be said."""
    # Translators: words of papers that a subscription avoids from now on.
    return texts.gettext("It avoids: %(words)s", words=texts.listed(words)) if words else ""
