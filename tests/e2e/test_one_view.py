"""arXiv's OAI-PMH is slow or down for a day, or its feeds are at the very first: neither view starves the other."""

from datetime import date, datetime, timedelta

import pytest
from fortnight_world import quick, subscribe
from one_view_world import CATEGORIES, DAY, NOON, InParallel, world

from paperwire.core.days.batch import BatchState
from paperwire.pipeline import reconcile
from paperwire.store.pace import StorePace
from paperwire.worker.ready import Readiness

FIVE = [1, 2, 3, 4, 5]
LATER = [6, 7]
"""Numbers of papers of Wednesday, and of Thursday."""


@pytest.fixture(autouse=True)
def quick_retries():
    with quick():
        yield


async def test_a_feed_waits_for_one_slow_answer_at_most(clock, store, monkeypatch):
    async with world(clock, store, page=2) as scene:
        service = scene.service
        await scene.go_on("17:00", "17:20")
        scene.announce(*FIVE)
        clock.set("2026-01-07T05:00:20Z")  # the feeds have changed, and OAI-PMH has all of it on three pages
        time = InParallel(clock, monkeypatch)
        scene.server.first_byte["/oai"], scene.server.wait = 75.0, time.sleep
        service.fetcher._pace = StorePace(store.write, owner="me", sleep=time.sleep)
        scene.server.requests.clear()

        async def announcement():
            await time.sleep(10)  # a page is on its way by then
            return await service.collector.poll(early=True)

        async with store.write() as unit:
            await unit.sources.postpone("arxiv", reconcile.PART, clock())
        second, first = await time.run(service.reconciler.run(), announcement())
        paths = [path.split("/")[1] for path, _ in scene.server.requests]
        feeds = paths.count("rss")
        assert feeds >= len(CATEGORIES)
        assert paths[: feeds + 1] == ["oai", *["rss"] * feeds]
        assert (first.failed, first.papers, second.failed) == (0, 5, 0)
        assert paths.count("oai") >= 3
        assert scene.server.violations == []
        status = await scene.status()
        assert (status.error, status.first_done, status.overdue_since) == ("", True, None)


async def disputed(scene):
    """Two categories of Wednesday that the feeds have shown and OAI-PMH lacks, so that their lists are due."""
    scene.server.oai_late[DAY] = 24
    scene.announce(*FIVE)
    scene.announce(*LATER, category="cs.AI")
    await scene.go_on("17:00", "17:20", "03:40", "05:10")
    scene.clock.set("2026-01-07T08:00:00Z")
    scene.server.requests.clear()


@pytest.mark.parametrize("fault", [503, "reset", "slow", "shut", "html"])
async def test_lists_that_cannot_be_had_are_no_failure_of_arxiv(clock, store, fault):
    async with world(clock, store) as scene:
        await disputed(scene)
        scene.server.mood = lambda path: fault if path.startswith("/list") else None
        scene.server.delay, scene.service.fetcher._timeout = 60.0, 0.5
        await scene.go_on("08:00", "08:15", "09:05")
        assert len(scene.asked("/list")) >= 2
        assert len(scene.asked("/rss")) >= len(CATEGORIES)
        status = await scene.status()
        assert (status.error, status.overdue_since) == ("", None)
        assert clock() - status.ok_at < timedelta(minutes=5)
        assert scene.service.failures == 0
        ready = Readiness(store, [scene.service.collector], frozenset({"collect"}), {})
        assert await ready.reasons() == ()
        # A server that hangs has not seen that the request was given up.
        assert scene.server.violations == [] or fault == "slow"


async def test_the_pause_between_two_lists_is_no_pause_for_the_feeds(clock, store, monkeypatch):
    async with world(clock, store) as scene:
        await disputed(scene)
        began, went = clock(), []
        scene.server.mood = lambda path: went.append((path.split("/")[1], (clock() - began).total_seconds()))
        time = InParallel(clock, monkeypatch)
        scene.server.first_byte["/list"], scene.server.wait = 20.0, time.sleep
        scene.service.fetcher._pace = StorePace(store.write, owner="me", sleep=time.sleep)

        async def feeds():
            await time.sleep(25)  # the first list was read, and the second waits until 35
            return await scene.service.collector.poll(early=True)

        await time.run(scene.service.reconciler.run(), feeds())
        assert went[:7] == [("list", 20), *(("rss", 25 + 3 * number) for number in range(5)), ("list", 66)]
        assert scene.server.violations == []


async def test_oai_pmh_that_refuses_for_a_day_holds_up_no_feed(clock, store):
    async with world(clock, store) as scene:
        scene.server.down["/oai"] = NOON + timedelta(days=1)
        await scene.go_on("17:00")
        assert await scene.service.collector.has_begun()
        assert len(scene.asked("/rss")) == len(CATEGORIES)
        status = await scene.status()
        assert status.first_done
        assert "503" in status.error
        await subscribe(store, "1", "paper")
        scene.announce(*FIVE)
        await scene.go_on("17:02", "17:20", "03:40", "05:10")
        assert scene.got("1") == FIVE
        status = await scene.status()
        assert (status.ok_at > clock() - timedelta(minutes=1), "503" in status.error) == (True, True)
        assert scene.server.violations == []
        scene.announce(*LATER, day=date(2026, 1, 8))
        await scene.go_on("17:30", "03:40", "05:10", "13:40")
        assert scene.got("1") == [*FIVE, *LATER]
        assert (await scene.status()).error == ""
        assert scene.server.violations == []


