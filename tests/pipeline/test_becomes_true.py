"""Terms whose truth comes later fire once, when a record says more, and what was true before stays untold."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pipeline_world import Scene, failing

from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import EventKind
from paperwire.errors import StoreError
from paperwire.pipeline import match
from paperwire.store.copies import move_all
from paperwire.store.database.engine import create_private
from paperwire.store.unit import Store

CODE = "Code: https://github.com/a/b"


async def change(stages, title, **about):
    """The record of a paper is read again."""
    stages.clock.advance(hours=1)
    return await stages.announce(title, kind=EventKind.CHANGED, **about)


async def test_a_paper_that_gets_code_reaches_who_asked_for_code_once(stages):
    await stages.subscribe("1", "diffusion has:code")
    await stages.subscribe("2", "diffusion")
    await stages.announce("Diffusion")
    await stages.deliver()
    assert not stages.post.titles("1")
    await change(stages, "Diffusion", comment=CODE)
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]
    assert stages.post.titles("2") == [["Diffusion"]]  # its arrival


async def test_a_place_that_had_the_paper_gets_the_fact(stages):
    await stages.subscribe("1", "diffusion")
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion")
    await stages.deliver()
    await change(stages, "Diffusion", comment=CODE)
    await stages.deliver()
    first, second = stages.post.arrived["1"]
    assert "code" in "".join(span.text for line in second.items[0].lines for span in line)
    assert first.key != second.key


async def test_a_comment_rewritten_every_night_fires_once(stages):
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion")
    for _ in range(4):
        await change(stages, "Diffusion", comment=CODE)
        await stages.deliver()
        await change(stages, "Diffusion", comment="12 pages")
        await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


async def test_what_was_true_at_the_arrival_is_not_told_again(stages):
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion", comment=CODE)
    await change(stages, "Diffusion", comment="none")
    await change(stages, "Diffusion", comment=CODE)
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


async def test_a_subscription_made_after_it_was_true_hears_nothing_of_it(stages):
    await stages.announce("Diffusion")
    await change(stages, "Diffusion", comment=CODE)
    stages.clock.advance(days=20)
    await stages.subscribe("1", "has:code")
    await change(stages, "Diffusion", comment=f"{CODE} v2")
    await stages.deliver()
    assert not stages.post.titles("1")


async def test_a_paper_older_than_the_subscription_counts(stages):
    await stages.announce("Diffusion")
    stages.clock.advance(days=100)
    await stages.subscribe("1", "has:code")
    await change(stages, "Diffusion", comment=CODE)
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


async def test_a_reading_again_tells_nothing(stages):
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion")
    stages.source.past.append(stages.page("Diffusion", quiet=True, comment=CODE))
    await stages.collector.backfill((stages.clock() - timedelta(days=30)).date())
    await stages.matching.run()
    await change(stages, "Diffusion", comment=f"{CODE} again")
    await stages.deliver()
    assert not stages.post.titles("1")


async def test_the_record_that_comes_before_the_paper_is_told_at_its_arrival_or_later(stages):
    await stages.subscribe("1", "has:code")
    await change(stages, "Diffusion", comment=CODE)  # of an unknown paper: dropped
    await stages.announce("Diffusion")
    await change(stages, "Diffusion", comment=CODE)
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


async def test_paper_and_comment_on_one_page_are_one_arrival(stages):
    await stages.subscribe("1", "diffusion")
    await stages.subscribe("1", "has:code")
    new, changed = (
        stages.page("Diffusion", kind=kind, **about)
        for kind, about in ((EventKind.NEW, {}), (EventKind.CHANGED, {"comment": CODE}))
    )
    stages.source.says["all"].extend([new, changed])
    await stages.collector.poll(early=True)
    await stages.matching.run()
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


async def test_a_listing_that_brings_code_is_the_fact_and_no_arrival(stages):
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion")
    stages.clock.advance(hours=1)
    await stages.announce("Diffusion", kind=EventKind.LISTED, code_url="https://github.com/a/b")
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert message.items[0].title == "Diffusion"
    assert await stages.owed() == 0


@pytest.mark.parametrize("where", ["FanOut.owe", "FanOut.record_matches", "FanOut.wake"])
async def test_a_crash_between_tells_it_once(stages, monkeypatch, where):
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion")
    failing(monkeypatch, f"paperwire.store.outbox.fanout.{where}", 1)
    with pytest.raises(StoreError):
        await change(stages, "Diffusion", comment=CODE)
    stages.begin()
    stages.source.says["all"].append(stages.page("Diffusion", kind=EventKind.CHANGED, comment=f"{CODE} now"))
    await stages.collector.poll(early=True)
    await stages.matching.run()
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


async def collected(stages, *titles, source="arxiv", **about):
    """Something is said that the matcher is not there to see yet."""
    stages.clock.advance(hours=1)
    page = stages.page(*titles, **about)
    events = tuple(replace(event, source=source) for event in page.events)
    stages.source.says["all"].append(replace(page, events=events))
    await stages.collector.poll(early=True)


async def test_two_changes_that_wait_for_the_matcher_are_both_told(stages):
    await stages.subscribe("1", "has:code")
    await stages.subscribe("2", "venue:neurips")
    await stages.announce("Diffusion")
    await collected(stages, "Diffusion", kind=EventKind.CHANGED, journal_ref="Proceedings of NeurIPS 2025, pp. 1-10")
    await collected(stages, "Diffusion", kind=EventKind.CHANGED, comment=CODE)
    await stages.matching.run()
    await stages.deliver()
    assert stages.post.titles("1") == stages.post.titles("2") == [["Diffusion"]]


async def test_what_two_sources_complete_is_told_once(stages):
    await stages.subscribe("1", "org:google co:accepted")
    await stages.announce("Diffusion")
    await collected(stages, "Diffusion", kind=EventKind.CHANGED, comment="accepted")
    about = {"kind": EventKind.LISTED, "hub": HubEntry(organisation="Google"), "comment": "accepted"}
    await collected(stages, "Diffusion", source="huggingface", **about)
    await stages.matching.run()
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


async def test_a_paper_and_its_comment_in_a_long_queue_are_one_arrival(stages, monkeypatch):
    monkeypatch.setattr(match, "NEWS_PER_MATCH", 1)
    await stages.subscribe("1", "has:code")
    await collected(stages, "Diffusion", "Other")
    await collected(stages, "Diffusion", kind=EventKind.CHANGED, comment=CODE)
    await stages.matching.run()
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


@pytest.mark.parametrize("query", ["diffusion has:code", "lora has:code"])
@pytest.mark.parametrize("kind", [EventKind.NEW, EventKind.LISTED])
async def test_a_record_with_another_abstract_and_code_is_the_fact(stages, kind, query):
    """As arXiv's records say again that a recent paper is new."""
    await stages.subscribe("1", "diffusion")
    await stages.subscribe("2", "diffusion")
    await stages.announce("Diffusion", abstract="We improve it.")
    await stages.deliver()
    stages.clock.advance(hours=1)
    await stages.subscribe("1", query)
    await stages.subscribe("3", query)
    await stages.announce("Diffusion", kind=kind, abstract="We improve it with LoRA.", comment=CODE)
    await stages.deliver()
    assert len(stages.post.titles("1")) == 2
    assert "code" in "".join(span.text for line in stages.post.arrived["1"][1].items[0].lines for span in line)
    assert len(stages.post.titles("2")) == len(stages.post.titles("3")) == 1


async def test_changes_that_wait_move_to_postgresql(stages, tmp_path, clock):
    if stages.store.file is not None:
        pytest.skip("nothing moves to SQLite")
    file = tmp_path / "before.db"
    create_private(file)
    store = Store.open(f"sqlite+aiosqlite:///{file}", now=clock)
    await store.migrate()
    before = Scene(store, clock)
    for place, query in enumerate(("has:code", "org:google", "diffusion"), start=1):
        await before.subscribe(str(place), query)
    await before.announce("Diffusion")
    await before.deliver()
    await collected(before, "Diffusion", abstract="It runs.", comment=CODE)
    hub = HubEntry(organisation="Google “x” é", media=("https://a.org/a.mp4",))
    await collected(before, "Diffusion", source="huggingface", kind=EventKind.LISTED, hub=hub)
    async with store.read() as origin, stages.store.write() as target:
        await move_all(origin, target, lambda *_: None)
    await store.close()
    stages.begin()
    await stages.matching.run()
    await stages.deliver()
    assert [stages.post.titles(address) for address in "123"] == [[["Diffusion"]], [["Diffusion"]], []]
