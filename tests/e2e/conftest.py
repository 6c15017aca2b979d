"""What tests of whole products share, and which are too long to be run in the gate on both databases."""

import forked
import pytest
from conversation_world import conversing

from servers.loopback import PATIENCE


def pytest_collection_modifyitems(items):
    """What is `slow_on_postgresql` is one of the long proofs there."""
    for item in items:
        if item.get_closest_marker("postgresql") and item.get_closest_marker("slow_on_postgresql"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def forking():
    """Nothing that forks outlives the tests."""
    yield
    forked.stop()


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    """Both platforms; Discord is answered without the haste that a busy machine can't keep up with."""
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    async with conversing(store, clock) as made:
        yield made
