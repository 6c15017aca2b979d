"""The list of papers where a person asks: that of a place's community or its own, in private chats the public one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from paperwire.core.matching.occasions import ARRIVAL
from paperwire.core.messages.card import shown_title
from paperwire.core.papers.lists import PUBLIC, Submission, Voted
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.terms.on_list import HERE, PUBLIC_NAME
from paperwire.core.subscriptions.subscription import Person, StoredPlace
from paperwire.core.subscriptions.wallclock import clock_of
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.callers import Caller, Place
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.typed import action_number
from paperwire.store.unit import Unit
from paperwire.texts import Texts

MOST_OF_PERSON, MOST_ON_LIST = 10, 50
"""The most submissions of a person, and to a list, in a day."""
FOLLOW = f"list:{HERE}"
_A_DAY = timedelta(days=1)
_NAME_LIMIT = 60


@dataclass(frozen=True, slots=True)
class PaperList:
    """A list by its number; `place` is the one where it was asked for, None for the public list."""

    number: int
    place: StoredPlace | None = None


async def settle(context: Context, place: Place) -> None:
    """Let a stored place have the list of its community once its channel tells which that is."""
    if place.community is None:
        return
    async with context.store.read() as unit:
        stored = await unit.places.at(place)
    if stored is not None and stored.community != place.community.address:
        async with context.store.write() as unit:
            await unit.places.join_community(stored.number, place.community.address)


async def list_here(context: Context, unit: Unit, caller: Caller) -> PaperList:
    """The list of the caller's place, stored if it is new; needs a writing unit; raises CommandError for none."""
    if caller.place.has_list:
        place = await people.current_place(context, unit, caller)
        return PaperList(await unit.lists.lock(place.number), place)
    _check_public(context, caller)
    return PaperList(PUBLIC)


async def known_list(context: Context, unit: Unit, caller: Caller) -> int | None:
    """The number of the same, None for a place that is new: nothing is on its list."""
    if caller.place.has_list:
        return await unit.places.list_of(caller.place)
    _check_public(context, caller)
    return PUBLIC


def _check_public(context: Context, caller: Caller) -> None:
    if not context.public_list:
        raise CommandError(
            caller.texts.gettext("There is no public list here. Use this in a group or channel: it has its own.")
        )


def check_followed(context: Context, query: Query, place: Place, texts: Texts) -> None:
    """Raise CommandError if a query asks for a list that there isn't at this place."""
    if query.list == HERE and not place.is_shared:
        if place.has_list:
            raise CommandError(texts.gettext("Only you submit papers here. To see your list: /trending here"))
        raise CommandError(texts.gettext("A private chat has no list. Follow list:public."))
    if query.list == PUBLIC_NAME and not context.public_list:
        raise CommandError(texts.gettext("There is no public list here. A group or channel follows its own: list:here"))


async def votes_here(context: Context, caller: Caller, papers: Sequence[Paper]) -> dict[int, int] | None:
    """The votes of papers on the list of the caller's place, by number; None where there are no votes."""
    if not (caller.place.has_list or context.public_list):
        return None
    async with context.store.read() as unit:
        of_list = await known_list(context, unit, caller)
        return {} if of_list is None else await unit.lists.votes(of_list, [paper.number for paper in papers])


def is_anonymous(caller: Caller) -> bool:
    """Whether the shared place itself speaks, as with posts of a channel and administrators who stay anonymous."""
    place = caller.place
    return place.is_shared and caller.actor.user_id in {place.address, place.address.partition("/")[0]}


async def most_voted(context: Context, caller: Caller, since: datetime, limit: int) -> list[tuple[Voted, str]]:
    """The papers with most votes on the list here since an instant, each with its submitter's name if that is shown."""
    async with context.store.read() as unit:
        of_list = await known_list(context, unit, caller)
        if of_list is None:
            return []
        papers = await unit.lists.most_voted(of_list, since, context.now(), limit)
        names = await unit.lists.names(of_list, [voted.paper.number for voted in papers])
    return [(voted, names.get(voted.paper.number, "")) for voted in papers]


# --- submitting --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submitted:
    """A paper that is on a list, and the numbers of the places that follow the list.

    `is_new` says that it was put there now, `cast` what came of the vote of `person` (0: who has none).
    """

    submission: Submission
    of_list: PaperList
    followers: set[int]
    is_new: bool
    cast: str
    person: int


