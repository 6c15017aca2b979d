"""Papers that people name: found, voted for, saved and watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paperwire.core.messages.message import Attachment
from paperwire.core.papers.citation import bibtex, ris
from paperwire.core.papers.named import paper_named
from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, SourceError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.papers.lists import is_anonymous, list_here
from paperwire.services.typed import StaleButton, action_number
from paperwire.texts import Texts

FILES = {
    "bibtex": ("saved.bib", "application/x-bibtex", bibtex),
    "ris": ("saved.ris", "application/x-research-info-systems", ris),
}
MOST_WATCHED = 200
"""Maximum papers one message may name."""


async def find_paper(context: Context, text: str, texts: Texts) -> Paper:
    """The paper that an id, DOI or address names: stored, or as a source has it (`number` 0).

    Raises CommandError when the text names no paper, no source has it, or one that may have it cannot be asked.
    """
    if not text:
        raise CommandError(texts.gettext("Add a paper: an arXiv id such as 2510.00001, a DOI, or a link to its page."))
    paper_id = paper_named(text)
    async with context.store.read() as unit:
        paper = await unit.papers.get(paper_id or text)
    if paper is not None:
        return paper
    if paper_id is None:
        raise CommandError(
            # Translators: %(text)s is what was typed.
            texts.gettext(
                "Can't read \"%(text)s\". Use an arXiv id such as 2510.00001, a DOI, or the link to the paper's page.",
                text=clean(text, 60),
            )
        )
    try:
        paper = await context.lookup(paper_id)
    except SourceError as error:
        raise _not_looked_up(paper_id, error, texts) from error
    if paper is None:
        raise CommandError(texts.gettext("%(paper)s isn't stored, and no source has it.", paper=paper_id))
    return paper


async def stored_papers(context: Context, ids: Sequence[str]) -> dict[str, Paper]:
    """The stored papers among these, by id."""
    async with context.store.read() as unit:
        return {paper_id: paper for paper_id in ids if (paper := await unit.papers.get(paper_id))}


async def find_papers(context: Context, ids: Sequence[str], texts: Texts) -> tuple[list[Paper], list[str]]:
    """The papers with these ids, stored or as sources have them, and the ids that no source has.

    Raises CommandError if none is found; a source that can't be asked matters only then.
    """
    papers = await stored_papers(context, ids)
    missing = [paper_id for paper_id in ids if paper_id not in papers]
    try:
        papers |= await context.lookup_many(missing)
    except SourceError as error:
        if not papers:
            raise _not_looked_up(missing[0], error, texts) from error
    return [papers[each] for each in ids if each in papers], [each for each in ids if each not in papers]


def _not_looked_up(paper_id: str, error: SourceError, texts: Texts) -> CommandError:
    return CommandError(
        texts.gettext("%(paper)s isn't stored, and looking it up failed: %(reason)s", paper=paper_id, reason=error)
    )


async def stored(context: Context, part: str) -> Paper:
    """The paper with the number in a button's action; raises StaleButton if it isn't stored any more."""
    number = action_number(part)
    async with context.store.read() as unit:
        papers = await unit.papers.by_number([number])
    if number not in papers:
        raise StaleButton
    return papers[number]


@dataclass(frozen=True, slots=True)
class VoteOutcome:
    """The result of a vote, or of its end: whether that changed anything, and all `votes` of the paper on that list.

    `person` is whose vote it is.
    """

    is_new: bool
    votes: int
    of_list: int
    person: int


async def vote(context: Context, caller: Caller, part: str, *, stands: bool) -> VoteOutcome:
    """Let the caller vote for a paper on the list of where they are, or withdraw that.

    Raises CommandError where they have no vote, there is no list, or a manager removed the paper from it.
    """
    texts = caller.texts
    paper = await stored(context, part)
    if is_anonymous(caller):
        raise CommandError(texts.gettext("Channels and anonymous administrators can't vote. Vote as yourself."))
    async with context.store.write() as unit:
        of_list = await list_here(context, unit, caller)
        person = await people.person(context, unit, caller)
        whose = (of_list.number, person.number, paper.number)
        is_new = not stands and await unit.lists.withdraw(*whose)
        if stands:
            cast = await unit.lists.vote(*whose)
            is_new = cast == "counted"
            if cast == "removed":
                raise CommandError(texts.gettext("A manager removed this paper from the list. It takes no more votes."))
        votes = (await unit.lists.votes(of_list.number, [paper.number])).get(paper.number, 0)
    return VoteOutcome(is_new, votes, of_list.number, person.number)


async def check_own(context: Context, caller: Caller, person: int) -> None:
    """Raise CommandError unless the caller is the person with this number."""
    async with context.store.read() as unit:
        actor = await unit.people.person_of(caller.actor)
    if actor is None or actor.number != person:
        raise CommandError(caller.texts.gettext("This button is only for the person who asked."))


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction that changed the votes of a paper: how many there are now on that list, and where its card is."""

    paper: Paper
    votes: int
    of_list: int
    place: StoredPlace


