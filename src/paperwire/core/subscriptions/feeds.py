"""Private feeds: whose they are, what they show, and how far back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from paperwire.core.papers.paper import Occasion, Paper
from paperwire.core.subscriptions.subscription import Owner

HashOf: TypeAlias = "Callable[[int, int], str]"
"""Makes the hash of a feed's token from its number and generation; only hashes come here."""
WINDOW = timedelta(days=14)
"""How far back a feed goes, also from the beginning of a subscription."""
AT_LEAST = 50
"""Entries that a feed shows at least, however old they are."""
MOST_OLD = 50
"""Maximum entries that a new subscription adds to a feed from before it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateFeed:
    """A private feed of a `person` or of a `place` (`title` and `locale` are its owner's), the other is None.

    It shows one subscription (with its `name` and `text`), or all of them (`subscription` None).
    """

    number: int
    generation: int
    person: int | None
    place: int | None
    subscription: int | None
    name: str
    text: str
    title: str
    locale: str
    created_at: datetime

    @property
    def owner(self) -> Owner:
        return Owner(self.person, self.place)


@dataclass(frozen=True, slots=True)
class Retired:
    """The address was reset at that time."""

    retired_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """A paper in a feed, since when, for which occasion, and the subscriptions (name or text) that it met.

    `second` keeps it apart from what entered at the same time (`core.seconds`).
    """

    paper: Paper
    occasion: Occasion
    at: datetime
    second: int
    names: tuple[str, ...]
