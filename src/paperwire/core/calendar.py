"""arXiv's calendar of announcements: evenings in New York, daylight saving and holidays included."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from paperwire.core.batch import Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

NEW_YORK = ZoneInfo("America/New_York")
_DEADLINE = time(14)
_EVENING = time(20)
# arXiv's other two clocks: OAI-PMH follows the announcement, the feeds come with the day itself.
_HARVEST = time(22, 30)
_MIDNIGHT = time(0)
_DAY = timedelta(days=1)
_FRIDAY, _SATURDAY = 4, 5


def _load() -> dict[date, str]:
    text = resources.files("paperwire.core").joinpath("arxiv_holidays.toml").read_text("utf-8")
    return {
        date.fromisoformat(f"{year}-{day}"): name
        for year, days in tomllib.loads(text).items()
        for day, name in days.items()
    }


_HOLIDAYS = _load()
_YEARS = frozenset(day.year for day in _HOLIDAYS)


def is_holiday(evening: date) -> str | None:
    """The name of the holiday for which arXiv announces nothing on that New York evening, or None."""
    return _HOLIDAYS.get(evening)


def is_listed(year: int) -> bool:
    """Whether arXiv's holidays of that year are known; without them every working day counts as one."""
    return year in _YEARS


def announces(evening: date) -> bool:
    """Whether there is an announcement at 20:00 New York time of that date: Sunday to Thursday, but for holidays."""
    return evening.weekday() not in {_FRIDAY, _SATURDAY} and evening not in _HOLIDAYS


def has_batch(day: date) -> bool:
    """Whether a batch belongs to `day`: Monday to Friday, unless the evening before was a holiday."""
    return announces(day - _DAY)


def announced_at(day: date) -> datetime:
    """When the batch of `day` is announced: at 20:00 New York time of the evening before, in UTC."""
    return datetime.combine(day - _DAY, _EVENING, NEW_YORK).astimezone(UTC)


def harvested_at(day: date) -> datetime:
    """When OAI-PMH has the batch of `day`: about 22:30 New York time of the evening before, in UTC."""
    return datetime.combine(day - _DAY, _HARVEST, NEW_YORK).astimezone(UTC)


def slots(parts: Sequence[str], first: date, last: date, views: tuple[str, ...]) -> list[Slot]:
    """The batches of the working days from `first` to `last`, holidays included; overdue when the next could come."""
    found = []
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        if day.weekday() > _FRIDAY:
            continue
        usual_at = datetime.combine(day, _MIDNIGHT, NEW_YORK).astimezone(UTC)
        found.append(
            Slot(
                day=day,
                parts=tuple(parts),
                announced_at=announced_at(day),
                usual_at=usual_at,
                closes_at=announced_at(day + _DAY),
                due_at=announced_at(day + _DAY),
                views=views,
                holiday=is_holiday(day - _DAY) or "",
            )
        )
    return found


def listed_day(at: datetime) -> date:
    """The day of the batch that the announcement feeds show at `at`: they change at midnight in New York."""
    day = at.astimezone(NEW_YORK).date()
    while not has_batch(day):
        day -= _DAY
    return day


def current_day(at: datetime) -> date:
    """The day of the latest batch announced at or before the instant `at`."""
    local = at.astimezone(NEW_YORK)
    evening = local.date() if local.time() >= _EVENING else local.date() - _DAY
    while not announces(evening):
        evening -= _DAY
    return evening + _DAY


def next_announcement(after: datetime) -> datetime:
    """The first announcement later than the instant `after`, in UTC."""
    local = after.astimezone(NEW_YORK)
    evening = local.date() if local.time() < _EVENING else local.date() + _DAY
    while not announces(evening):
        evening += _DAY
    return announced_at(evening + _DAY)


def announcement_day(submitted: datetime) -> date:
    """The day of the batch that a paper sent in at `submitted` is in, unless arXiv holds it back.

    By the schedule of info.arxiv.org/help/availability.html: what comes in until 14:00 New York time of a working day
    is announced that evening, Friday's on Sunday evening, and a day later if that evening is a holiday. The day is the
    one that begins at midnight after the announcement, as arXiv's lists and feeds have it.
    """
    local = submitted.astimezone(NEW_YORK)
    closing = local.date() if local.time() < _DEADLINE else local.date() + _DAY
    while closing.weekday() > _FRIDAY:
        closing += _DAY
    evening = closing + 2 * _DAY if closing.weekday() == _FRIDAY else closing
    while not announces(evening):
        evening += _DAY
    return evening + _DAY


def days_between(first: date, last: date) -> tuple[date, ...]:
    """The days from `first` to `last`, both included, to which a batch belongs."""
    count = (last - first).days + 1
    return tuple(day for n in range(count) if has_batch(day := first + n * _DAY))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect of arXiv now: `tonight` whether there is an announcement on this New York evening.

    `holiday` names the reason if there is none on an evening that would have one; `next` is the coming announcement
    in New York time.
    """

    tonight: bool
    holiday: str
    next: datetime


def outlook(now: datetime) -> Outlook:
    """What to expect of arXiv at the instant `now`; after 20:00 the evening still is tonight."""
    evening = now.astimezone(NEW_YORK).date()
    working = evening.weekday() not in {_FRIDAY, _SATURDAY}
    holiday = (is_holiday(evening) or "") if working else ""
    return Outlook(announces(evening), holiday, next_announcement(now).astimezone(NEW_YORK))
