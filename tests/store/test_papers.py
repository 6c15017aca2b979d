"""Recording what sources say: identity, events, scores, news and days."""

import asyncio
import gzip
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from papers_world import DAY, a_paper, count, get, record, said, taken
from plans import plan_of
from sqlalchemy import event

from paperwire.core.papers.decision import PaperCounts
from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import ARRIVAL, CODE, PUBLISHED, Occasion, Paper
from paperwire.core.query.language import parse
from paperwire.store.database.tables.papers import AliasRow, EventRow, PaperRow
from paperwire.store.unit import Store

# --- one paper --------------------------------------------------------------------------------------------------------


async def test_a_paper_comes_back_as_it_went_in(store, clock):
    paper = a_paper(
        updated=datetime(2026, 1, 5, 1, 2, 3, 456789, tzinfo=UTC),
        version=3,
        comment="12 pages",
        doi="10.1000/xyz",
        journal_ref="J. Words 1",
        url="https://example.org/1",
        code_url="https://github.com/a/b",
        licence="CC0",
        report_number="WORDS-1",
        hub=HubEntry(organisation="Words & Söhne", keywords=("word",), comment_count=0, models=("a/b",), model_count=9),
    )
    recorded = await record(store, said(paper))
    assert (recorded.papers_new, recorded.events_new) == (1, 1)
    stored = await get(store, "2601.00001")
    assert stored == replace(paper, number=stored.number, seen_at=clock.at)
    assert stored.number > 0


@pytest.mark.parametrize(
    "name",
    [
        "2601.00001",
        " 2601.00001v2 ",
        "arXiv:2601.00001",
        "https://arxiv.org/abs/2601.00001v7",
        "https://huggingface.co/papers/2601.00001",
        "10.48550/arXiv.2601.00001",
        "https://doi.org/10.1000/XYZ",
    ],
)
async def test_a_paper_is_found_under_every_name(store, name):
    await record(store, said(a_paper(doi="10.1000/xyz")))
    assert (await get(store, name)).id == "2601.00001"


async def test_a_feed_that_gives_one_doi_to_all_its_entries_costs_no_more_than_itself(store):
    texts = [
        {"paper_id": name, "title": name, "doi": "10.1000/xyz", "source": "rss"}
        for name in ("2601.00001", "10.1000/abc", "2601.00002", "2601.00001")
    ]
    first, *rest = [said(a_paper(**one)) for one in texts]
    await record(store, first)
    await record(store, *rest)
    assert [(await get(store, name)).id for name in ("2601.00001", "2601.00002")] == ["2601.00001", "2601.00002"]


@pytest.mark.parametrize("name", ["2601.99999", "", "nonsense", "title:abc"])
async def test_other_names_find_nothing(store, name):
    await record(store, said(a_paper()))
    assert await get(store, name) is None


async def test_odd_characters_are_stored_as_far_as_databases_go(store):
    odd = a_paper(title="NUL \0 and \ud800 and 文", authors=("A \0 \udfff",), doi="10.1000/a\0b\ud800")
    await record(store, said(odd))
    stored = await get(store, "2601.00001")
    assert stored.title == "NUL  and ? and 文"
    assert stored.authors[0].startswith("A ")


async def test_a_feed_item_without_any_known_id_is_found_by_its_own(store):
    await record(store, said(a_paper("https://blog.example/post/1", source="rss", announced=None), source="rss"))
    assert (await get(store, "https://blog.example/post/1")).source == "rss"


# --- repeated and later statements ------------------------------------------------------------------------------------


async def test_the_same_page_again_changes_nothing(store, clock):
    page = [said(a_paper(f"2601.{number:05}")) for number in range(1, 8)]
    assert (await record(store, *page)).papers_new == 7
    assert len(await taken(store)) == 7
    async with store.read() as unit:
        before = await unit.feeds.sequence()
    clock.advance(days=1)
    again = await record(store, *page)
    assert (again.papers_new, again.events_new) == (0, 0)
    assert await taken(store) == []
    assert await count(store, AliasRow) == 14
    async with store.read() as unit:
        # the queue was settled without a change, so only that counted
        assert await unit.feeds.sequence() == before + 1


async def test_what_is_said_aloud_after_a_quiet_page_is_news_once(store):
    await record(store, said(a_paper()), quiet=True)
    await record(store, said(a_paper()))
    for _ in range(2):
        await record(store, said(a_paper(), owed=True))
    async with store.read() as unit:
        found = [(one.quiet, one.after_quiet, one.label) for one in await unit.papers.unmatched(10)]
    assert found == [(True, False, "new"), (False, True, "new")]


async def test_a_replacement_is_the_occasion_of_its_version(store):
    await record(store, said(a_paper()))
    await taken(store)
    second = a_paper(version=2, title="A better title")
    await record(store, said(second, kind="replaced"), said(a_paper(version=1), kind="replaced"))
    assert await taken(store) == [("2601.00001", "v2", "replaced")]
    await record(store, said(a_paper(version=3), kind="replaced"))
    assert await taken(store) == [("2601.00001", "v3", "replaced")]
    await record(store, said(second, kind="replaced"))
    assert await taken(store) == []
    assert (await get(store, "2601.00001")).version == 3


