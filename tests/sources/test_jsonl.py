"""Corpus files: both formats, gz and plain, broken lines by number, resuming, and files as a source."""

import gzip
import json
import random
from datetime import UTC, date, datetime
from itertools import islice

import pytest

from paperwire.core.papers.paper import UNDATED, EventKind
from paperwire.errors import SourceError, SourceGarbled
from paperwire.ports.sources import Archive, Directory
from paperwire.sources.jsonl import Broken, JsonlSource, parse_line, read_jsonl

ROW = {
    "id": "2510.00001v3",
    "title": " A\n title ",
    "abstract": "Some\ttext\u0000.",
    "authors": ['J\\"org Map (ETH)', "", "Ada Örtel"],
    "primary_category": "cs.LG",
    "categories": ["stat.ML", "cs.LG", "I.2.6; I.2.7"],
    "published": "2025-09-30T17:59:00Z",
    "published_kind": "exact",
    "updated": None,
    "announced": "2025-10-01",
    "comment": "9 pages",
    "doi": "10.1000/x",
    "journal_ref": "J. Maps 1",
    "report_number": "MAP-25/1",
    "version": 3,
}
SNAPSHOT = {
    "id": "0704.0001",
    "submitter": "Somebody",
    "authors": "C. Bal\\'azs, P. Nad (Argonne), Jr",
    "title": "Calculation of\n  things",
    "comments": "37 pages",
    "journal-ref": None,
    "doi": "10.1103/PhysRevD.76.013009",
    "report-no": "ANL-HEP-PR-07-12\n  (rev.)",
    "categories": "hep-ph hep-th",
    "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    "abstract": "  A fully\nhard-wrapped text.\n",
    "versions": [
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [["Bal\\'azs", "C.", ""], ["Nad", "P.", "Jr", "Argonne"], ["XYZ Collaboration", "", ""]],
}


def line(row, **changes):
    return json.dumps({**row, **changes}).encode() + b"\n"


def numbered(count):
    return b"".join(line(ROW, id=f"2510.{number:05}") for number in range(1, count + 1))


@pytest.fixture(params=["plain", "gz"])
def write(request, tmp_path):
    def write(data):
        path = tmp_path / ("papers.jsonl" + (".gz" if request.param == "gz" else ""))
        path.write_bytes(gzip.compress(data) if request.param == "gz" else data)
        return path

    return write


def test_a_line_of_the_corpus_format():
    event = parse_line(line(ROW))
    paper = event.paper
    assert (event.kind, event.source, event.day) == (EventKind.NEW, "arxiv", date(2025, 10, 1))
    assert (paper.id, paper.title, paper.abstract, paper.version) == ("2510.00001", "A title", "Some text.", 3)
    assert paper.authors == ("Jörg Map", "Ada Örtel")
    assert paper.categories == ("cs.LG", "stat.ML", "I.2.6; I.2.7")
    assert paper.published == datetime(2025, 9, 30, 17, 59, tzinfo=UTC)
    assert (paper.updated, paper.announced) == (None, date(2025, 10, 1))
    assert (paper.comment, paper.doi, paper.journal_ref) == ("9 pages", "10.1000/x", "J. Maps 1")
    assert paper.report_number == "MAP-25/1"


def test_a_title_is_all_a_paper_needs_besides_its_id():
    paper = parse_line(
        b'\xef\xbb\xbf{"id": "x-1", "title": "T", "source": "elsewhere", "published": "2025-01-01T00:00:00"}'
    ).paper
    assert (paper.id, paper.source, paper.version, paper.authors) == ("x-1", "elsewhere", 1, ())
    assert paper.published == datetime(2025, 1, 1, tzinfo=UTC)


def test_a_line_of_arxivs_snapshot():
    paper = parse_line(line(SNAPSHOT)).paper
    assert (paper.id, paper.title, paper.source) == ("0704.0001", "Calculation of things", "arxiv")
    assert paper.authors == ("C. Balázs", "P. Nad Jr", "XYZ Collaboration")
    assert paper.categories == ("hep-ph", "hep-th")
    assert paper.abstract == "A fully hard-wrapped text."
    assert (paper.version, paper.comment, paper.journal_ref) == (2, "37 pages", "")
    assert paper.report_number == "ANL-HEP-PR-07-12 (rev.)"
    assert paper.published == datetime(2007, 4, 2, 19, 18, 42, tzinfo=UTC)
    assert paper.updated == datetime(2007, 7, 24, 20, 10, 27, tzinfo=UTC)
    assert paper.licence.startswith("http")
    assert paper.announced == date(2007, 4, 4)  # a Monday after 14:00 in New York: announced on Tuesday evening


def test_a_day_that_is_not_told_is_the_schedules_for_arxiv_and_the_papers_own_for_others():
    row = {"id": "2601.00001", "title": "T", "published": "2026-01-05T12:00:00Z"}
    assert parse_line(line(row)).paper.announced == date(2026, 1, 6)
    assert parse_line(line(row, source="elsewhere")).paper.announced == date(2026, 1, 5)
    undated = parse_line(line(row, published=None))
    assert (undated.paper.announced, undated.day) == (None, UNDATED)
    for odd in ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+14:00"):
        paper = parse_line(line(row, published=odd)).paper
        assert (paper.published, paper.announced) == (None, None)


def test_a_snapshot_line_without_parsed_authors_or_versions():
    paper = parse_line(line(SNAPSHOT, authors_parsed=None, versions=None)).paper
    assert paper.authors == ("C. Balázs", "P. Nad Jr")
    assert (paper.published, paper.updated) == (None, datetime(2008, 11, 26, tzinfo=UTC))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"id": "a", "title": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"id": "a"}', "no title"),
        (line(ROW, title=" "), "no title"),
        (line(ROW, id=None), "no id"),
        (line(ROW, id=5), "id is not text"),
        (line(ROW, id="x" * 201), "id is not at most"),
        (line(ROW, authors="A, B"), "authors is not a list"),
        (line(ROW, authors=[1]), "authors is not a list"),
        (line(ROW, published="yesterday"), "published is not a time"),
        (line(ROW, announced="2025-13-01"), "announced is not a date"),
        (line(ROW, version="two"), "version is not a whole number"),
        (line(ROW, version=0), "version is not a whole number"),
        (line(SNAPSHOT, versions=[{"version": "v1"}]), "versions is not a list"),
        (line(SNAPSHOT, versions=[{"created": "never"}]), "versions is not a list"),
        (line(SNAPSHOT, authors_parsed=[["A"]]), "authors_parsed is not a list"),
        (line(SNAPSHOT, authors_parsed=5), "authors_parsed is not a list"),
    ],
)
def test_a_broken_line_says_what_is_wrong(raw, reason):
    with pytest.raises(ValueError, match=reason):
        parse_line(raw)


