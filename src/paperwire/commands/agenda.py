"""`/agenda`: when a journal club meets, over which papers, and who presents them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from paperwire.commands import calendar
from paperwire.commands.context import Chat, Command, say, split_options
from paperwire.commands.lists import worded
from paperwire.core.messages.agenda import agenda_message, presenter_name, talk_item, time_in_zone
from paperwire.core.messages.card import shown_title
from paperwire.core.messages.message import Line, Span
from paperwire.core.subscriptions.meeting import (
    MOST_MINUTES,
    MOST_PAPERS,
    Agenda,
    Meeting,
    MeetingTime,
    Talk,
    read_meeting_time,
)
from paperwire.core.subscriptions.subscription import Destination, Person
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, TimeError, TimeMistake
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.calendar import calendar_file
from paperwire.services.lists import is_nobody
from paperwire.services.rights import only_managers
from paperwire.services.typed import StaleButton, action_number, read_number
from paperwire.services.zones import read_zone
from paperwire.store.unit import Unit
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import cadence_words, time_refusal

SPEC = CommandSpec(
    "agenda",
    gettext_noop("The journal club: its next meeting, the papers and who presents them"),
    (
        Argument(
            "query",
            gettext_noop("weekly fri 15:00 and a time zone, a date such as 2026-12-04 15:00, or off"),
            required=False,
        ),
    ),
    (
        Argument("papers", gettext_noop("papers on an agenda, such as 3"), required=False),
        Argument("minutes", gettext_noop("how long a meeting takes, such as 60"), required=False),
    ),
)
_OFF = frozenset({"off", "none", "stop"})
_FURTHEST = timedelta(days=366)
_LIMITS = {"papers": MOST_PAPERS, "minutes": MOST_MINUTES}
_HOW = gettext_noop(
    "A manager sets when to meet: /agenda weekly fri 15:00 Europe/Berlin, or /agenda 2026-12-04 15:00 for one meeting"
)


_VOTED = {
    "": gettext_noop("Most voted here in the last week:"),
    "server": gettext_noop("Most voted in this server in the last week:"),
    "group": gettext_noop("Most voted in this group in the last week:"),
}


@dataclass(frozen=True, slots=True)
class _Change:
    """What a manager typed: when to meet (None: as before), in which zone (empty: as before), and numbers by name."""

    when: MeetingTime | None
    zone: str
    numbers: Mapping[str, int]

    def of(self, known: Agenda, place: Destination) -> Agenda:
        """The agenda after it; a date leaves the cadence as it is."""
        zone = self.zone or known.zone or place.zone
        cadence = self.when.cadence if self.when else ""
        return replace(known, cadence=cadence or known.cadence, zone=zone, **self.numbers)


async def answer(context: Chat, request: Request) -> Reply:
    """`/agenda [CADENCE|DATE TIME [ZONE]|off] [papers:3] [minutes:60]`: anyone sees it, managers set it."""
    if not request.place.is_shared:
        raise CommandError(request.texts.gettext("A journal club meets in a group or channel: send /agenda there."))
    text, typed = split_options(request, *_LIMITS)
    if not text and not typed:
        return await _shown(context, request)
    only_managers(request)
    if text.casefold() in _OFF:
        return await _off(context, request)
    return await _set(context, request, _read(text, typed, request.texts))


def _read(text: str, typed: Mapping[str, str], texts: Texts) -> _Change:
    """What was typed, as values; raises CommandError."""
    numbers = {name: read_number(name, value, _LIMITS[name], texts) for name, value in typed.items()}
    if not text:
        return _Change(None, "", numbers)
    try:
        when = read_meeting_time(text)
    except TimeError as error:
        raise _refusal(error, text, texts) from None
    timed = any(letter.isdigit() for letter in text.removesuffix(when.zone))
    return _Change(when, read_zone(when.zone, texts, timed=timed) if when.zone else "", numbers)


def _refusal(error: TimeError, text: str, texts: Texts) -> CommandError:
    if error.kind is TimeMistake.UNKNOWN:
        typed = clean(text, 40)
        return CommandError(
            texts.gettext('Can\'t read "%(typed)s". Use weekly fri 15:00, 2026-12-04 15:00 or off.', typed=typed)
        )
    if error.kind is TimeMistake.TOO_MANY_TIMES:
        return CommandError(texts.gettext("Use one time, such as 15:00."))
    return time_refusal(error, texts)


async def _set(context: Chat, request: Request, change: _Change) -> Reply:
    texts = request.texts
    async with context.store.write() as unit:
        place = await people.here(context, unit, request)
        known = await unit.meetings.agenda(place.number)
        agenda = change.of(known or Agenda(place=place.number, cadence="", zone=""), place)
        await unit.meetings.put_agenda(agenda)
        if change.when is not None:
            at = _instant(change.when, agenda.zone, unit.now, texts)
            once = change.when.day is not None and bool(agenda.cadence)
            meeting: Meeting | None = await unit.meetings.put(agenda, at, once=once)
        else:
            meeting = await _resized(unit, agenda)
        if meeting is None:
            raise CommandError(texts.gettext("No meeting is set.") + "\n" + texts.gettext(_HOW))
        meeting = await unit.meetings.with_talks(meeting)
    return _agenda(context, place, agenda, meeting, texts)


async def _resized(unit: Unit, agenda: Agenda) -> Meeting | None:
    """The coming meeting, as long as the agenda has it now."""
    coming = await unit.meetings.follow(agenda.place)
    if coming is None or coming.begins_at <= unit.now or coming.ends_at == agenda.ends(coming.begins_at):
        return coming
    return await unit.meetings.put(replace(agenda, zone=coming.zone), coming.begins_at, once=True)


def _instant(when: MeetingTime, zone: str, now: datetime, texts: Texts) -> datetime:
    at = when.first(zone, now)
    if at is None:
        raise CommandError(texts.gettext("That time has passed. Use a later date."))
    if at > now + _FURTHEST:
        raise CommandError(texts.gettext("That is more than a year ahead. Use an earlier date."))
    return at


async def _off(context: Chat, request: Request) -> Reply:
    texts = request.texts
    async with context.store.write() as unit:
        place = await people.here(context, unit, request)
        agenda, coming = await unit.meetings.agenda(place.number), await unit.meetings.coming(place.number)
        if agenda is not None:
            await unit.meetings.put_agenda(replace(agenda, cadence=""))
        if coming is None:
            return say(texts.gettext("No meeting is set."))
        await unit.meetings.cancel(coming)
        cancelled = await unit.meetings.with_talks(await unit.meetings.get(coming.number) or coming)
    when = time_in_zone(coming.begins_at, coming.zone, texts)
    return say(
        texts.gettext("The meeting on %(when)s is cancelled, and no other is set.", when=when),
        files=[calendar_file(context, place, cancelled, texts)],
    )


async def _shown(context: Chat, request: Request) -> Reply:
    texts = request.texts
    async with context.store.read() as unit:
        place = await unit.people.destination_of(request.place)
        agenda = await unit.meetings.agenda(place.number) if place else None
        meeting = await unit.meetings.coming(place.number) if place else None
        voted = await unit.meetings.voted(place.number) if place and meeting is None else []
    if place and agenda and agenda.cadence and meeting is None:
        async with context.store.write() as unit:
            meeting = await unit.meetings.follow(place.number)
    if place is None or agenda is None or meeting is None:
        return say(
            texts.gettext("No meeting is set."),
            texts.gettext(worded(request.place, _VOTED)) if voted else "",
            items=[talk_item(talk, texts) for talk in voted],
            foot=[texts.gettext(_HOW)],
        )
    async with context.store.read() as unit:
        meeting = await unit.meetings.with_talks(meeting)
    return _agenda(context, place, agenda, meeting, texts)


def _agenda(context: Chat, place: Destination, agenda: Agenda, meeting: Meeting, texts: Texts) -> Reply:
    message = agenda_message(meeting, texts)
    lines: list[Line] = []
    if agenda.cadence:
        when = cadence_words(agenda.cadence, agenda.zone, texts)
        lines.append((Span(texts.gettext("The journal club meets %(when)s.", when=when)),))
    if agenda.zone == "UTC":
        how = texts.gettext("Times are in UTC. To change that, add a time zone, such as Europe/Berlin.")
        lines.append((Span(how),))
    message = replace(message, foot=(*message.foot, *lines))
    return replace(say(files=[calendar_file(context, place, meeting, texts)]), message=message)


# --- presenting a paper, and giving that back: buttons under the agenda ------------------------------------------


async def present(context: Chat, request: Request, part: str) -> Reply:
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


async def release(context: Chat, request: Request, part: str) -> Reply:
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


COMMANDS = (Command(SPEC, answer, {"agenda": calendar.press, "present": present, "release": release}),)
