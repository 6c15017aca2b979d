"""arXiv's announcement feeds, over a loopback arXiv: batches known by their ids, kinds, quiet and loud pages."""

from datetime import date

import pytest
from page_parts import day_of, listed

from paperwire.core.papers.paper import EventKind
from servers.arxiv import ArxivServer
from servers.arxiv_reader import Reader, make, said

NEW, CROSS, REPLACED, WITHDRAWN = EventKind.NEW, EventKind.CROSS, EventKind.REPLACED, EventKind.WITHDRAWN


@pytest.fixture
async def arxiv_server(clock):
    clock.set("2026-01-05T05:00:30Z")  # midnight in New York, Monday
    async with ArxivServer(clock) as arxiv_server:
        yield arxiv_server


@pytest.fixture
def source(arxiv_server, fetcher, clock):
    return make(arxiv_server, fetcher, clock, ["cs.CL"])


async def test_the_first_look_is_quiet_and_the_next_batch_is_not(arxiv_server, source, clock):
    arxiv_server.archive.add("2601.00001", "2026-01-05")
    arxiv_server.archive.add("2601.00002", "2026-01-06")
    reader = Reader(source)
    first = await reader.poll()
    assert said(first, quiet=True) == {(NEW, "2601.00001", 1)}
    clock.set("2026-01-06T05:00:30Z")
    pages = await reader.poll()
    assert said(pages) == {(NEW, "2601.00002", 1)}
    assert [(page.view, day_of(page), listed(page)) for page in pages] == [("rss", date(2026, 1, 6), ("cs.CL",))]


async def test_an_empty_first_look_ends_the_first_run(arxiv_server, source, clock):
    clock.set("2026-01-04T15:00:00Z")  # Sunday
    arxiv_server.archive.add("2601.00001", "2026-01-05")
    reader = Reader(source)
    (page,) = await reader.poll()
    assert (page.events, page.quiet, day_of(page), listed(page)) == ((), True, None, ())
    assert page.cursor
    clock.set("2026-01-05T05:00:30Z")
    assert said(await reader.poll()) == {(NEW, "2601.00001", 1)}


async def test_nothing_new_is_a_page_without_events_and_costs_a_304(arxiv_server, source, clock):
    arxiv_server.archive.add("2601.00001", "2026-01-05")
    reader = Reader(source)
    await reader.poll()
    clock.advance(minutes=15)
    (page,) = await reader.poll()
    assert (page.events, page.quiet, listed(page)) == ((), False, ())
    assert arxiv_server.conditional == 1
    clock.advance(hours=1)  # built again: another ETag, the same ids
    (page,) = await reader.poll()
    assert (page.events, listed(page), day_of(page)) == ((), ("cs.CL",), date(2026, 1, 5))
    assert arxiv_server.conditional == 1


async def test_every_announce_type_relative_to_the_followed_class(arxiv_server, source, clock):
    archive = arxiv_server.archive
    archive.add("2512.00001", "2025-12-10")
    archive.add("2512.00002", "2025-12-10", ["cs.LG", "cs.CL"])
    archive.add("2512.00003", "2025-12-10", ["cs.LG"])
    archive.add("2512.00004", "2025-12-10")
    archive.add("2512.00005", "2025-12-10", ["cs.LG"])
    for day in ("2025-12-11", "2025-12-12", "2025-12-15", "2025-12-16"):
        archive.replace("2512.00004", day)
    archive.add("2601.00001", "2026-01-06", ["cs.CL", "stat.ML"])
    archive.add("2601.00002", "2026-01-06", ["math.ST", "cs.CL"])
    archive.replace("2512.00001", "2026-01-06")
    archive.replace("2512.00002", "2026-01-06")
    archive.cross("2512.00003", "2026-01-06", "cs.CL")
    archive.replace("2512.00004", "2026-01-06", comment="version 6 stands in no feed")
    archive.replace("2512.00005", "2026-01-06")
    reader = Reader(source)
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    assert said(await reader.poll()) == {
        (NEW, "2601.00001", 1),
        (CROSS, "2601.00002", 1),
        (REPLACED, "2512.00001", 2),
        (REPLACED, "2512.00002", 2),
        (CROSS, "2512.00003", 1),
    }


