"""The state of the whole service, and its figures: sources, stored papers, outbox and channels."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import nan
from urllib.parse import urlsplit

from paperwire import observe
from paperwire.core.days.calendar import outlook
from paperwire.core.days.completeness import days_of
from paperwire.core.health import ChannelHealth, Health, PartHealth, SourceHealth, StageHealth
from paperwire.core.text.clean import clean
from paperwire.errors import StoreError
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import BACKFILL, IMPORT, overdue_since
from paperwire.pipeline.nearness import ENCODER
from paperwire.pipeline.reconcile import EXTRA_PARTS
from paperwire.pipeline.reports import channel_states
from paperwire.ports.channels import Channel
from paperwire.ports.sources import SourceState
from paperwire.services.context import Context
from paperwire.store.unit import Unit

_LONGEST_ERROR = 200
_ARXIV = "arxiv"
DAYS_SHOWN = timedelta(days=7)
_NEVER = datetime.min.replace(tzinfo=UTC)
_QUEUES = (
    *(observe.OUTBOX, observe.DUE, observe.DUE_AGE, observe.HELD, observe.GIVEN_UP, observe.UNKNOWN),
    *(observe.UNMATCHED, observe.UNMATCHED_AGE),
)


def failing_parts(states: Iterable[SourceState]) -> tuple[PartHealth, ...]:
    """The parts that fail; of a feed's address what may be secret in it is left out."""
    return tuple(
        PartHealth(name=_shown(state.part), error=clean(state.error, _LONGEST_ERROR), next_at=state.next_at)
        for state in states
    )


def _shown(part: str) -> str:
    where = urlsplit(part)
    return f"{where.hostname}{where.path}" if where.hostname else part


@dataclass(frozen=True, kw_only=True)
class ProcessState:
    """What this process knows of itself.

    `owner` is what it is called, `started_at` when it began to serve, None if it doesn't. `troubles` are what fails in
    it by name of the stage, and `database_problem` says why it can't use the database (nothing if it can).
    `channel_state` words how a channel of its own is; other processes run those `elsewhere`. `needed` are the roles
    that some process has to have.
    """

    owner: str
    started_at: datetime | None
    troubles: Mapping[str, StageHealth]
    database_problem: Callable[[], Awaitable[str]]
    channel_state: Callable[[Channel], str]
    elsewhere: frozenset[str]
    needed: frozenset[str]


async def health(context: Context, process: ProcessState) -> Health:
    """The state of the service, as the page and the shell show it; reads only."""
    async with context.store.read() as unit:
        states = [state for state in await unit.sources.all() if state.source != IMPORT]
        stored = await unit.papers.counts()
        subscriptions = await unit.subscriptions.count()
        batches = await unit.sources.batches(context.now().date() - DAYS_SHOWN)
        encoder, unencoded = await unit.settings.get(ENCODER), await unit.vectors.count_unencoded()
        by_meaning, no_threshold = await unit.meanings.count()
    names = sorted({*context.sources, *(state.source for state in states)})
    return replace(
        await _work(context, process),
        papers=stored.papers,
        first_day=stored.first,
        last_day=stored.last,
        subscriptions=subscriptions,
        sources=tuple(
            source_health(context, name, [state for state in states if state.source == name]) for name in names
        ),
        days=days_of(batches),
        outlook=outlook(context.now(), context.closures) if _ARXIV in names else None,
        troubles=tuple(trouble for _, trouble in sorted(process.troubles.items())),
        database_problem=await process.database_problem(),
        started_at=process.started_at,
        encoder=encoder or "",
        unencoded=unencoded if encoder else 0,
        by_meaning=by_meaning,
        no_threshold=no_threshold,
    )


async def _work(context: Context, process: ProcessState) -> Health:
    """What waits to be done, and which processes and channels are there for it."""
    held_since = await Hold(context.store).since()
    async with context.store.read() as unit:
        counts, backlog = await unit.ledger.counts(), await unit.papers.backlog()
        channels, processes = await _channels_of(context, process, unit), await unit.leases.processes()
    return Health(
        owed=counts.owed,
        given_up=counts.given_up,
        unknown=counts.unknown,
        closed=counts.closed,
        held_since=held_since,
        unmatched=backlog.count,
        unmatched_since=backlog.since,
        due=counts.due,
        due_since=counts.oldest,
        held=counts.shut + (counts.due if held_since is not None else 0),
        channels=channels,
        processes=processes,
        missing=tuple(sorted(process.needed - processes.keys())) if processes else (),
    )


