"""Describes how often something happens."""

from __future__ import annotations

from paperwire.texts import Texts


def rate_words(total: int, days: int, texts: Texts) -> str:
    """`6 a week`, and a rate below one a week by the month."""
    a_week = total * 7 / days
    if a_week >= 1:
        return texts.gettext("%(count)s a week", count=texts.number(round(a_week)))
    return texts.gettext("%(count)s a month", count=texts.number(round(max(total * 30 / days, 1))))
