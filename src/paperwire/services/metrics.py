"""The figures of the service that the database knows."""

from __future__ import annotations

from datetime import datetime
from math import nan

from paperwire import observe
from paperwire.errors import StoreError
from paperwire.pipeline.hold import Hold
from paperwire.services.context import Context
from paperwire.services.health import DAYS_SHOWN, ProcessState, channels_of, held, source_health

_QUEUES = (
    *(observe.OUTBOX, observe.DUE, observe.DUE_AGE, observe.HELD, observe.GIVEN_UP, observe.UNKNOWN),
    *(observe.UNMATCHED, observe.UNMATCHED_AGE),
)


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
        observe.SOURCE_AGE.labels(name).set((context.now() - ok_at).total_seconds() if ok_at else nan)
    days = {source: numbers for source, *numbers in doubtful or ()}
    for name in context.sources:
        unconfirmed, thin = days.get(name, (0, 0)) if doubtful is not None else (nan, nan)
        observe.DAYS_UNCONFIRMED.labels(name).set(unconfirmed)
        observe.DAYS_THIN.labels(name).set(thin)


async def _measure_queues(context: Context, process: ProcessState) -> None:
    """Set what waits where, and which processes and channels are there for it."""
    held_since, now = await Hold(context.store).since(), context.now()
    async with context.store.read() as unit:
        counts, backlog = await unit.ledger.counts(), await unit.papers.backlog()
        channels, processes = await channels_of(context, process, unit), await unit.leases.processes()
    observe.OUTBOX.set(counts.owed)
    observe.DUE.set(counts.due)
    observe.DUE_AGE.set(_age(counts.oldest, now))
    observe.HELD.set(held(counts, held_since))
    observe.GIVEN_UP.set(counts.given_up)
    observe.UNKNOWN.set(counts.unknown)
    observe.UNMATCHED.set(backlog.count)
    observe.UNMATCHED_AGE.set(_age(backlog.since, now))
    for channel in channels:
        observe.CHANNEL_UP.labels(channel.kind).set(channel.is_up)
    for role in process.needed | processes.keys():
        observe.PROCESSES.labels(role).set(processes.get(role, 0))


def _age(since: datetime | None, now: datetime) -> float:
    """Seconds since an instant; 0 if there is none."""
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0
