"""How often papers are sent: cadences and times as people type and read them, and what to expect of a subscription."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from paperwire.commands.context import Context, local
from paperwire.commands.occasions import ARRIVAL, occasions_line
from paperwire.core.days.calendar import CLOSURE, is_holiday, next_shown
from paperwire.core.query.language import Query
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import Destination, Subscription
from paperwire.core.subscriptions.wallclock import zone_name
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, TimeError, TimeMistake
from paperwire.texts import Texts, gettext_noop

DEFAULT = "default"
"""What a button calls the cadence of the chat."""
_LONGEST = 40
_ARXIV, _SCORED = "arxiv", "huggingface"
_WEEK = timedelta(days=6)
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


def read_cadence(text: str, texts: Texts) -> str:
    """A cadence in its canonical form (`daily 07:30`); raises CommandError."""
    try:
        return str(Cadence.parse(text))
    except TimeError as error:
        raise time_refusal(error, texts) from None


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


def expectations(
    context: Context, query: Query, subscription: Subscription, destination: Destination, texts: Texts
) -> list[str]:
    """What the answer to a new subscription says beside its rate."""
    lines = [occasions_line(subscription, texts)] if subscription.occasions != ARRIVAL else []
    if query.upvotes is not None:
        lines.append(_waits_for(context, query.upvotes, texts))
    elif not destination.paused:
        lines.append(_next(context, subscription.cadence or destination.cadence, destination.zone, texts))
    return [line for line in lines if line]


def _waits_for(context: Context, upvotes: int, texts: Texts) -> str:
    if _SCORED not in context.sources:
        return texts.gettext("⚠ No source here counts upvotes, so no papers will arrive. Ask the operator to add one.")
    return texts.ngettext(
        "A paper is sent once it has %(num)s upvote on Hugging Face.",
        "A paper is sent once it has %(num)s upvotes on Hugging Face.",
        upvotes,
    )


def _next(context: Context, cadence: str, zone: str, texts: Texts) -> str:
    """When the next papers can come; empty where no calendar says it."""
    slot = Cadence.parse(cadence).next_slot(zone, context.now())
    if slot is not None:
        return texts.gettext("Next digest: %(when)s", when=local(slot, zone, texts))
    if _ARXIV not in context.sources:
        return ""
    shown, evenings = next_shown(context.now(), context.closures)
    at = shown.astimezone(ZoneInfo(zone))
    is_soon = shown - context.now() < _WEEK
    return texts.gettext(
        "Next: %(day)s about %(time)s (%(zone)s), when arXiv's feeds show it%(except)s.",
        day=texts.weekday(at.weekday()) if is_soon else texts.day(at.date()),
        time=texts.time(at),
        zone=zone,
        **{
            "except": "".join(texts.gettext("; no announcement on %(day)s", day=day) for day in _named(evenings, texts))
        },
    )


def _named(evenings: tuple[date, ...], texts: Texts) -> list[str]:
    """Evenings without an announcement by their holidays' names, each once."""
    names = {evening: is_holiday(evening) or CLOSURE for evening in evenings}
    return list(dict.fromkeys(texts.day(day) if name == CLOSURE else name for day, name in names.items()))
