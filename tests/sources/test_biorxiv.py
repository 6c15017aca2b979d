"""bioRxiv and medRxiv against a loopback server, and the recorded answers."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceBusy, SourceGarbled, SourceRefused
from paperwire.sources.biorxiv import BiorxivSource, _paper, _plain, parse_details
from servers.biorxiv import BiorxivServer, row

TODAY = date(2026, 1, 5)
YESTERDAY = date(2026, 1, 4)


def doi(number, prefix="10.64898"):
    return f"{prefix}/2026.01.03.{number:06}"


@pytest.fixture
async def biorxiv_server():
    async with BiorxivServer() as biorxiv_server:
        yield biorxiv_server


@pytest.fixture
def source(biorxiv_server, fetcher, clock):
    return BiorxivSource(fetcher, url=biorxiv_server.url, servers=("biorxiv", "medrxiv"), min_interval=0, now=clock)


async def poll(source, part="biorxiv", cursor=""):
    return [page async for page in source.fetch(part, cursor)]


def ids(pages):
    return [event.paper.id for page in pages for event in page.events]


async def test_pages_of_any_size_are_read_to_the_end(source, biorxiv_server):
    biorxiv_server.put(*(row(doi(number), day=TODAY) for number in range(109)))
    biorxiv_server.put(*(row(doi(number), day=TODAY, server="medrxiv") for number in range(72)))
    pages = await poll(source)
    assert ids(pages) == [doi(number) for number in range(109)]
    assert [len(page.events) for page in pages] == [30, 30, 30, 19, 0]
    assert [path.split("/")[-2] for path, _ in biorxiv_server.requests] == ["0", "30", "60", "90"]
    assert len(ids(await poll(source, "medrxiv"))) == 72


async def test_the_first_look_is_quiet_and_later_ones_bring_what_is_new(source, biorxiv_server, clock):
    biorxiv_server.put(row(doi(1), day=YESTERDAY))
    first = await poll(source)
    assert all(page.quiet for page in first)
    biorxiv_server.put(row(doi(2), day=YESTERDAY), row(doi(3), day=TODAY))
    clock.advance(days=1)
    later = await poll(source, cursor=first[-1].cursor)
    assert not any(page.quiet for page in later)
    assert ids(later) == [doi(1), doi(2), doi(3)]
    assert "/details/biorxiv/2026-01-03/2026-01-06/0/json" in [path for path, _ in biorxiv_server.requests]


async def test_an_interrupted_look_goes_on_after_the_rows_it_has(source, biorxiv_server, clock):
    biorxiv_server.put(*(row(doi(number), day=TODAY) for number in range(70)))
    pages = await poll(source)
    clock.advance(days=1)
    rest = await poll(source, cursor=pages[0].cursor)
    assert ids(rest) == [doi(number) for number in range(30, 70)]
    assert all(page.quiet for page in rest)
    assert "2026-01-05" in rest[-1].cursor


async def test_a_look_that_ended_right_before_its_last_cursor_is_not_an_error(source, biorxiv_server):
    biorxiv_server.put(*(row(doi(number), day=TODAY) for number in range(30)))
    pages = await poll(source)
    assert ids(await poll(source, cursor=pages[0].cursor)) == []


async def test_after_months_away_only_the_last_month_is_read(source, biorxiv_server, clock):
    cursor = (await poll(source))[-1].cursor
    clock.advance(days=300)
    await poll(source, cursor=cursor)
    assert biorxiv_server.requests[-1][0] == "/details/biorxiv/2026-10-02/2026-11-01/0/json"


@pytest.mark.parametrize("days", [3, 9, 20])
async def test_what_a_server_that_stood_still_adds_later_is_read_from_the_last_day_seen(
    source, biorxiv_server, clock, days
):
    biorxiv_server.put(row(doi(0), day=TODAY))
    cursor = (await poll(source))[-1].cursor
    for _ in range(days):  # it answers, and has nothing
        clock.advance(days=1)
        cursor = (await poll(source, cursor=cursor))[-1].cursor
    biorxiv_server.put(*(row(doi(number), day=TODAY + timedelta(days=number)) for number in range(1, days + 1)))
    pages = await poll(source, cursor=cursor)
    assert ids(pages) == [doi(number) for number in range(days + 1)]
    assert not any(page.quiet for page in pages)
    await poll(source, cursor=pages[-1].cursor)
    last = TODAY + timedelta(days=days)
    assert biorxiv_server.requests[-1][0] == f"/details/biorxiv/{last - timedelta(days=1)}/{last}/0/json"


async def test_a_day_that_is_still_to_come_is_not_the_last_one_seen(source, biorxiv_server, clock):
    biorxiv_server.put(row(doi(1), day="x"), row(doi(2), day=YESTERDAY), row(doi(3), day="2031-01-01"))
    biorxiv_server.end = "9999-12-31"  # it does not keep to what it is asked
    cursor = (await poll(source))[-1].cursor
    clock.advance(days=2)
    await poll(source, cursor=cursor)
    assert biorxiv_server.requests[-1][0] == "/details/biorxiv/2026-01-03/2026-01-07/0/json"


async def test_a_look_that_was_interrupted_for_months_goes_on_with_the_same_days(source, biorxiv_server, clock):
    biorxiv_server.put(*(row(doi(number), day=TODAY) for number in range(70)))
    pages = await poll(source)
    clock.advance(days=300)
    assert ids(await poll(source, cursor=pages[0].cursor)) == [doi(number) for number in range(30, 70)]


async def test_a_quiet_day_has_no_papers(source):
    pages = await poll(source)
    assert ids(pages) == []
    assert len(pages) == 1


async def test_rows_that_are_missing_are_an_error_not_an_end(source, biorxiv_server):
    biorxiv_server.put(row(doi(1), day=TODAY))
    biorxiv_server.false_empty = 1
    with pytest.raises(SourceGarbled, match="0 of 1 rows"):
        await poll(source)


async def test_versions_and_withdrawals_are_events_of_one_preprint(source, biorxiv_server):
    biorxiv_server.put(
        row(doi(1), day=TODAY),
        row(doi(1), day=TODAY, version="2"),
        row(doi(1), day=TODAY, version=3, type="WITHDRAWN"),
    )
    events = [event for page in await poll(source) for event in page.events]
    assert [event.kind for event in events] == [EventKind.NEW, EventKind.REPLACED, EventKind.WITHDRAWN]
    assert {event.paper.id for event in events} == {doi(1)}
    assert [event.paper.version for event in events] == [1, 2, 3]
    assert [event.paper.withdrawn for event in events] == [False, False, True]
    assert [event.paper.published for event in events] == [datetime(2026, 1, 5, tzinfo=UTC), None, None]


async def test_a_row_as_a_paper(source, biorxiv_server):
    biorxiv_server.put(row(f"{doi(1, '10.1101')}v2", day=TODAY, published="10.1091/MBC.E25-09-0454", title="A\n title"))
    (event,) = (await poll(source))[0].events
    paper = event.paper
    assert (event.source, event.day, event.at) == ("biorxiv", TODAY, datetime(2026, 1, 5, 7, 59, 50, tzinfo=UTC))
    assert (paper.id, paper.title, paper.source) == (doi(1, "10.1101"), "A title", "biorxiv")
    assert paper.authors == ("O. Brambleworth", "T. J. van der Plank")
    assert paper.abstract == "Background: The cell is a D-house."
    assert (paper.categories, paper.doi, paper.licence) == (("cell biology",), "10.1091/mbc.e25-09-0454", "cc_by")
    assert paper.url == f"https://doi.org/{doi(1, '10.1101')}"


async def test_rows_without_doi_or_title_are_left_out(source, biorxiv_server):
    biorxiv_server.put(row("none", day=TODAY), row(doi(1), "", day=TODAY), row(doi(2), day=TODAY))
    assert ids(await poll(source)) == [doi(2)]


@pytest.mark.parametrize(
    ("change", "version", "announced"),
    [
        ({"version": "x"}, 1, TODAY),
        ({"version": 0}, 1, TODAY),
        ({"version": "9" * 5000}, 1, TODAY),
        ({"date": "x"}, 1, None),
    ],
)
def test_odd_numbers_and_dates(change, version, announced):
    paper = _paper(row(doi(1), day=TODAY) | change | {"server": None, "category": None, "abstract": None})
    assert (paper.version, paper.announced, paper.source, paper.categories) == (version, announced, "biorxiv", ())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("BackgroundThe cell.", "Background: The cell."),
        (
            "One. MethodsWe did. ResultsA lot. Conclusion42 is it.",
            "One. Methods: We did. Results: A lot. Conclusion: 42 is it.",
        ),
        ("Results of Background checks. Methods matter.", "Results of Background checks. Methods matter."),
        ("O_ST_ABSWhat is new?C_ST_ABSO_LIIt is.\nC_LIO_LIAnd that.C_LI", "What is new? It is. And that."),
        ("Old.\n\nO_ST_ABSAimsC_ST_ABSTo see.", "Old. Aims: To see."),
        ("O_SCPLOWDC_SCPLOW-glucose O_SCPCAPATPC_SCPCAP", "D-glucose ATP"),
        ('See.O_FIG O_LINKSMALLFIG SRC="x.gif"\nView larger version:\nC_FIG O_TBL x C_TBL End', "See. End"),
        ("A O_LI B C_ST_ABS", "A B"),
    ],
)
def test_markers_go_and_headings_stand_apart(raw, text):
    assert _plain(raw) == text


async def test_backfill_walks_both_servers_and_goes_on_at_its_cursor(source, biorxiv_server):
    since = TODAY - timedelta(days=20)
    biorxiv_server.put(*(row(doi(number), day=since) for number in range(40)))
    biorxiv_server.put(row(doi(99), day=TODAY, server="medrxiv"))
    pages = [page async for page in source.backfill(since, "")]
    assert [len(page.events) for page in pages] == [30, 10, 1]
    assert all(page.quiet and page.part == "backfill" for page in pages)
    for done in range(3):
        rest = [page async for page in source.backfill(since, pages[done].cursor)]
        assert rest == pages[done + 1 :]


async def test_lookup_finds_the_latest_version_on_either_server(source, biorxiv_server):
    biorxiv_server.put(
        row(doi(1), day=YESTERDAY, server="medrxiv"), row(doi(1), day=TODAY, version="2", server="medrxiv")
    )
    found = await source.lookup(f"https://doi.org/{doi(1)}v1")
    assert (found.id, found.version, found.source) == (doi(1), 2, "medrxiv")
    assert await source.lookup(doi(2)) is None
    count = len(biorxiv_server.requests)
    assert await source.lookup("2510.00001") is None
    assert await source.lookup("10.48550/arXiv.2510.00001") is None
    assert len(biorxiv_server.requests) == count
    assert source.parts() == ("biorxiv", "medrxiv")


@pytest.mark.parametrize(
    ("fault", "error"),
    [("html", SourceGarbled), ("garbage", SourceGarbled), (404, SourceRefused), (429, SourceBusy)],
)
async def test_bad_answers_fail_the_look(source, biorxiv_server, fault, error):
    biorxiv_server.faults.append(fault)
    with pytest.raises(error):
        await poll(source)


@pytest.mark.parametrize("fault", ["reset", "cut", 502])
async def test_trouble_that_passes_is_tried_again(source, biorxiv_server, fault):
    biorxiv_server.put(row(doi(1), day=TODAY))
    biorxiv_server.faults.append(fault)
    assert ids(await poll(source)) == [doi(1)]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b'{"messages": [], "collection": []}',
        b'{"messages": ["ok"], "collection": []}',
        b'{"messages": [{}], "collection": {}}',
        b'{"messages": [{}], "collection": ["x"]}',
        b'{"messages": [{}], "collection": [{}]}',
        b'{"messages": [{"total": "many"}], "collection": []}',
        b'{"messages": [{"total": [1]}], "collection": []}',
        b"[" * 100_000,
    ],
)
def test_answers_that_are_no_list_of_preprints_are_refused(body):
    with pytest.raises(SourceGarbled):
        parse_details(body)


RECORDED = {
    "biorxiv_details_2026-08-01_1of109.json": (1, 109),
    "medrxiv_details_2026-09-15_3of72.json": (3, 72),
    "biorxiv_pubs_2026-06-01_1of469.json": None,  # another question, which we do not ask
}


@pytest.mark.shared
def test_every_recorded_answer_is_read_or_refused(shared_data):
    folder = shared_data / "other_apis" / "biorxiv_medrxiv"
    assert {path.name for path in folder.iterdir()} == set(RECORDED)
    for name, expected in RECORDED.items():
        body = (folder / name).read_bytes()
        if expected is None:
            with pytest.raises(SourceGarbled):
                parse_details(body)
            continue
        rows, total = parse_details(body)
        assert (len(rows), total) == expected
        for paper in map(_paper, rows):
            assert paper.id.startswith("10.64898/2026.")
            assert paper.source in {"biorxiv", "medrxiv"}
            assert paper.authors
            assert paper.announced.isoformat() in name
            assert not any(mark in paper.abstract for mark in ("O_LI", "C_LI", "ST_ABS", "\n"))
            assert "BackgroundThe" not in paper.abstract


@pytest.mark.shared
def test_the_folder_of_other_services_holds_nothing_we_have_not_looked_at(shared_data):
    folder = shared_data / "other_apis"
    assert {path.name for path in folder.iterdir()} == {"biorxiv_medrxiv", "crossref", "manifest.json"}
    # The manifest lists the Crossref bodies that core's identity tests read.
    manifest = json.loads((folder / "manifest.json").read_text())
    assert len(manifest) == 44
