"""Who owns subscriptions and feeds: a person, or a shared place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """A person or a place; the other number is None."""

    person: int | None = None
    place: int | None = None