async def react(context: Context, caller: Caller, message: str, *, withdrawn: bool) -> Reaction | None:
    """Count a reaction to a message that shows one paper as a vote, or its end as the vote's; None for no change."""
    if is_anonymous(caller):
        return None
    async with context.store.read() as unit:  # most reactions are to what others wrote
        card = await unit.lists.card(caller.place.channel, caller.place.address, message)
        place, number = card or (0, 0)
        papers = await unit.papers.by_number([number]) if card else {}
    if number not in papers:
        return None
    paper = papers[number]
    async with context.store.write() as unit:
        of_list, is_changed = await unit.lists.lock(place), False
        if not withdrawn:
            person = await unit.people.ensure(caller.actor, caller.locale, zone=context.zone)
            is_changed = await unit.lists.vote(of_list, person.number, paper.number) == "counted"
        elif voter := await unit.people.person_of(caller.actor):  # who was forgotten meanwhile stays so
            is_changed = await unit.lists.withdraw(of_list, voter.number, paper.number)
        votes = (await unit.lists.votes(of_list, [paper.number])).get(paper.number, 0)
        card_place = await unit.places.get(place)
    return Reaction(paper, votes, of_list, card_place) if is_changed and card_place is not None else None


# --- saved papers ------------------------------------------------------------------------------------------------


async def take_off(context: Context, caller: Caller, part: str) -> tuple[Paper, bool]:
    """Take the paper with this number off the caller's list; whether it was on it."""
    paper = await stored(context, part)
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        return paper, await unit.people.unsave_paper(person.number, paper.number)


async def keep(context: Context, caller: Caller, part: str) -> tuple[Paper, bool]:
    """Put the paper with this number on the caller's list; whether it is new there."""
    paper = await stored(context, part)
    return paper, await save(context, caller, paper)


async def save(context: Context, caller: Caller, paper: Paper) -> bool:
    """Put a stored paper on the caller's list; False if it was on it."""
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        return await unit.people.save_paper(person.number, paper.number)


async def is_saved(context: Context, caller: Caller, paper: Paper) -> bool:
    async with context.store.read() as unit:
        person = await unit.people.person_of(caller.actor)
        return person is not None and await unit.people.is_saved(person.number, paper.number)


def citation_file(papers: Sequence[Paper], form: str) -> Attachment:
    """The papers as a file in one of FILES."""
    name, media_type, write = FILES[form]
    return Attachment(name, media_type, write(papers).encode())


async def saved(context: Context, caller: Caller) -> list[Paper]:
    """The papers that the actor saved, the latest first."""
    async with context.store.read() as unit:
        person = await unit.people.person_of(caller.actor)
        return await unit.people.saved(person.number) if person else []


# --- watched papers ----------------------------------------------------------------------------------------------


async def watch(context: Context, caller: Caller, papers: Sequence[Paper]) -> tuple[list[Paper], set[int]]:
    """Watch papers here: the papers, and the numbers of those that weren't watched here before.

    Those that aren't stored are stored without an announcement.
    """
    async with context.store.write() as unit:  # apart, as one transaction would wait for turns in another order
        await unit.papers.add([paper for paper in papers if not paper.number])
    async with context.store.write() as unit:
        place = await people.current_place(context, unit, caller)
        person = await people.person(context, unit, caller)
        stored_papers = [await unit.papers.get(paper.id) for paper in papers]
        watched = {paper.number: paper for paper in stored_papers if paper is not None}
        new = {number for number in watched if await unit.people.watch(place.number, number, person.number)}
    return list(watched.values()), new


async def watched_here(context: Context, caller: Caller) -> list[Paper]:
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place)
        return await unit.people.watched(place.number) if place else []


async def unwatch(context: Context, caller: Caller, numbers: Sequence[str]) -> tuple[list[Paper], list[Paper]]:
    """Watch the papers with these numbers no longer in the caller's place: they, and those that were watched there."""
    people.only_managers(caller)
    async with context.store.write() as unit:
        by_number = await unit.papers.by_number([action_number(number) for number in numbers])
        if not by_number:
            raise StaleButton
        place = await people.current_place(context, unit, caller)
        papers = [by_number[number] for number in sorted(by_number)]  # in one order, as others do at the same time
        return papers, [paper for paper in papers if await unit.people.unwatch(place.number, paper.number)]
