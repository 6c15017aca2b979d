"""What tests of the command line do to its database, and how they read its output."""

import asyncio
from datetime import UTC, datetime

from paperwire.store.unit import Store


def on(database, work):
    """Do `work(unit)` in one transaction on a database; what it returns."""

    async def run():
        store = Store.open(database, now=lambda: datetime(2026, 1, 6, 12, tzinfo=UTC))
        try:
            async with store.write() as unit:
                return await work(unit)
        finally:
            await store.close()

    return asyncio.run(run())


def found(said):
    """(level, text) by subject; the last of several."""
    return {one["subject"]: (one["level"], one["text"]) for one in said.json}
