"""The first days of a new install while they are read: how far that is, and the answers that wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paperwire.pipeline.days.beginning import beginning
from paperwire.pipeline.ingest import BACKFILL, FIRST_DAYS
from paperwire.pipeline.reconcile import PART as SECOND_VIEW
from paperwire.pipeline.reconcile import THIRD, WATCHED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import date

    from paperwire.commands.context import Context
    from paperwire.ports.requests import Update
    from paperwire.store.papers.sources import SourceState
    from paperwire.store.unit import Unit
    from paperwire.texts import Texts

_LOOK_AGAIN = 10.0
_MOST_LOOKS = 6 * 360
"""Answers wait six hours."""
_MOST_FAILURES = 3
"""Failures in a row after which a source is not waited for."""
_BESIDE = {BACKFILL, SECOND_VIEW, THIRD, WATCHED}


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the first days have been read: `days` with `papers`; those from `whole` on are whole, None if none is."""

    days: int
    papers: int
    whole: date | None


async def first_days(context: Context, unit: Unit) -> Reading | None:
    """What is read of the first days while that lasts; None before it begins, and once it is over."""
    states = [state for state in await unit.sources.all() if state.source in context.sources]
    names = [state.source for state in states if state.part == BACKFILL and _is_under_way(state)]
    if not names:
        return None
    since = (context.now() - FIRST_DAYS).date()
    whole = [await _whole_since(unit, name, [one for one in states if one.source == name]) for name in names]
    known = [day for day in whole if day is not None]
    return Reading(
        days=await unit.papers.days_since(since),
        papers=await unit.papers.count_since(since),
        whole=max(known) if len(known) == len(whole) else None,
    )


def _is_under_way(state: SourceState) -> bool:
    return state.tried_at is not None and not state.first_done and state.failures < _MOST_FAILURES


async def _whole_since(unit: Unit, source: str, states: Sequence[SourceState]) -> date | None:
    """The day whose list was out when the source was first read, once every part has been."""
    parts = [state for state in states if state.part not in _BESIDE]
    if not parts or not all(state.first_done for state in parts):
        return None
    return (await beginning(unit, source)).source


def reading_line(reading: Reading, texts: Texts) -> str:
    """That a rate isn't known yet, and how far it is."""
    return texts.gettext(
        "The last %(limit)s days are still being read (%(days)s with %(papers)s so far), so the rate isn't known yet.",
        limit=FIRST_DAYS.days,
        days=texts.ngettext("%(num)s day", "%(num)s days", reading.days),
        papers=texts.ngettext("%(num)s paper", "%(num)s papers", reading.papers),
    )


async def once_read(context: Context, update: Callable[[], Awaitable[Update | None]]) -> Update | None:
    """The update, as soon as there are papers and the first days have been read; None if that takes hours."""
    for _ in range(_MOST_LOOKS):
        await context.pause(_LOOK_AGAIN)
        async with context.store.read() as unit:
            is_read = await unit.papers.latest_day() is not None and await first_days(context, unit) is None
        if is_read:
            return await update()
    return None
