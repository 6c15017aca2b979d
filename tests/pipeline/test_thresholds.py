"""`upvotes>=N` is news when a score passes N, and to nobody who came when it had passed already."""

import pytest

from paperwire.core.papers.paper import Event, EventKind
from paperwire.errors import StoreError
from paperwire.ports.sources import Page


async def test_a_score_that_was_above_already_is_no_news(scene):
    await scene.subscribe("1", "diffusion upvotes>=50")
    await scene.announce("Diffusion")
    assert [await scored(scene, value) for value in (60, 70)] == [1, 0]
    await scene.subscribe("2", "diffusion upvotes>=50")  # the same query
    await scene.subscribe("3", "diffus* upvotes>=50")  # one that is new
    assert await scored(scene, 80) == 0
    assert scene.post.titles("1") == [["Diffusion"]]
    assert scene.post.titles("2") == scene.post.titles("3") == []
    await scene.subscribe("4", "diffus* upvotes>=90")
    assert await scored(scene, 90) == 1
    assert scene.post.titles("4") == [["Diffusion"]]


async def test_a_score_that_jumps_passes_each_threshold_between(scene):
    for address, least in (("1", 10), ("2", 20), ("3", 30)):
        await scene.subscribe(address, f"diffusion upvotes>={least}")
    await scene.announce("Diffusion")
    assert await scored(scene, 10) == 1
    assert await scored(scene, 29) == 1
    assert [len(scene.post.arrived[address]) for address in "123"] == [1, 1, 0]


async def test_a_query_that_is_true_late_fires_once_for_those_who_were_there_when_the_threshold_was_passed(scene):
    await scene.subscribe("1", "diffusion upvotes>=50")
    await scene.announce("Images")
    assert await scored(scene, 60, "Images") == 0
    scene.clock.advance(minutes=1)
    await scene.subscribe("2", "diffusion upvotes>=50")
    scene.clock.advance(days=9)
    about = {"version": 2, "abstract": "They come by diffusion."}
    await scene.announce("Images", kind=EventKind.REPLACED, **about)
    assert await scene.deliver() == 1
    assert await scored(scene, 70, "Images", **about) == 0
    await scene.announce("Images", kind=EventKind.REPLACED, version=3, abstract="They come by diffusion, again.")
    assert await scene.deliver() == 0
    assert scene.post.titles("1") == [["Images"]]
    assert scene.post.titles("2") == []


async def test_a_score_that_was_taken_down_quietly_fires_for_nobody_later(scene):
    await scene.subscribe("1", "diffusion upvotes>=50")
    await scene.announce("Images", quiet=True)
    scene.source.says["all"].append(Page(part="all", events=(rise(scene, 60, "Images"),), cursor="1", quiet=True))
    await scene.collector.poll(early=True)
    await scene.matching.run()
    await scene.announce("Images", kind=EventKind.REPLACED, version=2, abstract="They come by diffusion.")
    assert await scene.deliver() == 0


async def test_what_a_crash_interrupts_fires_all_the_same(scene, monkeypatch):
    await scene.subscribe("1", "diffusion upvotes>=50")
    await scene.announce("Images")
    await scored(scene, 60, "Images")

    async def dies(_write, _news):
        raise StoreError("disk full")

    monkeypatch.setattr("paperwire.pipeline.match.fan_out", dies)
    with pytest.raises(StoreError):
        await scene.announce("Images", kind=EventKind.REPLACED, version=2, abstract="They come by diffusion.")
    monkeypatch.undo()
    await scene.matching.run()
    assert await scene.deliver() == 1


async def scored(scene, value, title="Diffusion", **about):
    """The paper has so many upvotes now; how many messages went out."""
    scene.clock.advance(hours=1)
    score = rise(scene, value, title, **about)
    scene.source.says["all"].append(Page(part="all", events=(score,), cursor="1"))
    await scene.collector.poll(early=True)
    await scene.matching.run()
    return await scene.deliver()


def rise(scene, value, title, **about):
    """What a source says of a paper that has so many upvotes."""
    (event,) = scene.page(title, **about).events
    return Event(kind=EventKind.SCORE, source="huggingface", day=event.day, paper=event.paper, score=value)
