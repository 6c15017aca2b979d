"""One person's papers: found by their subscriptions, changed since they watch them, and saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from paperwire.core.papers.paper import Occasion, Paper
from paperwire.core.query.language import Query, parsed
from paperwire.core.subscriptions.feeds import WINDOW, FeedEntry
from paperwire.errors import LikeError, StoreBusy
from paperwire.services.context import Context
from paperwire.services.papers.meaning import reasons
from paperwire.texts import Texts

_MATCHES = 500
_CHANGES = 10


@dataclass(frozen=True)
class ForYou:
    """Matches and changes of the last 14 days, and saved papers of a person, each the latest first."""

    person: int
    matches: Sequence[FeedEntry]
    changes: Sequence[tuple[Paper, Occasion]]
    saved: Sequence[Paper]

    @cached_property
    def latest_matches(self) -> dict[int, FeedEntry]:
        """The latest entry of each paper that a subscription found, by the paper's number, the latest first."""
        latest: dict[int, FeedEntry] = {}
        for entry in self.matches:
            if entry.matched:
                latest.setdefault(entry.paper.number, entry)
        return latest

    def hits(self, paper: Paper) -> int:
        """How many subscriptions found a paper."""
        return len(self.latest_matches[paper.number].matched) if paper.number in self.latest_matches else 0


async def for_you(context: Context, person: int) -> ForYou:
    """What is for the person with this number."""
    async with context.store.read() as unit:
        matches = await unit.feeds.of_person(person, _MATCHES)
        followed = await unit.papers.followed(person, context.now() - WINDOW, _CHANGES)
        papers = await unit.papers.by_number([number for number, _, _ in followed])
        saved = await unit.people.saved(person)
    changes = [(papers[number], occasion) for number, occasion, _ in followed if number in papers]
    return ForYou(person, matches, changes, saved)


async def meant_by(context: Context, person: int, entries: Sequence[FeedEntry], texts: Texts) -> dict[int, str]:
    """Why a person's subscriptions by meaning found papers, by their numbers: by which words they are near."""
    by_query: dict[str, list[Paper]] = {}
    for entry in entries:
        for matched in entry.matched:
            by_query.setdefault(matched.text, []).append(entry.paper)
    why: dict[int, str] = {}
    for text, papers in by_query.items():
        query = parsed(text)
        if query is not None:
            why = await near_to(context, person, query, papers, texts) | why
    return why


async def near_to(context: Context, person: int, query: Query, papers: Sequence[Paper], texts: Texts) -> dict[int, str]:
    """By which words papers are near to what a person's query by meaning asks for; none where that can't be said."""
    if query.like is None:
        return {}
    try:
        return await reasons(context.store, context.calibration, query.of(person), papers, texts)
    except (LikeError, StoreBusy):
        return {}
