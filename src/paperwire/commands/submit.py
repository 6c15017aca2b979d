"""`/submit` and `/unsubmit`: put a paper on the list of a chat, and take it off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.lists import worded
from paperwire.core.messages.card import shown_title
from paperwire.core.messages.message import Button
from paperwire.core.papers.lists import PUBLIC, Submission
from paperwire.core.papers.mentions import mentioned
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.terms.on_list import HERE, OPEN
from paperwire.core.subscriptions.subscription import Person
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.lists import PaperList, is_anonymous, known_list, list_here, today
from paperwire.services.papers import find_paper, stored
from paperwire.services.typed import action_number, unquoted
from paperwire.store.unit import Unit
from paperwire.texts import Texts, gettext_noop

PAPER = Argument("query", gettext_noop("a paper: arXiv id, DOI or address"))
SUBMIT = CommandSpec(
    "submit",
    gettext_noop("Put a paper on today's list here"),
    (PAPER,),
    (Argument("name", gettext_noop("show your name next to it"), required=False, choices=("yes", "no")),),
)
UNSUBMIT = CommandSpec("unsubmit", gettext_noop("Take a paper off the list here"), (PAPER,))

A_DAY = timedelta(days=1)
OF_PERSON, OF_LIST = 10, 50
"""The most submissions of a person, and to a list, in a day."""
FOLLOW = f"list:{HERE}"
_SUBMITTED = {
    "": gettext_noop("Submitted to the list: %(title)s"),
    "server": gettext_noop("Submitted to this server's list: %(title)s"),
    "group": gettext_noop("Submitted to this group's list: %(title)s"),
}
_KNOWN = {
    "": gettext_noop("On the list since %(day)s: %(title)s"),
    "server": gettext_noop("On this server's list since %(day)s: %(title)s"),
    "group": gettext_noop("On this group's list since %(day)s: %(title)s"),
}
_REMOVED = {
    "": gettext_noop("Removed from the list: %(title)s"),
    "server": gettext_noop("Removed from this server's list: %(title)s"),
    "group": gettext_noop("Removed from this group's list: %(title)s"),
}
_NAME = re.compile(r"(?:(?<=\s)|^)name:(yes|no)(?=\s|$)", re.IGNORECASE)
_NAME_LIMIT = 60


@dataclass(frozen=True, slots=True)
class _Wish:
    """Which paper shall be on which list, as of which day; `person` is None for an anonymous administrator."""

    of_list: PaperList
    paper: Paper
    day: date
    person: Person | None
    shows_name: bool


async def answer_submit(context: Chat, request: Request) -> Reply:
    """`/submit PAPER [name:yes]`."""
    texts = request.texts
    named = _NAME.search(request.args)
    typed = _NAME.sub("", request.args)
    shows_name = (request.options.get("name") or (named[1] if named else "")).casefold() == "yes"
    paper = await one_paper(context, typed, texts)
    if not paper.number:
        async with context.store.write() as unit:  # apart, as one transaction would wait for turns in another order
            await unit.papers.add([paper])
    async with context.store.write() as unit:
        stored = await unit.papers.get(paper.id)
        if stored is None:
            raise CommandError(texts.gettext("%(paper)s isn't stored, and no source has it.", paper=paper.id))
        await unit.lists.lock_all()
        of_list = await list_here(context, unit, request)
        person = None if is_anonymous(request) else await people.person(context, unit, request)
        await _check_number(unit, of_list, person, texts)
        wish = _Wish(of_list, stored, today(context, of_list), person, shows_name)
        await _submit(unit, request, wish, texts)
        if person is not None and not request.place.problem:
            await _follow(unit, of_list, person)
        followers = await unit.lists.followers(of_list.number)
        submission = await unit.lists.submission(of_list.number, stored.number)
    return _submitted(request, submission, _where_posted(of_list, followers, texts), texts)


async def one_paper(context: Chat, typed: str, texts: Texts) -> Paper:
    """The paper that was typed; raises CommandError for none or several."""
    ids = mentioned(typed, 2)
    if len(ids) > 1:
        raise CommandError(texts.gettext("Submit one paper at a time."))
    return await find_paper(context, ids[0] if ids else unquoted(typed), texts)


async def _check_number(unit: Unit, of_list: PaperList, person: Person | None, texts: Texts) -> None:
    """Raise CommandError if a person, or all on one list, submitted enough for a day."""
    since = unit.now - A_DAY
    if person is not None and await unit.lists.submitted(since, person=person.number) >= OF_PERSON:
        raise CommandError(
            texts.gettext(
                "You submitted %(limit)s papers within a day, the maximum. Try again tomorrow.", limit=OF_PERSON
            )
        )
    if await unit.lists.submitted(since, of_list=of_list.number) >= OF_LIST:
        raise CommandError(
            texts.gettext(
                "This list got %(limit)s papers within a day, the maximum. Try again tomorrow.", limit=OF_LIST
            )
        )


async def _submit(unit: Unit, request: Request, wish: _Wish, texts: Texts) -> None:
    """Submit, with the submitter's vote; raises CommandError if it is on the list, or was taken off by a manager."""
    of_list, person, paper = wish.of_list, wish.person, wish.paper
    outcome = await unit.lists.submit(
        of_list.number,
        paper.number,
        day=wish.day,
        person=person.number if person else None,
        name=clean(request.actor.name, _NAME_LIMIT) if wish.shows_name and person else "",
        restore=of_list.place is not None and request.can_manage,
    )
    if outcome == "known":
        earlier = await unit.lists.submission(of_list.number, paper.number)
        day = texts.day(earlier.day) if earlier else ""
        raise CommandError(texts.gettext(worded(request.place, _KNOWN), day=day, title=shown_title(paper, texts)))
    if outcome == "removed":
        raise CommandError(texts.gettext("A manager removed this paper from the list. Only managers can put it back."))
    if person is not None:
        await unit.lists.vote(of_list.number, person.number, paper.number)


