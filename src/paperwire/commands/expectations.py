"""What to expect of a subscription: when its next papers come, for what, and what they wait for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from paperwire.commands.context import local
from paperwire.core.days.calendar import CLOSURE, is_holiday, next_shown
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.texts import gettext_noop

if TYPE_CHECKING:
    from datetime import date

    from paperwire.commands.context import Context
    from paperwire.core.query.language import Query
    from paperwire.core.subscriptions.subscription import Destination, Subscription
    from paperwire.texts import Texts

_ARXIV, _SCORED = "arxiv", "huggingface"
_WEEK = timedelta(days=6)
_OCCASIONS = {
    "arrival": gettext_noop("new papers"),
    "versions": gettext_noop("new versions"),
    "withdrawn": gettext_noop("withdrawals"),
}


def occasions_line(subscription: Subscription, texts: Texts) -> str:
    """Everything that the subscription sends."""
    occasions = [texts.gettext(name) for key, name in _OCCASIONS.items() if key in subscription.occasions]
    return texts.gettext("Includes %(occasions)s.", occasions=texts.join(occasions))


def expectations(
    context: Context, query: Query, subscription: Subscription, destination: Destination, texts: Texts
) -> list[str]:
    """What a new subscription is told beside its rate."""
    lines = [occasions_line(subscription, texts)] if subscription.occasions != {"arrival"} else []
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
