"""Meetings of a journal club as values: when they are, what is on their agendas, and when to remind of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import IntEnum

from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.timetable import PART_OF_DAY, WEEKDAYS
from paperwire.core.subscriptions.wallclock import clock_of, first_instant, has_date
from paperwire.errors import TimeError, TimeMistake

USUAL_PAPERS = 3
MOST_PAPERS = 8
"""Maximum papers on an agenda: those that have buttons in one message."""
USUAL_MINUTES = 60
MOST_MINUTES = 24 * 60
MOST_NOTES = 2000
"""Maximum characters of the notes of a meeting."""
VOTES_COUNT_FOR = timedelta(days=7)
"""Votes that were cast longer before an agenda is fixed don't count for it."""
_LAST_AFTERNOON = 6
_DAY_BEFORE = timedelta(days=1)
_HOUR_BEFORE = timedelta(hours=1)


class ReminderKind(IntEnum):
    """What is due for a meeting: two messages before it, and one at its end that asks for notes."""

    DAY_BEFORE = 1
    HOUR_BEFORE = 2
    OVER = 3


PRIVATE = (ReminderKind.DAY_BEFORE, ReminderKind.HOUR_BEFORE)
"""What presenters who wish it get in private, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """How often a place meets: by `cadence` as text (empty: no meeting follows) on the clock of `zone`.

    A meeting is over `papers` papers and takes `minutes`. `generation` counts the addresses of the place's calendar.
    """

    place: int
    cadence: str
    zone: str
    papers: int = USUAL_PAPERS
    minutes: int = USUAL_MINUTES
    generation: int = 1

    def ends(self, begins_at: datetime) -> datetime:
        return begins_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A paper on an agenda with its votes; `presenter` is a person's number (0: none yet), `name` their name.

    `user_id` is their account on the platform of the meeting's place, empty if they have none there; with `in_private`
    they are also reminded in their private chat there.
    """

    paper: Paper
    votes: int = 0
    presenter: int = 0
    name: str = ""
    user_id: str = ""
    in_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting of a place; `sequence` counts its changes, the last of which was at `changed_at`.

    `notes` are what its people keep of it. As long as it isn't `frozen`, its `talks` are those that would be on its
    agenda now.
    """

    number: int
    place: int
    begins_at: datetime
    ends_at: datetime
    zone: str
    uid: str
    sequence: int
    changed_at: datetime
    is_frozen: bool = False
    is_cancelled: bool = False
    notes: str = ""
    talks: tuple[Talk, ...] = ()

    def talk(self, paper: int) -> Talk | None:
        """The talk about a paper, None if it is not on the agenda."""
        return next((talk for talk in self.talks if talk.paper.number == paper), None)

    def talks_of(self, person: int) -> tuple[Talk, ...]:
        return tuple(talk for talk in self.talks if person and talk.presenter == person)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A message to the place of a meeting, due at `due_at`.

    With the title of a `club` it goes to the private chat `place` of someone who presents all `talks` of the meeting.
    """

    kind: ReminderKind
    meeting: Meeting
    due_at: datetime
    place: int
    club: str = ""


@dataclass(frozen=True, slots=True)
class MeetingTime:
    """When to meet as typed: on `day` at `at`, or without a day by a cadence; `zone` are the words after it.

    `is_guessed` says that `at 3` was read as 15:00.
    """

    cadence: str
    day: TypedDay | None
    at: time
    zone: str
    is_guessed: bool = False

    def first(self, zone: str, now: datetime) -> datetime | None:
        """The instant (UTC) of the first meeting later than `now`; None if the day is past or not in the calendar.

        Of a cadence that leaves weeks out, the first such weekday begins it.
        """
        if self.day is None:
            return replace(Cadence.parse(self.cadence), weeks=1).next_slot(zone, now)
        day = self.day.on(now.astimezone(clock_of(zone)).date())
        if day is None or not has_date(zone, day):
            return None
        instant = first_instant(zone, datetime.combine(day, self.at))
        return instant if instant > now else None

    def cadence_from(self, first: datetime, zone: str) -> str:
        """The cadence with the week of the first meeting among its weeks; empty for a single day."""
        if not self.cadence:
            return ""
        return str(Cadence.parse(self.cadence).beginning(first.astimezone(clock_of(zone)).date()))


def read_meeting_time(text: str) -> MeetingTime:
    """A day and a time (`2026-12-04 15:00`, `tomorrow 3pm`) or a timetable as `/digest` takes, and a zone.

    An hour from 1 to 6 without a zero before it, am, pm or a part of the day is one of the afternoon: no one meets at 3
    at night. Raises TimeError for anything else, for `instant`, and for several times a day.
    """
    day, timetable = read_day(text) or (None, text)
    if not timetable:
        raise TimeError(TimeMistake.UNKNOWN, typed=text)
    cadence, zone = Cadence.split(timetable)
    if not cadence.times or (day is not None and cadence.kind != "daily"):
        raise TimeError(TimeMistake.UNKNOWN, typed=text)
    if len(cadence.times) > 1:
        raise TimeError(TimeMistake.TOO_MANY_TIMES, limit=1)
    if is_guessed := _may_be_afternoon(cadence.times[0], timetable):
        cadence = replace(cadence, times=(cadence.times[0].replace(hour=cadence.times[0].hour + 12),))
    return MeetingTime("" if day else str(cadence), day, cadence.times[0], zone, is_guessed)