async def test_a_replacement_of_a_paper_never_seen_is_no_arrival(store):
    await record(store, said(a_paper(version=4, announced=None), kind="replaced"))
    assert await taken(store) == [("2601.00001", "v4", "replaced")]
    assert (await get(store, "2601.00001")).announced == date(2026, 1, 4)  # the day of its first version
    await record(store, said(a_paper(version=4), kind="listed", source="huggingface"))
    assert await taken(store) == [("2601.00001", "arrival", "listed")]


async def test_a_doi_and_a_repository_that_appear_are_news(store):
    await record(store, said(a_paper(doi="10.48550/arXiv.2601.00001")))
    await taken(store)
    await record(store, said(a_paper(version=2, doi="10.1000/abc", comment="code at github.com/a/b"), kind="replaced"))
    assert await taken(store) == [
        ("2601.00001", "v2", "replaced"),
        ("2601.00001", str(PUBLISHED), "published"),
        ("2601.00001", str(CODE), "code"),
    ]


async def test_versions_beyond_all_bounds_are_held(store):
    await record(store, said(a_paper(version=99_999), kind="replaced"))
    async with store.read() as unit:
        news = await unit.papers.unmatched(10)
    assert news[0].occasion == Occasion.version(9_999)


# --- days -------------------------------------------------------------------------------------------------------------


async def test_days_and_their_neighbours(store):
    for number, day in enumerate([1, 1, 1, 4, 9], start=1):
        await record(store, said(a_paper(f"2601.{number:05}", announced=date(2026, 1, day))))
    async with store.read() as unit:
        papers = unit.papers
        assert await papers.latest_day() == date(2026, 1, 9)
        latest = await papers.day(date(2026, 1, 1), limit=2)
        assert [paper.id for paper in latest] == ["2601.00003", "2601.00002"]
        assert await papers.count_since(date(2026, 1, 4)) == 2
        assert await papers.counts() == PaperCounts(5, date(2026, 1, 1), date(2026, 1, 9))
        assert await papers.neighbours(date(2026, 1, 4)) == (date(2026, 1, 1), date(2026, 1, 9))
        assert await papers.neighbours(date(2026, 1, 9)) == (date(2026, 1, 4), None)
        assert await papers.neighbours(date(2025, 1, 1)) == (None, date(2026, 1, 1))


async def test_arrivals_go_to_the_day_before_and_what_others_stated_stays(store):
    before = DAY - timedelta(days=1)
    await record(store, said(a_paper()), said(a_paper("2601.00002")), said(a_paper(version=2), kind="replaced"))
    await record(store, said(a_paper(source="huggingface"), kind="listed", source="huggingface"))
    async with store.write() as unit:
        await unit.papers.redate({"2601.00001"}, "arxiv", DAY, before)
        await unit.papers.redate({"2601.00002"}, "arxiv", before, before - timedelta(days=1))  # where it does not stand
    async with store.read() as unit:
        papers = {day: [paper.id for paper in await unit.papers.day(day)] for day in (before, DAY)}
        history = await unit.papers.events_of((await unit.papers.get("2601.00001")).number)
        matches = await unit.search.search(parse("paper"), order="date", limit=10)
    assert papers == {before: ["2601.00001"], DAY: ["2601.00002"]}
    assert [(event.kind, event.day) for event in history] == [("new", before), ("replaced", DAY), ("listed", DAY)]
    assert [paper.id for paper in matches.papers] == ["2601.00002", "2601.00001"]


async def test_recent_papers_come_latest_day_first_page_by_page(store):
    days = [9, 1, 4, 4, 1]
    await record(
        store, *(said(a_paper(f"2601.{n:05}", announced=date(2026, 1, day))) for n, day in enumerate(days, start=1))
    )
    seen = []
    async with store.read() as unit:
        while page := await unit.papers.recent(date(2026, 1, 2), seen[-1].number if seen else 0, limit=2):
            seen += page
    assert [paper.id for paper in seen] == ["2601.00001", "2601.00004", "2601.00003"]


async def test_the_numbers_of_days_come_latest_day_first_and_as_they_were_recorded(store):
    days = [9, 1, 4, 4, 1]
    await record(
        store, *(said(a_paper(f"2601.{n:05}", announced=date(2026, 1, day))) for n, day in enumerate(days, start=1))
    )
    async with store.read() as unit:
        numbers = {(await unit.papers.get(f"2601.{n:05}")).number: n for n in range(1, 6)}
        told = await unit.papers.numbers_since(date(2026, 1, 2))
    assert [(day.day, [numbers[one] for one in found]) for day, found in told.items()] == [(9, [1]), (4, [3, 4])]


