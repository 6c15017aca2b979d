"""One odd value in an answer costs one record, and a crowd of them is one line in the log."""

import json

import pytest
from structlog.testing import capture_logs

from paperwire.errors import SourceGarbled
from paperwire.sources._json import parse_json
from paperwire.sources.arxiv.feed import parse_feed
from paperwire.sources.biorxiv import BiorxivSource, parse_details
from paperwire.sources.huggingface import HuggingFaceSource
from paperwire.sources.huggingface.entry import entries_of, paper_of
from paperwire.sources.jsonl import JsonlSource, parse_line
from paperwire.sources.rss.entries import read_feed

CROWD = 100_000
GOOD = {"title": "T", "paper": {"id": "2601.00001"}}


@pytest.mark.parametrize("upvotes", [2**70, 2**31, -1, True, 1.5, "7", None])
def test_upvotes_that_no_database_takes_are_none(upvotes):
    assert paper_of({"title": "T", "paper": {"id": "2601.00001", "upvotes": upvotes}}, None).upvotes is None
    assert paper_of({"title": "T", "paper": {"id": "2601.00001", "upvotes": 2**31 - 1}}, None).upvotes == 2**31 - 1


@pytest.mark.parametrize("published", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00", 7])
def test_a_time_at_the_end_of_the_calendar_is_none(published):
    assert paper_of({"title": "T", "paper": {"id": "2601.00001", "publishedAt": published}}, None).published is None


def test_a_daily_list_with_things_that_are_no_objects():
    with capture_logs() as logs:
        entries, count = entries_of(json.dumps([GOOD, *["x", None, 7] * (CROWD // 3)]).encode())
    assert (entries, count, len(logs)) == ([GOOD], 1 + CROWD // 3 * 3, 1)
    with pytest.raises(SourceGarbled):
        entries_of(b'["x"]')
    assert entries_of(b"[]") == ([], 0)


async def test_a_crowd_of_entries_without_id_is_one_line(clock):
    source = HuggingFaceSource(None, url="http://x", window_days=14, now=clock)
    with capture_logs() as logs:
        events = source._events(clock().date(), [GOOD, *[{}] * CROWD])
    assert (len(events), [line["entries"] for line in logs]) == (1, [CROWD])


async def test_a_list_of_preprints_with_things_that_are_no_objects(clock):
    good = {"doi": "10.1101/2026.01.01.000001", "title": "T"}
    rows, total = parse_details(json.dumps({"collection": [good, *["x"] * CROWD], "messages": [{"total": 3}]}).encode())
    assert (len(rows), total) == (1 + CROWD, 3)
    source = BiorxivSource(None, url="http://x", servers=["biorxiv"], now=clock)
    with capture_logs() as logs:
        events = source._events(rows)
    assert (len(events), [line["rows"] for line in logs]) == (1, [CROWD])


@pytest.mark.parametrize("total", ["1e999", "NaN", '"x"'])
def test_a_total_that_is_no_number_is_no_answer(total):
    with pytest.raises(SourceGarbled):
        parse_details(b'{"collection": [], "messages": [{"total": %s}]}' % total.encode())


@pytest.mark.parametrize("abstract", [7, ["x"], None])
def test_an_abstract_that_is_no_text_is_empty(abstract, clock):
    source = BiorxivSource(None, url="http://x", servers=["biorxiv"], now=clock)
    (event,) = source._events([{"doi": "10.1101/2026.01.01.000001", "title": "T", "abstract": abstract}])
    assert event.paper.abstract == ""


@pytest.mark.whole
def test_a_feed_with_a_crowd_of_bad_items():
    good = "<item><guid>oai:arXiv.org:2601.00001v1</guid><announce_type>new</announce_type></item>"
    with capture_logs() as logs:
        feed = parse_feed(f"<rss><channel>{good}{'<item/>' * CROWD}</channel></rss>".encode())
    assert (len(feed.items), [line["entries"] for line in logs]) == (1, [CROWD])


def papers_of(items):
    body = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    return [entry.paper for entry in read_feed(body, "x")]


def test_any_other_feed_with_a_crowd_of_bad_items():
    items = "<item><title>T</title></item>" + "<item/>" * CROWD
    with capture_logs() as logs:
        papers = papers_of(items)
    assert (len(papers), [line["entries"] for line in logs]) == (1, [CROWD + 1, 1999])


def test_a_text_of_another_feed_is_cut_before_it_is_cleaned():
    items = f"<item><title>T</title><description>{'a ' * 200_000}</description></item>"
    (paper,) = papers_of(items)
    assert len(paper.abstract) == 20_000


@pytest.mark.whole
async def test_a_file_with_a_crowd_of_broken_lines(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text('{"id": "2601.00001", "title": "T"}\n' + "x\n" * CROWD, encoding="utf-8")
    with capture_logs() as logs:
        pages = [page async for page in JsonlSource([path]).fetch(str(path), "")]
    assert sum(len(page.events) for page in pages) == 1
    assert [(line["lines"], line["first"]) for line in logs] == [(CROWD, 2)]


@pytest.mark.parametrize("body", [b"[" + b"0," * 250_001 + b"0]", b'"' + b"a" * 9_000_000 + b'"', b"[" * 100_000, b"x"])
def test_json_made_to_exhaust_is_refused(body):
    with pytest.raises(SourceGarbled):
        parse_json(body)


def test_wide_json_is_refused_sooner():
    with pytest.raises(SourceGarbled):
        parse_json(('"' + "ä" * 3_000_001 + '"').encode())
    assert parse_json(b'"' + b"a" * 7_000_000 + b'"')


def test_a_date_without_end_takes_no_time():
    items = f"<item><title>T</title><pubDate>{'a' * 2_000_000}</pubDate></item>"
    (paper,) = papers_of(items)
    assert paper.published is None


def test_authors_of_a_snapshot_are_texts_that_a_database_takes():
    row = {"id": "2601.00001", "title": "T", "authors_parsed": [["Roe\0", "A.\ud800", ""]]}
    assert parse_line(json.dumps(row).encode()).paper.authors == ("A. Roe",)
    for odd in ([{"x": "y"}], [["Roe"]], 7):
        with pytest.raises(ValueError, match="authors_parsed"):
            parse_line(json.dumps(row | {"authors_parsed": odd}).encode())