async def submit(context: Context, caller: Caller, paper: Paper, *, shows_name: bool) -> Submitted:
    """Put a paper on today's list of the caller's place, with their vote; of one that is on it, the vote alone.

    Raises CommandError after too many, if it was taken off by a manager, and if it is on the list and the caller has no
    vote. The first submission lets a shared place follow its list.
    """
    texts = caller.texts
    if not paper.number:
        async with context.store.write() as unit:  # apart, as one transaction would wait for locks in another order
            await unit.papers.add([paper])
    async with context.store.write() as unit:
        stored = await unit.papers.get(paper.id)
        if stored is None:
            raise CommandError(texts.gettext("%(paper)s isn't stored, and no source has it.", paper=paper.id))
        await unit.lists.lock_all()
        of_list = await list_here(context, unit, caller)
        person = None if is_anonymous(caller) else await people.person(context, unit, caller)
        earlier = await unit.lists.submission(of_list.number, stored.number)
        if earlier is None:
            await _check_number(unit, of_list, person, texts)
            await _put_on(context, unit, caller, (of_list, stored, person), shows_name=shows_name)
        elif person is None:
            raise CommandError(since_words(earlier, texts))
        is_new, cast = earlier is None, "known"
        if person is not None:
            cast = await unit.lists.vote(of_list.number, person.number, stored.number)
            if is_new:
                await _follow(unit, caller, of_list, person)
        submission = await _submission(unit, of_list.number, stored.number, texts)
        followers = await unit.lists.followers(of_list.number)
        return Submitted(submission, of_list, followers, is_new, cast, person.number if person else 0)


async def _put_on(
    context: Context, unit: Unit, caller: Caller, what: tuple[PaperList, Paper, Person | None], *, shows_name: bool
) -> None:
    of_list, paper, person = what
    zone = of_list.place.zone if of_list.place else context.zone
    outcome = await unit.lists.submit(
        of_list.number,
        paper.number,
        day=context.now().astimezone(clock_of(zone)).date(),
        person=person.number if person else None,
        name=clean(caller.actor.name, _NAME_LIMIT) if shows_name and person else "",
        restore=of_list.place is not None and caller.can_manage,
    )
    if outcome == "removed":
        text = caller.texts.gettext("A manager removed this paper from the list. Only managers can put it back.")
        raise CommandError(text)


def since_words(submission: Submission, texts: Texts) -> str:
    day, title = texts.day(submission.day), shown_title(submission.paper, texts)
    return texts.gettext("On the list since %(day)s: %(title)s", day=day, title=title)


async def _check_number(unit: Unit, of_list: PaperList, person: Person | None, texts: Texts) -> None:
    """Raise CommandError if a person, or all on one list, submitted enough for a day."""
    since = unit.now - _A_DAY
    if person is not None and await unit.lists.submitted(since, person=person.number) >= MOST_OF_PERSON:
        raise CommandError(
            texts.gettext(
                "You submitted %(limit)s papers within a day, the maximum. Try again tomorrow.", limit=MOST_OF_PERSON
            )
        )
    if await unit.lists.submitted(since, of_list=of_list.number) >= MOST_ON_LIST:
        raise CommandError(
            texts.gettext(
                "This list got %(limit)s papers within a day, the maximum. Try again tomorrow.", limit=MOST_ON_LIST
            )
        )


async def _follow(unit: Unit, caller: Caller, of_list: PaperList, person: Person) -> None:
    """Let the shared place of a list's first submission follow it."""
    place = of_list.place
    if place is None or not place.is_shared or caller.place.problem or await unit.lists.was_followed(of_list.number):
        return
    await unit.subscriptions.subscribe(
        person.number, parse(FOLLOW), name="", occasions=ARRIVAL, cadence="", destinations=[place.number]
    )


async def _submission(unit: Unit, of_list: int | None, paper: int, texts: Texts) -> Submission:
    """The submission of a paper to a list; raises CommandError if there is none."""
    submission = None if of_list is None else await unit.lists.submission(of_list, paper)
    if submission is None:
        raise CommandError(texts.gettext("This paper isn't on the list."))
    return submission


async def sign(context: Context, caller: Caller, part: str) -> str:
    """Show the caller's name with the paper of this number that they submitted; returns the name."""
    texts = caller.texts
    async with context.store.write() as unit:
        of_list = await list_here(context, unit, caller)
        person = await people.person(context, unit, caller)
        submission = await _submission(unit, of_list.number, action_number(part), texts)
        name = clean(caller.actor.name, _NAME_LIMIT)
        if submission.person != person.number or not name:
            raise CommandError(texts.gettext("Someone else submitted this paper."))
        await unit.lists.sign(of_list.number, submission.paper.number, name)
    return name


async def take_off_list(context: Context, caller: Caller, paper: Paper, *, keeps_vote: bool) -> Paper:
    """Take a paper off the list here: its submitter may, and managers on the list of their place.

    The submitter's vote goes too, unless it was there before (`keeps_vote`).
    """
    texts = caller.texts
    async with context.store.write() as unit:
        await unit.lists.lock_all()
        of_list = await known_list(context, unit, caller)
        person = await unit.people.person_of(caller.actor)
        submission = await _submission(unit, of_list, paper.number, texts)
        is_own = person is not None and submission.person == person.number and not is_anonymous(caller)
        manages = submission.list != PUBLIC and caller.can_manage
        if not is_own and not manages:
            raise CommandError(texts.gettext("Only its submitter and managers can take a paper off the list."))
        await unit.lists.remove(submission.list, paper.number, barred=not is_own)
        if is_own and person is not None and not keeps_vote:
            await unit.lists.withdraw(submission.list, person.number, paper.number)
    return submission.paper
