"""Papers that a place follows: one, or all that a pasted list of references names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.desk import find_paper, only_managers, say, unquoted
from paperwire.commands.searching import stored
from paperwire.core.messages.card import brief, shown_title
from paperwire.core.messages.message import Button
from paperwire.core.papers.mentions import mentioned
from paperwire.errors import CommandError, SourceError
from paperwire.wording import commands as words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperwire.commands.desk import Desk
    from paperwire.core.papers.paper import Paper
    from paperwire.ports import Reply, Request

MOST = 200
"""How many papers one message may name."""
_SHOWN = 10
_BUTTONS_A_ROW = 5


async def answer_watch(desk: Desk, request: Request) -> Reply:
    """`/watch PAPER`, or a whole pasted .bib: this place hears of versions, withdrawal, publication and code.

    Without words it lists what is followed here.
    """
    text = request.args
    named = mentioned(text, MOST)
    if not text.strip():
        return await _list(desk, request)
    if len(named) > 1:
        return await _watch_all(desk, request, named)
    paper = await find_paper(desk, named[0] if named else unquoted(text))
    (paper,) = await _watch(desk, request, [paper])
    return say(words.watching(shown_title(paper)), buttons=[[Button(words.UNDO, f"unwatch:{paper.number}")]])


async def _watch_all(desk: Desk, request: Request, named: Sequence[str]) -> Reply:
    async with desk.store.read() as unit:
        known = {paper_id: paper for paper_id in named if (paper := await unit.papers.get(paper_id))}
    missing = [paper_id for paper_id in named if paper_id not in known]
    try:
        known |= await desk.lookup_many(missing)
    except SourceError as error:
        if not known:
            raise CommandError(words.cannot_look_up(missing[0], str(error))) from error
    if not known:
        raise CommandError(words.unknown_papers(missing))
    papers = await _watch(desk, request, [known[paper_id] for paper_id in named if paper_id in known])
    unknown = [paper_id for paper_id in named if paper_id not in known]
    return say(
        words.watching_all(len(papers)),
        items=[brief(paper) for paper in papers[:_SHOWN]],
        foot=[words.unknown_papers(unknown)] if unknown else [],
    )


async def _watch(desk: Desk, request: Request, papers: Sequence[Paper]) -> list[Paper]:
    """Follow papers here; those that are not stored are kept from now on, which is no news to anybody."""
    async with desk.store.write() as unit:  # apart, as one transaction would wait for turns in another order
        await unit.papers.hold([paper for paper in papers if not paper.number])
    async with desk.store.write() as unit:
        held = [await unit.papers.get(paper.id) for paper in papers]
        place = await people.here(desk, unit, request)
        person = await people.person(desk, unit, request)
        found = {paper.number: paper for paper in held if paper is not None}
        for number in found:
            await unit.people.watch(place.number, number, person.number)
    return list(found.values())


async def _list(desk: Desk, request: Request) -> Reply:
    async with desk.store.read() as unit:
        place = await unit.people.destination_of(request.place)
        papers = await unit.people.watched(place.number) if place else []
    if not papers:
        return say(words.WATCHING_NOTHING)
    stops = [Button(words.stop_watching(at), f"unwatch:{paper.number}") for at, paper in enumerate(papers[:_SHOWN], 1)]
    return say(
        words.watching_all(len(papers)),
        items=[brief(paper) for paper in papers[:_SHOWN]],
        buttons=[stops[start : start + _BUTTONS_A_ROW] for start in range(0, len(stops), _BUTTONS_A_ROW)],
    )


async def unwatch(desk: Desk, request: Request, part: str) -> Reply:
    """Follow a paper no longer: `unwatch:PAPER`."""
    only_managers(request)
    paper = await stored(desk, part)
    async with desk.store.write() as unit:
        place = await people.here(desk, unit, request)
        await unit.people.unwatch(place.number, paper.number)
    return say(words.unwatched(shown_title(paper)), edit=True)
