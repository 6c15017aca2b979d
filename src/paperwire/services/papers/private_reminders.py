"""Reminders of meetings in the private chats of presenters who wish it."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.messages.agenda import meeting_time, stop_private_button
from paperwire.core.messages.message import Message, Span
from paperwire.core.subscriptions.meeting import Meeting, ReminderKind, reminder_times
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, SendError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.own_chat import own_chat, unwritable
from paperwire.services.typed import StaleButton, action_number
from paperwire.store.unit import Unit

_LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class PrivateReminders:
    """The meeting of which someone is reminded in private, and whether they are only from now on."""

    meeting: Meeting
    is_new: bool


async def remind_in_private(context: Context, caller: Caller, part: str) -> PrivateReminders:
    """Remind the caller in their private chat too of what they present at the meeting with this number here.

    Says so there, which shows that it can. Raises CommandError if they present nothing, no reminder is left, or the
    chat is closed to us; nothing is changed then.
    """
    texts = caller.texts
    async with context.store.read() as unit:
        meeting = await _presented(unit, caller, action_number(part))
        person = await unit.people.person_of(caller.actor)
        if all(talk.in_private for talk in meeting.talks_of(person.number if person else 0)):
            return PrivateReminders(meeting, is_new=False)
    chat = await own_chat(context, caller)
    async with context.store.read() as unit:  # who is let in by the group is so there alone
        await context.access.check(unit, caller.actor, texts, chat)
    await _greet(context, caller, chat.address, meeting)
    async with context.store.write() as unit:
        presenter = await people.person(context, unit, caller)
        if not await people.hold_owner(unit, caller.actor, presenter.number):
            raise CommandError(texts.gettext("This address was just unlinked. Send the command again."))
        there = await unit.places.ensure(chat, presenter.number, zone=presenter.zone)
        if there.owner != presenter.number:
            await unit.places.give(there.number, presenter.number)
        if not await unit.meetings.remind_in_private(meeting, presenter.number, there.number):
            raise CommandError(texts.gettext("You're no longer presenting at this meeting."))
    return PrivateReminders(meeting, is_new=True)


async def stop_reminders(context: Context, caller: Caller, part: str) -> Meeting:
    """Remind the caller of a meeting only where it takes place; raises StaleButton if they present nothing there."""
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        meeting = await unit.meetings.get(action_number(part))
        if meeting is None or not await unit.meetings.stop_private(meeting.number, person.number):
            raise StaleButton
    return meeting


async def _presented(unit: Unit, caller: Caller, number: int) -> Meeting:
    """A meeting here of which reminders are left, at which the caller presents; raises CommandError."""
    texts = caller.texts
    place, meeting = await unit.places.at(caller.place), await unit.meetings.get(number)
    if place is None or meeting is None or meeting.place != place.number:
        raise StaleButton
    if meeting.is_cancelled:
        raise CommandError(texts.gettext("This meeting is cancelled."))
    if reminder_times(meeting.begins_at, meeting.ends_at, meeting.zone)[ReminderKind.HOUR_BEFORE] <= unit.now:
        raise CommandError(texts.gettext("No more reminders will be sent for this meeting."))
    meeting = await unit.meetings.with_talks(meeting)
    person = await unit.people.person_of(caller.actor)
    if person is None or not meeting.talks_of(person.number):
        raise CommandError(
            texts.gettext('Private reminders are for presenters. Press "I present this" under a paper first.')
        )
    return meeting


async def _greet(context: Context, caller: Caller, address: str, meeting: Meeting) -> None:
    texts = caller.texts
    line = texts.gettext(
        "As you asked in %(place)s, you will be reminded here of the meeting on %(when)s, at which you present.",
        place=clean(caller.place.title, _LONGEST_TITLE) or caller.place.kind,
        when=meeting_time(meeting, texts),
    )
    message = Message(head=((Span(line),),), buttons=((stop_private_button(meeting, texts),),))
    try:
        await context.channels[caller.actor.channel].send(address, message)
    except SendError as error:
        raise unwritable(error, texts) from error
