"""The index of words is renewed after an upgrade while the service runs, by one process at a time."""

from __future__ import annotations

from datetime import timedelta

from paperwire.store.unit import Store
from paperwire.worker.lease import Lease

_LOOK_AGAIN = timedelta(seconds=30)


async def renew_words(store: Store, owner: str) -> timedelta | None:
    """Renew it if need be; None once it is, or after which time to look whether another process has done so."""
    return None if await Lease(store, "words", owner).attempt(store.renew_words) else _LOOK_AGAIN
