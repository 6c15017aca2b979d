import pytest
from outbox_world import World


@pytest.fixture
def world(store, clock):
    return World(store, clock)
