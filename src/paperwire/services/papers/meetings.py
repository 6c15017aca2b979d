"""A journal club's meetings: set, moved, cancelled, who presents which paper, and their calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from paperwire.core.messages.agenda import presenter_name
from paperwire.core.messages.message import Attachment
from paperwire.core.subscriptions.meeting import MOST_NOTES, Agenda, Meeting, MeetingTime, Talk, next_meeting
from paperwire.core.subscriptions.subscription import Owner, Person, StoredPlace
from paperwire.core.subscriptions.wallclock import clock_of, first_instant
from paperwire.core.text.clean import clean
from paperwire.core.tokens import place_token, read_place_token
from paperwire.errors import CommandError
from paperwire.feeds.calendar import FILE_NAME, MEDIA_TYPE, calendar
from paperwire.ports.callers import Actor, Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.papers.lists import is_anonymous
from paperwire.services.typed import StaleButton, action_number
from paperwire.store.unit import Unit
from paperwire.texts import Texts, texts_in

_MOMENT = timedelta(seconds=1)
_FURTHEST = timedelta(days=366)
_NOTES_FOR = timedelta(days=60)
"""How long after a meeting notes can be added without naming it, and are shown with the next agenda."""
PURPOSE = "calendar"
_SHOWN_AFTER_END = timedelta(days=90)  # how long meetings stay in the calendar after their end
_LONGEST_NAME = 80


class NoMeeting(CommandError):
    """There is no coming meeting to change."""


@dataclass(frozen=True, slots=True)
class NewTimes:
    """What a manager sets: when to meet (None: as before), in which zone (empty: as before), and numbers by name."""

    when: MeetingTime | None
    zone: str
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Club:
    """A place whose journal club has a coming meeting, with the papers on its agenda; `last` was over lately."""

    place: StoredPlace
    agenda: Agenda
    meeting: Meeting
    last: Meeting | None = None


async def club_here(context: Context, caller: Caller) -> Club | None:
    """The club of the caller's place, None while no meeting is set."""
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place)
        agenda = await unit.meetings.agenda(place.number) if place else None
        meeting = await unit.meetings.coming(place.number) if place else None
    if place and agenda and agenda.cadence and meeting is None:
        async with context.store.write() as unit:
            meeting = await unit.meetings.follow(place.number)
    if place is None or agenda is None or meeting is None:
        return None
    async with context.store.read() as unit:
        last = await unit.meetings.last(place.number, unit.now - _NOTES_FOR)
        return Club(place, agenda, await unit.meetings.with_talks(meeting), last)


async def voted_here(context: Context, caller: Caller) -> list[Talk]:
    """The papers with most votes lately in the caller's place, which would be on an agenda."""
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place)
        return await unit.meetings.voted(place.number) if place else []


async def set_meeting(context: Context, caller: Caller, change: NewTimes) -> Club:
    """Set or move the coming meeting.

    Raises NoMeeting if there is none to change, CommandError for a time out of reach; nothing is changed then.
    """
    async with context.store.write() as unit:
        place = await people.current_place(context, unit, caller)
        stored = await unit.meetings.agenda(place.number)
        agenda = stored or Agenda(place=place.number, cadence="", zone="")
        agenda = replace(agenda, zone=change.zone or agenda.zone or place.zone, **change.numbers)
        at = _instant(change.when, agenda.zone, unit.now, caller.texts) if change.when else None
        once = False
        if change.when is not None and at is not None:
            once = change.when.day is not None and bool(agenda.cadence)
            agenda = replace(agenda, cadence=change.when.cadence_from(at, agenda.zone) or agenda.cadence)
        await unit.meetings.put_agenda(agenda)
        meeting = await _resized(unit, agenda) if at is None else await unit.meetings.put(agenda, at, once=once)
        if meeting is None:
            raise NoMeeting(caller.texts.gettext("No meeting is set."))
        return Club(place, agenda, await unit.meetings.with_talks(meeting))


async def _resized(unit: Unit, agenda: Agenda) -> Meeting | None:
    """The coming meeting, with as many papers and as long as the agenda has it now."""
    coming = await unit.meetings.follow(agenda.place)
    if coming is None or coming.begins_at <= unit.now:
        return coming
    await unit.meetings.thaw(coming.number)
    if coming.ends_at == agenda.ends(coming.begins_at):
        return await unit.meetings.get(coming.number)
    return await unit.meetings.put(replace(agenda, zone=coming.zone), coming.begins_at, once=True)


