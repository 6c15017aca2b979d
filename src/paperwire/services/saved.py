"""The papers that a person saved."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.core.messages.message import Attachment
from paperwire.core.papers.citation import bibtex, ris
from paperwire.core.papers.paper import Paper
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.papers import stored

FILES = {
    "bibtex": ("saved.bib", "application/x-bibtex", bibtex),
    "ris": ("saved.ris", "application/x-research-info-systems", ris),
}


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
    await save(context, caller, paper)
    return paper


async def save(context: Context, caller: Caller, paper: Paper) -> None:
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        await unit.people.save_paper(person.number, paper.number)


def citation_file(papers: Sequence[Paper], form: str) -> Attachment:
    """The papers as a file in one of FILES."""
    name, media_type, write = FILES[form]
    return Attachment(name, media_type, write(papers).encode())


async def saved(context: Context, caller: Caller) -> list[Paper]:
    """The papers that the actor saved, the latest first."""
    async with context.store.read() as unit:
        person = await unit.people.person_of(caller.actor)
        return await unit.people.saved(person.number) if person else []
