"""Last stage, once a day: forget what can cause no delivery any more, and try places whose mail came back again.

Its transactions are too short to wait for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.store.unit import Store, Unit

_KEY = "pruned"
_TEXTS_A_DAY = 2_000


class Pruning:
    """Removes settled deliveries that can't matter again, and opens places for a probe.

    `admits` says whether papers may go to a place; those of owners who may not use this instance get no probe.
    """

    def __init__(self, store: Store, admits: Callable[[Unit, StoredPlace], Awaitable[bool]]) -> None:
        self._store = store
        self._admits = admits

    async def daily(self) -> int:
        """Prune unless that was begun today (UTC), by whichever process; how many rows went."""
        async with self._store.write() as unit:
            today = unit.now.date().isoformat()
            if await unit.settings.get(_KEY) == today:
                return 0
            await unit.settings.put(_KEY, today)
        return await self.run()

    async def run(self) -> int:
        """Visit every place once, some at a time; how many rows went. Old texts of replaced versions go as well."""
        total, after = 0, 0
        async with self._store.write() as unit:
            await unit.prune.texts(_TEXTS_A_DAY)
            await unit.opt_ins.forget_old()
            await unit.chat_memory.forget_old()
            await unit.sign_ins.forget_old()
            await unit.departures.forget_old()
        await self._probe()
        while True:
            async with self._store.write() as unit:
                gone, last = await unit.prune.step(after)
            total += gone
            if last is None:
                return total
            after = last

    async def _probe(self) -> None:
        """Open the places that paused for messages that came back and are to be tried again."""
        async with self._store.write() as unit:
            places = await unit.bounces.due_probes()
        for number in places:
            async with self._store.write() as unit:
                place = await unit.places.get(number)
                if place is not None and await self._admits(unit, place):
                    await unit.places.resume(number, for_probe=True)