async def test_a_withdrawal_is_told_from_a_replacement(arxiv_server, source, clock):
    arxiv_server.archive.add("2512.00001", "2025-12-10")
    arxiv_server.archive.replace("2512.00001", "2026-01-06", abstract="This paper has been withdrawn by the author.")
    arxiv_server.archive.add("2601.00001", "2026-01-06", abstract="Cash is withdrawn from machines. We say when.")
    reader = Reader(source)
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    pages = await reader.poll()
    assert said(pages) == {(WITHDRAWN, "2512.00001", 2), (NEW, "2601.00001", 1)}
    assert {event.paper.id: event.paper.withdrawn for page in pages for event in page.events} == {
        "2512.00001": True,
        "2601.00001": False,
    }


@pytest.mark.parametrize("view", ["rss", "atom"])
async def test_a_paper_comes_whole_from_either_format(arxiv_server, fetcher, clock, view):
    arxiv_server.archive.add(
        "2601.00001",
        "2026-01-05",
        ["cs.CL", "stat.ML"],
        title="On <b> & $\\alpha$",
        abstract="A < B & C.",
        authors=['J\\"org M{\\"u}ller (ETH Zurich, CH)', "Anna Roe (MIT (USA))", "Bob Poe, Jr"],
        doi="10.1000/x",
        journal_ref="J. 1 (2026)",
    )
    source = make(arxiv_server, fetcher, clock, ["cs.CL"], rss_url=getattr(arxiv_server, f"{view}_url"))
    ((page,),) = [await Reader(source).poll()]
    (event,) = page.events
    paper = event.paper
    assert (event.source, event.day) == ("arxiv", date(2026, 1, 5))
    assert (paper.title, paper.abstract) == ("On <b> & $\\alpha$", "A < B & C.")
    assert paper.authors == ("Jörg Müller", "Anna Roe", "Bob Poe Jr")
    assert paper.categories == ("cs.CL", "stat.ML")
    assert (paper.doi, paper.journal_ref, paper.announced) == ("10.1000/x", "J. 1 (2026)", date(2026, 1, 5))
    assert (paper.url, paper.version) == ("https://arxiv.org/abs/2601.00001", 1)
    assert paper.licence == "http://creativecommons.org/licenses/by/4.0/"


async def test_replacements_do_not_claim_the_day_as_their_papers_own(arxiv_server, source, clock):
    arxiv_server.archive.add("2512.00001", "2025-12-10")
    arxiv_server.archive.replace("2512.00001", "2026-01-05")
    (page,) = await Reader(source).poll()
    assert [(event.day, event.paper.announced) for event in page.events] == [(date(2026, 1, 5), None)]


async def test_the_weekend_and_the_monday_after_repeat_nothing(arxiv_server, source, clock):
    arxiv_server.archive.add("2601.00001", "2026-01-09")
    arxiv_server.archive.add("2601.00002", "2026-01-12")
    reader = Reader(source)
    await reader.poll()
    heard = []
    for at in ("09T06", "09T20", "10T06", "11T06", "12T02", "12T06", "12T20"):
        clock.set(f"2026-01-{at}:00:00Z")
        heard.append(said(await reader.poll()))
    assert heard == [{(NEW, "2601.00001", 1)}, set(), set(), set(), set(), {(NEW, "2601.00002", 1)}, set()]


async def test_yesterdays_batch_under_todays_date_is_not_news(arxiv_server, source, clock):
    """What arXiv did on 2026-08-12: the old list with the new date. It is told by its ids and not called complete."""
    arxiv_server.archive.add("2601.00001", "2026-01-06")
    arxiv_server.archive.add("2601.00002", "2026-01-07")
    reader = Reader(source)
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    await reader.poll()
    arxiv_server.stale["cs.CL"] = date(2026, 1, 6)
    clock.set("2026-01-07T05:00:30Z")
    (page,) = await reader.poll()
    assert page.events == ()
    (listing,) = page.listings
    assert (listing.day, listing.whole, listing.stale) == (date(2026, 1, 7), False, True)
    del arxiv_server.stale["cs.CL"]
    clock.set("2026-01-07T15:00:00Z")
    (page,) = await reader.poll()
    assert said([page]) == {(NEW, "2601.00002", 1)}
    assert (day_of(page), listed(page)) == (date(2026, 1, 7), ("cs.CL",))


