"""Pruning: what can't matter again goes, in steps, and once a day."""

from paperwire.pipeline.prune import Pruning
from paperwire.services.access import Access


async def test_settled_deliveries_go_after_their_time_and_owed_ones_stay(scene):
    for number in range(3):
        await scene.subscribe(str(number), "paper")
    await scene.announce("Paper one")
    await scene.deliver()
    await scene.announce("Paper two")
    scene.clock.advance(days=91)
    assert await Pruning(scene.store, Access().admits_place).run() == 3
    assert await scene.owed() == 3


async def test_every_place_is_visited(scene, monkeypatch):
    monkeypatch.setattr("paperwire.store.outbox.prune.PLACES_AT_ONCE", 2)
    for number in range(5):
        await scene.subscribe(str(number), "paper")
    await scene.announce("Paper one")
    await scene.deliver()
    scene.clock.advance(days=91)
    assert await Pruning(scene.store, Access().admits_place).run() == 5


async def test_once_a_day_whichever_process_comes_first(scene):
    await scene.subscribe("1", "paper")
    await scene.announce("Paper")
    await scene.deliver()
    first, second = Pruning(scene.store, Access().admits_place), Pruning(scene.store, Access().admits_place)
    assert await first.daily() == 0
    scene.clock.advance(days=91)
    assert await second.daily() == 1
    await scene.announce("Paper two")
    await scene.deliver()
    assert await first.daily() == 0
    scene.clock.advance(days=91)
    assert await first.daily() == 1
