"""A clock that was set a year ahead and back, while papers came and went, silences no place."""

from datetime import timedelta

from pipeline_world import next_slot

from paperwire.errors import Retry
from paperwire.pipeline.clock import FutureTimes

YEAR = timedelta(days=400)


async def test_places_at_once_daily_and_on_hold_get_everything(scene):
    for address, settings in (
        ("1", {}),
        ("2", {"cadence": "daily 08:00"}),
        ("3", {}),
        ("4", {"quiet": "22:00-07:00"}),
    ):
        await scene.subscribe(address, "paper", **settings)
    scene.clock.at += YEAR
    await scene.matching.run()
    await scene.subscribe("5", "paper")
    scene.clock.advance(hours=15)  # into quiet hours
    await scene.announce("Paper one")
    scene.post.fails["3"].append(Retry("wait", 60, asked=True))
    await scene.deliver()
    await scene.announce("Paper two")  # which nobody delivers any more
    scene.clock.at -= YEAR + timedelta(hours=15)
    scene.begin()

    assert await FutureTimes(scene.store, next_slot=next_slot).correct() > 0
    await scene.deliver()
    for address in "1345":
        told = sorted(title for titles in scene.post.titles(address) for title in titles)
        assert told == ["Paper one", "Paper two"], address
    await scene.announce("Paper three")
    await scene.deliver()
    for address in "1345":
        assert scene.post.titles(address)[-1] == ["Paper three"], address
    assert scene.post.titles("2") == []
    scene.clock.set("2026-01-06T08:00:01Z")
    await scene.deliver()
    assert [sorted(titles) for titles in scene.post.titles("2")] == [["Paper one", "Paper three", "Paper two"]]
    assert await scene.owed() == 0
