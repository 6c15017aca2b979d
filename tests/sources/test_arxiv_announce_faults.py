"""arXiv's announcement feeds when they are broken, rude or hostile: no cursor moves, nothing is lost."""

import itertools
from datetime import date

import pytest
from page_parts import day_of
from structlog.testing import capture_logs

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused
from servers.arxiv import ArxivServer
from servers.arxiv_reader import Reader, make, said

NEW, CROSS = EventKind.NEW, EventKind.CROSS


@pytest.fixture
async def arxiv_server(clock):
    clock.set("2026-01-05T05:00:30Z")  # midnight in New York, Monday
    async with ArxivServer(clock) as arxiv_server:
        yield arxiv_server


@pytest.fixture
def source(arxiv_server, fetcher, clock):
    return make(arxiv_server, fetcher, clock, ["cs.CL"])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("shut", SourceRefused),
        (429, SourceBusy),
        ("retry-date", SourceBusy),
        ("html", SourceGarbled),
        ("bomb", SourceGarbled),
        ("doctype", SourceGarbled),
    ],
)
async def test_a_broken_answer_moves_no_cursor_and_the_next_one_is_whole(arxiv_server, source, clock, fault, error):
    arxiv_server.archive.add("2601.00001", "2026-01-06")
    reader = Reader(source)
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    arxiv_server.faults.append(fault)
    with pytest.raises(error):
        await reader.poll()
    clock.advance(minutes=2)
    assert said(await reader.poll()) == {(NEW, "2601.00001", 1)}


@pytest.mark.parametrize("fault", ["cut", "reset", 500])
async def test_passing_faults_are_not_even_seen(arxiv_server, source, clock, fault):
    arxiv_server.archive.add("2601.00001", "2026-01-06")
    reader = Reader(source)
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    arxiv_server.faults.extend([fault, fault])
    assert said(await reader.poll()) == {(NEW, "2601.00001", 1)}


async def test_an_answer_cut_off_within_its_xml_is_refused(arxiv_server, source, monkeypatch):
    arxiv_server.archive.add("2601.00001", "2026-01-05")
    monkeypatch.setattr("servers.arxiv_pages.rss", lambda *_: b"<rss><channel><item><title>x</ti")
    with pytest.raises(SourceGarbled, match="broken or cut off"):
        await Reader(source).poll()


@pytest.mark.parametrize("body", [b"<html/>", b"<rss version='2.0'/>", b"<feeds/>"])
async def test_another_document_is_refused(arxiv_server, source, monkeypatch, body):
    monkeypatch.setattr("servers.arxiv_pages.rss", lambda *_: body)
    with pytest.raises(SourceGarbled):
        await Reader(source).poll()


async def test_an_entry_without_id_or_type_costs_only_itself(arxiv_server, source, clock, monkeypatch):
    item = "<item><guid>{}</guid><announce_type>{}</announce_type><title>T</title><category>cs.CL</category></item>"
    items = "".join(
        item.format(*row)
        for row in [("oai:arXiv.org:2601.00001v1", "new"), ("x", "new"), ("oai:arXiv.org:2601.00002v1", "?")]
    )
    monkeypatch.setattr("servers.arxiv_pages.rss", lambda *_: f"<rss><channel>{items}</channel></rss>".encode())
    (page,) = await Reader(source).poll()
    assert [event.paper.id for event in page.events] == ["2601.00001"]
    assert day_of(page) == date(2026, 1, 5)  # no build time in the feed: our own clock's


async def test_an_entry_may_say_its_id_and_type_in_its_description_alone(arxiv_server, source, monkeypatch):
    said = "arXiv:2601.00003v2 Announce Type: replace-cross \nAbstract: We do."
    item = f"<item><title>T</title><description>{said}</description><category>cs.CL</category></item>"
    monkeypatch.setattr("servers.arxiv_pages.rss", lambda *_: f"<rss><channel>{item}</channel></rss>".encode())
    (page,) = await Reader(source).poll()
    (event,) = page.events
    assert (event.kind, event.paper.id, event.paper.version) == (EventKind.REPLACED, "2601.00003", 2)
    assert event.paper.abstract == "We do."


async def test_a_wrong_class_is_a_400_with_a_feed_in_it(arxiv_server, fetcher, clock, monkeypatch):
    source = make(arxiv_server, fetcher, clock, ["cs.CL"])
    monkeypatch.setattr("servers.arxiv.ARCHIVES", {"math"})
    with pytest.raises(SourceRefused, match="400"):
        await Reader(source).poll()


async def test_one_unknown_category_is_found_and_the_others_are_read(arxiv_server, fetcher, clock, monkeypatch):
    """arXiv answers 400 to the whole list."""
    source = make(arxiv_server, fetcher, clock, ["math.CO", "math.AG", "math.NT", "math.GT"])
    assert len(source.parts()) == 1
    arxiv_server.archive.add("2601.00001", "2026-01-06", ["math.CO"])
    arxiv_server.archive.add("2601.00002", "2026-01-06", ["math.NT"])
    reader = Reader(source)
    await reader.poll()
    monkeypatch.setattr("servers.arxiv.GONE", {"math.AG"})
    clock.set("2026-01-06T05:00:30Z")
    with capture_logs() as logs:
        pages = await reader.poll()
    assert said(pages) == {(NEW, "2601.00001", 1), (NEW, "2601.00002", 1)}
    assert {listing.part for page in pages for listing in page.listings} == {"math.CO", "math.NT", "math.GT"}
    assert [line["category"] for line in logs if line["event"] == "arXiv doesn't know this category"] == ["math.AG"]
    before = len(arxiv_server.requests)
    await reader.poll()
    assert len(arxiv_server.requests) == before + 1  # for the others alone, until tomorrow
    monkeypatch.setattr("servers.arxiv.GONE", set())
    clock.set("2026-01-07T05:00:30Z")
    arxiv_server.archive.add("2601.00003", "2026-01-07", ["math.AG"])
    assert said(await reader.poll()) == {(NEW, "2601.00003", 1)}


async def test_all_of_arxiv_keeps_its_manners_through_faults(arxiv_server, fetcher, clock, pace):
    arxiv_server.interval, pace.keeps = 3.0, True
    source = make(arxiv_server, fetcher, clock, ["*"])
    reader = Reader(source)
    faults = itertools.cycle(["reset", None, 500, None, "cut", None])
    arxiv_server.mood = lambda _path: next(faults)
    arxiv_server.archive.add("2601.00001", "2026-01-06", ["q-bio.NC", "math.CO", "cs.LG"])
    await reader.poll()
    clock.set("2026-01-06T05:00:30Z")
    assert said(await reader.poll()) == {(NEW, "2601.00001", 1), (CROSS, "2601.00001", 1)}
    assert len(source.parts()) == 16
    assert len(arxiv_server.requests) > 48
    assert arxiv_server.violations == []
    assert {service for service, _ in pace.waits} == {"arxiv"}


async def test_an_unreachable_arxiv_is_an_error(arxiv_server, fetcher, clock):
    source = make(arxiv_server, fetcher, clock, ["cs.CL"], rss_url="http://127.0.0.1:9/rss")
    with pytest.raises(SourceError, match="be reached"):
        await Reader(source).poll()