async def test_a_part_that_closes_the_feeds_starves_none_of_the_others(clock, store):
    async with world(clock, store) as scene:
        scene.server.mood = lambda path: 503 if path.endswith("/cs.AI") else None
        await scene.go_on("17:00", "17:01", "17:02", "17:03", "17:04", "17:05", "17:22", "17:23", "17:24", "17:25")
        read = [sum(path.endswith(name) for path in scene.asked("/rss")) for name in CATEGORIES]
        assert min(read[1:]) >= 2
        assert max(read[1:]) <= 4
        assert not await scene.service.collector.has_begun()
        status = await scene.status()
        assert "503" in status.error
        assert not status.first_done


@pytest.mark.parametrize("oai_too", [False, True], ids=["OAI-PMH works", "OAI-PMH is down too"])
async def test_a_first_look_after_an_outage_is_loud_for_what_came_meanwhile(clock, store, oai_too):
    async with world(clock, store) as scene:
        back = datetime.fromisoformat("2026-01-07T11:00:00Z")
        scene.server.down = {"/rss": back} | ({"/oai": back} if oai_too else {})
        await scene.go_on("17:00", "17:02")
        await subscribe(store, "before", "paper")
        scene.announce(*FIVE)
        await scene.go_on("03:40", "08:00")
        assert not await scene.service.collector.has_begun()
        assert "503" in (await scene.status()).error
        await subscribe(store, "after", "paper")
        await scene.go_on("11:01", "13:40")
        assert await scene.service.collector.has_begun()
        assert (scene.got("before"), scene.got("after")) == (FIVE, [])
        scene.announce(*LATER, day=date(2026, 1, 8))
        await scene.go_on("03:40", "05:10", "13:40")
        assert (scene.got("before"), scene.got("after")) == ([*FIVE, *LATER], LATER)
        assert (await scene.status()).error == ""


async def test_what_came_while_nothing_could_be_read_for_two_days_is_found_late(clock, store):
    async with world(clock, store) as scene:
        back = datetime.fromisoformat("2026-01-09T02:00:00Z")
        scene.server.down = {"/rss": back, "/oai": back}
        await scene.go_on("17:00", "17:02")
        await subscribe(store, "1", "paper", style="cards")
        scene.announce(*FIVE)
        scene.announce(*LATER, day=date(2026, 1, 8))
        scene.clock.at = back
        await scene.go_on("02:01", "03:40", "13:40")
        assert scene.got("1") == [*FIVE, *LATER]
        items = [item for message in scene.channel.arrived["1"] for item in message.items]
        late = ["found late" in "".join(span.text for line in item.lines for span in line) for item in items]
        assert late == [True] * 7
        async with store.read() as unit:
            batches = {batch.day: batch for batch in await unit.sources.batches(DAY) if batch.part == "cs.CL"}
        assert [len(batches[day].late) for day in (DAY, date(2026, 1, 8))] == [5, 2]


@pytest.mark.parametrize("hours", [0, 1], ids=["the first days are read before", "the first days are read after it"])
async def test_a_first_look_in_the_evening_of_an_announcement_brings_the_feeds_of_midnight(clock, store, hours):
    async with world(clock, store) as scene:
        scene.announce(*FIVE)
        clock.set("2026-01-07T02:00:00Z")  # 21:00 in New York: announced, and not yet in feeds or OAI-PMH
        scene.server.down["/oai"] = clock() + timedelta(hours=hours)
        await scene.go_on("02:01")
        await subscribe(store, "1", "paper")
        await scene.go_on("03:40", "05:10", "05:30")
        assert scene.got("1") == FIVE
        async with store.read() as unit:
            (batch,) = await unit.sources.batches_of("arxiv", ["cs.CL"], DAY, DAY)
        assert {name: len(view.new) for name, view in batch.views.items()} == {"rss": 5, "oai": 5}


@pytest.mark.parametrize("outage", [False, True], ids=["at once", "after an outage"])
async def test_a_category_that_is_added_brings_nothing_old(clock, store, outage):
    async with world(clock, store) as scene:
        await scene.restart([name for name in CATEGORIES if name != "math.CO"])
        await scene.go_on("17:00")
        await subscribe(store, "1", "paper")
        scene.announce(*FIVE, category="math.CO")
        await scene.go_on("05:10", "13:40", "17:00")
        assert scene.got("1") == []
        await scene.restart(CATEGORIES)
        if outage:
            scene.server.mood = lambda path: 500 if path.endswith("/math.CO") else None
        await scene.go_on("17:30")
        scene.announce(*LATER, category="math.CO", day=date(2026, 1, 8))
        await scene.go_on("05:10", "09:00")
        scene.server.mood = lambda _path: None
        await scene.go_on("10:10", "13:40")
        assert scene.got("1") == LATER
        async with store.read() as unit:
            batches = await unit.sources.batches(date(2025, 12, 1))
        claimed = {
            batch.day for batch in batches if batch.part == "math.CO" and batch.state is not BatchState.BACKFILLED
        }
        assert min(claimed) == date(2026, 1, 8)


async def test_a_cross_list_of_an_older_paper_is_news_to_those_whom_only_it_concerns(clock, store):
    async with world(clock, store) as scene:
        await scene.go_on("17:00", "17:20")
        scene.announce(1)
        await scene.go_on("05:10", "13:40")
        await subscribe(store, "words", "paper")
        await subscribe(store, "category", "cat:cs.CV")
        scene.server.archive.cross("2601.00001", date(2026, 1, 8), "cs.CV")
        scene.announce(2, day=date(2026, 1, 8))
        await scene.go_on("05:10", "13:40")
        assert (scene.got("words"), scene.got("category")) == ([2], [1])
