"""What tests of the command line do to a database behind its back."""

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
