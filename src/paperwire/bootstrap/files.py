"""How many files this process may have open, connections among them."""

from __future__ import annotations

import resource
from contextlib import suppress

_MOST_CONNECTIONS = 4000  # connections of the pages; each takes some 40 kB
_UNLIMITED = 65_536  # files that are asked for where the system sets no limit


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
