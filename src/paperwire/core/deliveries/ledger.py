"""What places are owed, what became of deliveries, and the outbox in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from paperwire.core.deliveries.due import Key
from paperwire.core.messages.closed import is_asked_for
from paperwire.core.papers.paper import Occasion, Paper

DeliveryOutcome: TypeAlias = Literal["owed", "sent", "given_up", "unknown", "dropped", "counted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """The outbox in numbers.

    `owed` deliveries are not sent yet, `due` of them should have been by now (paused places left out), `oldest` of
    those since when; `shut` ones would be due if their places weren't paused or closed. `places` have something to
    send, `held` of them wait (back-off, quiet hours), `claimed` are being served; `closed` ones, where papers would go,
    take none any more. `given_up` deliveries were refused and will not be sent, `unknown` ones may have arrived and are
    not sent again.
    """

    owed: int
    due: int
    oldest: datetime | None
    shut: int
    places: int
    held: int
    claimed: int
    closed: int
    given_up: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What became of a paper at a place: owed and due at `due_at`, or else settled at `settled_at`.

    `hold_until` and `paused` say what keeps an owed one back (None and empty if nothing does). `attempts` failed for
    reasons of its own and `unknowns` got no answer, the first at `failed_at`; `reason` is what the platform said last.
    """

    occasion: Occasion
    state: DeliveryOutcome
    due_at: datetime
    settled_at: datetime | None
    attempts: int
    hold_until: datetime | None
    paused: str
    unknowns: int
    failed_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedPlace:
    """A place that is owed something: how many deliveries, and when the first of them is due."""

    destination: int
    channel: str
    title: str
    paused: str
    count: int
    first_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlace:
    """A place with what it is owed; `paused` says why nothing is sent there, empty while it is open.

    `has_routes` is whether subscriptions lead there; those of a reader who left don't any more.
    """

    number: int
    channel: str
    address: str
    paused: str
    has_routes: bool
    owed: int

    @property
    def is_closed(self) -> bool:
        """Whether it is closed to us, and neither paused nor left by a person."""
        return self.has_routes and bool(self.paused) and not is_asked_for(self.paused)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCounts:
    """What a place is owed, from when the first of it can go out (None: nothing is owed), and when it got something."""

    owed: int
    next_at: datetime | None
    last_sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundLate:
    """How many papers were found late, and how many deliveries that made."""

    papers: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class GivenUpFilter:
    """Which deliveries are meant: those of a place, of a paper, or of both; all if neither is named."""

    place: int | None = None
    paper: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUpDelivery:
    """A delivery that is not sent any more.

    `attempts` failed for reasons of its own, `unknowns` got no answer. `reason` is what the platform said last, empty
    if that was not kept.
    """

    destination: int
    channel: str
    title: str
    paper: Paper
    occasion: Occasion
    attempts: int
    unknowns: int
    settled_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Unreported:
    """A delivery that was given up and that was not reported to its place."""

    paper: Paper
    occasion: Occasion

    @property
    def key(self) -> Key:
        return self.paper.number, self.occasion