async def _channels_of(context: Context, process: ProcessState, unit: Unit) -> tuple[ChannelHealth, ...]:
    """The channels of all processes and of the settings, as they are now."""
    channels = {kind: channel for kind, channel in sorted(context.channels.items()) if kind not in process.elsewhere}
    own = {kind: process.channel_state(channel) for kind, channel in channels.items()}
    return await channel_states(unit, process.elsewhere, own, process.owner)


def source_health(context: Context, name: str, parts: Sequence[SourceState]) -> SourceHealth:
    """One source over all its parts: the last success, the next try of what fails, and the last error.

    Of one that is off only what was read counts: it is not tried any more.
    """
    every = context.sources.get(name)
    failing = [part for part in parts if part.failures and every is not None]
    reading = [part for part in parts if part.part not in EXTRA_PARTS]
    going_on = [part for part in reading if part.part != BACKFILL]  # which is read once
    # The part that was tried last has the reason; others may only have been skipped since.
    latest = max(failing, key=lambda part: part.tried_at or _NEVER, default=None)
    error = clean(latest.error, _LONGEST_ERROR) if latest else ""
    return SourceHealth(
        name=name,
        ok_at=max((part.ok_at for part in reading if part.ok_at), default=None),
        next_at=min((part.next_at for part in failing or going_on if part.next_at and every is not None), default=None),
        error=f"{error} ({len(failing)} of {len(parts)} parts)" if failing and len(parts) > 1 else error,
        first_done=bool(going_on) and all(part.first_done for part in going_on),
        overdue_since=overdue_since(going_on, every, context.now()) if every is not None else None,
        failing=failing_parts(failing) if len(parts) > 1 else (),
    )


# --- the figures of the metrics page -----------------------------------------------------------------------------


async def measure(context: Context, process: ProcessState) -> None:
    """Set them all; NaN, or no sample for a channel or role, while the database doesn't answer."""
    observe.CHANNEL_UP.clear()
    observe.PROCESSES.clear()
    try:
        await _measure_queues(context, process)
        async with context.store.read() as unit:
            states = await unit.sources.all()
            doubtful = await unit.sources.doubtful_days(context.now().date() - DAYS_SHOWN)
    except StoreError:
        states, doubtful = [], None
        for gauge in _QUEUES:
            gauge.set(nan)
    for name in context.sources:
        ok_at = source_health(context, name, [state for state in states if state.source == name]).ok_at
        observe.SOURCE_OK.labels(name).set(ok_at.timestamp() if ok_at else nan)
    days = {source: numbers for source, *numbers in doubtful or ()}
    for name in context.sources:
        unconfirmed, thin = days.get(name, (0, 0)) if doubtful is not None else (nan, nan)
        observe.DAYS_UNCONFIRMED.labels(name).set(unconfirmed)
        observe.DAYS_THIN.labels(name).set(thin)


async def _measure_queues(context: Context, process: ProcessState) -> None:
    """Set what waits where, and which processes and channels are there for it."""
    work, now = await _work(context, process), context.now()
    observe.OUTBOX.set(work.owed)
    observe.DUE.set(work.due)
    observe.DUE_AGE.set(_age(work.due_since, now))
    observe.HELD.set(work.held)
    observe.GIVEN_UP.set(work.given_up)
    observe.UNKNOWN.set(work.unknown)
    observe.UNMATCHED.set(work.unmatched)
    observe.UNMATCHED_AGE.set(_age(work.unmatched_since, now))
    for channel in work.channels:
        observe.CHANNEL_UP.labels(channel.kind).set(channel.is_up)
    for role in process.needed | work.processes.keys():
        observe.PROCESSES.labels(role).set(work.processes.get(role, 0))


def _age(since: datetime | None, now: datetime) -> float:
    """Seconds since an instant; 0 if there is none."""
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0
