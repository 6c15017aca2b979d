"""Waits of less than a second are waits all the same."""

from paperwire.store.pace import StorePace


async def test_a_request_waits_for_the_last_quarter_of_a_second(store, clock):
    naps = []

    async def sleep(seconds):
        naps.append(seconds)
        clock.advance(seconds=seconds)

    pace = StorePace(store.write, owner="me", sleep=sleep)
    async with pace.slot("arxiv", 3.0):
        pass
    clock.advance(seconds=2.75)
    async with pace.slot("arxiv", 3.0):
        pass
    assert naps == [0.25]
