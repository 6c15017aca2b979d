"""When papers come, in words."""

from __future__ import annotations

from datetime import time

from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.wallclock import zone_name
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, TimeError, TimeMistake
from paperwire.texts import Texts, gettext_noop

_LONGEST = 40
_WORDS = {
    TimeMistake.UNKNOWN: gettext_noop(
        'Can\'t read "%(typed)s". Use instant, daily 07:30, weekdays 7:30, weekly mon 08:00 or monthly 1 08:00.'
    ),
    TimeMistake.NO_TIME: gettext_noop('Can\'t read "%(typed)s". Use a time such as 08:00.'),
    TimeMistake.NO_HOURS: gettext_noop('Can\'t read "%(typed)s". Use two different times, such as 22:00-07:00.'),
    TimeMistake.EQUAL_HOURS: gettext_noop('Can\'t read "%(typed)s". Use two different times, such as 22:00-07:00.'),
    TimeMistake.TOO_MANY_TIMES: gettext_noop("Use at most %(limit)s times a day."),
}


def time_refusal(error: TimeError, texts: Texts) -> CommandError:
    """What to answer to times that can't be read."""
    values = {name: clean(str(value), _LONGEST) for name, value in error.values.items()}
    return CommandError(texts.gettext(_WORDS[error.kind], **values))


def cadence_words(cadence: str, zone: str, texts: Texts) -> str:
    """When papers come, to stand at the end of a sentence: `every day at 07:30 (Europe/Berlin)`."""
    parsed = Cadence.parse(cadence)
    values = {"time": _times(parsed.times, texts), "zone": zone_name(zone)}
    match parsed.kind:
        case "instant":
            return texts.gettext("as they appear")
        case "daily":
            return texts.gettext("every day at %(time)s (%(zone)s)", **values)
        case "weekdays":
            return texts.gettext("Monday to Friday at %(time)s (%(zone)s)", **values)
        case "monthly" if parsed.monthday == 31:
            return texts.gettext("on the last day of each month at %(time)s (%(zone)s)", **values)
        case "monthly":
            return texts.gettext("on day %(day)s of each month at %(time)s (%(zone)s)", day=parsed.monthday, **values)
        case _:
            days = texts.join([texts.weekday(day) for day in parsed.weekdays])
            return texts.gettext("every %(weekday)s at %(time)s (%(zone)s)", weekday=days, **values)


def _times(times: tuple[time, ...], texts: Texts) -> str:
    return texts.join([f"{at:%H:%M}" for at in times])