async def move_to_zone(context: Context, caller: Caller, zone: str) -> Club:
    """Let the coming meeting, and those after it, begin at the same time of day in another zone.

    Raises NoMeeting if there is none, CommandError if that time has passed.
    """
    async with context.store.write() as unit:
        place = await people.current_place(context, unit, caller)
        agenda, coming = await unit.meetings.agenda(place.number), await unit.meetings.coming(place.number)
        if agenda is None or coming is None or coming.begins_at <= unit.now:
            raise NoMeeting(caller.texts.gettext("No meeting is set."))
        series = next_meeting(agenda.cadence, agenda.zone, coming.begins_at - _MOMENT)
        wall = coming.begins_at.astimezone(clock_of(coming.zone)).replace(tzinfo=None)
        at: datetime | None = first_instant(zone, wall)
        if at is not None and at <= unit.now:
            at = next_meeting(agenda.cadence, zone, unit.now)
        if at is None:
            raise CommandError(caller.texts.gettext("That time has passed. Use a later date."))
        agenda = replace(agenda, zone=zone)
        await unit.meetings.put_agenda(agenda)
        meeting = await unit.meetings.put(agenda, at, once=series is not None and series != coming.begins_at)
        return Club(place, agenda, await unit.meetings.with_talks(meeting))


def _instant(when: MeetingTime, zone: str, now: datetime, texts: Texts) -> datetime:
    at = when.first(zone, now)
    if at is None:
        raise CommandError(texts.gettext("That time has passed. Use a later date."))
    if at > now + _FURTHEST:
        raise CommandError(texts.gettext("That is more than a year ahead. Use an earlier date."))
    return at


async def cancel_meeting(context: Context, caller: Caller) -> tuple[StoredPlace, Meeting] | None:
    """Cancel the coming meeting and set no other; the place and the cancelled one, None if there was none."""
    async with context.store.write() as unit:
        place = await people.current_place(context, unit, caller)
        agenda, coming = await unit.meetings.agenda(place.number), await unit.meetings.coming(place.number)
        if agenda is not None:
            await unit.meetings.put_agenda(replace(agenda, cadence=""))
        if coming is None:
            return None
        await unit.meetings.cancel(coming)
        return place, await _now(unit, coming)


async def keep_notes(context: Context, caller: Caller, number: int, notes: str) -> Meeting:
    """Keep notes of a meeting as `_over_here` finds it; raises CommandError as that does, and for too long ones."""
    texts = caller.texts
    notes = "\n".join(line for row in notes.splitlines() if (line := clean(row, MOST_NOTES + 1)))
    if len(notes) > MOST_NOTES:
        raise CommandError(texts.gettext("Notes have at most %(limit)s characters.", limit=texts.number(MOST_NOTES)))
    async with context.store.write() as unit:
        meeting = await _over_here(unit, caller, number)
        await unit.meetings.keep_notes(meeting.number, notes)
    return replace(meeting, notes=notes)


async def _over_here(unit: Unit, caller: Caller, number: int) -> Meeting:
    """The meeting here that is over (0: the last one), if the caller may add notes: its presenters, and managers.

    Raises CommandError if there is none, or the caller may not.
    """
    place = await unit.places.at(caller.place)
    last = await unit.meetings.last(place.number, unit.now - _NOTES_FOR) if place else None
    meeting = await unit.meetings.get(number) if number else last
    if place is None or meeting is None or meeting.place != place.number or meeting.ends_at > unit.now:
        raise CommandError(caller.texts.gettext("No meeting here is over yet."))
    meeting = await unit.meetings.with_talks(meeting)
    person = await unit.people.person_of(caller.actor)
    presenters = {talk.presenter for talk in meeting.talks} - {0}
    if not caller.can_manage and (person is None or person.number not in presenters):
        raise CommandError(caller.texts.gettext("Only presenters and managers can add notes."))
    return meeting


async def check_notes(context: Context, caller: Caller, number: int) -> None:
    """Raise CommandError unless the caller may add notes to a meeting here that is over."""
    async with context.store.read() as unit:
        await _over_here(unit, caller, number)


# --- presenting a paper, and giving that back --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """The result of an offer to present `talk`: whether the caller presents it, and `is_new` if they do from now on."""

    talk: Talk
    is_theirs: bool
    is_new: bool


async def present(context: Context, caller: Caller, part: str) -> Claim:
    """Present the paper `MEETING:PAPER`. Of several people the first does; the paper stays on the agenda."""
    if is_anonymous(caller):
        raise CommandError(
            caller.texts.gettext("A paper is presented by a person. Turn off posting as the chat first.")
        )
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        meeting, talk = await _talk(unit, caller, part, person)
        taken = await unit.meetings.claim(meeting.number, talk, person.number)
        return Claim(talk, taken or talk.presenter == person.number, taken)


async def release(context: Context, caller: Caller, part: str) -> None:
    """Give the paper `MEETING:PAPER:PRESENTER` back; its presenter may, and managers.

    Raises CommandError if another person presents it than the one whose button it was.
    """
    about, presenter = part.rsplit(":", 1) if part.count(":") > 1 else (part, "")
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        meeting, talk = await _talk(unit, caller, about, person)
        if presenter and talk.presenter not in {0, action_number(presenter)}:
            name = presenter_name(talk, caller.texts)
            raise CommandError(
                caller.texts.gettext("%(name)s presents this paper now. /agenda shows the agenda.", name=name)
            )
        if talk.presenter not in {0, person.number} and not caller.can_manage:
            name = presenter_name(talk, caller.texts)
            raise CommandError(caller.texts.gettext("Only %(name)s or a manager can release this paper.", name=name))
        await unit.meetings.release(meeting, talk.paper.number)