async def test_one_stale_class_among_fresh_ones(arxiv_server, fetcher, clock):
    """Classes that are asked for together are compared one by one."""
    for day, number in (("2026-01-06", 1), ("2026-01-07", 2)):
        arxiv_server.archive.add(f"2601.0000{number}", day, ["cs.RO"])
        arxiv_server.archive.add(f"2601.0001{number}", day, ["cs.HC"])
        arxiv_server.archive.add(f"2601.0002{number}", day, ["cs.HC", "cs.RO"])
    source = make(arxiv_server, fetcher, clock, ["cs.RO", "cs.HC"])
    assert len(source.parts()) == 1
    reader = Reader(source)
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    (page,) = await reader.poll()
    assert listed(page) == ("cs.HC", "cs.RO")
    arxiv_server.stale["cs.RO"] = date(2026, 1, 6)
    clock.set("2026-01-07T05:00:30Z")
    (page,) = await reader.poll()
    assert said([page]) == {(NEW, "2601.00012", 1), (NEW, "2601.00022", 1)}
    assert (day_of(page), listed(page)) == (date(2026, 1, 7), ("cs.HC",))
    arxiv_server.stale.clear()
    clock.set("2026-01-07T12:00:00Z")
    (page,) = await reader.poll()
    assert said([page]) == {(NEW, "2601.00002", 1)}
    assert (day_of(page), listed(page)) == (date(2026, 1, 7), ("cs.HC", "cs.RO"))


async def test_a_batch_that_grows_during_the_day_stays_one_batch(arxiv_server, source, clock):
    for number in range(1, 9):
        arxiv_server.archive.add(f"2601.0000{number}", "2026-01-06")
    reader = Reader(source)
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    await reader.poll()
    arxiv_server.archive.add("2601.00009", "2026-01-06")
    clock.set("2026-01-06T22:30:00Z")
    (page,) = await reader.poll()
    assert said([page]) == {(NEW, "2601.00009", 1)}
    assert (day_of(page), listed(page)) == (date(2026, 1, 6), ("cs.CL",))


async def test_a_false_empty_in_the_week_changes_nothing(arxiv_server, source, clock):
    arxiv_server.archive.add("2601.00001", "2026-01-06")
    reader = Reader(source)
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    arxiv_server.faults.append("empty")
    (page,) = await reader.poll()
    assert (page.events, listed(page)) == ((), ())
    assert said(await reader.poll()) == {(NEW, "2601.00001", 1)}
    arxiv_server.faults.append("empty")
    clock.advance(hours=1)
    await reader.poll()
    assert said(await reader.poll()) == set()


async def test_an_empty_feed_of_a_small_class_says_that_nothing_came_that_day_alone(arxiv_server, fetcher, clock):
    arxiv_server.archive.add("2601.00001", "2026-01-05", ["math.HO"])
    reader = Reader(make(arxiv_server, fetcher, clock, ["math.HO"]))
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    (page,) = await reader.poll()
    (listing,) = page.listings
    assert (listing.day, listing.whole, listing.stale, listing.arrivals) == (date(2026, 1, 6), True, False, frozenset())
    clock.set("2026-01-10T15:00:00Z")  # Saturday
    (page,) = await reader.poll()
    assert page.listings == ()


async def test_a_class_followed_later_begins_quietly_and_the_others_stay_loud(arxiv_server, fetcher, clock):
    reader = Reader(make(arxiv_server, fetcher, clock, ["cs.RO"]))
    await reader.poll()
    for number, classes in enumerate([["cs.RO"], ["cs.HC"], ["cs.HC", "cs.RO"]], 1):
        arxiv_server.archive.add(f"2601.0000{number}", "2026-01-06", classes)
    clock.set("2026-01-06T05:00:30Z")
    reader.source = make(arxiv_server, fetcher, clock, ["cs.RO", "cs.HC"])
    pages = await reader.poll()
    assert said(pages, quiet=True) == {(NEW, "2601.00002", 1)}
    assert said(pages) == {(NEW, "2601.00001", 1), (NEW, "2601.00003", 1)}
    assert [page.quiet for page in pages] == [True, False]
    # Killed after the first of the two pages, the second comes again.
    pages = [page async for page in reader.source.fetch("cs-1", pages[0].cursor)]
    assert said(pages) == {(NEW, "2601.00001", 1), (NEW, "2601.00003", 1)}
    arxiv_server.archive.add("2601.00004", "2026-01-07", ["cs.HC"])
    clock.set("2026-01-07T05:00:30Z")
    assert said(await reader.poll()) == {(NEW, "2601.00004", 1)}


