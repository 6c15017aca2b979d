"""The state of a place: what was sent there, what waits, and days of which papers may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from paperwire.core.days.batch import BatchState
from paperwire.core.days.calendar import NO_CLOSURES, current_day, slots
from paperwire.core.days.completeness import Day, days_of
from paperwire.core.deliveries.ledger import PlaceCounts
from paperwire.core.papers.categories import uncollected
from paperwire.core.query.language import parsed
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription
from paperwire.pipeline.hold import Hold
from paperwire.ports.callers import Caller
from paperwire.services.context import Context
from paperwire.services.running.health import DAYS_SHOWN
from paperwire.texts import Texts
from paperwire.wording.days import what_is_missing
from paperwire.wording.failing import named

_WINDOW = timedelta(days=7)
_ARXIV = "arxiv"
_MOST_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a place: its subscriptions, and by query how many papers were sent in the last 7 days.

    Nothing is sent anywhere since `held_since`, and on its channel before `down_until`, where these are given.
    """

    place: StoredPlace
    subscriptions: list[Subscription]
    sent: Mapping[int, int]
    counts: PlaceCounts
    held_since: datetime | None
    down_until: datetime | None


async def status_here(context: Context, caller: Caller) -> Status | None:
    """The state of the caller's place; None if nothing is stored of it."""
    held_since = await Hold(context.store).since()
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place)
        if place is None:
            return None
        return Status(
            place=place,
            subscriptions=await unit.subscriptions.of_place(place.number),
            sent=await unit.ledger.sent_by_query(place.number, context.now() - _WINDOW),
            counts=await unit.ledger.of_place(place.number),
            held_since=held_since,
            down_until=context.down_until(place.channel),
        )


# --- days of which papers may be missing -------------------------------------------------------------------------


async def missed_line(context: Context, subscriptions: Iterable[Subscription], texts: Texts) -> str:
    """To which day arXiv is read for these subscriptions, or which days aren't confirmed; empty if none is read."""
    queries = [subscription.text for subscription in subscriptions if not subscription.paused]
    if _ARXIV not in context.sources or not queries:
        return ""
    parts = _followed(context.followed, queries)
    async with context.store.read() as unit:
        batches = await unit.sources.batches(context.now().date() - DAYS_SHOWN)
        failing = [state for state in await unit.sources.all() if state.source == _ARXIV and state.failures]
    days = days_of(batch for batch in batches if batch.source == _ARXIV and batch.part in parts)
    line = _of_days(days, context.now(), current_day(context.now(), context.closures), texts)
    if not failing:
        return line
    error = max(failing, key=lambda state: state.tried_at or context.now()).error
    # Translators: %(line)s is a sentence about the state, %(error)s what went wrong, in English.
    return texts.gettext("%(line)s Can't be read right now: %(error)s.", line=line, error=error.rstrip("."))


def _followed(followed: Sequence[str], queries: Iterable[str]) -> frozenset[str]:
    """The categories in which papers may match one of these queries; all for a query that names none."""
    parts: set[str] = set()
    for text in queries:
        query = parsed(text)
        bounds = query.bounds() if query is not None else ()
        parts.update(name for name in followed if not bounds or len(uncollected(bounds, [name])) < len(bounds))
    return frozenset(parts)


def _of_days(days: Sequence[Day], now: datetime, latest: date, texts: Texts) -> str:
    """What the last days prove, the latest first."""
    begun = [day for day in days if day.state is not BatchState.EXPECTED]
    pending = [day for day in begun if day.unproven and _is_pending(day.day, now)]
    unconfirmed = [day for day in begun if day.unproven and day not in pending]
    read_to = next((day.day for day in begun if not day.unproven), None)
    if unconfirmed:
        shown = texts.clauses(*(_unconfirmed(day, texts) for day in unconfirmed[:_MOST_DAYS]))
        days_text = named([shown], texts, left_out=len(unconfirmed) - _MOST_DAYS)
        mark = "⚠ " if any(day.is_doubtful for day in unconfirmed) else ""
        # Translators: %(days)s is a list such as "12 Aug not confirmed: not in RSS yet".
        return mark + texts.gettext("arXiv: %(days)s.", days=days_text)
    if read_to is None:
        return texts.gettext("arXiv: no day has been read yet.")
    if read_to >= latest:
        return texts.gettext("arXiv: read to today, nothing missing.")
    return texts.gettext("arXiv: read to %(day)s, nothing missing.", day=texts.day(read_to))


def _unconfirmed(day: Day, texts: Texts) -> str:
    missing, _ = what_is_missing(day, texts)
    # Translators: %(missing)s is what is not proven of a day, such as "not in RSS yet".
    return texts.gettext("%(day)s not confirmed: %(missing)s", day=texts.day(day.day), missing=missing)


def _is_pending(day: date, now: datetime) -> bool:
    """Whether not every view has to show a day yet."""
    return any(now < slot.shown_by for slot in slots((), day, day, (), NO_CLOSURES))
