"""Times as people type them: `8am`, `22-7`, `evening at 8`, `mon-fri 9`, `every 2 weeks mon`, `every first monday`."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import NamedTuple

from paperwire.errors import TimeError, TimeMistake

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_TIMES = 6
"""Maximum times a day."""
DEFAULT_TIME = time(8)
_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _PartOfDay(NamedTuple):
    """What a part of the day is without a clock time, and the hours that lie in it, past 24 those after midnight."""

    usual: time
    first: int
    last: int

    def has(self, hour: int) -> bool:
        """Whether an hour of 24 lies in it."""
        return (hour - self.first) % 24 <= self.last - self.first


_PARTS_OF_DAY = {
    "midnight": _PartOfDay(time(0), 23, 27),
    "am": _PartOfDay(DEFAULT_TIME, 0, 11),
    "morning": _PartOfDay(DEFAULT_TIME, 1, 11),
    "noon": _PartOfDay(time(12), 10, 15),
    "midday": _PartOfDay(time(12), 10, 15),
    "afternoon": _PartOfDay(time(15), 12, 23),
    "evening": _PartOfDay(time(18), 16, 27),
    "night": _PartOfDay(time(21), 18, 29),
}
PART_OF_DAY = "|".join(_PARTS_OF_DAY)
_INSTANTS = ("midnight", "noon", "midday")
"""Parts of a day that are times of their own next to a clock time that does not lie in them."""
_FILLERS = {"at", "on", "and", "the", "&", "in", ","}
_OF_A_PART = {"at", "on", "the", "in", "every"}  # what may stand between a part of the day and its clock time
_TIME = r"[0-9]{1,4}(?:[:.h][0-9]*)?(?: ?[ap]\.?m\b\.?)?"
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2})|h)?(?: ?([ap])\.?m\.?)?", re.ASCII)
_MOMENT = rf"(?:(?:{PART_OF_DAY})(?: at)? )?{_TIME}(?: (?:at |in the )?(?:{PART_OF_DAY})\b)?|{PART_OF_DAY}"
_APART = re.compile(r"(?<=[0-9]) (?=[ap]\.?m\b)", re.ASCII | re.IGNORECASE)
_MONTHDAY = re.compile(r"([1-9]|[12][0-9]|3[01])(?:st|nd|rd|th|\.)?", re.ASCII)
_HOURS = re.compile(
    rf"(?:from |between )?({_MOMENT}) ?(?:-|–|—|to|till|until|and) ?({_MOMENT})(?: (.*))?",
    re.ASCII,
)
_INSTANT_WORDS = ("instant", "instantly", "immediately", "now", "at once")
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": -1}
"""Which of the weekdays of a month; -1 is the last."""
ANY_WEEK = date(1970, 1, 5)
"""The Monday that weeks are counted from where nothing says which of two weeks is meant."""
_WEEKDAY_FOLLOWS = rf"(?=(?:{'|'.join(WEEKDAYS)})[a-z]*\b)"
_WEEKDAY_RANGE = re.compile(
    rf"\b(?:from )?((?:{'|'.join(WEEKDAYS)})[a-z]*)(?: ?[-–—] ?| (?:to|till|until|through|thru) )"
    rf"((?:{'|'.join(WEEKDAYS)})[a-z]*)\b",
    re.IGNORECASE,
)
_OF_THE_MONTH = re.compile(r" (?:of|in) (?:the|each|every|a) month\b", re.IGNORECASE)
_WEEKS_APART = re.compile(
    rf"(?:every )?(?:fortnight(?:ly)?|bi-?weekly)\b"
    rf"|every (?:(?P<weeks>[234]|two|three|four|other|second) weeks?\b|(?:other|second|2nd) {_WEEKDAY_FOLLOWS})",
    re.IGNORECASE,
)
_NTH_WEEKDAY = re.compile(
    rf"(?:every |monthly )?(?:on )?(?:the )?({'|'.join(_ORDINALS)}) {_WEEKDAY_FOLLOWS}", re.IGNORECASE
)
_WEEKS = {"3": 3, "three": 3, "4": 4, "four": 4}
_STARTS = {
    "daily": "day",
    "everyday": "day",
    "every day": "day",
    "weekdays": "weekday",
    "every weekday": "weekday",
    "workdays": "weekday",
    "weekly": "week",
    "every week": "week",
    "monthly": "month",
    "every month": "month",
}
_SINCE = {"from", "since", "starting"}


class TypedTimes(NamedTuple):
    """The fields of a `Cadence` that a text begins with, and the words after them."""

    times: tuple[time, ...] = ()
    weekdays: tuple[int, ...] = tuple(range(7))
    monthday: int | None = None
    nth: int | None = None
    weeks: int = 1
    since: date = ANY_WEEK
    rest: str = ""


def read_timetable(text: str) -> TypedTimes:
    """The timetable at the beginning of a text; 08:00, Monday and the first of the month when left out.

    Raises TimeError.
    """
    plain = _WEEKDAY_RANGE.sub(_weekdays_between, _plain(text))
    plain, of_month = _OF_THE_MONTH.subn("", plain)
    if not of_month and (apart := _WEEKS_APART.match(plain)):
        reader = _TimesReader("week", plain[apart.end() :], 0)
        reader.weeks = _WEEKS.get((apart["weeks"] or "").casefold(), 2)
        return reader.read()
    if ordinal := _NTH_WEEKDAY.match(plain):
        reader = _TimesReader("week", plain[ordinal.end() :], 0)
        reader.nth = _ORDINALS[ordinal[1].casefold()]
        return reader.read()
    words = plain.casefold().split()
    for size in (2, 1):
        if " ".join(words[:size]) in _INSTANT_WORDS:
            return TypedTimes(rest=_rest(plain, size))
        if words[:size] and (kind := _STARTS.get(" ".join(words[:size]))):
            return _TimesReader(kind, plain, size).read()
    return _TimesReader("", plain, 1 if words[:1] == ["every"] else 0).read()


def read_hours(text: str) -> tuple[time, time, str]:
    """Two times of day with a dash or a word between them, and what follows them; raises TimeError."""
    plain = _APART.sub("", " ".join(text.split()))
    match = _HOURS.fullmatch(plain.casefold())
    if match is None:
        raise TimeError(TimeMistake.NO_HOURS, typed=plain)
    remainder = " ".join(plain.split()[-len(match[3].split()) :]) if match[3] else ""
    return _moment(match[1].split())[0], _moment(match[2].split())[0], remainder


class _TimesReader:
    """Reads the days and times after the first word; without such a word they alone say what is meant."""

    def __init__(self, kind: str, plain: str, at: int) -> None:
        self.kind = kind
        self.plain = plain
        self.words = plain.casefold().split()
        self.at = at
        self.times: set[time] = set()
        self.weekdays: set[int] = set()
        self.monthday: int | None = None
        self.nth: int | None = None
        self.weeks = 1
        self.since = ANY_WEEK

    def read(self) -> TypedTimes:
        """The timetable; raises TimeError where the words that come first say no time."""
        while self.at < len(self.words) and self._take(self.words[self.at]):
            self.at += 1
        remainder = _rest(self.plain, self.at)
        if not self.kind and not self.times and not self.weekdays:
            raise TimeError(TimeMistake.UNKNOWN, typed=self.plain)
        if len(self.times) > MOST_TIMES:
            raise TimeError(TimeMistake.TOO_MANY_TIMES, limit=MOST_TIMES)
        times = tuple(sorted(self.times)) or (DEFAULT_TIME,)
        if self.kind == "month":
            return TypedTimes(times, monthday=self.monthday or 1, rest=remainder)
        usual = {"week": {0}, "weekday": set(range(5))}.get(self.kind, set(range(7)))
        weekdays = tuple(sorted(self.weekdays or usual))
        return TypedTimes(times, weekdays, nth=self.nth, weeks=self.weeks, since=self.since, rest=remainder)

    def _take(self, word: str) -> bool:
        """Take note of a word; False if it is none of a timetable."""
        if word in _FILLERS:
            return self.at + 1 < len(self.words)
        if self.weeks > 1 and word in _SINCE and (since := _date(self.words[self.at + 1 : self.at + 2])):
            self.since = since - timedelta(days=since.weekday())
            self.at += 1
            return True
        if self.kind in {"", "week"} and (day := _weekday(word)) is not None:
            self.weekdays.add(day)
        elif self.kind == "month" and self.monthday is None and _MONTHDAY.fullmatch(word) and not self.times:
            self.monthday = int(re.sub(r"\D", "", word))
        elif self.kind == "month" and word == "last":
            self.monthday = 31
        elif word in _PARTS_OF_DAY or word[0].isdigit():
            at, size = _moment(self.words[self.at :])
            self.times.add(at)
            self.at += size - 1
        else:
            return False
        return True


def _plain(text: str) -> str:
    """A text with commas as words and without a space before am and pm."""
    return _APART.sub("", " ".join(text.replace(",", " , ").split()))


def _rest(plain: str, size: int) -> str:
    return " ".join(word for word in plain.split()[size:] if word != ",")


def _moment(words: list[str]) -> tuple[time, int]:
    """The time of day that words begin with, and how many words say it: `8`, `evening at 8`, `8 in the evening`."""
    first = words[0]
    size = next((number for number, word in enumerate(words) if number and word not in _OF_A_PART), len(words))
    second = words[size] if size < len(words) else ""
    part, clock = (first, second) if first in _PARTS_OF_DAY else (second, first)
    if part in _PARTS_OF_DAY and clock[:1].isdigit():
        at = _clock(clock)
        hours = {at.hour} if "m" in clock or at.hour > 12 else {at.hour, (at.hour + 12) % 24}
        for hour in filter(_PARTS_OF_DAY[part].has, hours):
            return at.replace(hour=hour), size + 1
        if part not in _INSTANTS:
            raise TimeError(TimeMistake.NO_TIME, typed=" ".join(words[: size + 1]))
    return (_PARTS_OF_DAY[first].usual if first in _PARTS_OF_DAY else _clock(first)), 1


def _clock(text: str) -> time:
    match = _CLOCK.fullmatch(text)
    if match is not None:
        hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        elif half:
            hour = 24
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise TimeError(TimeMistake.NO_TIME, typed=text)


def _weekdays_between(match: re.Match[str]) -> str:
    """Each weekday of `mon-fri`; the same text where it names none."""
    first, last = _weekday(match[1].casefold()), _weekday(match[2].casefold())
    if first is None or last is None:
        return match[0]
    return " ".join(WEEKDAYS[(first + number) % 7] for number in range((last - first) % 7 + 1))


def _date(words: list[str]) -> date | None:
    try:
        return date.fromisoformat(words[0]) if words else None
    except ValueError:
        return None


def _weekday(text: str) -> int | None:
    day = text.removesuffix("s") if text[:-1] in _FULL_NAMES else text
    for number, name in enumerate(_FULL_NAMES):
        if len(day) >= 3 and name.startswith(day):
            return number
    return None
