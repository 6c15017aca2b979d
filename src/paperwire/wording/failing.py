"""Which parts of a source fail, and why."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.core.health import SourceHealth
from paperwire.texts import Texts, gettext_noop

_MOST_NAMED = 8
# Translators: what of a source fails.
_PARTS = {
    "backfill": gettext_noop("past days"),
    "reconcile": gettext_noop("OAI-PMH"),
    "watched": gettext_noop("watched papers"),
}


def failing_lines(source: SourceHealth, texts: Texts) -> list[str]:
    """A line for each reason, with the parts that fail for it."""
    reasons: dict[str, list[str]] = {}
    for part in source.failing:
        name = texts.gettext(_PARTS[part.name]) if part.name in _PARTS else part.name
        reasons.setdefault(part.error, []).append(name)
    return [
        f"⚠ {texts.row(texts.listed([source.name, named(names, texts)]), error)}" for error, names in reasons.items()
    ]


def named(names: Sequence[str], texts: Texts, most: int = _MOST_NAMED, left_out: int = 0) -> str:
    """Some names, and how many more there are, with those that were `left_out` before."""
    first, more = texts.listed(names[:most]), max(len(names) - most, left_out)
    return (
        # Translators: the end of a list of categories or days.
        texts.ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", more, names=first)
        if more > 0
        else first
    )
