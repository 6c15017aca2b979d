"""Papers that people name, and their votes."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.papers.identity import canonical_id
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, SourceError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.lists import is_nobody, list_here
from paperwire.services.typed import StaleButton, action_number
from paperwire.texts import Texts


async def find_paper(context: Context, text: str, texts: Texts) -> Paper:
    """The paper that an id, DOI or address names: stored, or as a source has it (`number` 0).

    Raises CommandError when the text names no paper, no source has it, or one that may have it cannot be asked.
    """
    if not text:
        raise CommandError(texts.gettext("Add a paper: an arXiv id such as 2510.00001, a DOI, or a link to its page."))
    async with context.store.read() as unit:
        paper = await unit.papers.get(text)
    if paper is not None:
        return paper
    paper_id = canonical_id(text)
    if paper_id is None:
        raise CommandError(
            texts.gettext(
                "Can't read \"%(text)s\". Use an arXiv id such as 2510.00001, a DOI, or the link to the paper's page.",
                text=clean(text, 60),
            )
        )
    try:
        paper = await context.lookup(paper_id)
    except SourceError as error:
        raise CommandError(
            texts.gettext("%(paper)s isn't stored, and looking it up failed: %(reason)s", paper=paper_id, reason=error)
        ) from error
    if paper is None:
        raise CommandError(texts.gettext("%(paper)s isn't stored, and no source has it.", paper=paper_id))
    return paper


async def stored(context: Context, part: str) -> Paper:
    """The paper with the number in a button's action; raises StaleButton if it isn't stored any more."""
    number = action_number(part)
    async with context.store.read() as unit:
        papers = await unit.papers.by_number([number])
    if number not in papers:
        raise StaleButton
    return papers[number]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a vote: whether it stands now, and all `votes` of the paper on that list, by the list's number."""

    stands: bool
    votes: int
    of_list: int


async def vote(context: Context, caller: Caller, part: str, *, stands: bool | None = None) -> Outcome:
    """Let the caller vote for a paper on the list of where they are, or withdraw that; None does what they didn't yet.

    Raises CommandError where they have no vote, there is no list, or a manager removed the paper from it.
    """
    texts = caller.texts
    paper = await stored(context, part)
    if is_nobody(caller):
        raise CommandError(texts.gettext("Channels and anonymous administrators have no vote. Vote as yourself."))
    async with context.store.write() as unit:
        of_list = await list_here(context, unit, caller)
        person = await people.person(context, unit, caller)
        withdrawn = not stands and await unit.lists.withdraw(of_list.number, person.number, paper.number)
        stands = not withdrawn if stands is None else stands
        cast = await unit.lists.vote(of_list.number, person.number, paper.number) if stands else ""
        votes = (await unit.lists.votes(of_list.number, [paper.number])).get(paper.number, 0)
    if cast == "removed":
        raise CommandError(texts.gettext("A manager removed this paper from the list. It takes no more votes."))
    return Outcome(stands, votes, of_list.number)
