"""Which parts of a source fail, and why: categories, feeds, and the other ways in which a source is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from paperwire.core.health import PartHealth, SourceHealth
from paperwire.core.text.clean import clean
from paperwire.store.papers.sources import SourceState
from paperwire.texts import Texts, gettext_noop

_LONGEST = 200
_MOST_NAMED = 8
_PARTS = {
    "backfill": gettext_noop("past days"),
    "reconcile": gettext_noop("OAI-PMH"),
    "watched": gettext_noop("watched papers"),
}


def failing_parts(states: Iterable[SourceState]) -> tuple[PartHealth, ...]:
    """The parts that fail; of a feed's address what may be secret in it is left out."""
    return tuple(
        PartHealth(name=_shown(state.part), error=clean(state.error, _LONGEST), next_at=state.next_at)
        for state in states
    )


def failing_lines(source: SourceHealth, texts: Texts) -> list[str]:
    """A line for each reason, with the parts that fail for it."""
    reasons: dict[str, list[str]] = {}
    for part in source.failing:
        name = texts.gettext(_PARTS[part.name]) if part.name in _PARTS else part.name
        reasons.setdefault(part.error, []).append(name)
    return [f"⚠ {source.name}, {named(names, texts)}: {error}" for error, names in reasons.items()]


def named(names: Sequence[str], texts: Texts, most: int = _MOST_NAMED, separator: str = ", ") -> str:
    """Some names, and how many more there are."""
    first, rest = separator.join(names[:most]), len(names) - most
    return (
        texts.ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", rest, names=first)
        if rest > 0
        else first
    )


def _shown(part: str) -> str:
    where = urlsplit(part)
    return f"{where.hostname}{where.path}" if where.hostname else part
