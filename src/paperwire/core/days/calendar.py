"""arXiv's calendar of announcements: evenings in New York, daylight saving and holidays included.

It says what to expect and when to look, never what is news: arXiv may announce on an evening that it calls a holiday.
`closures` are further New York evenings on which this service expects nothing, from its settings.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from typing import TypeAlias
from zoneinfo import ZoneInfo

from paperwire.core.days.batch import Slot
from paperwire.texts import Texts, gettext_noop

Closures: TypeAlias = frozenset[date]
NO_CLOSURES: Closures = frozenset()
CLOSURE = "closed"
"""What an evening of the settings is called in place of a holiday's name."""
NEW_YORK = ZoneInfo("America/New_York")
_DEADLINE = time(14)
_EVENING = time(20)
# arXiv's other two clocks: OAI-PMH follows the announcement, the feeds come with the day itself.
_HARVEST = time(22, 30)
_MIDNIGHT = time(0)
_DAY = timedelta(days=1)
_FRIDAY, _SATURDAY = 4, 5


def _load() -> dict[date, str]:
    text = resources.files("paperwire.core.days").joinpath("arxiv_holidays.toml").read_text("utf-8")
    return {
        date.fromisoformat(f"{year}-{day}"): name
        for year, days in tomllib.loads(text).items()
        for day, name in days.items()
    }


_HOLIDAYS = _load()
# Translators: a holiday of the United States, on which arXiv announces no papers.
_HOLIDAY_NAMES = {
    "Christmas": gettext_noop("Christmas"),
    "Independence Day": gettext_noop("Independence Day"),
    "Independence Day (observed)": gettext_noop("Independence Day (observed)"),
    "Independence Day weekend": gettext_noop("Independence Day weekend"),
    "Juneteenth": gettext_noop("Juneteenth"),
    "Labor Day": gettext_noop("Labor Day"),
    "Martin Luther King Day": gettext_noop("Martin Luther King Day"),
    "New Year's Day": gettext_noop("New Year's Day"),
    "New Year's Eve": gettext_noop("New Year's Eve"),
    "Thanksgiving": gettext_noop("Thanksgiving"),
    "arXiv staff day": gettext_noop("arXiv staff day"),
    "end of the year": gettext_noop("end of the year"),
}
_YEARS = frozenset(day.year for day in _HOLIDAYS)


def is_holiday(evening: date, closures: Closures) -> str | None:
    """The name of the holiday for which arXiv announces nothing on that New York evening, or None."""
    return _HOLIDAYS.get(evening) or (CLOSURE if evening in closures else None)


def holiday_name(name: str, texts: Texts) -> str:
    """A holiday as a reader's language calls it; one that has no translation keeps its name."""
    return texts.gettext(_HOLIDAY_NAMES[name]) if name in _HOLIDAY_NAMES else name


def why_no_batch(day: date) -> str:
    """Why no batch of `day` was expected: the name of a holiday, `weekend`, or else CLOSURE."""
    return _HOLIDAYS.get(day - _DAY) or ("weekend" if day.weekday() > _FRIDAY else CLOSURE)


def why_silent(since: datetime, until: datetime, closures: Closures) -> str:
    """Why arXiv announced nothing between two instants: a holiday, CLOSURE or `weekend`; empty where it may have."""
    first, last = latest_day(since) - _DAY, latest_day(until) - _DAY
    evenings = [first + number * _DAY for number in range(1, (last - first).days + 1)]
    if any(announces(evening, closures) for evening in evenings):
        return ""
    names = [name for evening in evenings if (name := is_holiday(evening, closures))]
    return names[0] if names else "weekend" if evenings else ""


def is_listed(year: int) -> bool:
    """Whether arXiv's holidays of that year are known; without them every working day counts as one."""
    return year in _YEARS


def announces(evening: date, closures: Closures) -> bool:
    """Whether an announcement is expected at 20:00 New York time of that date: Sunday to Thursday, except holidays."""
    return evening.weekday() not in {_FRIDAY, _SATURDAY} and is_holiday(evening, closures) is None


def has_batch(day: date, closures: Closures) -> bool:
    """Whether a batch of `day` is expected: Monday to Friday, unless the evening before was a holiday."""
    return announces(day - _DAY, closures)


def announced_at(day: date) -> datetime:
    """When the batch of `day` is announced: at 20:00 New York time of the evening before, in UTC."""
    return datetime.combine(day - _DAY, _EVENING, NEW_YORK).astimezone(UTC)


