"""What a source says of papers one by one: stored like any change, and never in the way of its lists."""

from collections import deque
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pipeline_world import Scripted

from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import SourceSlow
from paperwire.pipeline.details import PART as DETAILS
from paperwire.pipeline.details import DetailReader
from paperwire.pipeline.ingest import Collected, Collector
from paperwire.ports.sources import Page

DAY = date(2026, 1, 5)
LINKED = HubEntry(models=("ada/map-7b",), model_count=3)


class DetailedSource(Scripted):
    """Answers `details` with what was put into `more`."""

    name = "huggingface"

    def __init__(self):
        super().__init__("daily")
        self.more = deque()

    async def details(self, cursor):
        self.asked.append((DETAILS, cursor))
        async for page in self._say(self.more):
            yield page


@pytest.fixture
def source():
    return DetailedSource()


@pytest.fixture
def collector(source, store, clock):
    return Collector(source, store, every=timedelta(minutes=30), now=clock)


@pytest.fixture
def reader(collector):
    return DetailReader(collector)


def listed(**fields):
    paper = Paper(id="2601.00001", title="On $x$ maps", source="huggingface", announced=DAY, **fields)
    return Event(kind=EventKind.LISTED, paper=paper, source="huggingface", day=DAY, score=fields.get("upvotes"))


def detail(**fields):
    paper = Paper(id="2601.00001", title="On x maps", source="huggingface", version=0, **fields)
    return Event(kind=EventKind.CHANGED, paper=paper, source="huggingface")


def page(event, cursor="1", part=DETAILS):
    return Page(part=part, events=(event,), cursor=cursor, view=part)


async def stored(store):
    async with store.read() as unit:
        return await unit.papers.get("2601.00001")


async def test_a_detail_adds_to_the_record_and_changes_no_text(collector, reader, source, store):
    source.says["daily"].append(page(listed(hub=HubEntry(submitter="Ada", comment_count=2)), part="daily"))
    await collector.poll()
    before = await stored(store)
    source.more.append(page(detail(hub=LINKED, abstract="Later.")))
    assert await reader.run() == Collected(events=1)  # the change, for queries that it makes true
    after = await stored(store)
    assert (after.title, after.abstract, after.version) == ("On $x$ maps", "Later.", 1)
    assert after.hub == HubEntry(submitter="Ada", comment_count=2, models=("ada/map-7b",), model_count=3)
    assert (after.announced, after.seen_at) == (before.announced, before.seen_at)


async def test_a_detail_of_a_paper_that_no_list_had_is_none(reader, source, store):
    source.more.append(page(detail(hub=LINKED)))
    assert await reader.run() == Collected()
    assert await stored(store) is None


async def test_a_repository_that_a_detail_brings_is_news(collector, reader, source, store):
    source.says["daily"].append(page(listed(), part="daily"))
    await collector.poll()
    source.more.append(page(detail(code_url="https://github.com/ada/maps")))
    await reader.run()
    async with store.read() as unit:
        assert [news.label for news in await unit.papers.unmatched(10)][1:] == ["changed", "code"]


async def test_details_wait_for_their_own_time_and_fail_alone(collector, reader, source, store, clock):
    assert await reader.run() == Collected()
    assert await reader.rest() == timedelta(minutes=30)
    assert await reader.run() == Collected()
    assert source.asked == [(DETAILS, "")]
    clock.advance(minutes=30)
    source.says["daily"].append(page(listed(), part="daily"))
    source.more += [page(detail(hub=LINKED), cursor="7"), SourceSlow("nothing came for 20 s")]
    assert await reader.run() == Collected(failed=1)
    assert timedelta(0) < await reader.rest() <= timedelta(seconds=30)
    assert await collector.rest() == timedelta(0)
    assert (await collector.poll()).papers == 1
    assert await collector.has_begun()
    assert await collector.overdue_since() is None
    async with store.read() as unit:
        assert await unit.sources.waits_until() is None
        assert (await unit.sources.get("huggingface", "daily")).failures == 0
        state = await unit.sources.get("huggingface", DETAILS)
        assert (state.cursor, state.failures, state.error) == ("7", 1, "nothing came for 20 s")


async def test_a_source_without_details_is_asked_for_none(stages):
    assert await DetailReader(stages.collector).run() == Collected()
    assert stages.source.asked == []


async def test_a_list_read_again_writes_nothing_and_says_nothing(collector, source, store, clock):
    hub = HubEntry(
        organisation="Maps", keywords=("map", "fold"), media=("https://cdn.example.org/1.png",), comment_count=2
    )
    source.says["daily"].append(page(listed(hub=hub, upvotes=5), part="daily"))
    await collector.poll()
    paper, sequence = await stored(store), await content(store)
    for entry in (hub, HubEntry()):  # the same, and all of it gone
        clock.advance(minutes=30)
        source.says["daily"].append(page(listed(hub=entry, upvotes=5), part="daily"))
        assert await collector.poll() == Collected()
        assert (await stored(store), await content(store)) == (paper, sequence)
    clock.advance(minutes=30)
    source.says["daily"].append(page(listed(hub=HubEntry(comment_count=3), upvotes=5), part="daily"))
    assert await collector.poll() == Collected()
    assert (await stored(store)).hub == replace(hub, comment_count=3)


async def content(store):
    """A number that grows with whatever readers would see."""
    async with store.read() as unit:
        return await unit.feeds.sequence()
