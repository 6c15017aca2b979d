"""How much room the disk of the database has, and what follows from none."""

from __future__ import annotations

import shutil
from pathlib import Path

from paperwire.core.health import Health
from paperwire.pipeline.reports import STALE
from paperwire.store.unit import Store
from paperwire.wording.times import utc

ENOUGH_ROOM = 1e9
LEAST_ROOM = 1e8
_FULL = 1e6
"""Bytes; with less than these nothing can be written for long."""


def room(folder: Path) -> tuple[int, str]:
    """The free bytes of the disk that a folder is on, and how people read that."""
    free = shutil.disk_usage(folder).free
    return free, f"{free / 1000000000.0:,.1f} GB free in {folder}"


async def disk_problem(store: Store, health_now: Health) -> str:
    """That the disk of an SQLite database is full, and when a process could last report itself; empty if it isn't."""
    free, text = room(store.folder.absolute()) if store.file is not None else (_FULL, "")
    if free >= _FULL:
        return ""
    async with store.read() as unit:
        until = await unit.leases.last_shown()
    if health_now.processes or until is None:
        return f"the disk is full: {text}"
    return f"the disk is full: {text}; no process could report itself since {utc(until - STALE)}"