def _may_be_afternoon(at: time, typed: str) -> bool:
    if not 1 <= at.hour <= _LAST_AFTERNOON:
        return False
    at_night = rf"(?<![0-9])(?:0{at.hour}(?![0-9])|{at.hour}(?:[:.h][0-9]{{2}})? ?a\.?m)|\b(?:{PART_OF_DAY})\b"
    return re.search(at_night, typed, re.IGNORECASE) is None


def next_meeting(cadence: str, zone: str, after: datetime) -> datetime | None:
    return Cadence.parse(cadence).next_slot(zone, after) if cadence else None


def reminder_times(begins_at: datetime, ends_at: datetime, zone: str) -> dict[ReminderKind, datetime]:
    """When what is due for a meeting: a day before by the wall clock, an hour before, and its end."""
    wall = begins_at.astimezone(clock_of(zone)).replace(tzinfo=None)
    return {
        ReminderKind.DAY_BEFORE: first_instant(zone, wall - _DAY_BEFORE),
        ReminderKind.HOUR_BEFORE: begins_at - _HOUR_BEFORE,
        ReminderKind.OVER: ends_at,
    }


# --- the day as people type it ------------------------------------------------------------------------------------

_AHEAD = {"today": 0, "tonight": 0, "tomorrow": 1}
_LEAP_YEAR = 2024
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"([12][0-9]|3[01]|0?[1-9])(?:st|nd|rd|th|\.)?"
_YEAR = "(?: (20[0-9]{2}))?"
_END = "(?![0-9:a-z])"
_FORMS = re.compile(
    rf"(?P<time>(?:at )?[0-9]{{1,2}}(?:[:.h][0-9]{{2}})?(?: ?[ap]\.?m\b\.?)? )?(?:on )?(?:the )?(?:"
    rf"(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:t(?=[0-9])|{_END})"
    rf"|(?P<ahead>{'|'.join(_AHEAD)}){_END}"
    rf"|(?:next|this|coming) (?P<weekday>{'|'.join(WEEKDAYS)})[a-z]*{_END}"
    rf"|(?P<day_first>{_DAY} (?:of )?{_MONTH}{_YEAR}){_END}"
    rf"|(?P<month_first>{_MONTH} {_DAY}{_YEAR}){_END})",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedDay:
    """One day as people type it (`2026-12-04`, `tomorrow`, `next friday`, `4 December`).

    It is `ahead` days from today, the next such `weekday` (0 is Monday), or a date, of any year where it is 0.
    """

    ahead: int | None = None
    weekday: int | None = None
    year: int = 0
    month: int = 1
    day: int = 1

    def on(self, today: date) -> date | None:
        """The date that is meant, seen from `today`; None for one that no calendar has, such as 30 February."""
        if self.ahead is not None:
            return today + timedelta(days=self.ahead)
        if self.weekday is not None:
            return today + timedelta(days=(self.weekday - today.weekday() - 1) % 7 + 1)
        if self.year:
            return _date(self.year, self.month, self.day)
        this_year = _date(today.year, self.month, self.day)
        return this_year if this_year and this_year >= today else _date(today.year + 1, self.month, self.day)


def read_day(text: str) -> tuple[TypedDay, str] | None:
    """The day that a text begins with or names after a time, and the text without it; None if there is none."""
    plain = " ".join(text.replace(",", " ").split())
    form = _FORMS.match(plain)
    if form is None:
        return None
    typed = _typed_day(form)
    if _date(typed.year or _LEAP_YEAR, typed.month, typed.day) is None:
        return None
    part = "evening" if (form["ahead"] or "").casefold() == "tonight" else ""
    return typed, " ".join(f"{part} {form['time'] or ''}{plain[form.end() :]}".split())


def _typed_day(form: re.Match[str]) -> TypedDay:
    if form["ahead"]:
        return TypedDay(ahead=_AHEAD[form["ahead"].casefold()])
    if form["weekday"]:
        return TypedDay(weekday=WEEKDAYS.index(form["weekday"].casefold()))
    if form["iso"]:
        year, month, day = form["iso"].split("-")
        return TypedDay(year=int(year), month=int(month), day=int(day))
    day, month, year = form.group(6, 7, 8) if form["day_first"] else form.group(11, 10, 12)
    return TypedDay(year=int(year or 0), month=_MONTHS.index(month.casefold()) + 1, day=int(day))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
