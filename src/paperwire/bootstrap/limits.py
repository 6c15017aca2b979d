"""How this process keeps its memory, and how many files it may have open, connections among them."""

from __future__ import annotations

import ctypes
import gc
import resource
from contextlib import suppress

_MOST_CONNECTIONS = 4000  # connections of the pages; each takes some 40 kB
_UNLIMITED = 65_536  # files that are asked for where the system sets no limit
_M_ARENA_MAX = -8  # see mallopt(3)
_HEAPS = 4
_YOUNG = 10_000  # objects made and not yet freed, after which young ones are collected


def raise_limit() -> None:
    """Let this process have as many files open as the system lets it, instead of the 1024 that are usual."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _UNLIMITED if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= limit:
        return
    with suppress(ValueError, OSError):  # some systems allow less than they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def most_connections() -> int:
    """How many connections the pages may have: half of the files at most; the service needs some for its own work."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(_MOST_CONNECTIONS, soft // 2))


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
