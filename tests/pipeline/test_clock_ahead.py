"""A clock that was set a year ahead and back, while papers came and went, silences no place."""

from datetime import timedelta

from pipeline_world import next_slot

from paperwire.errors import Retry
from paperwire.pipeline.clock import FutureTimes

YEAR = timedelta(days=400)


async def test_places_at_once_daily_and_on_hold_get_everything(stages):
    for address, settings in (
        ("1", {}),
        ("2", {"cadence": "daily 08:00"}),
        ("3", {}),
        ("4", {"quiet": "22:00-07:00"}),
    ):
        await stages.subscribe(address, "paper", **settings)
    stages.clock.at += YEAR
    await stages.matching.run()
    await stages.subscribe("5", "paper")
    stages.clock.advance(hours=15)  # into quiet hours
    await stages.announce("Paper one")
    stages.post.fails["3"].append(Retry("wait", 60, requested=True))
    await stages.deliver()
    await stages.announce("Paper two")  # which nobody delivers any more
    stages.clock.at -= YEAR + timedelta(hours=15)
    stages.begin()

    assert await FutureTimes(stages.store, next_slot=next_slot).correct() > 0
    await stages.deliver()
    for address in "1345":
        told = sorted(title for titles in stages.post.titles(address) for title in titles)
        assert told == ["Paper one", "Paper two"], address
    await stages.announce("Paper three")
    await stages.deliver()
    for address in "1345":
        assert stages.post.titles(address)[-1] == ["Paper three"], address
    assert stages.post.titles("2") == []
    stages.clock.set("2026-01-06T08:00:01Z")
    await stages.deliver()
    assert [sorted(titles) for titles in stages.post.titles("2")] == [["Paper one", "Paper three", "Paper two"]]
    assert await stages.owed() == 0
