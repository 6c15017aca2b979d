"""What a place does not want to hear of, as the words that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from paperwire.core.papers.names import folded
from paperwire.core.papers.paper import Paper

MuteKind: TypeAlias = Literal["author", "category", "subscription"]


def mute_value(kind: MuteKind, value: str) -> str:
    """What is kept of a mute: an author's name regardless of case and accents, a category in small letters.

    `value` is a name, a category or a subscription's number in digits; two that fold alike are one mute.
    """
    return folded(value) if kind == "author" else value.strip().casefold()


def mute_keys(paper: Paper) -> frozenset[tuple[str, str]]:
    """All (kind, value) pairs by which a place may have muted this paper, for any subscriber."""
    authors = {("author", mute_value("author", name)) for name in paper.authors}
    categories = {("category", mute_value("category", name)) for name in paper.categories}
    return frozenset(authors | categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """What a place does not want to hear of; `value` is what `mute_value` makes of `shown`."""

    number: int
    kind: MuteKind
    value: str
    shown: str
