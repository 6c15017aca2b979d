"""Describes when papers come."""

from __future__ import annotations

from datetime import time

from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.subscriptions.wallclock import zone_name
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, TimeError, TimeMistake
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.weekdays import every, nth_of_month

_LONGEST_VALUE = 40
# Translators: a refusal: %(typed)s is what was typed; the words to use are typed in English.
_WORDS = {
    TimeMistake.UNKNOWN: gettext_noop(
        'Can\'t read "%(typed)s". Use instant, daily 07:30, weekdays 7:30, weekly mon 08:00 or monthly 1 08:00.'
    ),
    TimeMistake.NO_TIME: gettext_noop('Can\'t read "%(typed)s". Use a time such as 08:00.'),
    TimeMistake.NO_HOURS: gettext_noop('Can\'t read "%(typed)s". Use two different times, such as 22:00-07:00.'),
    TimeMistake.EQUAL_HOURS: gettext_noop('Can\'t read "%(typed)s". Use two different times, such as 22:00-07:00.'),
    TimeMistake.TOO_MANY_TIMES: gettext_noop("Use at most %(limit)s times a day."),
}

# Translators: buttons that choose when papers come, at most 35 characters.
CADENCES = {
    "instant": gettext_noop("At once"),
    "daily 08:00": gettext_noop("Every day at 08:00"),
    "daily 18:00": gettext_noop("Every day at 18:00"),
    "weekly mon 08:00": gettext_noop("Mondays at 08:00"),
}
"""How often papers come as buttons offer it."""
_LAST_DAY = 31
# Translators: when papers come, at the end of sentences such as "New papers come here %(when)s."
_LAST = gettext_noop("on the last day of each month at %(time)s (%(zone)s)")
# Translators: at the end of sentences such as "New papers come here %(when)s."
_FORMS = {
    "daily": gettext_noop("every day at %(time)s (%(zone)s)"),
    "weekdays": gettext_noop("Monday to Friday at %(time)s (%(zone)s)"),
    "nth": gettext_noop("on the %(weekday)s of each month at %(time)s (%(zone)s)"),
    "weekly": gettext_noop("every %(weekday)s at %(time)s (%(zone)s)"),
    "monthly": gettext_noop("on day %(day)s of each month at %(time)s (%(zone)s)"),
}


def time_refusal(error: TimeError, texts: Texts) -> CommandError:
    values = {name: clean(str(value), _LONGEST_VALUE) for name, value in error.values.items()}
    return CommandError(texts.gettext(_WORDS[error.kind], **values))


def cadence_words(cadence: str, zone: str, texts: Texts) -> str:
    """When papers come, to stand at the end of a sentence: `every day at 07:30 (Europe/Berlin)`."""
    parsed = Cadence.parse(cadence)
    if parsed.kind == "instant":
        # Translators: when papers come: at once, at the end of "New papers come here %(when)s."
        return texts.gettext("as they appear")
    weekday = nth_of_month(parsed.nth, parsed.weekdays, texts) if parsed.nth else every(parsed.weekdays, texts)
    values = {"time": _times(parsed.times, texts), "zone": zone_name(zone), "weekday": weekday}
    if parsed.kind == "weeks":
        # Translators: at the end of sentences such as "New papers come here %(when)s."
        return texts.ngettext(
            "every %(num)s week on %(weekday)s at %(time)s (%(zone)s)",
            "every %(num)s weeks on %(weekday)s at %(time)s (%(zone)s)",
            parsed.weeks,
            **values,
        )
    is_last_day = parsed.kind == "monthly" and parsed.monthday == _LAST_DAY
    return texts.gettext(_LAST if is_last_day else _FORMS[parsed.kind], day=parsed.monthday, **values)


def _times(times: tuple[time, ...], texts: Texts) -> str:
    return texts.join([f"{at:%H:%M}" for at in times])


def digest_lines(place: StoredPlace | None, zone: str, texts: Texts) -> list[str]:
    """When papers come to a place and what its digests hold; `zone` is the one of a place that is new."""
    if place is None:
        return [_here_line("instant", zone, texts)]
    return [_here_line(place.cadence, place.zone, texts), *digest_option_lines(place, texts)]


def _here_line(cadence: str, zone: str, texts: Texts) -> str:
    # Translators: %(when)s is "every day at 08:00 (Europe/Berlin)", "as they appear" or the like.
    return texts.gettext("New papers come here %(when)s.", when=cadence_words(cadence, zone, texts))


def quiet_line(place: StoredPlace | None, texts: Texts) -> str:
    if place is None or not place.quiet:
        return texts.gettext("No quiet hours are set here.")
    start, _, end = place.quiet.partition("-")
    # Translators: %(start)s and %(end)s are times of day.
    return texts.gettext(
        "Nothing is sent here from %(start)s to %(end)s (%(zone)s). Papers that match meanwhile are sent afterwards.",
        start=start,
        end=end,
        zone=zone_name(place.zone),
    )


def digest_option_lines(place: StoredPlace, texts: Texts) -> list[str]:
    lines = []
    if place.digest_min > 1:
        lines.append(
            texts.ngettext(
                "A digest waits until it has %(num)s paper.",
                "A digest waits until it has %(num)s papers.",
                place.digest_min,
            )
        )
    if place.digest_max:
        lines.append(
            texts.ngettext(
                "A digest lists at most %(num)s paper and links to the others.",
                "A digest lists at most %(num)s papers and links to the others.",
                place.digest_max,
            )
        )
    if not place.digest_sections:
        lines.append(texts.gettext("A digest is one list, the best first."))
    if place.digest_empty:
        lines.append(texts.gettext("When there is nothing new, a digest says so."))
    return lines
