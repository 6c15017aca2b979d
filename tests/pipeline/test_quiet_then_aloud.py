"""What is stored while a paper is on its way: a reading back before it is announced, a record that says more."""

from datetime import timedelta

import pytest
from pipeline_world import matches_of

from paperwire.core.papers.paper import EventKind


async def read_back(scene, *titles, **about):
    scene.source.past.append(scene.page(*titles, quiet=True, **about))
    await scene.collector.backfill((scene.clock() - timedelta(days=30)).date())


async def announce(scene, *titles, owed=True, **about):
    return await scene.announce(*titles, owed=owed, **about)


async def collect(scene, *titles, **about):
    scene.source.says["all"].append(scene.page(*titles, owed=True, **about))
    await scene.collector.poll(early=True)


@pytest.mark.parametrize("matched_between", [True, False])
@pytest.mark.parametrize("kind", [EventKind.NEW, EventKind.CROSS])
async def test_what_was_read_back_before_it_was_announced_is_told_once(scene, kind, matched_between):
    await scene.subscribe("1", "diffusion")
    await read_back(scene, "Diffusion", kind=kind)
    if matched_between:
        assert await scene.matching.run() == 1
        assert await scene.deliver() == 0
    scene.clock.advance(minutes=20)
    await announce(scene, "Diffusion", kind=kind)
    assert await scene.deliver() == 1
    assert scene.post.titles("1") == [["Diffusion"]]
    for _ in range(2):  # the same list, as it is read again and again
        await announce(scene, "Diffusion", kind=kind)
    await read_back(scene, "Diffusion", kind=kind)
    await scene.matching.run()
    assert await scene.deliver() == 0


async def test_it_is_told_when_the_reading_back_is_matched_while_it_is_announced(scene):
    """The matcher has read the quiet news and not yet written what it found."""
    await scene.subscribe("1", "diffusion")
    await read_back(scene, "Diffusion")
    await scene.matching.follow()
    async with scene.store.read() as unit:
        quiet = await unit.papers.unmatched(10)
    await collect(scene, "Diffusion")
    await scene.matching._owe(scene.matching._as_matched(quiet, await matches_of(scene, quiet)))
    async with scene.store.write() as unit:
        await unit.papers.settle_matched(quiet)
    assert await scene.deliver() == 0
    assert await scene.matching.run() == 1
    assert await scene.deliver() == 1


async def test_a_reading_back_after_the_announcement_changes_nothing(scene):
    await scene.subscribe("1", "diffusion")
    await announce(scene, "Diffusion")
    await read_back(scene, "Diffusion")
    await scene.matching.run()
    assert await scene.deliver() == 1
    await announce(scene, "Diffusion")
    assert await scene.deliver() == 0


@pytest.mark.parametrize("kind", [EventKind.CROSS, EventKind.LISTED])
async def test_an_old_paper_that_comes_up_again_is_no_news_to_those_it_fitted_before(scene, kind):
    await scene.subscribe("1", "diffusion")
    await read_back(scene, "Diffusion")
    await scene.matching.run()
    scene.clock.advance(days=9)
    await announce(scene, "Diffusion", kind=kind)
    assert await scene.deliver() == 0


async def test_what_was_there_when_its_source_was_first_read_stays_quiet(scene):
    await scene.subscribe("1", "diffusion")
    await read_back(scene, "Diffusion")
    await announce(scene, "Diffusion", owed=False)
    assert await scene.deliver() == 0


async def test_a_list_that_shows_a_paper_in_between_does_not_hide_its_announcement(scene):
    await scene.subscribe("1", "diffusion")
    await read_back(scene, "Diffusion")
    await announce(scene, "Diffusion", kind=EventKind.LISTED)
    assert await scene.deliver() == 0
    await announce(scene, "Diffusion")
    assert await scene.deliver() == 1


async def test_who_subscribes_after_the_announcement_hears_nothing_old(scene):
    await read_back(scene, "Diffusion")
    await announce(scene, "Diffusion")
    scene.clock.advance(hours=1)
    await scene.subscribe("1", "diffusion")
    await announce(scene, "Diffusion")
    assert await scene.deliver() == 0


async def test_who_subscribed_between_the_reading_back_and_the_announcement_hears_of_it(scene):
    await read_back(scene, "Diffusion")
    await scene.matching.run()
    scene.clock.advance(minutes=5)
    await scene.subscribe("1", "diffusion")
    scene.clock.advance(minutes=5)
    await announce(scene, "Diffusion")
    assert await scene.deliver() == 1


async def test_what_a_record_says_while_its_paper_is_matched_is_matched_as_well(scene, monkeypatch):
    """A link to code is stored after the matcher read the paper and before it takes it off the queue."""
    await scene.subscribe("1", "has:code")
    follow = scene.matching.follow
    comments = ["Code: https://github.com/a/b"]

    async def follow_then_hear():
        found = await follow()
        while comments:
            await collect(scene, "Diffusion", comment=comments.pop())
        return found

    monkeypatch.setattr(scene.matching, "follow", follow_then_hear)
    await announce(scene, "Diffusion")
    assert await scene.deliver() == 1
    async with scene.store.read() as unit:
        assert await unit.papers.unmatched(10) == []
