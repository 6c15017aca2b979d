"""The pipeline's world over each database."""

import pytest
from pipeline_world import Scene


@pytest.fixture
def stages(store, clock):
    return Scene(store, clock)
