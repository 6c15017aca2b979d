"""What to expect of a new subscription besides its rate."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from paperwire.core.days.calendar import CLOSURE, NO_CLOSURES, holiday_name, is_holiday, next_shown
from paperwire.core.matching.occasions import ARRIVAL
from paperwire.core.query.language import Query
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription
from paperwire.core.subscriptions.wallclock import clock_of, zone_name
from paperwire.texts import Texts
from paperwire.wording.occasions import occasions_line
from paperwire.wording.times import local

_ARXIV, _SCORED = "arxiv", "huggingface"
_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Announcing:
    """What is known now of announcements: the sources that are on, and evenings on which arXiv announces nothing."""

    now: datetime
    sources: Collection[str]
    closures: frozenset[date]


def expectations(
    announcing: Announcing, query: Query, subscription: Subscription, destination: StoredPlace, texts: Texts
) -> list[str]:
    """What the answer to a new subscription says besides its rate."""
    lines = [occasions_line(subscription, texts)] if subscription.occasions != ARRIVAL else []
    if query.upvotes is not None:
        lines.append(_waits_for(announcing, query.upvotes, texts))
    elif not destination.paused:
        lines.append(_next(announcing, subscription.cadence or destination.cadence, destination.zone, texts))
    return [line for line in lines if line]


def _waits_for(announcing: Announcing, upvotes: int, texts: Texts) -> str:
    if _SCORED not in announcing.sources:
        return texts.gettext("⚠ No source here counts upvotes, so no papers will arrive. Ask the operator to add one.")
    return texts.ngettext(
        "A paper is sent once it has %(num)s upvote on Hugging Face.",
        "A paper is sent once it has %(num)s upvotes on Hugging Face.",
        upvotes,
    )


def _next(announcing: Announcing, cadence: str, zone: str, texts: Texts) -> str:
    """When the next papers can come; empty where no calendar says it."""
    slot = Cadence.parse(cadence).next_slot(zone, announcing.now)
    if slot is not None:
        # Translators: %(when)s is a date and a time, with its zone.
        return texts.gettext("Next digest: %(when)s", when=local(slot, zone, texts))
    if _ARXIV not in announcing.sources:
        return ""
    shown, evenings = next_shown(announcing.now, announcing.closures)
    at = shown.astimezone(clock_of(zone))
    is_soon = shown - announcing.now < _WEEK
    shown_at = {
        "day": texts.weekday(at.weekday()) if is_soon else texts.day(at.date()),
        "time": texts.time(at),
        "zone": zone_name(zone),
    }
    if not (days := _named(evenings, texts)):
        # Translators: when papers come next: %(day)s is a day of the week or a date, %(zone)s the time zone.
        return texts.gettext(
            "Next papers: %(day)s about %(time)s (%(zone)s), when arXiv's feeds list them.", **shown_at
        )
    # Translators: %(day)s is a day of the week or a date, %(days)s are dates or holidays without announcements.
    return texts.gettext(
        # Translators: %(days)s are dates, or holidays such as Thanksgiving, on which arXiv announces nothing.
        "Next papers: %(day)s about %(time)s (%(zone)s), when arXiv's feeds list them; no announcement on %(days)s.",
        days=texts.join(days),
        **shown_at,
    )


def _named(evenings: tuple[date, ...], texts: Texts) -> list[str]:
    """Evenings without an announcement by their holidays' names, each once."""
    names = {evening: is_holiday(evening, NO_CLOSURES) or CLOSURE for evening in evenings}
    return list(
        dict.fromkeys(texts.day(day) if name == CLOSURE else holiday_name(name, texts) for day, name in names.items())
    )