async def test_an_empty_store_has_no_days(store):
    async with store.read() as unit:
        assert await unit.papers.numbers_since(date(2026, 1, 1)) == {}
        assert await unit.papers.latest_day() is None
        assert await unit.papers.counts() == PaperCounts(0, None, None)
        assert await unit.papers.unmatched(10) == []
        assert await unit.papers.by_number([]) == {}


# --- the queue --------------------------------------------------------------------------------------------------------


async def test_the_queue_is_served_in_order_and_only_once(store, clock):
    await record(store, *(said(a_paper(f"2601.{number:05}")) for number in range(1, 6)))
    async with store.write() as unit:
        first = await unit.papers.unmatched(3)
        assert [one.paper.id for one in first] == ["2601.00001", "2601.00002", "2601.00003"]
        assert {(one.occasion, one.seen_at, one.quiet) for one in first} == {(ARRIVAL, clock.at, False)}
        await unit.papers.settle_matched(first)
        assert len(await unit.papers.unmatched(10)) == 2
    async with store.read() as unit:
        assert [one.paper.id for one in await unit.papers.unmatched(10)] == ["2601.00004", "2601.00005"]


async def test_the_history_of_a_paper_is_told_in_order(store):
    await record(store, said(a_paper()))
    await taken(store)
    await record(store, said(a_paper(), kind="listed", source="huggingface", score=4))
    async with store.read() as unit:
        paper = await unit.papers.get("2601.00001")
        history = await unit.papers.events_of(paper.number)
    assert [(said.kind, said.source, said.matched, said.score) for said in history] == [
        ("new", "arxiv", True, None),
        ("listed", "huggingface", True, None),
        ("score", "huggingface", False, 4),
    ]


# --- many -------------------------------------------------------------------------------------------------------------


@pytest.mark.whole
async def test_a_large_page_takes_few_statements(store):
    page = [said(a_paper(f"26{1 + number // 90_000:02}.{number % 90_000:05}")) for number in range(2500)]
    statements = []
    async with store.write() as unit:
        engine = unit.connection.sync_connection.engine
        event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
        recorded = await unit.papers.record(page, quiet=True)
    assert (recorded.papers_new, recorded.events_new) == (2500, 2500)
    assert len(statements) < 25


async def test_two_processes_recording_the_same_page_store_each_paper_once(database, clock):
    stores = [Store.open(database, now=clock) for _ in range(2)]
    page = [said(a_paper(f"2601.{number:05}")) for number in range(1, 101)]
    recorded = await asyncio.gather(*(record(store, *page) for store in stores))
    assert sum(one.papers_new for one in recorded) == 100
    assert sum(one.events_new for one in recorded) == 100
    assert await count(stores[0], PaperRow) == 100
    assert await count(stores[0], EventRow) == 100
    for store in stores:
        await store.close()


@pytest.mark.shared
async def test_a_real_week_is_recorded_whole(store, shared_data):
    week = shared_data / "arxiv_corpus" / "one_week_2025-09-29_10-03.jsonl.gz"
    with gzip.open(week, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    events = [
        said(
            Paper(
                id=record["id"],
                title=record["title"],
                abstract=record["abstract"],
                authors=tuple(record["authors"]),
                categories=tuple(record["categories"]),
                published=datetime.fromisoformat(record["published"]),
                announced=date.fromisoformat(record["announced"]),
                comment=record.get("comment") or "",
            ),
            day=date.fromisoformat(record["announced"]),
        )
        for record in records
    ]
    for start in range(0, len(events), 1000):
        await record(store, *events[start : start + 1000], quiet=True)
    again = await record(store, *events[:1000], quiet=True)
    assert (again.papers_new, again.events_new) == (0, 0)
    async with store.read() as unit:
        assert await unit.papers.counts() == PaperCounts(4344, date(2025, 9, 29), date(2025, 10, 3))
        for event in events[::500]:
            stored = await unit.papers.get(event.paper.id)
            assert stored == replace(event.paper, number=stored.number, seen_at=stored.seen_at)


async def test_a_changed_record_is_kept_and_is_no_statement(store):
    changed = a_paper(journal_ref="J. Words 1", doi="10.1000/abc")
    recorded = await record(store, said(changed, kind="changed", day=None))
    assert (recorded.papers_new, recorded.events_new) == (0, 0)
    assert await get(store, "2601.00001") is None
    await record(store, said(a_paper()))
    await taken(store)
    await record(store, said(changed, kind="changed", day=None))
    assert (await get(store, "2601.00001")).journal_ref == "J. Words 1"
    assert await taken(store) == [("2601.00001", "published", "published")]


async def test_news_that_awaits_a_vector_is_found_by_its_index(store):
    async with store.read() as unit:
        assert "ix_event_awaits_meaning" in await plan_of(unit, unit.papers.awaiting_meaning(10))
        for what in ("count(*)", "event.seen_at"):
            assert "ix_event_unmatched" in await plan_of(unit, unit.papers.backlog(), what)
