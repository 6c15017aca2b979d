"""How much room the disk of the database has."""

from __future__ import annotations

import shutil
from pathlib import Path

ENOUGH_ROOM = 1e9
LEAST_ROOM = 1e8
FULL = 1e6
"""Bytes; with less than these nothing can be written for long."""


def room(folder: Path) -> tuple[int, str]:
    """The free bytes of the disk that a folder is on, and how people read that."""
    free = shutil.disk_usage(folder).free
    return free, f"{free / 1000000000.0:,.1f} GB free in {folder}"
