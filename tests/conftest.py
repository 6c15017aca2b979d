"""Fixtures for every room's tests."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data():
    """The folder of recorded data; tests that ask for it skip, saying so, where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the recorded data (../shared/data) is not here")
    return SHARED
