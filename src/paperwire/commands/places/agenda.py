"""`/agenda`: when a journal club meets, over which papers, and who presents them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from paperwire.commands.context import Chat, Command, explained, say, split_options
from paperwire.commands.places.zone_question import ask_zone, zone_buttons
from paperwire.core.messages.agenda import agenda_message, presenter_name, talk_item, time_in_zone
from paperwire.core.messages.card import shown_title
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.subscriptions.meeting import MOST_MINUTES, MOST_PAPERS, MeetingTime, read_meeting_time
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC, UNASKED
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, TimeError, TimeMistake
from paperwire.ports.requests import Argument, CommandSpec, Question, Reply, Request, in_chats
from paperwire.services.papers.meetings import (
    Club,
    NewTimes,
    NoMeeting,
    calendar_address,
    calendar_file,
    calendar_here,
    calendar_name,
    cancel_meeting,
    check_notes,
    club_here,
    keep_notes,
    move_to_zone,
    present,
    release,
    renew_calendar,
    set_meeting,
    voted_here,
)
from paperwire.services.papers.private_reminders import remind_in_private, stop_reminders
from paperwire.services.people import only_managers
from paperwire.services.places.zone_choice import set_zone
from paperwire.services.places.zones import read_zone
from paperwire.services.typed import StaleButton, action_number, read_number
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import cadence_words, time_refusal
from paperwire.wording.links import only_here

# Translators: of /agenda: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "agenda",
    gettext_noop("The journal club: its next meeting, the papers and who presents them"),
    (
        Argument(
            "query",
            gettext_noop("when: weekly fri 15:00 and a time zone, a date such as 2026-12-04 15:00, or off"),
            required=False,
            completes="meeting",
        ),
    ),
    (
        Argument("papers", gettext_noop("papers on an agenda, such as 3"), required=False),
        Argument("minutes", gettext_noop("how long a meeting takes, such as 60"), required=False),
    ),
    topic="together",
    where=in_chats("group", "server", "terminal"),
    examples=(
        ("/agenda", gettext_noop("the next meeting, its papers and who presents them")),
        ("/agenda weekly fri 15:00 Europe/Berlin papers:3", gettext_noop("three papers every Friday")),
    ),
)
NOTES = "notes"
_OFF = frozenset({"off", "none", "stop"})
_LIMITS = {"papers": MOST_PAPERS, "minutes": MOST_MINUTES}
_HOW = gettext_noop(
    "To set when to meet: /agenda weekly fri 15:00 Europe/Berlin, or /agenda 2026-12-04 15:00 for one meeting"
)


async def answer(context: Chat, request: Request) -> Reply:
    """`/agenda [CADENCE|DATE TIME [ZONE]|off] [papers:3] [minutes:60]`: anyone sees it, managers set it."""
    if NOTES in request.options or request.args.partition(" ")[0].casefold().rstrip(":") == NOTES:
        return await _notes(context, request)
    text, typed = split_options(request, *_LIMITS)
    if not text and not typed:
        return await _shown(context, request)
    only_managers(request)
    if request.texts.time_in_english(text).casefold() in _OFF:
        return await _off(context, request)
    return await _set(context, request, _read(text, typed, request.texts))


def _read(text: str, typed: Mapping[str, str], texts: Texts) -> NewTimes:
    """What was typed, as values; raises CommandError."""
    numbers = {name: read_number(name, value, _LIMITS[name], texts) for name, value in typed.items()}
    if not text:
        return NewTimes(None, "", numbers)
    text = texts.time_in_english(text)
    try:
        when = read_meeting_time(text)
    except TimeError as error:
        raise _refusal(error, text, texts) from None
    timed = any(letter.isdigit() for letter in text.removesuffix(when.zone))
    return NewTimes(when, read_zone(when.zone, texts, timed=timed) if when.zone else "", numbers)


def _refusal(error: TimeError, text: str, texts: Texts) -> CommandError:
    if error.kind is TimeMistake.UNKNOWN:
        typed = clean(text, 40)
        return CommandError(
            texts.gettext('Can\'t read "%(typed)s". Use weekly fri 15:00, 2026-12-04 15:00 or off.', typed=typed)
        )
    if error.kind is TimeMistake.TOO_MANY_TIMES:
        return CommandError(texts.gettext("Use one time, such as 15:00."))
    return time_refusal(error, texts)


async def _set(context: Chat, request: Request, change: NewTimes) -> Reply:
    texts = request.texts
    try:
        club = await set_meeting(context, request, change)
    except NoMeeting as error:
        raise CommandError(f"{error}\n{texts.gettext(_HOW)}") from None
    if change.when is None:
        return _agenda(context, club, texts)
    if club.agenda.zone != UNASKED:
        return _with_reading(_agenda(context, club, texts), change.when, texts)
    place, asks = await ask_zone(context, request, club.place)
    agenda = _agenda(context, await move_to_zone(context, request, place.zone), texts)
    reply = _with_reading(agenda, change.when, texts)
    if not asks.text:
        return reply
    foot = (*reply.message.foot, (Span(asks.text),))
    # Who presents comes with the agenda in that zone, or with /agenda: a press there would replace the question.
    buttons = tuple(map(tuple, zone_buttons("agendazone", request.locale)))
    return replace(reply, message=replace(reply.message, foot=foot, buttons=buttons))


def _with_reading(reply: Reply, when: MeetingTime, texts: Texts) -> Reply:
    """The agenda, saying too how a time was read that may be one of the night."""
    if not when.is_guessed:
        return reply
    night = when.at.replace(hour=when.at.hour - 12)
    # Translators: %(time)s is a time of day as understood, %(night)s what to type for 12 hours earlier.
    line = texts.gettext(
        "Read as %(time)s. For the early morning, type %(night)s.", time=f"{when.at:%H:%M}", night=f"{night:%H:%M}"
    )
    return replace(reply, message=replace(reply.message, foot=(*reply.message.foot, (Span(line),))))


async def press_zone(context: Chat, request: Request, part: str) -> Reply:
    """The time zone in which a journal club meets: `agendazone:Europe/Berlin`; `agendazone:` asks."""
    only_managers(request)
    if not part:
        text = request.texts.gettext("In which time zone does the journal club meet?")
        return say(text, buttons=zone_buttons("agendazone", request.locale))
    changed = await set_zone(context, request, part if part == CHOSEN_UTC else read_zone(part, request.texts))
    agenda = _agenda(context, await move_to_zone(context, request, changed.now.zone), request.texts)
    return replace(agenda, edit=True)  # in the place of the question


async def _off(context: Chat, request: Request) -> Reply:
    texts = request.texts
    cancelled = await cancel_meeting(context, request)
    if cancelled is None:
        return say(texts.gettext("No meeting is set."))
    place, meeting = cancelled
    when = time_in_zone(meeting.begins_at, meeting.zone, texts)
    return say(
        texts.gettext("The meeting on %(when)s is cancelled. No other meeting is set.", when=when),
        files=[calendar_file(context, place, meeting, texts)],
    )


async def _shown(context: Chat, request: Request) -> Reply:
    texts = request.texts
    club = await club_here(context, request)
    if club is not None:
        agenda = _agenda(context, club, texts)
        return _with_zone_button(agenda, texts) if club.agenda.zone == CHOSEN_UTC else agenda
    voted = await voted_here(context, request)
    return say(
        texts.gettext("No meeting is set."),
        texts.gettext("Most votes here in the last week:") if voted else "",
        items=[talk_item(talk, texts) for talk in voted],
        foot=[texts.gettext(_HOW) if request.may_change else texts.gettext("Managers set when to meet, with /agenda.")],
    )


def _with_zone_button(reply: Reply, texts: Texts) -> Reply:
    """The agenda with a button for the zone: UTC may be what is left where no one answered the question."""
    # Translators: a button that asks for a time zone, city or country.
    row = (Button(texts.gettext("Time zone…"), "agendazone:"),)
    return replace(reply, message=replace(reply.message, buttons=(*reply.message.buttons, row)))


def _agenda(context: Chat, club: Club, texts: Texts) -> Reply:
    message, agenda = agenda_message(club.meeting, texts, is_shared=club.place.is_shared), club.agenda
    lines: list[Line] = []
    if agenda.cadence:
        when = cadence_words(agenda.cadence, agenda.zone, texts)
        lines.append((Span(texts.gettext("The journal club meets %(when)s.", when=when)),))
    if club.last is not None and club.last.notes:
        when = time_in_zone(club.last.begins_at, club.last.zone, texts)
        text = texts.gettext("Notes of the meeting on %(when)s:", when=when)
        lines += [(Span(text),), *((Span(line),) for line in club.last.notes.splitlines() if line.strip())]
    message = replace(message, foot=(*message.foot, *lines))
    return replace(say(files=[calendar_file(context, club.place, club.meeting, texts)]), message=message)


# --- notes of a meeting that is over -------------------------------------------------------------------------------


async def _notes(context: Chat, request: Request) -> Reply:
    """`/agenda notes TEXT`, or the answer to the question of the button."""
    number = request.options.get(NOTES, "0")
    notes = request.args.strip() if NOTES in request.options else request.args.partition(" ")[2].strip()
    if not notes:
        how = request.texts.gettext("Add your notes, or a link to them, after the command:")
        raise CommandError(f"{how}\n    /agenda notes https://example.org/notes")
    meeting = await keep_notes(context, request, action_number(number), notes)
    when = time_in_zone(meeting.begins_at, meeting.zone, request.texts)
    return say(request.texts.gettext("Kept with the meeting on %(when)s.", when=when))


async def press_notes(context: Chat, request: Request, part: str) -> Reply:
    """Ask a presenter or manager for the notes of a meeting: `notes:MEETING`."""
    await check_notes(context, request, action_number(part))
    label = request.texts.gettext("Notes or a link")
    question = Question(
        SPEC.name,
        label,
        "https://example.org/notes",
        {NOTES: str(action_number(part))},
        explanation=explained(request.texts.gettext("Everyone here sees it with the next agenda and in the calendar.")),
    )
    return replace(say(label), question=question)


# --- presenting a paper, and giving that back: buttons under the agenda ------------------------------------------


async def press_present(context: Chat, request: Request, part: str) -> Reply:
    """Present a paper: `present:MEETING:PAPER`."""
    texts = request.texts
    claim = await present(context, request, part)
    if claim.is_new:
        title = shown_title(claim.talk.paper, texts)
        # Translators: %(title)s is the title of a paper, which a person presents at a journal club.
        return await _edited(context, request, texts.gettext("You're presenting: %(title)s", title=title))
    if claim.is_theirs:
        return await _edited(context, request, texts.gettext("You're already presenting this paper."))
    return say(texts.gettext("%(name)s presents this paper.", name=presenter_name(claim.talk, texts)), aside=True)


async def press_release(context: Chat, request: Request, part: str) -> Reply:
    """Give a paper back: `release:MEETING:PAPER:PRESENTER`."""
    await release(context, request, part)
    return await _edited(context, request, request.texts.gettext("This paper has no presenter any more."))


async def _edited(context: Chat, request: Request, toast: str) -> Reply:
    club = await club_here(context, request)
    agenda = _agenda(context, club, request.texts) if club is not None else say()
    return replace(agenda, files=(), edit=True, toast=toast)


async def press_private(context: Chat, request: Request, part: str) -> Reply:
    """Be reminded in private too: `private:MEETING`; `private:MEETING:off` ends it."""
    texts = request.texts
    number, _, wish = part.partition(":")
    if wish == "off":
        await stop_reminders(context, request, number)
        return say(texts.gettext("You won't be reminded of this meeting in private."), aside=True)
    reminders = await remind_in_private(context, request, number)
    if reminders.is_new:
        return say(texts.gettext("You'll be reminded in our private chat, too."), aside=True)
    return say(texts.gettext("You're already being reminded in our private chat, too."), aside=True)


# --- the calendar of the meetings, at an address that calendars follow -------------------------------------------


async def press_calendar(context: Chat, request: Request, part: str) -> Reply:
    """The address of a place's calendar: `agenda:calendar:PLACE`; `agenda:newcalendar:PLACE:GENERATION` replaces it."""
    verb, number, generation = (*part.split(":", 2), "", "")[:3]
    if verb not in {"calendar", "newcalendar"}:
        raise StaleButton
    is_new = verb == "newcalendar"
    if is_new:
        place, agenda = await renew_calendar(context, request, number, action_number(generation or "0"))
    else:
        place, agenda = await calendar_here(context, request, number)
    texts = request.texts
    address = calendar_address(context, agenda)
    return say(
        (Span(calendar_name(place, texts), "bold"),),
        texts.gettext(
            "Subscribe to this address in your calendar. It keeps up with changes of date, papers and presenters."
        ),
        (Span(address, url=address),),
        texts.gettext("Anyone with this address can read the calendar, so keep it to yourself."),
        only_here(context.public_url, 2, texts),
        # Translators: a button that replaces the address of a calendar.
        buttons=[[Button(texts.gettext("New address"), f"agenda:newcalendar:{place.number}:{agenda.generation}")]],
        private=True,
        edit=is_new,
    )


COMMANDS = (
    Command(
        SPEC,
        answer,
        {
            "agenda": press_calendar,
            "present": press_present,
            "release": press_release,
            "private": press_private,
            NOTES: press_notes,
            "agendazone": press_zone,
        },
    ),
)