async def _follow(unit: Unit, of_list: PaperList, person: Person) -> None:
    """Let the shared place of a list's first submission follow it."""
    place = of_list.place
    if place is not None and not await unit.lists.was_followed(of_list.number):
        arrival = frozenset({"arrival"})
        await unit.subscriptions.subscribe(
            person.number, parse(FOLLOW), name="", occasions=arrival, cadence="", destinations=[place.number]
        )


def _where_posted(of_list: PaperList, followers: set[int], texts: Texts) -> str:
    """Where what was submitted is posted: here, in other places alone, or only where people ask for it."""
    if of_list.place is None:
        return texts.gettext("To get what is submitted: /subscribe %(query)s", query=f"list:{OPEN}")
    if of_list.place.number in followers:
        return texts.gettext("It will be posted here.")
    if followers:
        return texts.gettext(
            "It will be posted where the list is followed. To follow it here: /subscribe %(query)s", query=FOLLOW
        )
    return texts.gettext("To get what is submitted: /subscribe %(query)s", query=FOLLOW)


def _submitted(request: Request, submission: Submission | None, posted: str, texts: Texts) -> Reply:
    assert submission is not None  # noqa: S101 -- it was submitted in the same transaction
    paper = submission.paper
    buttons = [Button(texts.gettext("Undo"), f"unsubmit:{paper.number}")]
    if not submission.name and not is_anonymous(request):
        buttons.insert(0, Button(texts.gettext("Show my name"), f"sign:{paper.number}"))
    return say(
        texts.gettext(worded(request.place, _SUBMITTED), title=shown_title(paper, texts)),
        posted,
        texts.gettext("Shown as submitted by %(name)s.", name=submission.name) if submission.name else "",
        buttons=[buttons],
        aside=True,
    )


async def sign(context: Chat, request: Request, part: str) -> Reply:
    """Show the submitter's name next to what they submitted: `sign:PAPER`."""
    texts = request.texts
    async with context.store.write() as unit:
        of_list = await list_here(context, unit, request)
        person = await people.person(context, unit, request)
        submission = await their_submission(unit, of_list.number, action_number(part), texts)
        name = clean(request.actor.name, _NAME_LIMIT)
        if submission.person != person.number or not name:
            raise CommandError(texts.gettext("Someone else submitted this paper."))
        await unit.lists.sign(of_list.number, submission.paper.number, name)
    return say(toast=texts.gettext("Shown as submitted by %(name)s.", name=name))


async def their_submission(unit: Unit, of_list: int | None, number: int, texts: Texts) -> Submission:
    """The submission of a paper to a list; raises CommandError if there is none."""
    submission = None if of_list is None else await unit.lists.submission(of_list, number)
    if submission is None:
        raise CommandError(texts.gettext("This paper isn't on the list."))
    return submission


async def answer_unsubmit(context: Chat, request: Request) -> Reply:
    """`/unsubmit PAPER`."""
    paper = await one_paper(context, request.args, request.texts)
    return await _remove(context, request, paper.number, request.texts)


async def remove(context: Chat, request: Request, part: str) -> Reply:
    """Take a paper off the list: `unsubmit:PAPER`."""
    paper = await stored(context, part)
    return await _remove(context, request, paper.number, request.texts)


async def _remove(context: Chat, request: Request, number: int, texts: Texts) -> Reply:
    """The submitter may remove what they submitted, a manager what anyone did on the list of their place."""
    async with context.store.write() as unit:
        await unit.lists.lock_all()
        of_list = await known_list(context, unit, request)
        person = await unit.people.person_of(request.actor)
        submission = await their_submission(unit, of_list, number, texts)
        is_own = person is not None and submission.person == person.number and not is_anonymous(request)
        manages = submission.list != PUBLIC and request.can_manage
        if not is_own and not manages:
            raise CommandError(texts.gettext("Only its submitter and managers can take a paper off the list."))
        await unit.lists.remove(submission.list, number, barred=not is_own)
        if is_own and person is not None:
            await unit.lists.withdraw(submission.list, person.number, number)
    title = shown_title(submission.paper, texts)
    return say(texts.gettext(worded(request.place, _REMOVED), title=title), edit=True)


COMMANDS = (Command(SUBMIT, answer_submit, {"sign": sign}), Command(UNSUBMIT, answer_unsubmit, {"unsubmit": remove}))
