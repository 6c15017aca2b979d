"""`/watch`: follow one paper, or all that a pasted list of references names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from paperwire.commands.buttons import offered
from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.card import brief, shown_title
from paperwire.core.messages.message import Button
from paperwire.core.papers.mentions import mentioned, unread
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, SourceError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.papers import MOST_PAPERS, find_paper, stored, watch
from paperwire.services.people import only_managers
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec(
    "watch",
    gettext_noop("Get new versions, withdrawal, publication and code of a paper"),
    (Argument("query", gettext_noop("a paper (id, DOI or address), or several, or a pasted .bib"), required=False),),
    who="manager",
)

_SHOWN = 10
_LONGEST_PIECE = 60
_BUTTONS_A_ROW = 5


async def answer(context: Chat, request: Request) -> Reply:
    """`/watch PAPER`, or a whole pasted .bib; without words, the list of papers watched here."""
    text = "\n".join(part for part in (request.args, request.attached) if part)
    if not text.strip():
        return await _list(context, request)
    texts = request.texts
    ids = mentioned(text, MOST_PAPERS + 1)
    not_read = _not_read(ids, text, texts) if ids else []
    if len(ids) > 1:
        return await _watch_all(context, request, ids[:MOST_PAPERS], not_read)
    paper = await find_paper(context, ids[0] if ids else unquoted(text), texts)
    (paper,) = await watch(context, request, [paper])
    return say(
        texts.gettext("Watching: %(title)s", title=shown_title(paper, texts)),
        texts.gettext("New versions, withdrawal, publication and code will be posted here."),
        foot=not_read,
        buttons=[[Button(texts.gettext("Undo"), f"unwatch:{paper.number}")]],
    )


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The button under a paper or a list that was pasted: `watch:TEXT`."""
    only_managers(request)
    return await answer(context, replace(request, args=offered(context, part)))


async def _watch_all(context: Chat, request: Request, ids: Sequence[str], not_read: Sequence[str]) -> Reply:
    texts = request.texts
    async with context.store.read() as unit:
        papers_by_id = {paper_id: paper for paper_id in ids if (paper := await unit.papers.get(paper_id))}
    missing = [paper_id for paper_id in ids if paper_id not in papers_by_id]
    try:
        papers_by_id |= await context.lookup_many(missing)
    except SourceError as error:
        if not papers_by_id:
            raise CommandError(
                texts.gettext(
                    "%(paper)s isn't stored, and looking it up failed: %(reason)s", paper=missing[0], reason=error
                )
            ) from error
    unknown = [paper_id for paper_id in ids if paper_id not in papers_by_id]
    if not papers_by_id:
        raise CommandError(_not_found(unknown, texts))
    papers = await watch(context, request, [papers_by_id[paper_id] for paper_id in ids if paper_id in papers_by_id])
    return say(
        _count(papers, texts),
        items=[brief(paper, texts) for paper in papers[:_SHOWN]],
        foot=[_not_found(unknown, texts) if unknown else "", *not_read],
    )


async def _list(context: Chat, request: Request) -> Reply:
    texts = request.texts
    async with context.store.read() as unit:
        place = await unit.places.at(request.place)
        papers = await unit.people.watched(place.number) if place else []
    if not papers:
        return say(texts.gettext("No papers are watched here. Send /watch and a paper's id, or paste a whole .bib."))
    stops = [
        Button(texts.gettext("Stop %(number)s", number=number), f"unwatch:{paper.number}")
        for number, paper in enumerate(papers[:_SHOWN], 1)
    ]
    return say(
        _count(papers, texts),
        items=[brief(paper, texts) for paper in papers[:_SHOWN]],
        buttons=[stops[start : start + _BUTTONS_A_ROW] for start in range(0, len(stops), _BUTTONS_A_ROW)],
    )


async def unwatch(context: Chat, request: Request, part: str) -> Reply:
    """Stop watching a paper: `unwatch:PAPER`."""
    only_managers(request)
    paper = await stored(context, part)
    async with context.store.write() as unit:
        place = await people.here(context, unit, request)
        await unit.people.unwatch(place.number, paper.number)
    text = request.texts.gettext("No longer watching: %(title)s", title=shown_title(paper, request.texts))
    return say(text, edit=True)


def _count(papers: Sequence[Paper], texts: Texts) -> str:
    return texts.ngettext(
        "Watching %(num)s paper here: new versions, withdrawal, publication and code will be posted.",
        "Watching %(num)s papers here: new versions, withdrawal, publication and code will be posted.",
        len(papers),
    )


def _not_read(ids: Sequence[str], text: str, texts: Texts) -> list[str]:
    """What of a text was left out: pieces that name no paper, and papers beyond the most."""
    lines = []
    if pieces := unread(text):
        names = ", ".join(clean(piece, _LONGEST_PIECE) for piece in pieces[:_SHOWN])
        more = len(pieces) - _SHOWN
        more_text = texts.ngettext("and %(num)s more", "and %(num)s more", more) if more > 0 else ""
        lines.append(texts.gettext("No paper recognised in: %(names)s", names=f"{names} {more_text}".strip()))
    if len(ids) > MOST_PAPERS:
        lines.append(
            texts.gettext("Only the first %(limit)s papers were taken. Send the rest again.", limit=MOST_PAPERS)
        )
    return lines


def _not_found(ids: Sequence[str], texts: Texts) -> str:
    names, more = ", ".join(ids[:_SHOWN]), len(ids) - _SHOWN
    if more > 0:
        return texts.ngettext(
            "Not found: %(names)s and %(num)s more", "Not found: %(names)s and %(num)s more", more, names=names
        )
    return texts.gettext("Not found: %(names)s", names=names)


COMMANDS = (Command(SPEC, answer, {"watch": press, "unwatch": unwatch}),)
