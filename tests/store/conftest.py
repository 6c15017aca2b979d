import pytest
from outbox_world import World


@pytest.fixture
def row_maker(store, clock):
    return World(store, clock)
