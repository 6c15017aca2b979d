"""Which of the whole-product tests are too long to be run in the gate on both databases."""

import forked
import pytest


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
