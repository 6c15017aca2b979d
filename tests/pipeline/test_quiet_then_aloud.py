"""What is stored while a paper is on its way: a reading back before it is announced, a record that says more."""

from datetime import timedelta

import pytest
from pipeline_world import matches_of

from paperwire.core.papers.paper import EventKind


async def read_back(stages, *titles, **about):
    stages.source.past.append(stages.page(*titles, quiet=True, **about))
    await stages.collector.backfill((stages.clock() - timedelta(days=30)).date())


async def announce(stages, *titles, owed=True, **about):
    return await stages.announce(*titles, owed=owed, **about)


async def collect(stages, *titles, **about):
    stages.source.says["all"].append(stages.page(*titles, owed=True, **about))
    await stages.collector.poll(early=True)


@pytest.mark.parametrize("matched_between", [True, False])
@pytest.mark.parametrize("kind", [EventKind.NEW, EventKind.CROSS])
async def test_what_was_read_back_before_it_was_announced_is_told_once(stages, kind, matched_between):
    await stages.subscribe("1", "diffusion")
    await read_back(stages, "Diffusion", kind=kind)
    if matched_between:
        assert await stages.matching.run() == 1
        assert await stages.deliver() == 0
    stages.clock.advance(minutes=20)
    await announce(stages, "Diffusion", kind=kind)
    assert await stages.deliver() == 1
    assert stages.post.titles("1") == [["Diffusion"]]
    for _ in range(2):  # the same list, as it is read again and again
        await announce(stages, "Diffusion", kind=kind)
    await read_back(stages, "Diffusion", kind=kind)
    await stages.matching.run()
    assert await stages.deliver() == 0


async def test_it_is_told_when_the_reading_back_is_matched_while_it_is_announced(stages):
    """The matcher has read the quiet news and not yet written what it found."""
    await stages.subscribe("1", "diffusion")
    await read_back(stages, "Diffusion")
    await stages.matching.follow()
    async with stages.store.read() as unit:
        quiet = await unit.papers.unmatched(10)
    await collect(stages, "Diffusion")
    await stages.matching._owe(stages.matching._as_matched(quiet, await matches_of(stages, quiet)))
    async with stages.store.write() as unit:
        await unit.papers.settle_matched(quiet)
    assert await stages.deliver() == 0
    assert await stages.matching.run() == 1
    assert await stages.deliver() == 1


async def test_a_reading_back_after_the_announcement_changes_nothing(stages):
    await stages.subscribe("1", "diffusion")
    await announce(stages, "Diffusion")
    await read_back(stages, "Diffusion")
    await stages.matching.run()
    assert await stages.deliver() == 1
    await announce(stages, "Diffusion")
    assert await stages.deliver() == 0


@pytest.mark.parametrize("kind", [EventKind.CROSS, EventKind.LISTED])
async def test_an_old_paper_that_comes_up_again_is_no_news_to_those_it_fitted_before(stages, kind):
    await stages.subscribe("1", "diffusion")
    await read_back(stages, "Diffusion")
    await stages.matching.run()
    stages.clock.advance(days=9)
    await announce(stages, "Diffusion", kind=kind)
    assert await stages.deliver() == 0


async def test_what_was_there_when_its_source_was_first_read_stays_quiet(stages):
    await stages.subscribe("1", "diffusion")
    await read_back(stages, "Diffusion")
    await announce(stages, "Diffusion", owed=False)
    assert await stages.deliver() == 0


async def test_a_list_that_shows_a_paper_in_between_does_not_hide_its_announcement(stages):
    await stages.subscribe("1", "diffusion")
    await read_back(stages, "Diffusion")
    await announce(stages, "Diffusion", kind=EventKind.LISTED)
    assert await stages.deliver() == 0
    await announce(stages, "Diffusion")
    assert await stages.deliver() == 1


async def test_who_subscribes_after_the_announcement_hears_nothing_old(stages):
    await read_back(stages, "Diffusion")
    await announce(stages, "Diffusion")
    stages.clock.advance(hours=1)
    await stages.subscribe("1", "diffusion")
    await announce(stages, "Diffusion")
    assert await stages.deliver() == 0


async def test_who_subscribed_between_the_reading_back_and_the_announcement_hears_of_it(stages):
    await read_back(stages, "Diffusion")
    await stages.matching.run()
    stages.clock.advance(minutes=5)
    await stages.subscribe("1", "diffusion")
    stages.clock.advance(minutes=5)
    await announce(stages, "Diffusion")
    assert await stages.deliver() == 1


async def test_what_a_record_says_while_its_paper_is_matched_is_matched_as_well(stages, monkeypatch):
    """A link to code is stored after the matcher read the paper and before it takes it off the queue."""
    await stages.subscribe("1", "has:code")
    follow = stages.matching.follow
    comments = ["Code: https://github.com/a/b"]

    async def follow_then_hear():
        found = await follow()
        while comments:
            await collect(stages, "Diffusion", comment=comments.pop())
        return found

    monkeypatch.setattr(stages.matching, "follow", follow_then_hear)
    await announce(stages, "Diffusion")
    assert await stages.deliver() == 1
    async with stages.store.read() as unit:
        assert await unit.papers.unmatched(10) == []