async def leave_club(context: Context, caller: Caller, user_id: str) -> None:
    """Give back what someone who left the caller's chat was to present there, which ends their private reminders."""
    async with context.store.write() as unit:
        person = await unit.people.person_of(Actor(channel=caller.place.channel, user_id=user_id))
        if person is None:
            return
        there = await unit.meetings.presented_in(caller.place.channel, caller.place.address, person.number)
        for number, paper in there:
            if (meeting := await unit.meetings.lock(number)) is not None:
                await unit.meetings.release(meeting, paper)


async def _talk(unit: Unit, caller: Caller, part: str, person: Person) -> tuple[Meeting, Talk]:
    """The meeting and the paper that a button names; raises CommandError."""
    texts = caller.texts
    number, _, paper = part.partition(":")
    meeting = await unit.meetings.lock(action_number(number), person=person.number)
    place = await unit.places.at(caller.place)
    if meeting is None or place is None or meeting.place != place.number:
        raise StaleButton
    if meeting.is_cancelled:
        raise CommandError(texts.gettext("This meeting is cancelled."))
    if meeting.ends_at <= unit.now:
        raise CommandError(texts.gettext("This meeting is over. /agenda shows the next one."))
    papers = await unit.papers.by_number([action_number(paper)])
    meeting = await unit.meetings.with_talks(meeting)
    talk = meeting.talk(papers[action_number(paper)].number) if papers else None
    if talk is None:
        raise CommandError(texts.gettext("This paper isn't on the agenda any more. /agenda shows what is."))
    return meeting, talk


async def _now(unit: Unit, meeting: Meeting) -> Meeting:
    return await unit.meetings.with_talks(await unit.meetings.get(meeting.number) or meeting)


# --- the calendar of the meetings --------------------------------------------------------------------------------


def calendar_file(context: Context, place: StoredPlace, meeting: Meeting, texts: Texts) -> Attachment:
    """A meeting as a file for a calendar; a cancelled one takes it out there."""
    content = calendar([meeting], calendar_name(place, texts), context.public_url, texts)
    return Attachment(FILE_NAME, MEDIA_TYPE, content)


def calendar_name(place: StoredPlace, texts: Texts) -> str:
    title = clean(place.title, _LONGEST_NAME)
    if title:
        return texts.gettext("Journal club of %(place)s", place=title)
    # Translators: the name of a calendar, where a group has no title.
    return texts.gettext("Journal club")


async def calendar_here(context: Context, caller: Caller, part: str) -> tuple[StoredPlace, Agenda]:
    """The caller's place, which has to have this number, and its agenda."""
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place)
        if place is None or place.number != action_number(part):
            raise StaleButton
        return place, await _agenda(unit, place.number)


async def renew_calendar(context: Context, caller: Caller, part: str, generation: int) -> tuple[StoredPlace, Agenda]:
    """Give the calendar of a place that the caller manages another address; the old one stops working.

    One that isn't of this `generation` any more (0: any) has another one already.
    """
    place = await people.managed(context, caller, part)
    async with context.store.write() as unit:
        agenda = await _agenda(unit, place.number)
        if generation in {0, agenda.generation}:
            agenda = replace(agenda, generation=agenda.generation + 1)
            await unit.meetings.put_agenda(agenda)
    return place, agenda


async def _agenda(unit: Unit, place: int) -> Agenda:
    agenda = await unit.meetings.agenda(place)
    if agenda is None:
        raise StaleButton
    return agenda


async def published(context: Context, token: str) -> bytes | None:
    """What a calendar that follows an address is given; None if it isn't ours, was replaced or isn't let in."""
    signed = read_place_token(context.secret_key, PURPOSE, token)
    if signed is None:
        return None
    number, generation = signed
    async with context.store.read() as unit:
        place, agenda = await unit.places.get(number), await unit.meetings.agenda(number)
        if place is None or agenda is None or str(agenda.generation) != generation:
            return None
        if not await context.access.admits_owner(unit, Owner(place=number)):
            return None
        meetings = [
            await unit.meetings.with_talks(meeting)
            for meeting in await unit.meetings.ended_after(number, unit.now - _SHOWN_AFTER_END)
        ]
    texts = texts_in(place.locale)
    source = calendar_address(context, agenda)
    return calendar(meetings, calendar_name(place, texts), context.public_url, texts, source=source)


def calendar_address(context: Context, agenda: Agenda) -> str:
    """Where the calendar of a place is followed."""
    token = place_token(context.secret_key, PURPOSE, agenda.place, str(agenda.generation))
    return f"{context.public_url.rstrip('/')}/calendar/{token}.ics"
