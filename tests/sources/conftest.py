"""What the tests of sources share: a fetcher with real connections, without waits between tries."""

import pytest
import stamina

from paperwire.sources._http import Fetcher


class Unhurried:
    """A pace that never waits and remembers what it was asked."""

    def __init__(self):
        self.waits = []

    async def wait(self, service, interval):
        self.waits.append((service, interval))


@pytest.fixture(autouse=True)
def quick_retries():
    """As many tries as in earnest, one right after the other."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def pace():
    return Unhurried()


@pytest.fixture
async def fetcher(pace, clock):
    fetcher = Fetcher(user_agent="Paperwire/test", pace=pace, now=clock)
    yield fetcher
    await fetcher.close()
