"""`upvotes>=N` is news when a score passes N, and to nobody who came when it had passed already."""

import pytest

from paperwire.core.papers.paper import Event, EventKind
from paperwire.errors import StoreError
from paperwire.ports.sources import Page


async def test_a_score_that_was_above_already_is_no_news(stages):
    await stages.subscribe("1", "diffusion upvotes>=50")
    await stages.announce("Diffusion")
    assert [await scored(stages, value) for value in (60, 70)] == [1, 0]
    await stages.subscribe("2", "diffusion upvotes>=50")  # the same query
    await stages.subscribe("3", "diffus* upvotes>=50")  # one that is new
    assert await scored(stages, 80) == 0
    assert stages.post.titles("1") == [["Diffusion"]]
    assert stages.post.titles("2") == stages.post.titles("3") == []
    await stages.subscribe("4", "diffus* upvotes>=90")
    assert await scored(stages, 90) == 1
    assert stages.post.titles("4") == [["Diffusion"]]


async def test_a_score_that_jumps_passes_each_threshold_between(stages):
    for address, least in (("1", 10), ("2", 20), ("3", 30)):
        await stages.subscribe(address, f"diffusion upvotes>={least}")
    await stages.announce("Diffusion")
    assert await scored(stages, 10) == 1
    assert await scored(stages, 29) == 1
    assert [len(stages.post.arrived[address]) for address in "123"] == [1, 1, 0]


async def test_a_query_that_is_true_late_fires_once_for_those_who_were_there_when_the_threshold_was_passed(stages):
    await stages.subscribe("1", "diffusion upvotes>=50")
    await stages.announce("Images")
    assert await scored(stages, 60, "Images") == 0
    stages.clock.advance(minutes=1)
    await stages.subscribe("2", "diffusion upvotes>=50")
    stages.clock.advance(days=9)
    about = {"version": 2, "abstract": "They come by diffusion."}
    await stages.announce("Images", kind=EventKind.REPLACED, **about)
    assert await stages.deliver() == 1
    assert await scored(stages, 70, "Images", **about) == 0
    await stages.announce("Images", kind=EventKind.REPLACED, version=3, abstract="They come by diffusion, again.")
    assert await stages.deliver() == 0
    assert stages.post.titles("1") == [["Images"]]
    assert stages.post.titles("2") == []


async def test_a_score_that_was_taken_down_quietly_fires_for_nobody_later(stages):
    await stages.subscribe("1", "diffusion upvotes>=50")
    await stages.announce("Images", quiet=True)
    stages.source.says["all"].append(Page(part="all", events=(rise(stages, 60, "Images"),), cursor="1", quiet=True))
    await stages.collector.poll(early=True)
    await stages.matching.run()
    await stages.announce("Images", kind=EventKind.REPLACED, version=2, abstract="They come by diffusion.")
    assert await stages.deliver() == 0


async def test_what_a_crash_interrupts_fires_all_the_same(stages, monkeypatch):
    await stages.subscribe("1", "diffusion upvotes>=50")
    await stages.announce("Images")
    await scored(stages, 60, "Images")

    async def dies(_write, _news):
        raise StoreError("disk full")

    monkeypatch.setattr("paperwire.pipeline.match.fan_out", dies)
    with pytest.raises(StoreError):
        await stages.announce("Images", kind=EventKind.REPLACED, version=2, abstract="They come by diffusion.")
    monkeypatch.undo()
    await stages.matching.run()
    assert await stages.deliver() == 1


async def scored(stages, value, title="Diffusion", **about):
    """The paper has so many upvotes now; how many messages went out."""
    stages.clock.advance(hours=1)
    score = rise(stages, value, title, **about)
    stages.source.says["all"].append(Page(part="all", events=(score,), cursor="1"))
    await stages.collector.poll(early=True)
    await stages.matching.run()
    return await stages.deliver()


def rise(stages, value, title, **about):
    """What a source says of a paper that has so many upvotes."""
    (event,) = stages.page(title, **about).events
    return Event(kind=EventKind.SCORE, source="huggingface", day=event.day, paper=event.paper, score=value)
