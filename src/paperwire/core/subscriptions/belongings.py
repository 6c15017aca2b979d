"""What is stored about a person, counted."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.subscriptions.subscription import StoredPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What is stored about a person: places with numbers of subscriptions and watched papers, saved papers, votes.

    `nowhere` is how many subscriptions lead to feeds alone, `talks` how many papers they present at meetings. `shared`
    places stay.
    """

    places: tuple[tuple[StoredPlace, int, int], ...]
    nowhere: int
    saved: int
    votes: int
    talks: int
    shared: tuple[SharedPlace, ...]


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """A shared place, how many subscriptions it has, and how many of them a certain person added."""

    place: StoredPlace
    subscriptions: int
    added: int
