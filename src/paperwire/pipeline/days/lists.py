"""Whose list the third view is asked for next: each category once an hour, over restarts and all processes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from paperwire.store.unit import Unit

APART = timedelta(hours=1)
CATEGORIES_PER_LOOK = 20
"""Categories in one go: at 15 s each that is five minutes."""
_LATER = timedelta(minutes=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


async def take_due(unit: Unit, source: str, categories: Iterable[str]) -> list[str]:
    """Those of these categories that may be asked about now, the longest unasked first, and are asked about now."""
    times_asked = await _asked(unit, source)
    # A time further ahead than any that is set means that the clock went back.
    due = [name for name in categories if abs(unit.now - times_asked.get(name, _NEVER)) >= APART]
    due = sorted(due, key=lambda name: (times_asked.get(name, _NEVER), name))[:CATEGORIES_PER_LOOK]
    if due:
        recent = {name: at for name, at in times_asked.items() if abs(unit.now - at) < 2 * APART}
        await _keep(unit, source, recent | dict.fromkeys(due, unit.now))
    return due


async def put_off(unit: Unit, source: str, category: str) -> None:
    """Let a category come after the others next time, as its list could not be read and may keep them waiting."""
    await _keep(unit, source, await _asked(unit, source) | {category: unit.now + _LATER})


async def _asked(unit: Unit, source: str) -> dict[str, datetime]:
    """When each category was last asked about, locked until commit."""
    stored = await unit.settings.ensure_locked(_key(source), "{}")
    return {name: datetime.fromisoformat(at) for name, at in json.loads(stored).items()}


async def _keep(unit: Unit, source: str, times_asked: Mapping[str, datetime]) -> None:
    times = {name: at.isoformat() for name, at in times_asked.items()}
    await unit.settings.put(_key(source), json.dumps(times, separators=(",", ":")))


def _key(source: str) -> str:
    return f"lists of {source} asked for"
