"""How this process keeps its memory."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

_M_ARENA_MAX = -8  # see mallopt(3)
_HEAPS = 4
_YOUNG = 10_000  # objects made and not yet freed, after which young ones are collected


def share_few_heaps() -> None:
    """Serve all threads from four heaps; only glibc has more than one.

    Each thread of a database connection would otherwise keep a heap of its own, full of holes. With one for all, which
    takes 20 MB less, searches in SQLite's threads kept alerts waiting for memory: a hundred clients left them a third
    of their pace, and leave them four fifths with four (`benchmarks/readers.py`).
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)


def keep_what_is_loaded() -> None:
    """Leave all that is in memory by now out of garbage collections: it stays until the process ends.

    Each full collection would visit some 200,000 objects of modules and classes: about 7 % of the CPU of a message. See
    https://docs.python.org/3/library/gc.html#gc.freeze.

    What comes later is collected every 10,000 objects rather than every 700, as a page of papers makes many thousands
    that stay for a while.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
