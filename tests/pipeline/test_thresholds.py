"""`upvotes>=N` is news when a score passes N, and to nobody who came when it had passed already."""

from paperwire.core.papers.paper import Event, EventKind
from paperwire.ports import Page


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


async def test_a_paper_that_matches_only_now_has_passed_long_ago(scene):
    """Its text changed after it had so many upvotes: the threshold was passed, and not by what it says now."""
    await scene.subscribe("1", "diffusion upvotes>=50")
    await scene.announce("Images")
    assert await scored(scene, 60, "Images") == 0
    await scene.announce("Images", kind=EventKind.REPLACED, version=2, abstract="They come by diffusion.")
    assert await scored(scene, 70, "Images", version=2, abstract="They come by diffusion.") == 0


async def scored(scene, value, title="Diffusion", **about):
    """The paper has so many upvotes now; how many messages went out."""
    scene.clock.advance(hours=1)
    (event,) = scene.page(title, **about).events
    score = Event(kind=EventKind.SCORE, source="huggingface", day=event.day, paper=event.paper, score=value)
    scene.source.says["all"].append(Page(part="all", events=(score,), cursor="1"))
    await scene.collector.poll(early=True)
    await scene.matching.run()
    return await scene.deliver()
