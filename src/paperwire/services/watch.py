"""Papers that a place is told of whenever something about them changes."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.core.papers.paper import Paper
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context

MOST = 200
"""Maximum papers one message may name."""


async def watch(context: Context, caller: Caller, papers: Sequence[Paper]) -> list[Paper]:
    """Watch papers here; those that aren't stored are stored without an announcement."""
    async with context.store.write() as unit:  # apart, as one transaction would wait for turns in another order
        await unit.papers.add([paper for paper in papers if not paper.number])
    async with context.store.write() as unit:
        place = await people.here(context, unit, caller)
        person = await people.person(context, unit, caller)
        stored_papers = [await unit.papers.get(paper.id) for paper in papers]
        watched = {paper.number: paper for paper in stored_papers if paper is not None}
        for number in watched:
            await unit.people.watch(place.number, number, person.number)
    return list(watched.values())
