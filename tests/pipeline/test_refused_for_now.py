"""A place that takes nothing for now, such as a full mailbox: tried less and less, and closed after some days."""

from datetime import timedelta
from itertools import pairwise

from pipeline_world import ada

from paperwire.errors import Retry

DAYS = timedelta(days=5)


def full():
    return Retry("mailbox full", 300.0, requested=True, patience=DAYS.total_seconds())


async def tried(stages, number, count=100):
    """When the place is tried, by a new process each time, until it is closed or `count` is reached."""
    tries = []
    stages.post.fails["1"] += [full()] * 200  # a notice that the place is closed fails as well
    while len(tries) < count and not (await stages.place(number)).paused:
        stages.begin()
        await stages.deliver()
        tries.append(stages.clock())
        stages.clock.at = await stages.delivery.next_due("telegram") or stages.clock()
    stages.post.fails["1"].clear()
    return tries


async def test_it_is_tried_less_and_less_and_closed_after_five_days_over_all_restarts(stages):
    number = await ada(stages)
    await stages.announce("Paper")
    tries = await tried(stages, number)
    waits = [(after - before).total_seconds() for before, after in pairwise(tries)]
    assert waits[:7] == [300.0, 600.0, 1200.0, 2400.0, 4800.0, 9600.0, 14400.0]
    assert set(waits[7:]) == {14400.0}
    assert DAYS <= tries[-1] - tries[0] < DAYS + timedelta(hours=4)
    assert (await stages.place(number)).paused == "refused"
    assert await stages.given_up() == []


async def test_new_papers_begin_nothing_again(stages):
    number = await ada(stages)
    await stages.announce("Paper")
    begun = (await tried(stages, number, 1))[0]
    for days in range(4):
        stages.clock.at = begun + timedelta(days=1 + days)
        await stages.announce(f"Paper {days}")
        await tried(stages, number, 1)
    stages.clock.at = begun + DAYS
    assert len(await tried(stages, number)) == 1


async def test_it_is_no_failure_of_the_papers(stages):
    number = await ada(stages)
    await stages.announce("Paper")
    await tried(stages, number, 10)
    assert await stages.deliver() == 1
    assert stages.post.titles("1") == [["Paper"]]


async def test_once_opened_again_it_has_all_its_time_again(stages):
    number = await ada(stages)
    await stages.announce("Paper")
    await tried(stages, number)
    async with stages.store.write() as unit:
        await unit.places.resume(number)
    again = await tried(stages, number)
    assert again[-1] - again[0] >= DAYS
