"""What is heard late, again or only by a paper's record: classes it grew into, links that appear, papers kept aside."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from outbox_world import World
from papers_world import DAY, get, record, taken
from sqlalchemy import select

from paperwire.core.papers.paper import ARRIVAL, Event, EventKind, Paper
from paperwire.pipeline.fan_out import fan_out
from paperwire.store.database.tables.base import EventCode, Row

PAPER = Paper(
    id="2601.00001",
    title="On words",
    abstract="We study words.",
    authors=("Ada Lovelace",),
    categories=("cs.CL",),
    announced=DAY,
)


def said(paper=PAPER, kind="new", **about):
    return Event(kind=EventKind(kind), paper=paper, source="arxiv", **({"day": DAY} | about))


async def events(store):
    table = Row.metadata.tables["event"]
    async with store.read() as unit:
        rows = await unit.connection.execute(select(table).order_by(table.c.number))
        return [(EventCode(row.kind).name.lower(), row.version, row.day, row.late) for row in rows]


# --- classes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "version"), [("new", 1), ("replaced", 2), ("changed", 1)])
async def test_a_known_paper_with_more_classes_was_cross_listed(store, kind, version):
    await record(store, said())
    await taken(store)
    later = datetime(2026, 1, 9, tzinfo=UTC)
    grown = replace(PAPER, categories=("cs.CL", "cs.CV"), version=version)
    found = await record(store, said(grown, kind, at=later, late=True))
    assert found.arrived == {"2601.00001"}
    assert found.crossed == {"2601.00001": (frozenset({"cs.CV"}), date(2026, 1, 9))}
    assert ("cross", version, date(2026, 1, 9), False) in await events(store)
    assert ("2601.00001", "arrival", "cross") in await taken(store)
    assert (await record(store, said(grown, kind, at=later))).crossed == {}


async def test_terms_that_are_no_classes_are_no_cross_list(store):
    await record(store, said())
    found = await record(store, said(replace(PAPER, categories=("cs.CL", "68T50")), "changed", day=None))
    assert (found.crossed, found.arrived) == ({}, frozenset())


async def test_a_cross_list_that_the_feed_told_is_not_found_again_by_the_record(store):
    await record(store, said())
    grown = replace(PAPER, categories=("cs.CL", "cs.CV"))
    assert (await record(store, said(grown, "cross"))).crossed == {}
    assert (await record(store, said(grown, at=datetime(2026, 1, 9, tzinfo=UTC)))).arrived == frozenset()


async def test_an_arrival_that_is_known_is_none(store):
    assert (await record(store, said())).arrived == {"2601.00001"}
    assert (await record(store, said())).arrived == frozenset()
    assert (await record(store, said(kind="listed"))).arrived == {"2601.00001"}


# --- what queries see now ------------------------------------------------------------------------------------------


async def test_a_link_to_code_in_the_record_lets_queries_look_again(store):
    await record(store, said())
    await taken(store)
    await record(store, said(replace(PAPER, comment="9 pages")))
    assert await taken(store) == []
    linked = replace(PAPER, comment="Code: https://github.com/a/b")
    await record(store, said(linked))
    async with store.read() as unit:
        changed = [item.before for item in await unit.papers.unmatched(10) if item.before is not None]
    assert changed == [{"comment": "9 pages"}]
    assert await taken(store) == [("2601.00001", "code", "code")]
    await record(store, said(linked))
    assert await taken(store) == []


async def test_looking_again_owes_only_what_is_found_now(store, clock):
    row_maker = World(store, clock)
    words, code = await row_maker.query("words"), await row_maker.query("has:code")
    here = await row_maker.place("1")
    for query in (words, code):
        await row_maker.subscription(query, here)
    await record(store, said())
    paper = await get(store, "2601.00001")
    first = row_maker.news(paper, words)
    assert await row_maker.match(first) == 1
    async with store.write() as unit:
        assert await unit.outbox.claim("me", ["telegram"], timedelta(minutes=1), 5)
        await unit.outbox.sent({here: [(paper.number, ARRIVAL)]}, {here: ""})
    clock.advance(hours=8)
    async with store.write() as unit:
        await unit.fanout.record_matches([row_maker.news(paper, words, code)])
    assert await fan_out(store.write, [row_maker.news(paper, words, code)]) == 0
    assert [row.state for row in await row_maker.deliveries()] == [1]


# --- papers that nobody announced ----------------------------------------------------------------------------------


async def test_a_paper_kept_aside_is_as_new_as_ever_when_it_is_announced(store):
    async with store.write() as unit:
        await unit.papers.add([PAPER])
        await unit.papers.add([PAPER])
    assert (await get(store, "2601.00001")).title == "On words"
    assert await events(store) == []
    assert (await record(store, said())).arrived == {"2601.00001"}
    assert await taken(store) == [("2601.00001", "arrival", "new")]


# --- identity ------------------------------------------------------------------------------------------------------


async def test_a_doi_typed_by_mistake_does_not_make_two_papers_one(store):
    other = replace(PAPER, id="2601.00002", title="On numbers", authors=("Bob Roe",), doi="10.1000/X")
    await record(store, said(other))
    await record(store, said(replace(PAPER, doi="10.1000/x")))
    first, second = await get(store, "2601.00001"), await get(store, "2601.00002")
    assert first.number != second.number
    assert (first.title, second.title) == ("On words", "On numbers")
    # Whoever comes by that DOI alone is one of them, and joins them no more than they were.
    journal = Paper(id="10.1000/x", title="On numbers", source="rss", announced=DAY, authors=("Bob Roe",))
    await record(store, said(journal))
    assert {(await get(store, one)).number for one in ("2601.00001", "2601.00002")} == {first.number, second.number}
    assert (await get(store, "10.1000/x")).number in {first.number, second.number}


async def test_a_paper_that_names_another_ones_arxiv_doi_is_not_that_one(store):
    await record(store, said())
    await record(store, said(replace(PAPER, id="2601.00002", title="A reply", doi="10.48550/arXiv.2601.00001")))
    assert (await get(store, "2601.00001")).title == "On words"
    assert (await get(store, "2601.00002")).title == "A reply"


# --- late ----------------------------------------------------------------------------------------------------------


async def test_what_is_late_says_so_and_is_overdue_since_its_announcement(store, clock):
    told_at = clock() - timedelta(hours=20)
    await record(store, said(told_at=told_at, late=True))
    async with store.read() as unit:
        (found,) = await unit.papers.unmatched(10)
    assert (found.told_at, found.label) == (told_at, "new")
    row_maker = World(store, clock)
    query = await row_maker.query("words")
    here = await row_maker.place("1")
    await row_maker.subscription(query, here, began_at=clock() - timedelta(days=2))
    late = replace(row_maker.news(found.paper, query), told_at=told_at, seen_at=found.seen_at)
    assert await row_maker.match(late) == 1
    assert [row.due_at for row in await row_maker.deliveries()] == [told_at]
    async with store.read() as unit:
        ((due,),) = (await unit.outbox.due([here], 10)).values()
    assert due.label == "late"


@pytest.mark.parametrize(("hours", "delivered"), [(25, 1), (30, 0)])
async def test_what_was_announced_long_before_a_subscription_is_old_to_it(store, clock, hours, delivered):
    """The subscription is two hours old."""
    await record(store, said())
    paper = await get(store, "2601.00001")
    row_maker = World(store, clock)
    query = await row_maker.query("words")
    await row_maker.subscription(query, await row_maker.place("1"), began_at=clock() - timedelta(hours=2))
    late = replace(row_maker.news(paper, query), told_at=clock() - timedelta(hours=hours))
    assert await row_maker.match(late) == delivered
