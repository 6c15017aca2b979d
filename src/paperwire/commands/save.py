"""`/save`: put a paper on one's list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import Command, find_paper, is_shared, say, unquoted
from paperwire.commands.papers import stored
from paperwire.commands.why import not_stored
from paperwire.core.messages.card import shown_title
from paperwire.core.messages.message import Button
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.core.papers.paper import Paper
    from paperwire.ports.requests import Caller, Reply, Request

SPEC = CommandSpec(
    "save",
    gettext_noop("Save a paper to your list"),
    (Argument("query", gettext_noop("a paper: arXiv id, DOI or address")),),
)


async def answer(context: Context, request: Request) -> Reply:
    """`/save PAPER`."""
    texts = texts_in(request.locale)
    paper = await find_paper(context, unquoted(request.args), texts)
    if not paper.number:
        refused = texts.gettext("%(id)s isn't stored, so it can't be saved.", id=paper.id)
        raise CommandError(f"{refused}\n{not_stored(context, paper, texts)}")
    await _save(context, request, paper)
    return say(
        texts.gettext("Saved: %(title)s", title=shown_title(paper, texts)),
        buttons=[] if is_shared(request.place) else [[Button(texts.gettext("Undo"), f"unsave:{paper.number}")]],
        aside=True,
    )


async def press(context: Context, request: Request, part: str) -> Reply:
    """The button under a paper: `save:PAPER`; it needs no message of its own."""
    await keep(context, request, part)
    return say(toast=texts_in(request.locale).gettext("Saved. /saved shows your list."))


async def unsave(context: Context, request: Request, part: str) -> Reply:
    """Take a paper off one's list: `unsave:PAPER`."""
    paper = await take_off(context, request, part)
    texts = texts_in(request.locale)
    text = texts.gettext("No longer saved: %(title)s", title=shown_title(paper, texts))
    return say(text, edit=True)


async def take_off(context: Context, caller: Caller, part: str) -> Paper:
    """Take the paper with this number off the caller's list."""
    paper = await stored(context, part)
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        await unit.people.unsave_paper(person.number, paper.number)
    return paper


async def keep(context: Context, caller: Caller, part: str) -> Paper:
    """Put the paper with this number on the caller's list."""
    paper = await stored(context, part)
    await _save(context, caller, paper)
    return paper


async def _save(context: Context, caller: Caller, paper: Paper) -> None:
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        await unit.people.save_paper(person.number, paper.number)


COMMAND = Command(SPEC, answer, {"save": press, "unsave": unsave})
