"""Private feeds: whose they are, what they show, and how far back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from paperwire.core.papers.paper import ARRIVAL, Occasion, Paper
from paperwire.core.subscriptions.subscription import Owner

HashOf: TypeAlias = "Callable[[int, int], str]"
"""Makes the hash of a feed's token from its number and generation; only hashes come here."""
WINDOW = timedelta(days=14)
"""How far back a feed goes, also from the beginning of a subscription."""
AT_LEAST = 50
"""Entries that a feed shows at least, however old they are."""
MOST_OLD = 50
"""Maximum entries of a feed from before its subscriptions began, of all of these together."""


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


class MatchedBy(NamedTuple):
    """A subscription that a paper met: its name, or its text if it has none, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """A paper in a feed since `at` (aware), for which occasion, and the subscriptions that it met.

    `second` keeps its `updated` apart from those of others that entered at the same time (`core.seconds`). `reworded`
    is when what is shown of the paper last changed, if it ever did.
    """

    paper: Paper
    at: datetime
    occasion: Occasion = ARRIVAL
    second: int = 0
    matched: tuple[MatchedBy, ...] = ()
    reworded: datetime | None = None
