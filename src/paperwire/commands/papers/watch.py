"""`/watch`: follow one paper, or all that a pasted list of references names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from paperwire.commands.buttons import in_rows, offered, page_of, page_start
from paperwire.commands.context import Chat, Command, only_managers_line, say
from paperwire.core.messages.card import brief, shown_title
from paperwire.core.messages.message import Button
from paperwire.core.papers.mentions import mentioned, unread
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.papers.papers import MOST_WATCHED, find_paper, find_papers, unwatch, watch, watched_here
from paperwire.services.people import only_managers
from paperwire.services.typed import action_number, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.failing import named

# Translators: of /watch: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "watch",
    gettext_noop("Get new versions, withdrawal, publication and code of a paper"),
    (
        Argument(
            "query",
            gettext_noop("paper: id, DOI or address, or several, or a pasted .bib"),
            required=False,
            completes="paper id",
        ),
    ),
    who="viewer",
    topic="follow",
    examples=(
        ("/watch 2510.00001", gettext_noop("its new versions, withdrawal, publication and code")),
        ("/watch", gettext_noop("the papers watched here")),
    ),
)

_SHOWN = 10
_NAMED = 3
_LONGEST_PIECE = 60
_BUTTONS_A_ROW = 5


async def answer(context: Chat, request: Request) -> Reply:
    """`/watch PAPER`, or a whole pasted .bib; without words, the list of papers watched here."""
    text = "\n".join(part for part in (request.args, request.attached) if part)
    if not text.strip():
        return await _list(context, request, 0)
    texts = request.texts
    ids = mentioned(text, MOST_WATCHED + 1)
    not_read = _not_read(ids, text, texts) if ids else []
    if len(ids) > 1:
        return await _watch_all(context, request, ids[:MOST_WATCHED], not_read)
    paper = await find_paper(context, ids[0] if ids else unquoted(text), texts)
    (paper,), new = await watch(context, request, [paper])
    if not new:
        return say(texts.gettext("Already watched here: %(title)s", title=shown_title(paper, texts)), foot=not_read)
    return say(
        # Translators: the answer to a button or command about a paper: %(title)s is its title.
        texts.gettext("Watching: %(title)s", title=shown_title(paper, texts)),
        texts.gettext("New versions, withdrawal, retraction, acceptance, publication and code will be posted here."),
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
    papers, new = await watch(context, request, found_papers)
    numbers = ",".join(str(paper.number) for paper in papers if paper.number in new)
    undo = Button(texts.gettext("Undo"), context.long_texts.action("unwatch:", numbers))
    return say(
        _count(papers, texts),
        items=[brief(paper, texts) for paper in papers[:_SHOWN]],
        foot=[_not_found(unknown, texts) if unknown else "", *not_read],
        buttons=[[undo]] if new else [],
    )


async def turn_page(context: Chat, request: Request, part: str) -> Reply:
    """Another page of the list: `watched:OFFSET`."""
    return await _list(context, request, action_number(part), edit=True)


async def _list(context: Chat, request: Request, offset: int, *, edit: bool = False) -> Reply:
    texts = request.texts
    papers = await watched_here(context, request)
    if not papers:
        text = texts.gettext("No papers are watched here. Send /watch and a paper's id, or paste a whole .bib.")
        return say(text, edit=edit)
    offset = page_start(offset, len(papers))
    page, pager = page_of(papers, "watched", offset, texts)
    # Translators: a button that ends watching a paper.
    label = texts.gettext("Stop")
    stops = [
        Button(f"{texts.number(number)}. {label}", f"unwatch:{paper.number}")
        for number, paper in enumerate(page, offset + 1)
    ]
    return say(
        _count(papers, texts),
        items=[brief(paper, texts) for paper in page],
        foot=[] if request.may_change else [only_managers_line(texts)],
        buttons=[*in_rows(stops if request.may_change else [], _BUTTONS_A_ROW), pager],
        edit=edit,
    )


async def press_unwatch(context: Chat, request: Request, part: str) -> Reply:
    """Stop watching papers: `unwatch:PAPER`, or `unwatch:PAPER,PAPER`."""
    texts = request.texts
    papers, ended = await unwatch(context, request, offered(context, part).split(","))
    title = named([shown_title(paper, texts) for paper in ended or papers], texts, _NAMED)
    if not ended:
        return say(texts.gettext("Not watched here: %(title)s", title=title), aside=True)
    ids = " ".join(paper.id for paper in ended)
    undo = Button(texts.gettext("Undo"), context.long_texts.action("watch:", ids))
    return say(texts.gettext("No longer watching: %(title)s", title=title), buttons=[[undo]], edit=True)


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
            texts.gettext("Only the first %(limit)s papers were added. Send the rest separately.", limit=MOST_WATCHED)
        )
    return lines


def _not_found(ids: Sequence[str], texts: Texts) -> str:
    # Translators: %(names)s are ids of papers as they were typed.
    return texts.gettext("Not found: %(names)s", names=named(ids, texts, _SHOWN))


COMMANDS = (Command(SPEC, answer, {"watch": press, "unwatch": press_unwatch, "watched": turn_page}),)
