"""Pruning: what can't matter again goes, in steps, and once a day."""

from paperwire.pipeline.prune import Pruning
from paperwire.services.access import Access


async def test_settled_deliveries_go_after_their_time_and_owed_ones_stay(stages):
    for number in range(3):
        await stages.subscribe(str(number), "paper")
    await stages.announce("Paper one")
    await stages.deliver()
    await stages.announce("Paper two")
    stages.clock.advance(days=91)
    assert await Pruning(stages.store, Access().admits_place).run() == 3
    assert await stages.owed() == 3


async def test_every_place_is_visited(stages, monkeypatch):
    monkeypatch.setattr("paperwire.store.outbox.prune.PLACES_PER_TRANSACTION", 2)
    for number in range(5):
        await stages.subscribe(str(number), "paper")
    await stages.announce("Paper one")
    await stages.deliver()
    stages.clock.advance(days=91)
    assert await Pruning(stages.store, Access().admits_place).run() == 5


async def test_once_a_day_whichever_process_comes_first(stages):
    await stages.subscribe("1", "paper")
    await stages.announce("Paper")
    await stages.deliver()
    first, second = Pruning(stages.store, Access().admits_place), Pruning(stages.store, Access().admits_place)
    assert await first.daily() == 0
    stages.clock.advance(days=91)
    assert await second.daily() == 1
    await stages.announce("Paper two")
    await stages.deliver()
    assert await first.daily() == 0
    stages.clock.advance(days=91)
    assert await first.daily() == 1