def harvested_at(day: date) -> datetime:
    """When OAI-PMH has the batch of `day`: about 22:30 New York time of the evening before, in UTC."""
    return datetime.combine(day - _DAY, _HARVEST, NEW_YORK).astimezone(UTC)


def slots(parts: Sequence[str], first: date, last: date, views: tuple[str, ...], closures: Closures) -> list[Slot]:
    """The batches of the working days from `first` to `last`, holidays included; overdue when the next could come."""
    days = []
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        if day.weekday() > _FRIDAY:
            continue
        usual_at = datetime.combine(day, _MIDNIGHT, NEW_YORK).astimezone(UTC)
        days.append(
            Slot(
                day=day,
                parts=tuple(parts),
                announced_at=announced_at(day),
                usual_at=usual_at,
                closes_at=announced_at(day + _DAY),
                due_at=announced_at(day + _DAY),
                views=views,
                holiday=is_holiday(day - _DAY, closures) or "",
            )
        )
    return days


def listed_day(at: datetime, closures: Closures) -> date:
    """The day whose batch the announcement feeds should show at `at`: they change at midnight in New York."""
    return _announced(at.astimezone(NEW_YORK).date() - _DAY, closures, -_DAY) + _DAY


def current_day(at: datetime, closures: Closures) -> date:
    """The day of the latest batch that should have been announced at or before the instant `at`."""
    return _announced(latest_day(at) - _DAY, closures, -_DAY) + _DAY


def _announced(evening: date, closures: Closures, step: timedelta) -> date:
    """The first evening with an announcement, from this one on in steps of a day forth or back."""
    while not announces(evening, closures):
        evening += step
    return evening


def latest_day(at: datetime) -> date:
    """The last day whose batch can be out at the instant `at`, whether one is expected then or not."""
    local = at.astimezone(NEW_YORK)
    return local.date() + _DAY if local.time() >= _EVENING else local.date()


def next_announcement(after: datetime, closures: Closures) -> datetime:
    """The first announcement to expect after the instant `after`, in UTC."""
    return announced_at(_announced(latest_day(after), closures, _DAY) + _DAY)


def next_shown(after: datetime, closures: Closures) -> tuple[datetime, tuple[date, ...]]:
    """When the announcement feeds change next after the instant `after`, in UTC: at midnight in New York.

    With it come the evenings before then, tonight's on, that have no announcement though they are working days.
    """
    day = after.astimezone(NEW_YORK).date() + _DAY
    skipped = []
    while not has_batch(day, closures):
        if day.weekday() <= _FRIDAY:
            skipped.append(day - _DAY)
        day += _DAY
    return datetime.combine(day, _MIDNIGHT, NEW_YORK).astimezone(UTC), tuple(skipped)


def announcement_day(submitted: datetime, closures: Closures) -> date:
    """The day of the batch that a paper sent in at `submitted` should be in, unless arXiv holds it back.

    By the schedule of info.arxiv.org/help/availability.html: what comes in until 14:00 New York time of a working day
    is announced that evening, Friday's on Sunday evening, and a day later if that evening is a holiday. The day is the
    one that begins at midnight after the announcement, as arXiv's lists and feeds have it.
    """
    local = submitted.astimezone(NEW_YORK)
    closing = local.date() if local.time() < _DEADLINE else local.date() + _DAY
    while closing.weekday() > _FRIDAY:
        closing += _DAY
    evening = closing + 2 * _DAY if closing.weekday() == _FRIDAY else closing
    return _announced(evening, closures, _DAY) + _DAY


def days_between(first: date, last: date, closures: Closures) -> tuple[date, ...]:
    """The days from `first` to `last`, both included, of which a batch is expected."""
    count = (last - first).days + 1
    return tuple(day for n in range(count) if has_batch(day := first + n * _DAY, closures))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect of arXiv now: `tonight` whether there is an announcement on this New York evening.

    `holiday` names the reason if there is none on an evening that would have one; `next` is the coming announcement
    in New York time.
    """

    tonight: bool
    holiday: str
    next: datetime


def outlook(now: datetime, closures: Closures) -> Outlook:
    """What to expect of arXiv at the instant `now`; after 20:00 the evening still is tonight."""
    evening = now.astimezone(NEW_YORK).date()
    working = evening.weekday() not in {_FRIDAY, _SATURDAY}
    holiday = (is_holiday(evening, closures) or "") if working else ""
    return Outlook(announces(evening, closures), holiday, next_announcement(now, closures).astimezone(NEW_YORK))
