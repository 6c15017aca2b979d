"""`collect --since DAY --deliver` over a loopback arXiv: what was never collected is delivered afterwards, once."""

from datetime import date

import pytest
from fortnight_world import quick, subscribe
from one_view_world import DAY, world

FIVE = [1, 2, 3, 4, 5]


@pytest.fixture(autouse=True)
def quick_retries():
    with quick():
        yield


async def missed(scene, store):
    """Papers of Wednesday that nobody collected, with a subscription of before and one of after, on Saturday."""
    await scene.go_on("17:00")
    await subscribe(store, "before", "paper", occasions=("arrival", "versions"))
    scene.announce(*FIVE)
    scene.announce(9, day=date(2026, 1, 8))
    scene.server.archive.replace("2601.09001", date(2026, 1, 8), title="Another paper")
    scene.clock.set("2026-01-08T08:00:00Z")
    await subscribe(store, "after", "paper")
    scene.clock.set("2026-01-10T12:00:00Z")


async def collect(scene, *, deliver):
    began = scene.clock()
    await scene.service.collector.backfill(DAY, deliver=deliver)
    await scene.service.matching.run()
    async with scene.store.read() as unit:
        late = await unit.ledger.found_late(began)
    await scene.service.delivery.run("telegram")
    return late.papers, late.deliveries


async def test_what_was_missed_is_delivered_once_to_those_who_were_there(clock, store):
    async with world(clock, store) as scene:
        await missed(scene, store)
        assert await collect(scene, deliver=True) == (6, 6)
        assert (scene.got("before"), scene.got("after")) == ([*FIVE, 9], [])
        (digest,) = scene.channel.arrived["before"]
        assert len(digest.items) == 6
        clock.advance(hours=1)
        assert await collect(scene, deliver=True) == (0, 0)
        await scene.go_on("14:00")
        assert (scene.got("before"), scene.got("after")) == ([*FIVE, 9], [])


async def test_without_being_told_to_it_delivers_nothing(clock, store):
    async with world(clock, store) as scene:
        await missed(scene, store)
        assert await collect(scene, deliver=False) == (0, 0)
        assert scene.got("before") == []
        clock.advance(hours=1)
        # Nobody has heard of them, so they can still be delivered.
        assert await collect(scene, deliver=True) == (6, 6)
        assert scene.got("before") == [*FIVE, 9]


async def test_a_few_are_cards_that_say_so(clock, store):
    async with world(clock, store) as scene:
        await scene.go_on("17:00")
        await subscribe(store, "1", "paper", style="cards")
        scene.announce(1)
        clock.set("2026-01-08T12:00:00Z")
        assert await collect(scene, deliver=True) == (1, 1)
        (card,) = scene.channel.arrived["1"][0].items
        assert "announced Wed 7 Jan, found late" in "".join(span.text for line in card.lines for span in line)
