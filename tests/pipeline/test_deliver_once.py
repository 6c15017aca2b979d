"""What is on its way to a place is not sent there a second time, whatever becomes of the place meanwhile."""

import asyncio

import pytest
from pipeline_world import ada, until

from paperwire.pipeline import deliver
from paperwire.pipeline.deliver import Delivery
from paperwire.store.outbox.outbox import Outbox
from servers.loopback import PATIENCE

TITLES = [["Paper one"], ["Paper two"], ["Paper three"]]


async def close_and_open(scene, place):
    async with scene.store.write() as unit:
        await unit.places.pause(place, "by a person")
    async with scene.store.write() as unit:
        await unit.places.resume(place)


async def move(scene, place):
    async with scene.store.write() as unit:
        await unit.places.moved(place, "-1001")


async def set_the_clock_ahead(scene, place):
    scene.clock.advance(minutes=5)


@pytest.fixture
async def looks(monkeypatch):
    """Counts how often anybody looks for places whose turn has come; that is quick here."""
    claim, looked = Outbox.claim, []

    async def counted(self, *args, **more):
        places = await claim(self, *args, **more)
        looked.append(places)
        return places

    monkeypatch.setattr(deliver, "_LOOK_AGAIN", 0.01)
    monkeypatch.setattr(Outbox, "claim", counted)
    return looked


async def under_way(scene):
    """A place with the first of three papers on its way, and the run that sends them."""
    place = await ada(scene)
    await scene.announce(*(title for (title,) in TITLES))
    scene.post.in_flight = 2
    scene.begin()
    scene.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.sending)
    return place, running


@pytest.mark.parametrize("change", [close_and_open, move, set_the_clock_ahead])
async def test_a_place_is_served_once_at_a_time(scene, looks, change):
    place, running = await under_way(scene)
    await change(scene, place)
    before = len(looks)
    await until(lambda: len(looks) > before + 2)
    assert scene.post.most_sending == 1
    scene.post.slow["1"].set()
    await asyncio.wait_for(running, PATIENCE)
    await scene.deliver()
    assert scene.post.titles("1") + scene.post.titles("-1001") == TITLES


async def test_nor_is_it_by_another_process_once_it_is_open_again(scene, looks):
    place, running = await under_way(scene)
    await close_and_open(scene, place)
    other = Delivery(scene.store, {"telegram": scene.post}, owner="other", now=scene.clock, hold=scene.hold)
    assert await other.run("telegram") == 0
    scene.post.slow["1"].set()
    await asyncio.wait_for(running, PATIENCE)
    assert scene.post.titles("1") == TITLES
