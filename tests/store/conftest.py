"""Fixtures for tests of the store."""

import pytest

from paperwire.store.unit import Store


@pytest.fixture
async def other(store, database, clock):
    """Another process on the same database; on SQLite the same one, as writers queue there."""
    if database.startswith("sqlite"):
        yield store
        return
    second = Store.open(database, now=clock)
    yield second
    await second.close()
