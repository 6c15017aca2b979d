"""The demo's made-up papers: a backlog, then one at each look, forever."""

import json
from datetime import timedelta
from importlib.resources import files

import pytest

from paperwire.core.papers.identity import canonical_id, is_arxiv, page_url, same_work
from paperwire.core.papers.paper import EventKind
from paperwire.ports.sources import Archive
from paperwire.sources.demo import DemoSource

LINES = files("paperwire.sources").joinpath("demo_papers.jsonl").read_text("utf-8").splitlines()
ENTRIES = [json.loads(line) for line in LINES]


@pytest.fixture
def source(clock):
    return DemoSource(now=clock, base_url="http://127.0.0.1:8000/")


async def look(source, cursor):
    (page,) = [page async for page in source.fetch("papers", cursor)]
    return page


async def looks(source, count):
    cursor, pages = "", []
    for _ in range(count):
        pages.append(await look(source, cursor))
        cursor = pages[-1].cursor
    return pages


async def test_the_first_look_is_a_quiet_backlog_of_two_a_day(source, clock):
    page = await look(source, "")
    assert page.quiet
    assert [event.paper.id for event in page.events] == [f"demo.{number:05}" for number in range(1, 31)]
    days = [event.day for event in page.events]
    assert days == sorted(days)
    assert all(days.count(day) <= 2 for day in days)
    assert clock().date() - timedelta(days=16) < days[0] < days[-1] < clock().date()
    assert all(event.paper.published < clock() and event.paper.upvotes for event in page.events)


async def test_then_one_statement_at_each_look(source, clock):
    pages = (await looks(source, 31))[1:]
    assert not any(page.quiet for page in pages)
    first = [page.events[0] for page in pages]
    assert {event.kind for event in first} == {EventKind.NEW, EventKind.REPLACED}
    assert all(event.day == clock().date() for event in first)
    assert first[0].paper.id == "demo.00031"
    assert first[0].paper.upvotes is None
    assert [len(page.events) for page in pages[:4]] == [1, 1, 2, 2]
    score = pages[2].events[1]
    assert (score.kind, score.paper.id) == (EventKind.SCORE, "demo.00031")
    assert score.score == score.paper.upvotes > 50


async def test_replacements_are_second_versions_of_papers_in_the_backlog(source):
    pages = await looks(source, 31)
    replaced = [page.events[0].paper for page in pages if page.events[0].kind is EventKind.REPLACED]
    before = {event.paper.id: event.paper for event in pages[0].events}
    assert len(replaced) == 2
    for paper in replaced:
        old = before[paper.id]
        assert (paper.version, paper.title) == (2, old.title)
        assert paper.abstract != old.abstract
        assert paper.abstract[:20] == old.abstract[:20]
        assert "v2" in paper.comment


async def test_the_demo_never_ends_and_repeats_no_id_or_work(source):
    pages = await looks(source, 120)
    new = [event.paper for page in pages for event in page.events if event.kind is EventKind.NEW]
    assert [paper.id for paper in new] == [f"demo.{number:05}" for number in range(1, len(new) + 1)]
    assert len({paper.title for paper in new}) == len(new)
    assert any(paper.title.endswith(", Part 3") for paper in new)
    assert not any(same_work(one, other) for one in new[:40] for other in new if one is not other)


async def test_ids_are_ids_but_not_arxivs_and_pages_are_our_own(source):
    for event in (await look(source, "")).events:
        paper = event.paper
        assert canonical_id(paper.id) == paper.id
        assert not is_arxiv(paper.id)
        assert page_url(paper) == f"http://127.0.0.1:8000/papers/{paper.id}"
        assert paper.source == event.source == "demo"


async def test_lookup(source):
    (*_, page) = await looks(source, 60)
    for paper_id in ("demo.00001", "demo.00031v2", page.events[0].paper.id):
        assert (await source.lookup(paper_id)).id == canonical_id(paper_id)
    assert (await source.lookup(page.events[0].paper.id)).title == page.events[0].paper.title
    assert await source.lookup("2510.00001") is None
    assert await source.lookup("demo.00000") is None
    assert not isinstance(source, Archive)


def test_the_file_is_about_sixty_papers_of_many_fields():
    papers = [entry for entry in ENTRIES if "title" in entry]
    archives = {category.split(".")[0] for paper in papers for category in paper["categories"]}
    assert 55 <= len(papers) <= 65
    assert {"cs", "math", "stat", "q-bio", "quant-ph", "astro-ph", "physics", "cond-mat", "econ"} <= archives
    assert len({paper["title"] for paper in papers}) == len(papers)
    text = "".join(LINES)
    assert "$" in text
    assert '\\\\\\"' in text
    assert sum(paper["upvotes"] >= 50 for paper in papers) >= 20
    assert all(2 <= len(paper["authors"]) <= 3 and 100 < len(paper["abstract"]) < 500 for paper in papers)


def test_what_the_readme_subscribes_to_comes_often():
    live = [entry for entry in ENTRIES[30:] if "title" in entry]
    text = [(entry["title"] + entry["abstract"]).casefold() for entry in live]
    assert sum("agents" in words or "attention" in words for words in text) >= len(live) / 3