def test_letters_no_database_takes_are_dropped():
    paper = parse_line(b'{"id": "a", "title": "x\\ud800y \\u0000"}').paper
    assert paper.title == "xy"


def test_broken_lines_are_reported_by_number_and_the_rest_goes_in(write):
    path = write(line(ROW) + b"oops\n\n" + line(ROW, id="2510.00002") + b'{"id": "3"}')
    (batch,) = read_jsonl(path)
    assert [event.paper.id for event in batch.events] == ["2510.00001", "2510.00002"]
    assert [broken.line for broken in batch.broken] == [2, 5]
    assert batch.broken[1] == Broken(5, "no title")
    assert (batch.line, batch.read, batch.size) == (5, path.stat().st_size, path.stat().st_size)


def test_a_line_over_the_cap_is_broken_and_does_not_fill_memory(write):
    path = write(b"x" * 25_000_000 + b"\n" + line(ROW))
    (batch,) = read_jsonl(path)
    assert batch.broken == (Broken(1, "longer than 1 MB"),)
    assert len(batch.events) == 1


def test_reading_goes_on_where_it_ended(write):
    path = write(numbered(25))
    batches = list(read_jsonl(path, lines=10))
    assert [batch.line for batch in batches] == [10, 20, 25]
    for done in range(3):
        rest = list(read_jsonl(path, line=batches[done].line, position=batches[done].position, lines=10))
        assert rest == batches[done + 1 :]


def test_an_empty_file_has_no_batches(write):
    assert list(read_jsonl(write(b""))) == []


