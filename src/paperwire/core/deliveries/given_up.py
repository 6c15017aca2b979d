"""Deliveries that are not sent any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from paperwire.core.deliveries.due import Key
from paperwire.core.papers.paper import Occasion, Paper


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
        """Which delivery of the place."""
        return self.paper.number, self.occasion
