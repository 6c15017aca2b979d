"""Records that turn out to be one paper: nothing is lost, nothing is delivered again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select

from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.ports.callers import Actor, Place
from paperwire.store.database.tables.base import EventCode, Row, State
from paperwire.store.database.tables.deliveries import DeliveryRow, MatchRow
from paperwire.store.database.tables.papers import ScoreRow
from paperwire.store.database.tables.subscriptions import QueryRow

TABLES = Row.metadata.tables
DAY = date(2026, 1, 5)
ARXIV = Paper(
    id="2601.00001",
    title="Words and $\\alpha$",
    abstract="We study words.",
    authors=("Ada Lovelace",),
    categories=("cs.CL",),
    published=datetime(2026, 1, 4, tzinfo=UTC),
    announced=DAY,
)
ITEM = replace(ARXIV, id="https://blog.example/words", title="words and α", source="rss", categories=(), comment="hi")


def _event(paper, kind="new", **changes):
    return Event(kind=EventKind(kind), paper=paper, source=paper.source, **({"day": DAY} | changes))


async def _record(store, *events):
    async with store.write() as unit:
        return await unit.papers.record(events, quiet=False)


async def _get(store, paper_id):
    async with store.read() as unit:
        return await unit.papers.get(paper_id)


async def _rows(store, table, *columns):
    async with store.read() as unit:
        wanted = select(*(TABLES[table].c[name] for name in columns))
        return sorted(tuple(row) for row in await unit.connection.execute(wanted))


async def test_a_title_an_author_and_the_time_make_two_records_one(store):
    await _record(store, _event(ITEM))
    first = await _get(store, ITEM.id)
    recorded = await _record(store, _event(ARXIV))
    assert recorded.papers_new == 0
    paper = await _get(store, "2601.00001")
    assert paper.number == first.number
    assert (paper.id, paper.source, paper.comment) == ("2601.00001", "arxiv", "hi")
    assert await _get(store, ITEM.id) == paper


async def _two_records(store):
    """Two stored papers that nothing joins yet: their numbers, the older first."""
    other = replace(ITEM, title="Another title", authors=("Somebody Else",))
    await _record(store, _event(ARXIV), _event(other))
    return (await _get(store, ARXIV.id)).number, (await _get(store, ITEM.id)).number


async def _join(store):
    """A source says that the item is the arXiv paper."""
    await _record(store, _event(replace(ITEM, url="https://arxiv.org/abs/2601.00001"), kind="listed"))


async def test_two_stored_papers_become_one_under_the_older_number(store):
    old, young = await _two_records(store)
    await _join(store)
    assert await _rows(store, "paper", "number", "id") == [(old, "2601.00001")]
    async with store.read() as unit:
        found = await unit.papers.by_number([old, young, 10_000])
    assert {number: paper.number for number, paper in found.items()} == {old: old, young: old}
    assert (await _get(store, ITEM.id)).number == old
    events = await _rows(store, "event", "paper", "kind", "source")
    assert {paper for paper, _, _ in events} == {old}
    assert sorted(kind for _, kind, _ in events) == [EventCode.NEW, EventCode.NEW, EventCode.LISTED, EventCode.REWORDED]
    async with store.read() as unit:
        # The third statement lets no query see anything new.
        assert [one.paper.number for one in await unit.papers.unmatched(10)] == [old] * 2


async def test_a_third_record_may_join_two_and_more_merges_follow(store):
    old, young = await _two_records(store)
    await _record(store, _event(replace(ITEM, id="10.1000/x", title="Third", authors=("Third",))))
    third = (await _get(store, "10.1000/x")).number
    bridge = replace(ITEM, id=ITEM.id, url="https://doi.org/10.1000/x", doi="10.48550/arXiv.2601.00001")
    await _record(store, _event(bridge, kind="listed"))
    async with store.read() as unit:
        found = await unit.papers.by_number([old, young, third])
    assert {paper.number for paper in found.values()} == {old}
    assert len(found) == 3


async def test_every_match_is_kept_and_the_earlier_of_two(store, clock):
    old, young = await _two_records(store)
    late, early = clock.at, clock.at - timedelta(days=1)
    async with store.write() as unit:
        queries = [{"number": number, "key": f"{number}", "text": "", "dumped": b"", "seq": 0} for number in (1, 2, 3)]
        await unit.connection.execute(insert(QueryRow), queries)
        rows = [(1, old, late, False), (1, young, early, True), (2, young, late, False), (3, old, early, False)]
        await unit.connection.execute(
            insert(MatchRow),
            [
                {"query": query, "paper": paper, "occasion": 0, "seen_at": at, "quiet": quiet}
                for query, paper, at, quiet in [*rows, (3, young, late, True)]
            ],
        )
    await _join(store)
    assert await _rows(store, "match", "query", "paper", "seen_at", "quiet") == [
        (1, old, early, True),
        (2, old, late, False),
        (3, old, early, False),
    ]


async def test_the_older_settled_delivery_stays_and_nothing_is_owed_again(store, clock):
    old, young = await _two_records(store)
    async with store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        places = [
            (await unit.places.ensure(Place(channel="telegram", address=str(n), kind="private"), person.number)).number
            for n in range(6)
        ]
        before, after = clock.at - timedelta(hours=2), clock.at - timedelta(hours=1)
        owed, sent, dead = int(State.OWED), int(State.SENT), int(State.GIVEN_UP)
        rows = [
            (places[0], old, owed, None),
            (places[0], young, sent, before),
            (places[1], old, sent, after),
            (places[1], young, sent, before),
            (places[2], old, sent, before),
            (places[2], young, dead, after),
            (places[3], young, owed, None),
            (places[4], old, dead, after),
            (places[4], young, owed, None),
            (places[5], old, owed, None),
        ]
        await unit.connection.execute(
            insert(DeliveryRow),
            [
                {
                    "destination": place,
                    "paper": paper,
                    "occasion": 0,
                    "due_at": before,
                    "state": state,
                    "attempts": 0,
                    "settled_at": at,
                }
                for place, paper, state, at in rows
            ],
        )
    await _join(store)
    assert await _rows(store, "delivery", "destination", "paper", "state", "settled_at") == [
        (places[0], old, sent, before),
        (places[1], old, sent, before),
        (places[2], old, sent, before),
        (places[3], old, owed, None),
        (places[4], old, dead, after),
        (places[5], old, owed, None),
    ]


async def test_what_people_keep_and_follow_moves_along(store, clock):
    old, young = await _two_records(store)
    async with store.write() as unit:
        person = (await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")).number
        place = Place(channel="telegram", address="1", kind="private")
        destination = (await unit.places.ensure(place, person)).number
        for paper in (old, young):
            await unit.people.save_paper(person, paper)
        await unit.people.watch(destination, young, person)
        await unit.connection.execute(insert(ScoreRow), [{"paper": young, "at": clock.at, "upvotes": 3}])
    await _join(store)
    assert await _rows(store, "saved", "paper") == [(old,)]
    assert await _rows(store, "watch", "paper") == [(old,)]
    assert await _rows(store, "score", "paper", "upvotes") == [(old, 3)]
    async with store.read() as unit:
        assert [paper.id for paper in await unit.people.saved(person)] == ["2601.00001"]


async def test_a_page_may_join_stored_and_new_papers(store):
    await _record(store, _event(ITEM))
    number = (await _get(store, ITEM.id)).number
    journal = replace(ARXIV, id="10.1000/x", title="As printed", authors=("A. Lovelace",), source="rss")
    recorded = await _record(
        store,
        _event(journal),
        _event(replace(ARXIV, doi="10.1000/x")),  # joins the journal's record, new in this page, and the stored item
    )
    assert recorded.papers_new == 0
    assert await _rows(store, "paper", "number", "id") == [(number, "2601.00001")]
    assert (await _get(store, "10.1000/x")).number == number


async def test_errata_of_one_title_stay_apart(store):
    errata = [
        replace(ARXIV, id=f"10.1000/{n}", title="Erratum", published=None, announced=DAY, source="rss") for n in (1, 2)
    ]
    await _record(store, *(_event(paper) for paper in errata))
    assert len(await _rows(store, "paper", "id")) == 2