def test_a_missing_file_is_an_error_of_the_source(tmp_path):
    with pytest.raises(SourceError, match=r"cannot read none\.jsonl: No such file"):
        next(read_jsonl(tmp_path / "none.jsonl"))


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-20], lambda data: data[: len(data) // 2] + bytes(60) + data[len(data) // 2 + 60 :]]
)
def test_a_damaged_gz_file_gives_what_comes_before(tmp_path, damage):
    path = tmp_path / "cut.jsonl.gz"
    rows = b"".join(line(ROW, id=f"2510.{n:05}", abstract=random.Random(n).randbytes(100).hex()) for n in range(500))
    path.write_bytes(damage(gzip.compress(rows)))
    seen = []
    with pytest.raises(SourceGarbled, match=r"cut\.jsonl\.gz is damaged or cut off after line \d+"):
        seen.extend(read_jsonl(path, lines=5))
    assert 0 < sum(len(batch.events) for batch in seen) < 500


def test_a_cut_gz_file_gives_its_whole_lines_and_says_the_last(tmp_path):
    path = tmp_path / "cut.jsonl.gz"
    rows = [line(ROW, id=f"2510.{n:05}", abstract=random.Random(n).randbytes(100).hex()) for n in range(500)]
    path.write_bytes(gzip.compress(b"".join(rows))[:-4000])
    seen = []
    with pytest.raises(SourceGarbled) as caught:
        seen.extend(read_jsonl(path))  # all of them in one batch
    ids = [event.paper.id for batch in seen for event in batch.events]
    assert ids == [f"2510.{n:05}" for n in range(len(ids))]
    assert 400 < len(ids) == seen[-1].line < 500
    assert seen[-1].position == sum(map(len, rows[: len(ids)]))
    assert f"after line {len(ids)} " in str(caught.value)
    with pytest.raises(SourceGarbled, match=f"after line {len(ids)} "):
        next(read_jsonl(path, line=seen[-1].line, position=seen[-1].position))


async def pages(source, part, cursor=""):
    return [page async for page in source.fetch(part, cursor)]


async def test_files_are_parts_read_once_and_again_when_they_grow(tmp_path, caplog):
    path = tmp_path / "papers.jsonl"
    path.write_bytes(numbered(1500) + b"oops\n")
    source = JsonlSource([path])
    part = source.parts()[0]
    first = await pages(source, part)
    assert [len(page.events) for page in first] == [1000, 500, 0]
    assert all(page.quiet for page in first)
    assert await pages(source, part, first[-1].cursor) == []

    resumed = await pages(source, part, first[0].cursor)
    assert [len(page.events) for page in resumed] == [500, 0]
    assert resumed[0].quiet

    with path.open("ab") as file:
        file.write(line(ROW, id="2511.00001"))
    grown = await pages(source, part, first[-1].cursor)
    assert [[event.paper.id for event in page.events] for page in grown] == [["2511.00001"], []]
    assert not grown[0].quiet

    path.write_bytes(line(ROW))
    assert [len(page.events) for page in await pages(source, part, grown[-1].cursor)] == [1, 0]


async def test_a_missing_file_is_reported_each_time(tmp_path):
    source = JsonlSource([tmp_path / "none.jsonl"])
    with pytest.raises(SourceError):
        await pages(source, source.parts()[0])
    assert not isinstance(source, Archive | Directory)


@pytest.mark.shared
def test_the_recorded_corpus_is_read_whole(shared_data):
    folder = shared_data / "arxiv_corpus"
    assert {path.name for path in folder.iterdir()} == {
        "arxiv_2025-09_2026-03.jsonl.gz",
        "one_week_2025-09-29_10-03.jsonl.gz",
        "one_day_2025-10-01.jsonl.gz",
        "papers_per_announce_day.json",
    }
    per_day = json.loads((folder / "papers_per_announce_day.json").read_text())
    for name, count in (("one_week_2025-09-29_10-03.jsonl.gz", 4344), ("one_day_2025-10-01.jsonl.gz", 1112)):
        batches = list(read_jsonl(folder / name))
        papers = [event.paper for batch in batches for event in batch.events]
        assert [batch.broken for batch in batches if batch.broken] == []
        assert len({paper.id for paper in papers}) == count
        days = {str(paper.announced) for paper in papers}
        assert count == sum(per_day[day] for day in days)
        assert all(paper.abstract and paper.categories and paper.published for paper in papers)
    # The large file is the benchmarks' matter; here its beginning shows that it has the same shape.
    assert not any(batch.broken for batch in islice(read_jsonl(folder / "arxiv_2025-09_2026-03.jsonl.gz"), 3))