async def test_only_new_classes_with_papers_are_a_quiet_page(arxiv_server, fetcher, clock):
    arxiv_server.archive.add("2601.00001", "2026-01-05", ["cs.HC"])
    reader = Reader(make(arxiv_server, fetcher, clock, ["cs.RO"]))
    await reader.poll()
    reader.source = make(arxiv_server, fetcher, clock, ["cs.RO", "cs.HC"])
    assert [page.quiet for page in await reader.poll()] == [True]


async def test_a_cross_list_within_a_group_is_news_too(arxiv_server, fetcher, clock):
    arxiv_server.archive.add("2601.00001", "2026-01-05", ["cs.HC"])
    reader = Reader(make(arxiv_server, fetcher, clock, ["cs.RO", "cs.HC"]))
    await reader.poll()
    arxiv_server.archive.cross("2601.00001", "2026-01-06", "cs.RO")
    clock.set("2026-01-06T05:00:30Z")
    pages = await reader.poll()
    assert said(pages) == {(CROSS, "2601.00001", 1)}
    assert pages[0].events[0].paper.categories == ("cs.HC", "cs.RO")


@pytest.mark.whole
async def test_the_cursor_stays_small(arxiv_server, source, clock):
    reader = Reader(source)
    for day in range(5, 10):
        for number in range(800):
            arxiv_server.archive.add(f"26{day:02}.0{number:04}", f"2026-01-{day:02}")
        clock.set(f"2026-01-{day:02}T05:00:30Z")
        await reader.poll()
    assert len(reader.cursors["cs.CL"]) < 20_000


async def test_twin_names_of_a_class_are_both(arxiv_server, fetcher, clock):
    reader = Reader(make(arxiv_server, fetcher, clock, ["cs.SY"]))
    await reader.poll()
    arxiv_server.archive.add("2601.00001", "2026-01-06", ["cs.SY", "eess.SY"])
    clock.set("2026-01-06T05:00:30Z")
    (page,) = await reader.poll()
    assert listed(page) == ("cs.SY",)


async def test_a_big_class_without_items_is_not_believed(arxiv_server, fetcher, clock):
    reader = Reader(make(arxiv_server, fetcher, clock, ["cs.RO", "cs.OS", "cs.HC"]))
    await reader.poll()
    arxiv_server.archive.add("2601.00001", "2026-01-06", ["cs.HC"])
    clock.set("2026-01-06T05:00:30Z")
    (page,) = await reader.poll()
    assert listed(page) == ("cs.HC", "cs.OS")


@pytest.mark.whole
async def test_a_feed_near_its_cut_is_asked_for_in_halves(arxiv_server, fetcher, clock):
    for number in range(1_500):
        arxiv_server.archive.add(f"2601.0{number:04}", "2026-01-06", ["cs.RO"])
        arxiv_server.archive.add(f"2601.1{number:04}", "2026-01-06", ["cs.HC", "cs.RO"] if number % 2 else ["cs.HC"])
    source = make(arxiv_server, fetcher, clock, ["cs.RO", "cs.HC"])
    reader = Reader(source)
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    arxiv_server.requests.clear()
    pages = await reader.poll()
    assert [path for path, _ in arxiv_server.requests] == ["/rss/cs.HC+cs.RO", "/rss/cs.HC", "/rss/cs.RO"]
    # In the feed of cs.RO alone these are cross-lists; the stronger word counts.
    assert said(pages) == {(NEW, paper_id, 1) for paper_id in arxiv_server.archive.entries} - {
        (NEW, row[0].id, 1) for row in _cut(arxiv_server)
    }
    (page,) = pages
    assert [(one.part, one.whole, one.cut) for one in page.listings] == [("cs.HC", True, False), ("cs.RO", False, True)]
    arxiv_server.requests.clear()
    await reader.poll()
    assert len(arxiv_server.requests) == 3


def _cut(arxiv_server):
    """What even the feed of one class has no room for (here cs.RO: 2,250 items)."""
    rows = arxiv_server.archive.batch(date(2026, 1, 6), ["cs.RO"])
    seen_elsewhere = {row[0].id for row in arxiv_server.archive.batch(date(2026, 1, 6), ["cs.HC"])}
    return [row for row in rows[2_000:] if row[0].id not in seen_elsewhere]
