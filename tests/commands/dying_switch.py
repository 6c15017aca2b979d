"""A process that goes over to another encoder and matches what waits, and kills itself in the middle: run as a script.

Its arguments: the database, the present instant, the file of the word table, and perhaps a method of the store and at
which of its calls the process dies (SIGKILL).
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from pkgutil import resolve_name

from paperwire.core.subscriptions.cadence import Cadence
from paperwire.encoders.table import WordTable
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.match import Matching
from paperwire.pipeline.nearness import Nearness
from paperwire.store.unit import Store


def dying(method, call):
    """Let a call of a method, `module:Class.name`, be the end of this process."""
    of, _, name = method.rpartition(".")
    holder = resolve_name(of)
    real, calls = getattr(holder, name), []

    async def deadly(self, *args, **more):
        calls.append(name)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return await real(self, *args, **more)

    setattr(holder, name, deadly)


async def switch(url, at, table):
    """What a worker does once with the papers that came in."""
    now = partial(datetime.fromisoformat, at)
    store = Store.open(url, now=now)
    calibration = Calibration(store, Nearness(store, WordTable.load(Path(table))), now=now)
    matching = Matching(
        store,
        now=now,
        next_slot=lambda cadence, zone, after: Cadence.parse(cadence).next_slot(zone, after),
        calibration=calibration,
    )
    await matching.run()
    await Encoding(store, calibration.encoder, calibration).run()
    await matching.run()
    await store.close()


if __name__ == "__main__":
    if sys.argv[4:]:
        dying(sys.argv[4], int(sys.argv[5]))
    asyncio.run(switch(*sys.argv[1:4]))
