"""Hugging Face Daily Papers against a loopback server, and the recorded lists."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from page_parts import day_of, listed

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused
from paperwire.sources.huggingface import HuggingFaceSource, Options, build
from paperwire.sources.huggingface.entry import entries_of, inner_of, list_day_of, paper_of
from servers.huggingface import HuggingFaceServer, entry

TODAY = date(2026, 1, 5)


@pytest.fixture
async def huggingface_server():
    async with HuggingFaceServer(TODAY) as huggingface_server:
        yield huggingface_server


@pytest.fixture
def source(huggingface_server, fetcher, clock):
    return HuggingFaceSource(fetcher, url=huggingface_server.api, window_days=14, now=clock)


async def poll(source, cursor=""):
    return [page async for page in source.fetch("daily", cursor)]


def day(ago):
    return TODAY - timedelta(days=ago)


async def settled(source, huggingface_server):
    """The cursor after a first run."""
    pages = await poll(source)
    huggingface_server.requests.clear()
    return pages[-1].cursor


async def test_the_first_poll_reads_the_window_quietly(source, huggingface_server):
    huggingface_server.put(day(14), entry("2512.00001", upvotes=60))
    huggingface_server.put(day(0), entry("2601.00001"))
    pages = await poll(source)
    assert huggingface_server.asked() == [str(day(ago)) for ago in range(14, -1, -1)]
    assert all(page.first_look for page in pages)
    assert all(page.quiet and page.view == "daily" and listed(page) == ("daily",) for page in pages)
    events = [event for page in pages for event in page.events]
    assert [(event.paper.id, event.kind, event.day, event.score) for event in events] == [
        ("2512.00001", EventKind.LISTED, day(14), 60),
        ("2601.00001", EventKind.LISTED, day(0), 3),
    ]


async def test_an_interrupted_first_poll_goes_on_quietly(source, huggingface_server):
    pages = await poll(source)
    rest = await poll(source, pages[9].cursor)
    assert huggingface_server.asked()[15:] == [str(day(ago)) for ago in range(6, -1, -1)]
    assert all(page.quiet for page in rest)


async def test_later_polls_bring_new_entries_aloud(source, huggingface_server):
    cursor = await settled(source, huggingface_server)
    huggingface_server.put(day(0), entry("2601.00001", upvotes=7))
    pages = [page for page in await poll(source, cursor) if page.events]
    (event,) = pages[0].events
    assert (len(pages), pages[0].quiet) == (1, False)
    assert (event.kind, event.paper.id, event.score, event.source) == (EventKind.LISTED, "2601.00001", 7, "huggingface")
    assert event.at == datetime(2026, 1, 5, 7, 59, 50, tzinfo=UTC)


async def test_every_day_of_the_window_is_read_again_in_turn_for_its_upvotes(source, huggingface_server):
    for ago in range(2, 15):
        huggingface_server.put(day(ago), entry(f"2512.{ago:05}"))
    cursor = await settled(source, huggingface_server)
    seen = []
    for _ in range(5):
        pages = await poll(source, cursor)
        cursor = pages[-1].cursor
        asked = huggingface_server.asked()
        assert asked[:2] == [str(day(1)), str(day(0))]
        assert len(asked) == 5
        scores = [page for page in pages if page.view == "scores"]
        assert not any(page.quiet for page in scores)
        assert all(event.kind is EventKind.LISTED and event.score == 3 for page in scores for event in page.events)
        seen += [event.paper.id for page in scores for event in page.events]
    assert set(seen) == {f"2512.{ago:05}" for ago in range(2, 15)}


async def test_days_missed_while_away_are_lists_not_scores(source, huggingface_server, clock):
    cursor = await settled(source, huggingface_server)
    clock.advance(days=4)
    huggingface_server.today += timedelta(days=4)
    huggingface_server.put(TODAY + timedelta(days=2), entry("2601.00009"))
    pages = await poll(source, cursor)
    lists = [page for page in pages if page.view == "daily"]
    assert [day_of(page) for page in lists] == [TODAY + timedelta(days=n) for n in range(-1, 5)]
    assert [event.paper.id for page in lists for event in page.events] == ["2601.00009"]
    assert not any(page.quiet for page in lists)


async def test_after_months_away_only_the_last_month_is_read(source, huggingface_server, clock):
    cursor = await settled(source, huggingface_server)
    clock.advance(days=400)
    huggingface_server.today += timedelta(days=400)
    pages = await poll(source, cursor)
    assert (day_of(pages[0]), len(pages)) == (huggingface_server.today - timedelta(days=30), 31)


async def test_full_pages_are_followed_until_one_is_short(source, huggingface_server):
    for number in range(120):
        huggingface_server.put(day(0), entry(f"2601.{number:05}"))
    pages = await poll(source)
    assert len(pages[-1].events) == 120
    assert [query["p"] for path, query in huggingface_server.requests if query["date"] == str(TODAY)] == ["0", "1", "2"]


async def test_a_day_of_exactly_one_page_is_asked_for_more_once(source, huggingface_server):
    for number in range(50):
        huggingface_server.put(day(0), entry(f"2601.{number:05}"))
    pages = await poll(source)
    assert len(pages[-1].events) == 50
    assert huggingface_server.asked().count(str(TODAY)) == 2


async def test_a_server_that_ignores_pages_does_not_trap_us(source, huggingface_server, monkeypatch):
    rows = [entry(f"2601.{number:05}") for number in range(60)]
    monkeypatch.setattr(source, "_window", timedelta(days=0))
    huggingface_server.lists = {day(0): [*rows, *rows], day(1): []}
    pages = await poll(source)
    assert len(pages[-1].events) == 60


async def test_an_entry_in_its_own_words(source, huggingface_server):
    row = entry("2601.00001v2", "On $x$ maps", day=TODAY, upvotes=9, githubRepo="https://github.com/a/b")
    huggingface_server.put(day(0), row)
    (event,) = (await poll(source))[-1].events
    paper = event.paper
    assert (paper.id, paper.title, paper.abstract) == ("2601.00001", "On $x$ maps", "We invent a paper.")
    assert paper.authors == ("Ada Örtel",)
    assert paper.published == datetime(2026, 1, 4, 18, tzinfo=UTC)
    assert (paper.announced, paper.upvotes, paper.code_url) == (TODAY, 9, "https://github.com/a/b")
    assert (paper.source, paper.categories, paper.url) == ("huggingface", (), "")


@pytest.mark.parametrize("stamp", ["2026-01-04T00:00:00.000Z", "2026-01-04T23:59:00.000Z"])
async def test_the_list_day_is_the_date_of_its_stamp_whatever_the_time(source, huggingface_server, stamp):
    huggingface_server.put(day(0), entry("2601.00001", submittedOnDailyAt=stamp))
    (event,) = (await poll(source))[-1].events
    assert event.day == event.paper.announced == date(2026, 1, 4)


@pytest.mark.parametrize(
    "change",
    [
        {"authors": None, "upvotes": None},
        {"authors": ["Ada", {"name": 5}], "upvotes": True},
        {"authors": [], "upvotes": -1, "githubRepo": "javascript:alert(1)"},
        {"authors": "Ada", "upvotes": "9", "publishedAt": "soon", "githubRepo": None},
    ],
)
async def test_fields_of_odd_kinds_are_left_out(source, huggingface_server, change):
    huggingface_server.put(day(0), entry("2601.00001", **change))
    (event,) = (await poll(source))[-1].events
    assert (event.paper.authors, event.score, event.paper.code_url) == ((), None, "")


async def test_entries_without_id_or_title_are_left_out_and_others_stay(source, huggingface_server):
    huggingface_server.put(
        day(0), entry(""), {"paper": "none"}, {"title": "T"}, entry("no-arxiv-id"), entry("2601.00001")
    )
    events = (await poll(source))[-1].events
    assert [event.paper.id for event in events] == ["no-arxiv-id", "2601.00001"]
    assert events[0].paper.url == "https://huggingface.co/papers/no-arxiv-id"


async def test_today_refused_is_a_day_that_has_not_begun(source, huggingface_server):
    huggingface_server.today = day(1)
    huggingface_server.put(day(1), entry("2601.00001"))
    pages = await poll(source)
    assert [len(page.events) for page in pages[-2:]] == [1, 0]


async def test_yesterday_refused_is_an_error(source, huggingface_server):
    huggingface_server.today = day(2)
    with pytest.raises(SourceRefused):
        await poll(source)


@pytest.mark.parametrize(
    ("fault", "error"),
    [("html", SourceGarbled), ("garbage", SourceGarbled), (403, SourceRefused), (429, SourceBusy)],
)
async def test_a_bad_answer_fails_the_poll_and_keeps_what_came_before(source, huggingface_server, fault, error):
    huggingface_server.faults.extend([None, None, fault])
    pages = source.fetch("daily", "")
    assert [day_of(await anext(pages)), day_of(await anext(pages))] == [day(14), day(13)]
    with pytest.raises(error):
        await anext(pages)


@pytest.mark.parametrize("fault", ["reset", "cut", 500])
async def test_trouble_that_passes_is_tried_again(source, huggingface_server, fault):
    huggingface_server.put(day(0), entry("2601.00001"))
    huggingface_server.faults.append(fault)
    assert len((await poll(source))[-1].events) == 1


async def test_trouble_that_stays_is_an_error(source, huggingface_server):
    huggingface_server.faults.extend(["reset"] * 3)
    with pytest.raises(SourceError):
        await poll(source)


async def test_a_spent_budget_is_waited_for(source, huggingface_server, clock):
    huggingface_server.budget = 3
    with pytest.raises(SourceBusy) as caught:
        await poll(source)
    assert caught.value.after > 0
    count = len(huggingface_server.requests)
    with pytest.raises(SourceBusy):
        await poll(source)
    assert len(huggingface_server.requests) == count


async def test_backfill_walks_the_days_and_goes_on_at_its_cursor(source, huggingface_server, pace):
    huggingface_server.put(day(20), entry("2512.00001"))
    pages = [page async for page in source.backfill(day(21), "")]
    # The window is the poll's: a paper listed there meanwhile is news, which a quiet page would swallow.
    assert [day_of(page) for page in pages] == [day(ago) for ago in range(21, 14, -1)]
    assert all(page.quiet and page.part == "backfill" for page in pages)
    assert [event.kind for event in pages[1].events] == [EventKind.LISTED]
    assert {interval for _, interval in pace.waits} == {0.0}
    rest = [page async for page in source.backfill(day(21), pages[4].cursor)]
    assert [day_of(page) for page in rest] == [day(16), day(15)]
    assert not [page async for page in source.backfill(day(14), "")]


async def test_a_long_backfill_stays_within_the_budget_by_pausing(source, pace):
    pages = source.backfill(day(200), "")
    assert day_of(await anext(pages)) == day(200)
    await pages.aclose()
    assert pace.waits == [("huggingface", 0.7)]


async def test_lookup(source, huggingface_server):
    huggingface_server.put(day(0), entry("2601.00001", upvotes=12))
    found = await source.lookup("arXiv:2601.00001v1")
    assert (found.id, found.upvotes, found.announced) == ("2601.00001", 12, None)
    assert await source.lookup("2601.00002") is None
    huggingface_server.faults.append("garbage")  # which nothing meets: nothing is asked for an id of another kind
    assert await source.lookup("no paper") is None
    assert await source.lookup("10.1101/2026.01.01.123456") is None
    huggingface_server.faults.clear()
    huggingface_server.faults.append("garbage")
    with pytest.raises(SourceGarbled):
        await source.lookup("2601.00001")


@pytest.mark.parametrize("body", [b"{}", b"[\"{'paper': 1}\"]", b"null", b"[" * 100_000])
def test_an_answer_that_is_no_list_of_objects_is_refused_whole(body):
    with pytest.raises(SourceGarbled):
        entries_of(body)


SAMPLES = {
    "2024-05-27.json": 13,
    "2025-01-10.json": None,
    "2025-07-23.json": 13,
    "2026-08-20.json": 15,
    "2026-08-21.json": 17,
}


@pytest.mark.shared
def test_every_recorded_answer_is_read_or_refused(shared_data):
    folder = shared_data / "hf_daily" / "samples"
    assert {path.name for path in folder.iterdir()} == set(SAMPLES)
    for name, count in SAMPLES.items():
        body = (folder / name).read_bytes()
        if count is None:
            with pytest.raises(SourceGarbled):
                entries_of(body)
            continue
        listed = date.fromisoformat(name[:10])
        papers = [paper_of(row, list_day_of(row) or listed) for row in entries_of(body)[0]]
        assert len(papers) == count
        assert all(
            paper.announced == listed and paper.abstract and paper.authors and paper.published for paper in papers
        )


@pytest.mark.shared
def test_every_recorded_entry_is_a_paper(shared_data):
    assert {path.name for path in (shared_data / "hf_daily").iterdir()} == {"samples", "hf_daily_papers.jsonl.gz"}
    ids, days = set(), set()
    with gzip.open(shared_data / "hf_daily" / "hf_daily_papers.jsonl.gz") as lines:
        for line in lines:
            ((row,), _) = entries_of(b"[" + line + b"]")
            listed = date.fromisoformat(row["_day"])
            paper = paper_of(row, listed)
            assert list_day_of(row) in {None, listed}
            assert "\n" not in paper.title + paper.abstract
            assert paper.upvotes is not None
            assert paper.id == inner_of(row)["id"]
            ids.add(paper.id)
            days.add(listed)
    assert (len(ids), len(days)) == (6951, 457)


@pytest.mark.shared
async def test_recorded_days_served_in_their_real_shape_are_read(shared_data, fetcher, clock):
    clock.set("2026-08-21T12:00:00Z")
    async with HuggingFaceServer(date(2026, 8, 21)) as huggingface_server:
        for name in ("2026-08-20.json", "2026-08-21.json"):
            huggingface_server.put(name[:10], *json.loads((shared_data / "hf_daily" / "samples" / name).read_text()))
        source = HuggingFaceSource(fetcher, url=huggingface_server.api, window_days=14, now=clock)
        pages = await poll(source)
    assert [len(page.events) for page in pages[-2:]] == [15, 17]


async def test_a_paper_added_to_an_older_list_is_listed(source, huggingface_server):
    cursor = await settled(source, huggingface_server)
    huggingface_server.put(day(9), entry("2512.00009"))
    seen = []
    for _ in range(5):
        pages = await poll(source, cursor)
        cursor = pages[-1].cursor
        seen += [(event.kind, event.paper.id, event.day, page.quiet) for page in pages for event in page.events]
    assert set(seen) == {(EventKind.LISTED, "2512.00009", day(9), False)}


async def test_a_summary_is_kept(source, huggingface_server):
    huggingface_server.put(
        day(0), entry("2601.00001", ai_summary="A paper\nis made. " + "x" * 5000), entry("2601.00002")
    )
    first, second = (event.paper for event in (await poll(source))[-1].events)
    assert (first.summary[:20], len(first.summary), second.summary) == ("A paper is made. xxx", 2000, "")


async def test_a_token_is_sent_if_it_is_set(huggingface_server, fetcher, clock):
    for options, sent in (
        (Options(url=huggingface_server.api, token="hf_canary"), "Bearer hf_canary"),
        (Options(url=huggingface_server.api), None),
    ):
        source = build(options, fetcher=fetcher, now=clock, public_url="")
        await poll(source)
        await source.lookup("2601.00001")
        assert huggingface_server.authorizations == {sent}
        assert "canary" not in repr(options)
        huggingface_server.authorizations.clear()
