"""A place that takes nothing for now, such as a full mailbox: tried less and less, and closed after some days."""

from datetime import timedelta
from itertools import pairwise

from pipeline_world import ada

from paperwire.errors import Retry

DAYS = timedelta(days=5)


def full():
    return Retry("mailbox full", 300.0, asked=True, patience=DAYS.total_seconds())


async def tried(scene, number, count=100):
    """When the place is tried, by a new process each time, until it is closed or `count` is reached."""
    tries = []
    scene.post.fails["1"] += [full()] * 200  # a notice that the place is closed fails as well
    while len(tries) < count and not (await scene.place(number)).paused:
        scene.begin()
        await scene.deliver()
        tries.append(scene.clock())
        scene.clock.at = await scene.delivery.next_due("telegram") or scene.clock()
    scene.post.fails["1"].clear()
    return tries


async def test_it_is_tried_less_and_less_and_closed_after_five_days_over_all_restarts(scene):
    number = await ada(scene)
    await scene.announce("Paper")
    tries = await tried(scene, number)
    waits = [(after - before).total_seconds() for before, after in pairwise(tries)]
    assert waits[:7] == [300.0, 600.0, 1200.0, 2400.0, 4800.0, 9600.0, 14400.0]
    assert set(waits[7:]) == {14400.0}
    assert DAYS <= tries[-1] - tries[0] < DAYS + timedelta(hours=4)
    assert (await scene.place(number)).paused == "refused"
    assert await scene.given_up() == []


async def test_new_papers_begin_nothing_again(scene):
    number = await ada(scene)
    await scene.announce("Paper")
    begun = (await tried(scene, number, 1))[0]
    for days in range(4):
        scene.clock.at = begun + timedelta(days=1 + days)
        await scene.announce(f"Paper {days}")
        await tried(scene, number, 1)
    scene.clock.at = begun + DAYS
    assert len(await tried(scene, number)) == 1


async def test_it_is_no_failure_of_the_papers(scene):
    number = await ada(scene)
    await scene.announce("Paper")
    await tried(scene, number, 10)
    assert await scene.deliver() == 1
    assert scene.post.titles("1") == [["Paper"]]


async def test_once_opened_again_it_has_all_its_time_again(scene):
    number = await ada(scene)
    await scene.announce("Paper")
    await tried(scene, number)
    async with scene.store.write() as unit:
        await unit.places.resume(number)
    again = await tried(scene, number)
    assert again[-1] - again[0] >= DAYS
