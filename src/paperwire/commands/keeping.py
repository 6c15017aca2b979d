"""Papers that people keep: saved lists and citation files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.desk import action_number, find_paper, say, unquoted
from paperwire.commands.searching import stored
from paperwire.core.messages.card import brief, list_buttons, shown_title
from paperwire.core.messages.message import Attachment, Button, Span
from paperwire.core.papers.citation import bibtex, ris
from paperwire.errors import CommandError
from paperwire.wording import commands as words
from paperwire.wording import help as help_words

if TYPE_CHECKING:
    from paperwire.commands.desk import Desk
    from paperwire.core.papers.paper import Paper
    from paperwire.ports import Reply, Request

_PAGE = 10
_FILES = {
    "bibtex": ("saved.bib", "application/x-bibtex", bibtex),
    "ris": ("saved.ris", "application/x-research-info-systems", ris),
}


async def answer_save(desk: Desk, request: Request) -> Reply:
    """`/save PAPER`."""
    paper = await _held(desk, request)
    await _save(desk, request, paper)
    return say(words.saved(shown_title(paper)), buttons=[[Button(words.UNDO, f"unsave:{paper.number}")]], private=True)


async def press_save(desk: Desk, request: Request, part: str) -> Reply:
    """The button under a paper: `save:PAPER`; it needs no message of its own."""
    await _save(desk, request, await stored(desk, part))
    return say(toast=words.SAVED_TOAST, private=True)


async def unsave(desk: Desk, request: Request, part: str) -> Reply:
    """Take a paper off one's list: `unsave:PAPER`."""
    paper = await stored(desk, part)
    async with desk.store.write() as unit:
        person = await people.person(desk, unit, request)
        await unit.people.unsave_paper(person.number, paper.number)
    return say(words.unsaved(shown_title(paper)), edit=True, private=True)


async def _held(desk: Desk, request: Request) -> Paper:
    paper = await find_paper(desk, unquoted(request.args))
    if not paper.number:
        raise CommandError(words.not_held(paper.id))
    return paper


async def _save(desk: Desk, request: Request, paper: Paper) -> None:
    async with desk.store.write() as unit:
        person = await people.person(desk, unit, request)
        await unit.people.save_paper(person.number, paper.number)


async def answer_saved(desk: Desk, request: Request) -> Reply:
    """`/saved [bibtex|ris]`."""
    form = unquoted(request.args).casefold()
    if form and form not in _FILES:
        raise CommandError(words.one_of(help_words.FORMATS))
    return await _file(desk, request, form) if form else await _list(desk, request, 0)


async def turn_saved(desk: Desk, request: Request, part: str) -> Reply:
    """Another page of the list, or it as a file: `saved:OFFSET`, `saved:bibtex`."""
    if part in _FILES:
        return await _file(desk, request, part)
    return await _list(desk, request, action_number(part), edit=True)


async def _all(desk: Desk, request: Request) -> list[Paper]:
    async with desk.store.read() as unit:
        person = await unit.people.person_of(request.actor)
        return await unit.people.saved(person.number) if person else []


async def _file(desk: Desk, request: Request, form: str) -> Reply:
    papers = await _all(desk, request)
    if not papers:
        return say(words.NOTHING_SAVED, private=True)
    name, media_type, write = _FILES[form]
    file = Attachment(name, media_type, write(papers).encode())
    return say(words.saved_papers(len(papers)), files=[file], private=True)


async def _list(desk: Desk, request: Request, offset: int, *, edit: bool = False) -> Reply:
    papers = await _all(desk, request)
    page = papers[offset : offset + _PAGE]
    if not page:
        return say(words.NOTHING_SAVED, private=True, edit=edit)
    turns = [Button(words.EARLIER_PAGE, f"saved:{max(offset - _PAGE, 0)}")] if offset else []
    if offset + _PAGE < len(papers):
        turns.append(Button(words.NEXT_PAGE, f"saved:{offset + _PAGE}"))
    files = [Button(words.BIBTEX, "saved:bibtex"), Button(words.RIS, "saved:ris")]
    return say(
        (Span(words.saved_papers(len(papers)), "bold"),),
        items=[brief(paper) for paper in page],
        buttons=[*list_buttons(page, offset + 1), [*files, *turns]],
        private=True,
        edit=edit,
    )
