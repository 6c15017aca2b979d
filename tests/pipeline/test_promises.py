"""Code that a paper promised: asked for once a day, and who hears that it is there, once."""

from collections import deque
from dataclasses import replace
from datetime import timedelta

import pytest
from pipeline_world import Scripted

from paperwire.core.papers.code_status import RepositoryLook, code_status
from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceBusy, SourceError
from paperwire.pipeline.ingest import Collected, Collector
from paperwire.pipeline.promises import PART, PromiseReader
from paperwire.ports.callers import Actor, Place
from paperwire.ports.sources import SourceState

PROMISED = "Code will be released at https://github.com/ada/maps"
THERE = RepositoryLook(is_there=True, etag="2", owner="7")


class Host(Scripted):
    """Answers looks with what was put into `looks`; without any nothing is there."""

    name = "github"

    def __init__(self):
        super().__init__()
        self.says = {}
        self.at_once = 2
        self.looks = deque()
        self.seen = []

    async def look(self, promise):
        self.seen.append(promise.repository)
        answer = self.looks.popleft() if self.looks else RepositoryLook()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def reader(host, stages):
    collector = Collector(host, stages.store, every=timedelta(minutes=1), now=stages.clock)
    return PromiseReader(collector, stages.store, now=stages.clock)


async def look(stages, reader, **later):
    """After some time the reader runs, and what it brings is matched and delivered."""
    stages.clock.advance(**later or {"days": 1})
    collected = await reader.run()
    await stages.matching.run()
    await stages.deliver()
    return collected


async def stored(stages, title="Maps"):
    async with stages.store.read() as unit:
        return await unit.papers.get(stages.page(title).events[0].paper.id)


async def keep(stages, address, how):
    async with stages.store.write() as unit:
        person = (await unit.people.ensure(Actor(channel="telegram", user_id=address), "en")).number
        place = await unit.places.ensure(Place(channel="telegram", address=address, kind="private"), person)
        number = (await unit.papers.get(stages.page("Maps").events[0].paper.id)).number
        if how == "saved":
            await unit.people.save_paper(person, number)
        elif how == "watched":
            await unit.people.watch(place.number, number, person)
        else:
            await unit.lists.vote(PUBLIC, person, number)


async def due(stages):
    async with stages.store.read() as unit:
        return [promise.repository for promise in await unit.promises.due(10)]


@pytest.mark.parametrize("how", ["saved", "watched", "voted"])
async def test_those_who_keep_the_paper_hear_once_that_its_code_is_there(stages, host, reader, how):
    await stages.subscribe("2", "has:code")
    await stages.announce("Maps", comment=PROMISED)
    await stages.deliver()
    assert len(stages.post.arrived["2"]) == 1  # a named address counts at once
    await keep(stages, "1", how)
    await look(stages, reader)
    assert not stages.post.arrived["1"]
    host.looks.append(THERE)
    assert (await look(stages, reader)).events == 1
    (message,) = stages.post.arrived["1"]
    text = "".join(span.text for item in message.items for line in item.lines for span in line)
    assert "code available" in text
    assert "promised" not in text
    paper = await stored(stages)
    assert (paper.code_url, code_status(paper)) == ("https://github.com/ada/maps", "there")
    host.looks.append(THERE)
    for _ in range(3):
        await look(stages, reader)
    await stages.announce("Maps", kind=EventKind.CHANGED, comment=f"{PROMISED}, 12 pages")
    await look(stages, reader)
    assert host.seen == ["ada/maps"] * 2
    assert (len(stages.post.arrived["1"]), len(stages.post.arrived["2"])) == (1, 1)


async def test_what_a_source_named_meanwhile_is_not_asked_for(stages, host, reader):
    await stages.announce("Maps", comment=PROMISED)
    await stages.announce("Maps", kind=EventKind.CHANGED, comment=PROMISED, code_url="https://github.com/ada/maps")
    await look(stages, reader)
    assert host.seen == []


async def test_news_of_code_that_is_known_to_be_there_is_no_news(stages):
    await stages.announce("Maps", comment="Code is available at https://github.com/ada/maps")
    await keep(stages, "1", "saved")
    page = stages.page("Maps", kind=EventKind.CODE, code_url="https://github.com/ada/maps")
    stages.source.says["all"].append(replace(page, cursor="2"))
    await stages.collector.poll(early=True)
    await stages.matching.run()
    await stages.deliver()
    assert not stages.post.arrived["1"]


async def test_a_promise_that_comes_with_a_later_comment_is_asked_for_and_one_that_goes_is_not(stages, host, reader):
    await stages.announce("Maps")
    await look(stages, reader)
    assert host.seen == []
    await stages.announce("Maps", kind=EventKind.CHANGED, comment=PROMISED)
    await look(stages, reader, minutes=2)
    await stages.announce("Maps", kind=EventKind.CHANGED, comment=PROMISED.replace("maps", "atlas"))
    await look(stages, reader, minutes=2)
    assert host.seen == ["ada/maps", "ada/atlas"]
    await stages.announce("Maps", kind=EventKind.CHANGED, comment="12 pages")
    await look(stages, reader)
    assert host.seen == ["ada/maps", "ada/atlas"]


