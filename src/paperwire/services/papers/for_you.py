"""One person's papers: found by their subscriptions, changed since they watch them, and saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paperwire.core.papers.paper import Occasion, Paper
from paperwire.core.subscriptions.feeds import WINDOW, FeedEntry
from paperwire.services.context import Context

_MATCHES = 500
_CHANGES = 10


@dataclass(frozen=True, slots=True)
class ForYou:
    """Matches and changes of the last 14 days, and saved papers, each the latest first."""

    matches: Sequence[FeedEntry]
    changes: Sequence[tuple[Paper, Occasion]]
    saved: Sequence[Paper]


async def for_you(context: Context, person: int) -> ForYou:
    """What is for the person with this number."""
    async with context.store.read() as unit:
        matches = await unit.feeds.of_person(person, _MATCHES)
        followed = await unit.papers.followed(person, context.now() - WINDOW, _CHANGES)
        papers = await unit.papers.by_number([number for number, _, _ in followed])
        saved = await unit.people.saved(person)
    changes = [(papers[number], occasion) for number, occasion, _ in followed if number in papers]
    return ForYou(matches, changes, saved)
