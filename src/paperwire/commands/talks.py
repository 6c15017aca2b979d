"""Presenting a paper of an agenda, and giving that back: buttons under the agenda."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import StaleButton, action_number, say
from paperwire.commands.lists import is_nobody
from paperwire.core.messages.agenda import agenda_message, presenter_name
from paperwire.core.messages.card import shown_title
from paperwire.errors import CommandError

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.core.subscriptions.meeting import Meeting, Talk
    from paperwire.core.subscriptions.subscription import Person
    from paperwire.ports.requests import Reply, Request
    from paperwire.store.unit import Unit
    from paperwire.texts import Texts


async def present(context: Context, request: Request, part: str) -> Reply:
    """Present a paper: `present:MEETING:PAPER`. Of several people the first does, and fixes the agenda."""
    texts = request.texts
    if is_nobody(request):
        raise CommandError(texts.gettext("A paper is presented by a person. Turn off posting as the chat first."))
    async with context.store.write() as unit:
        person = await people.person(context, unit, request)
        meeting, talk = await _talk(unit, request, part, person)
        taken = await unit.meetings.claim(meeting.number, talk.paper.number, person.number)
        shown = await _now(unit, meeting)
    if taken:
        title = shown_title(talk.paper, texts)
        return _edited(shown, texts.gettext("You present: %(title)s", title=title), texts)
    if talk.presenter == person.number:
        return _edited(shown, texts.gettext("You present this paper already."), texts)
    return say(texts.gettext("%(name)s presents this paper.", name=presenter_name(talk, texts)), aside=True)


async def release(context: Context, request: Request, part: str) -> Reply:
    """Give a paper back: `release:MEETING:PAPER`; its presenter may, and managers."""
    texts = request.texts
    async with context.store.write() as unit:
        person = await people.person(context, unit, request)
        meeting, talk = await _talk(unit, request, part, person)
        if talk.presenter not in {0, person.number} and not request.can_manage:
            name = presenter_name(talk, texts)
            raise CommandError(texts.gettext("Only %(name)s or a manager can give this paper back.", name=name))
        await unit.meetings.release(meeting.number, talk.paper.number)
        shown = await _now(unit, meeting)
    return _edited(shown, texts.gettext("This paper has no presenter any more."), texts)


async def _talk(unit: Unit, request: Request, part: str, person: Person) -> tuple[Meeting, Talk]:
    """The meeting and the paper that a button names, with the agenda fixed; raises CommandError."""
    texts = request.texts
    number, _, paper = part.partition(":")
    meeting = await unit.meetings.hold(action_number(number), person=person.number)
    place = await unit.people.destination_of(request.place)
    if meeting is None or place is None or meeting.place != place.number:
        raise StaleButton
    if meeting.is_cancelled:
        raise CommandError(texts.gettext("This meeting is cancelled."))
    if meeting.ends_at <= unit.now:
        raise CommandError(texts.gettext("This meeting is over. /agenda shows the next one."))
    papers = await unit.papers.by_number([action_number(paper)])
    meeting = await unit.meetings.freeze(meeting)
    talk = meeting.talk(papers[action_number(paper)].number) if papers else None
    if talk is None:
        raise CommandError(texts.gettext("This paper isn't on the agenda any more. /agenda shows what is."))
    return meeting, talk


async def _now(unit: Unit, meeting: Meeting) -> Meeting:
    return await unit.meetings.with_talks(await unit.meetings.get(meeting.number) or meeting)


def _edited(meeting: Meeting, toast: str, texts: Texts) -> Reply:
    return replace(say(edit=True, toast=toast), message=agenda_message(meeting, texts))


BUTTONS = {"present": present, "release": release}
