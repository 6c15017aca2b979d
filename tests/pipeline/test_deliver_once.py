"""What is on its way to a place is not sent there a second time, whatever becomes of the place meanwhile."""

import asyncio

import pytest
from pipeline_world import ada, until

from paperwire.pipeline import turns
from paperwire.pipeline.deliver import Delivery
from paperwire.store.outbox.outbox import Outbox
from servers.loopback import PATIENCE

TITLES = [["Paper one"], ["Paper two"], ["Paper three"]]


async def close_and_open(stages, place):
    async with stages.store.write() as unit:
        await unit.places.pause(place, "by a person")
    async with stages.store.write() as unit:
        await unit.places.resume(place)


async def move(stages, place):
    async with stages.store.write() as unit:
        await unit.places.moved(place, "-1001")


async def set_the_clock_ahead(stages, place):
    stages.clock.advance(minutes=5)


@pytest.fixture
async def looks(monkeypatch):
    """Counts how often anybody looks for places whose turn has come; that is quick here."""
    claim, looked = Outbox.claim, []

    async def counted(self, *args, **more):
        places = await claim(self, *args, **more)
        looked.append(places)
        return places

    monkeypatch.setattr(turns, "_LOOK_AGAIN", 0.01)
    monkeypatch.setattr(Outbox, "claim", counted)
    return looked


async def under_way(stages):
    """A place with the first of three papers on its way, and the run that sends them."""
    place = await ada(stages)
    await stages.announce(*(title for (title,) in TITLES))
    stages.post.in_flight = 2
    stages.begin()
    stages.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(stages.deliver())
    await until(lambda: stages.post.sending)
    return place, running


@pytest.mark.parametrize("change", [close_and_open, move, set_the_clock_ahead])
async def test_a_place_is_served_once_at_a_time(stages, looks, change):
    place, running = await under_way(stages)
    await change(stages, place)
    before = len(looks)
    await until(lambda: len(looks) > before + 2)
    assert stages.post.most_sending == 1
    stages.post.slow["1"].set()
    await asyncio.wait_for(running, PATIENCE)
    await stages.deliver()
    assert stages.post.titles("1") + stages.post.titles("-1001") == TITLES


async def test_nor_is_it_by_another_process_once_it_is_open_again(stages, looks):
    place, running = await under_way(stages)
    await close_and_open(stages, place)
    other = Delivery(stages.store, {"telegram": stages.post}, owner="other", now=stages.clock, hold=stages.hold)
    assert await other.run("telegram") == 0
    stages.post.slow["1"].set()
    await asyncio.wait_for(running, PATIENCE)
    assert stages.post.titles("1") == TITLES