async def test_a_record_that_changes_otherwise_is_asked_for_no_sooner(stages, host, reader):
    await stages.announce("Maps", comment=PROMISED)
    await look(stages, reader, minutes=2)
    await stages.announce("Maps", kind=EventKind.CHANGED, comment=f"{PROMISED}, 12 pages")
    await look(stages, reader, minutes=2)
    assert host.seen == ["ada/maps"]


async def test_each_is_asked_for_once_a_day_the_longest_waiting_first_for_180_days(stages, host, reader):
    for title in ("Maps", "Rivers", "Towns"):
        await stages.announce(title, comment=PROMISED.replace("maps", title.lower()))
    for _ in range(4):
        await look(stages, reader, minutes=2)
    assert sorted(host.seen) == ["ada/maps", "ada/rivers", "ada/towns"]
    first_round = list(host.seen)
    await look(stages, reader, hours=23, minutes=59)
    await look(stages, reader, minutes=2)
    assert host.seen == first_round * 2
    await look(stages, reader, days=178)
    assert len(host.seen) == 8
    await look(stages, reader, days=2)
    assert len(host.seen) == 8


async def test_a_paper_read_back_is_asked_for_as_long_as_one_read_in_time(stages):
    old = stages.clock().date() - timedelta(days=179)
    await stages.announce("Maps", comment=PROMISED, announced=old, quiet=True)
    assert await due(stages) == ["ada/maps"]
    stages.clock.advance(days=2)
    assert await due(stages) == []


async def test_while_the_host_is_busy_no_one_loses_a_turn(stages, host, reader):
    await stages.announce("Maps", comment=PROMISED)
    host.looks.append(SourceBusy("wait", 3600))
    assert (await look(stages, reader)).failed == 1
    assert await due(stages) == ["ada/maps"]
    assert await reader.rest() == timedelta(hours=1)
    assert await look(stages, reader, minutes=59) == Collected()
    await look(stages, reader, minutes=2)
    assert host.seen == ["ada/maps"] * 2


async def test_one_that_fails_keeps_none_waiting_and_is_asked_tomorrow(stages, host, reader):
    await stages.announce("Maps", comment=PROMISED)
    await stages.announce("Towns", comment=PROMISED.replace("maps", "towns"))
    host.looks.append(SourceError("down"))
    assert (await look(stages, reader)).failed == 1
    await look(stages, reader, hours=2)
    assert len(set(host.seen)) == 2
    host.looks.extend([THERE, THERE])
    await keep(stages, "1", "saved")
    await look(stages, reader)
    await look(stages, reader, hours=3)
    assert len(stages.post.arrived["1"]) == 1


async def test_a_crash_before_the_fact_is_stored_costs_a_day_and_nothing_else(stages, host, reader, monkeypatch):
    await stages.announce("Maps", comment=PROMISED)
    await keep(stages, "1", "saved")
    host.looks.extend([THERE, THERE])
    stages.clock.advance(days=1)
    pages = reader._pages(host)
    await anext(pages)
    await pages.aclose()
    assert await due(stages) == []
    await look(stages, reader)
    assert len(stages.post.arrived["1"]) == 1


async def test_a_paper_that_is_gone_when_the_answer_comes_is_no_news(stages, host, reader):
    await stages.announce("Maps", comment=PROMISED)
    async with stages.store.read() as unit:
        (promise,) = await unit.promises.due(1)
    page = await reader._page(replace(promise, number=promise.number + 1000))
    assert page.events == ()


async def test_two_records_that_become_one_have_one_promise(stages, host, reader):
    await stages.announce("Maps", comment=PROMISED)
    other = stages.page("Maps of towns", comment=PROMISED, source="rss")
    other = replace(other, events=tuple(replace(its, paper=replace(its.paper, id="feed:1")) for its in other.events))
    stages.source.says["all"].append(other)
    await stages.collector.poll(early=True)
    assert len(await due(stages)) == 2
    joined = stages.page("Maps", comment=PROMISED)
    joined = replace(joined, events=tuple(replace(its, same_as=("feed:1",)) for its in joined.events))
    stages.source.says["all"].append(joined)
    await stages.collector.poll(early=True)
    assert await due(stages) == ["ada/maps"]


async def test_its_failures_show_as_a_part_of_its_own(stages, host, reader):
    await stages.announce("Maps", comment=PROMISED)
    host.looks.append(SourceError("down"))
    await look(stages, reader)
    async with stages.store.read() as unit:
        state = await unit.sources.get("github", PART)
    assert isinstance(state, SourceState)
    assert (state.failures, state.error) == (1, "down")
    await look(stages, reader)
    async with stages.store.read() as unit:
        assert (await unit.sources.get("github", PART)).failures == 0


async def test_a_reader_of_another_source_does_nothing(stages):
    assert await PromiseReader(stages.collector, stages.store, now=stages.clock).run() == Collected()
