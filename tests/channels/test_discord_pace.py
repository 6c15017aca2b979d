"""The pace of Discord's whole bot, on a clock that only the test moves, against its limits as the fake counts them."""

import pytest

from paperwire.channels.discord.connect import Gate
from paperwire.errors import Retry
from servers.discord_limits import Limits
from servers.virtual import VirtualTime


@pytest.fixture
def time():
    return VirtualTime()


@pytest.fixture
def gate(time):
    return Gate(time, time.sleep)


@pytest.mark.whole
async def test_alerts_reach_forty_a_second_in_an_even_stream(time, gate):
    """50 places in flight at 150 ms a message."""
    owed, limits, left = iter(range(2000)), Limits(), []

    async def place():
        for _ in owed:
            await gate.alert()
            left.append(time())
            await time.sleep(0.075)
            limits.whole(time())
            await time.sleep(0.075)
            gate.done()

    began = time()
    await time.run(*(place() for _ in range(50)))
    assert 2000 / (time() - began) > 41.5
    assert max(sum(first <= at < first + 1 for at in left) for first in left) <= 44
    assert limits.violations == []


async def test_what_people_ask_never_queues_after_alerts(time, gate):
    async def people():
        waits = []
        for _ in range(20):
            await time.sleep(0.3)
            asked = time()
            await gate.answer()
            waits.append(time() - asked)
            gate.done()
        return waits

    async def alert():
        await gate.alert()
        gate.done()

    *_, waits = await time.run(*(alert() for _ in range(400)), people())
    assert waits == [0.0] * 20


async def test_too_many_refusals_stop_all_requests_until_the_window_has_passed(time, gate):
    gate._invalid.extend([time()] * 5000)
    time.now += 100
    for refused in await time.run(gate.alert(), gate.answer()):
        assert isinstance(refused, Retry)
        assert (refused.everywhere, refused.requested, refused.after) == (True, True, 500.0)
    time.now += 501
    await gate.alert()
