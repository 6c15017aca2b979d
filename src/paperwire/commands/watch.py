"""`/watch`: follow one paper, or all that a pasted list of references names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from paperwire.commands.buttons import in_rows, offered
from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.card import brief, shown_title
from paperwire.core.messages.message import Button
from paperwire.core.papers.mentions import mentioned, unread
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.papers import MOST_WATCHED, find_paper, find_papers, unwatch, watch, watched_here
from paperwire.services.people import only_managers
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.failing import named

SPEC = CommandSpec(
    "watch",
    gettext_noop("Get new versions, withdrawal, publication and code of a paper"),
    (
        Argument(
            "query",
            gettext_noop("paper: id, DOI or address, or several, or a pasted .bib"),
            required=False,
            completes="paper",
        ),
    ),
    who="manager",
    topic="follow",
    examples=(
        ("/watch 2510.00001", gettext_noop("its new versions, withdrawal, publication and code")),
        ("/watch", gettext_noop("the papers watched here")),
    ),
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
    ids = mentioned(text, MOST_WATCHED + 1)
    not_read = _not_read(ids, text, texts) if ids else []
    if len(ids) > 1:
        return await _watch_all(context, request, ids[:MOST_WATCHED], not_read)
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
    found_papers, unknown = await find_papers(context, ids, texts)
    if not found_papers:
        raise CommandError(_not_found(unknown, texts))
    papers = await watch(context, request, found_papers)
    return say(
        _count(papers, texts),
        items=[brief(paper, texts) for paper in papers[:_SHOWN]],
        foot=[_not_found(unknown, texts) if unknown else "", *not_read],
    )


async def _list(context: Chat, request: Request) -> Reply:
    texts = request.texts
    papers = await watched_here(context, request)
    if not papers:
        return say(texts.gettext("No papers are watched here. Send /watch and a paper's id, or paste a whole .bib."))
    stops = [
        Button(texts.gettext("Stop %(number)s", number=number), f"unwatch:{paper.number}")
        for number, paper in enumerate(papers[:_SHOWN], 1)
    ]
    return say(
        _count(papers, texts),
        items=[brief(paper, texts) for paper in papers[:_SHOWN]],
        buttons=in_rows(stops, _BUTTONS_A_ROW),
    )


async def press_unwatch(context: Chat, request: Request, part: str) -> Reply:
    """Stop watching a paper: `unwatch:PAPER`."""
    paper = await unwatch(context, request, part)
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
        names = named([clean(piece, _LONGEST_PIECE) for piece in pieces], texts, _SHOWN)
        lines.append(texts.gettext("No paper recognised in: %(names)s", names=names))
    if len(ids) > MOST_WATCHED:
        lines.append(
            texts.gettext("Only the first %(limit)s papers were taken. Send the rest again.", limit=MOST_WATCHED)
        )
    return lines


def _not_found(ids: Sequence[str], texts: Texts) -> str:
    return texts.gettext("Not found: %(names)s", names=named(ids, texts, _SHOWN))


COMMANDS = (Command(SPEC, answer, {"watch": press, "unwatch": press_unwatch}),)
