"""Whether papers come in and go out: sources, what is held, the outbox and the channels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan
from typing import TYPE_CHECKING

from paperwire import observe
from paperwire.commands.desk import say, utc
from paperwire.core.days.batch import PROVEN, State
from paperwire.core.days.calendar import is_holiday, is_listed, outlook
from paperwire.core.days.completeness import days_of
from paperwire.core.health import Health, SourceHealth
from paperwire.core.messages.message import Span
from paperwire.core.text.clean import clean
from paperwire.errors import StoreError
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import BACKFILL, IMPORT, overdue_since
from paperwire.pipeline.reconcile import PART as SECOND_VIEW
from paperwire.pipeline.reconcile import THIRD, WATCHED
from paperwire.pipeline.reports import channel_states
from paperwire.wording import calendar as calendar_words
from paperwire.wording import commands as words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperwire.commands.desk import Desk
    from paperwire.core.days.calendar import Outlook
    from paperwire.core.days.completeness import Day, Unproven
    from paperwire.core.days.doubt import Doubt
    from paperwire.ports import Reply, Request
    from paperwire.store.papers.sources import SourceState

_ARXIV = "arxiv"
_DAYS_TOLD = timedelta(days=7)
_LONGEST_ERROR = 200
_NEVER = datetime.min.replace(tzinfo=UTC)
_BESIDE = {SECOND_VIEW, THIRD, WATCHED}
"""Parts that may have had nothing to ask for."""


async def health(desk: Desk) -> Health:
    """How the service fares: what `/status`, the page and the shell show; reads only."""
    async with desk.store.read() as unit:
        states = [state for state in await unit.sources.all() if state.source != IMPORT]
        held = await unit.papers.held()
        counts = await unit.outbox.counts()
        subscriptions = await unit.subscriptions.count()
        batches = await unit.sources.batches(desk.now().date() - _DAYS_TOLD)
        own = {kind: one.state() for kind, one in sorted(desk.channels.items()) if kind not in desk.elsewhere}
        channels = await channel_states(unit, desk.elsewhere, own, desk.owner)
    held_since = await Hold(desk.store).since()
    names = sorted({*desk.sources, *(state.source for state in states)})
    return Health(
        papers=held.papers,
        first_day=held.first,
        last_day=held.last,
        subscriptions=subscriptions,
        owed=counts.owed,
        given_up=counts.given_up,
        unknown=counts.unknown,
        sources=tuple(_source(desk, name, [state for state in states if state.source == name]) for name in names),
        days=days_of(batches),
        outlook=outlook(desk.now(), desk.closures) if _ARXIV in names else None,
        channels=channels,
        troubles=tuple(trouble for _, trouble in sorted(desk.troubles.items())),
        database_problem=await desk.database_problem(),
        held_since=held_since,
        started_at=desk.started_at,
    )


async def measure(desk: Desk) -> None:
    """Set the gauges that are read from the database; they are no numbers while it does not answer."""
    try:
        async with desk.store.read() as unit:
            states = await unit.sources.all()
            counts = await unit.outbox.counts()
            doubtful = await unit.sources.doubtful_days(desk.now().date() - _DAYS_TOLD)
    except StoreError:
        states, counts, doubtful = [], None, None
    observe.OUTBOX.set(counts.owed if counts else nan)
    observe.GIVEN_UP.set(counts.given_up if counts else nan)
    observe.UNKNOWN.set(counts.unknown if counts else nan)
    for name in desk.sources:
        ok_at = _source(desk, name, [state for state in states if state.source == name]).ok_at
        observe.SOURCE_AGE.labels(name).set((desk.now() - ok_at).total_seconds() if ok_at else nan)
    days = {source: found for source, *found in doubtful or ()}
    for name in desk.sources:
        unconfirmed, thin = days.get(name, (0, 0)) if doubtful is not None else (nan, nan)
        observe.DAYS_UNCONFIRMED.labels(name).set(unconfirmed)
        observe.DAYS_THIN.labels(name).set(thin)


def _source(desk: Desk, name: str, parts: Sequence[SourceState]) -> SourceHealth:
    """One source over all its parts: the latest success, the next try of what fails, and why it last failed."""
    failing = [part for part in parts if part.failures]
    reading = [part for part in parts if part.part not in _BESIDE]
    going_on = [part for part in reading if part.part != BACKFILL]  # which is read once
    # What was asked last says why; others may only have been left alone since.
    latest = max(failing, key=lambda part: part.tried_at or _NEVER, default=None)
    error = clean(latest.error, _LONGEST_ERROR) if latest else ""
    every = desk.sources.get(name)
    return SourceHealth(
        name=name,
        ok_at=max((part.ok_at for part in reading if part.ok_at), default=None),
        next_at=min((part.next_at for part in failing or going_on if part.next_at), default=None),
        error=words.some_parts(error, len(failing), len(parts)) if failing else "",
        first_done=bool(going_on) and all(part.first_done for part in going_on),
        overdue_since=overdue_since(going_on, every, desk.now()) if every is not None else None,
    )


async def answer_status(desk: Desk, request: Request) -> Reply:
    """`/status`."""
    del request
    now = await health(desk)
    lines = [_fares(source) for source in now.sources] or [words.NO_SOURCE_YET]
    if now.outlook is not None:
        lines.append(outlook_line(now.outlook))
    lines += [day_line(day) for day in _worth_telling(now.days)]
    lines.append(words.held(now.papers, now.first_day, now.last_day))
    lines.append(words.outbox(now.owed))
    if now.given_up or now.unknown:
        lines.append(given_up_line(now.given_up, now.unknown))
    if now.held_since is not None:
        lines.append(words.held_back(utc(now.held_since)))
    lines += [words.channel(channel.kind, channel.state) for channel in now.channels]
    lines += [words.stage_fails(one.name, utc(one.since), one.reason, utc(one.next_at)) for one in now.troubles]
    if now.database_problem:
        lines.append(words.database_fails(now.database_problem))
    return say((Span(words.STATUS, "bold"),), *lines)


def _worth_telling(days: Sequence[Day]) -> list[Day]:
    """The last day of each source, and every other one with which something is wrong."""
    last: dict[str, Day] = {}
    for day in days:
        last.setdefault(day.source, day)
    return [day for day in days if last[day.source] is day or day.is_doubtful]


def outlook_line(coming: Outlook) -> str:
    """What to expect of arXiv tonight."""
    return calendar_words.outlook(
        tonight=coming.tonight, holiday=coming.holiday, next_at=coming.next, known=is_listed(coming.next.year)
    )


def day_line(day: Day) -> str:
    """How complete a day of a source is, and what it holds."""
    name = calendar_words.day_name(day.day)
    return calendar_words.day_line(day.source, name, day_state(day), day_counts(day))


def day_state(day: Day) -> str:
    """How complete a day of a source is."""
    if day.state is State.HOLIDAY:
        reason = is_holiday(day.day - timedelta(days=1)) if day.source == _ARXIV else None
        return calendar_words.no_batch(reason or "")
    if day.state in PROVEN:
        return calendar_words.complete(day.late)
    if day.state in {State.EXPECTED, State.BACKFILLED}:
        return calendar_words.EXPECTED if day.state is State.EXPECTED else calendar_words.BACKFILLED
    parts = sum(day.parts.values())
    of_all = {doubt: None for batch in day.unproven for doubt in batch.doubts if doubt.whole}
    return calendar_words.unconfirmed(
        of_all=[doubt_words(doubt) for doubt in of_all],
        proven=parts - len(day.unproven),
        parts=parts,
        unproven=[(batch.part, _doubts_of(batch)) for batch in day.unproven],
    )


def _doubts_of(batch: Unproven) -> str:
    """What is missing for a proof of one category, beside what is missing for all of them."""
    return "; ".join(doubt_words(doubt) for doubt in batch.doubts if not doubt.whole)


def doubt_words(doubt: Doubt) -> str:
    """One thing that is missing for a proof."""
    return calendar_words.doubt(doubt.why.value, doubt.views, doubt.count, doubt.usual)


def day_counts(day: Day) -> str:
    """What is held of a day of a source; empty where there is no batch."""
    return "" if day.state is State.HOLIDAY else calendar_words.counts(day.new, day.crossed, day.replaced)


def given_up_line(given_up: int, unknown: int) -> str:
    """How many deliveries are not sent any more."""
    gone = [f"{given_up:,} given up"] if given_up else []
    return ", ".join([*gone, *([f"{unknown:,} may have arrived"] if unknown else [])])


def _fares(source: SourceHealth) -> str:
    ok = utc(source.ok_at) if source.ok_at else ""
    next_at = utc(source.next_at) if source.next_at else ""
    if source.overdue_since is not None:
        return words.source_overdue(source.name, utc(source.overdue_since), source.error)
    if source.error:
        return words.source_fails(source.name, source.error, ok, next_at)
    return words.source_fares(source.name, ok, next_at)
