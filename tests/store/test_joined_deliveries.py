"""Deliveries of two papers, or two places, that turn out to be one: of each place and work one row stays."""

from dataclasses import replace
from datetime import timedelta

import pytest
from outbox_world import LEASE, due
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from orders_world import BOTH_ORDERS, in_order, stops
from paperwire.core.papers.paper import ARRIVAL
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import FailureRow
from paperwire.store.papers.pages import fold_paper
from paperwire.store.search.word_index import write_words

OWED, SENT, GIVEN_UP, UNKNOWN = State.OWED, State.SENT, State.GIVEN_UP, State.UNKNOWN


async def _two_papers(row_maker):
    """The paper that stays, and the one that turns out to be the same."""
    kept, gone = await row_maker.paper("2601.00001"), await row_maker.paper("2601.00002")
    async with row_maker.store.write() as unit:
        await write_words(unit.connection, [kept.number, gone.number])
    return kept, gone


async def _fold(store, kept, gone):
    async with store.write() as unit:
        await fold_paper(unit.connection, gone.number, kept.number)


async def _fail(store, clock, place, paper, unknowns, reason, *, ago=0, notified=None):
    at = clock() - timedelta(hours=ago)
    values = {"destination": place, "paper": paper.number, "occasion": ARRIVAL.code, "unknowns": unknowns}
    async with store.write() as unit:
        times = {"first_at": at, "last_at": at, "notified_at": notified}
        await unit.connection.execute(insert(FailureRow).values(values | times | {"reason": reason}))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("one", "other", "stays"),
    [
        ((SENT, 1), (GIVEN_UP, 2), (SENT, 1)),
        ((SENT, 1), (UNKNOWN, 2), (SENT, 1)),
        ((SENT, 1), (OWED, None), (SENT, 1)),
        ((SENT, 1), (OWED, 2), (SENT, 1)),
        ((SENT, 2), (SENT, 1), (SENT, 2)),
        ((UNKNOWN, 1), (OWED, 2), (UNKNOWN, 1)),
        ((UNKNOWN, 1), (GIVEN_UP, 2), (UNKNOWN, 1)),
        ((OWED, 1), (GIVEN_UP, 2), (OWED, 1)),
        ((GIVEN_UP, 1), (OWED, None), (GIVEN_UP, 1)),
        ((OWED, 1), (OWED, None), (OWED, 1)),
        ((OWED, 2), (OWED, 1), (OWED, 2)),
        ((OWED, None), (OWED, None), (OWED, None)),
    ],
)
async def test_what_stays_of_two_deliveries_of_one_work(row_maker, store, clock, one, other, stays, turned):
    place, (kept, gone) = await row_maker.place(), await _two_papers(row_maker)

    def at(hours):
        return None if hours is None else clock() - timedelta(hours=hours)

    for paper, (state, hours) in zip((kept, gone), (other, one) if turned else (one, other), strict=True):
        await row_maker.owe(place, paper, state=int(state), settled_at=at(hours))
    await _fold(store, kept, gone)
    rows = await row_maker.rows("delivery", "paper", "state", "settled_at")
    assert rows == [(kept.number, stays[0], at(stays[1]))]


@pytest.mark.parametrize("turned", [False, True])
async def test_of_two_that_are_owed_the_earlier_time_and_the_more_attempts_stay(row_maker, store, clock, turned):
    place, papers = await row_maker.place(), await _two_papers(row_maker)
    first, second = reversed(papers) if turned else papers
    await row_maker.owe(place, first, due_at=clock(), attempts=1)
    await row_maker.owe(place, second, due_at=clock() + timedelta(days=1), attempts=3)
    await _fold(store, *papers)
    assert await row_maker.rows("delivery", "due_at", "attempts") == [(clock(), 3)]


async def test_failures_count_for_the_paper_that_stays_unless_it_was_sent(row_maker, store, clock):
    (kept, gone), places = await _two_papers(row_maker), [await row_maker.place(str(number)) for number in range(4)]
    for place in places[:2]:
        await row_maker.owe(place, kept)
    await row_maker.owe(places[2], kept, state=int(SENT), settled_at=clock())
    for place in places:
        await row_maker.owe(place, gone)
    await _fail(store, clock, places[0], kept, 1, "old", ago=5, notified=clock())
    await _fail(store, clock, places[0], gone, 2, "new", ago=3)
    await _fail(store, clock, places[1], kept, 0, "later")
    await _fail(store, clock, places[1], gone, 1, "earlier", ago=3, notified=clock())
    await _fail(store, clock, places[2], gone, 1, "sent in the end")
    await _fail(store, clock, places[3], gone, 1, "alone")
    await _fold(store, kept, gone)
    columns = ("destination", "paper", "unknowns", "reason", "first_at", "last_at", "notified_at")
    now = clock()
    assert await row_maker.rows("failure", *columns) == [
        (places[0], kept.number, 3, "new", now - timedelta(hours=5), now - timedelta(hours=3), now),
        (places[1], kept.number, 1, "later", now - timedelta(hours=3), now, now),
        (places[3], kept.number, 1, "alone", now, now, None),
    ]


async def test_failures_move_with_their_place(row_maker, store, clock):
    paper, (new, old) = await row_maker.paper(), (await row_maker.place("new"), await row_maker.place("old"))
    other = await row_maker.paper("2601.00002")
    await row_maker.owe(old, paper, state=int(GIVEN_UP), settled_at=clock(), attempts=2)
    await row_maker.owe(old, other)
    await row_maker.owe(new, other, state=int(SENT), settled_at=clock())
    await _fail(store, clock, old, paper, 0, "refused")
    await _fail(store, clock, old, other, 1, "no answer")
    async with store.write() as unit:
        await unit.places.moved(old, "new")
    assert await row_maker.rows("failure", "destination", "paper", "reason") == [(new, paper.number, "refused")]
    assert await row_maker.rows("delivery", "destination", "paper", "state", "attempts") == [
        (new, paper.number, GIVEN_UP, 2),
        (new, other.number, SENT, 0),
    ]


async def test_a_failure_goes_when_its_delivery_does(row_maker, store, clock):
    place, paper = await row_maker.place(), await row_maker.paper()
    sent, old = await row_maker.paper("2601.00002"), await row_maker.paper("2601.00003")
    await row_maker.owe(place, paper)
    await row_maker.owe(place, sent, state=int(SENT), settled_at=clock())
    await row_maker.owe(place, old, state=int(GIVEN_UP), settled_at=clock() - timedelta(days=100))
    for one in (paper, sent, old):
        await _fail(store, clock, place, one, 0, one.id)
    async with store.write() as unit:
        assert await unit.prune.step() == (1, place)
    assert await row_maker.rows("failure", "reason") == [(paper.id,)]


async def test_a_failure_goes_with_its_place(row_maker, store, clock):
    person, paper = await row_maker.person(), await row_maker.paper()
    place = await row_maker.place(owner=person)
    await row_maker.owe(place, paper)
    await _fail(store, clock, place, paper, 0, "no answer")
    async with store.read() as unit:
        (told,) = (await unit.people.export(person))["deliveries"]
    assert (told["state"], told["reason"]) == ("owed", "no answer")
    async with store.write() as unit:
        await unit.people.forget(person)
    assert await row_maker.rows("failure", "reason") == []
    assert await row_maker.rows("delivery", "state") == []


@BOTH_ORDERS
@stops([0, 1, 2, 4, 8, 12])
async def test_a_place_is_forgotten_while_its_message_fails(row_maker, store, other, stop, turned):
    person, paper = await row_maker.person(), await row_maker.paper()
    place = await row_maker.place(owner=person)
    await row_maker.owe(place, paper)

    async def fail(unit):
        await unit.outbox.unanswered(place, [(paper.number, ARRIVAL)], "no answer")

    async def forget(unit):
        await unit.people.forget(person)

    await in_order(store, other, stop, fail, forget, turned=turned)
    assert await row_maker.rows("failure", "reason") == []


async def test_what_is_owed_no_longer_has_no_failure(row_maker, store):
    place, paper = await row_maker.place(), await row_maker.paper()
    async with store.write() as unit:
        await unit.outbox.failed(place, [(paper.number, ARRIVAL)], "broke down")
    assert await row_maker.rows("failure", "reason") == []


# --- in mid-turn -----------------------------------------------------------------------------------------------------


async def _both_owed(row_maker):
    """A place that is owed both papers, and whose turn it is: the place, the paper that stays, the other."""
    place, (kept, gone) = await row_maker.place(), await _two_papers(row_maker)
    query = await row_maker.query("a")
    await row_maker.subscription(query, place)
    await row_maker.match(row_maker.news(kept, query), row_maker.news(gone, query))
    async with row_maker.store.write() as unit:
        assert len(await unit.outbox.claim("me", ["telegram"], LEASE, 10)) == 1
    return place, kept, gone


@BOTH_ORDERS
@pytest.mark.parametrize("which", ["kept", "gone"])
@stops([0, 1, 3, 5, 6, 8])
async def test_a_merge_while_a_message_is_under_way_tells_the_work_once(
    row_maker, store, other, clock, stop, which, turned
):
    place, kept, gone = await _both_owed(row_maker)
    sent = [((kept if which == "kept" else gone).number, ARRIVAL)]
    async with store.write() as unit:
        await unit.outbox.begin({place: sent})

    async def settle(unit):
        await unit.outbox.sent({place: sent}, {place: "1"})
        await unit.outbox.keep([place], "me", LEASE)

    async def fold(unit):
        await fold_paper(unit.connection, gone.number, kept.number)

    await in_order(store, other, stop, settle, fold, turned=turned)
    assert await row_maker.rows("delivery", "paper", "state", "settled_at") == [(kept.number, SENT, clock())]
    assert await due(store, place) == []


async def test_a_work_whose_papers_are_both_loaded_goes_out_once(row_maker, store, clock):
    place, kept, gone = await _both_owed(row_maker)
    loaded = await due(store, place)
    assert len(loaded) == 2
    async with store.write() as unit:
        await unit.outbox.begin({place: [loaded[1].key]})  # the message of the one that goes is under way
    await _fold(store, kept, gone)
    async with store.write() as unit:
        await unit.outbox.sent({place: [loaded[1].key]}, {place: "1"})
        assert await unit.outbox.still_due({place: loaded[:1]}) == {}
        await unit.outbox.release([place], "me")
    assert await due(store, place) == []
    assert await row_maker.rows("delivery", "paper", "state") == [(kept.number, SENT)]
    assert await row_maker.next_due_at(place) is None


@BOTH_ORDERS
@stops([0, 1, 2, 4, 6, 8, 24])
async def test_a_merge_while_the_paper_is_being_owed(row_maker, store, other, stop, turned):
    place, (kept, gone) = await row_maker.place(), await _two_papers(row_maker)
    query = await row_maker.query("a")
    await row_maker.subscription(query, place)
    news = row_maker.news(gone, query)
    async with store.write() as unit:
        await unit.fanout.record_matches([news])
        wave = await unit.fanout.wave([news])

    async def owe(unit):
        await unit.fanout.owe(wave)
        await unit.fanout.owe(wave)  # so that there is something to stop before when all is written

    async def fold(unit):
        await fold_paper(unit.connection, gone.number, kept.number)

    await in_order(store, other, stop, owe, fold, turned=turned)
    # What the merge made the fan-out overlook is owed again with the event, which is matched under the other number.
    async with store.write() as unit:
        await unit.fanout.owe(await unit.fanout.wave([replace(news, paper=kept)]))
    assert await row_maker.rows("delivery", "destination", "paper") == [(place, kept.number)]


@BOTH_ORDERS
@stops([0, 1, 8, 17, 18, 20, 24])
async def test_a_paper_that_is_saved_while_it_is_merged(row_maker, store, other, stop, turned):
    person, (kept, gone) = await row_maker.person(), await _two_papers(row_maker)
    saved = []

    async def save(unit):
        try:
            await unit.people.save_paper(person, gone.number)
            await unit.people.save_paper(person, gone.number)  # something to stop before when it is written
        except IntegrityError:  # it was gone, and the person was told that it did not work
            await unit.connection.rollback()
        else:
            saved.append(kept.number)

    async def fold(unit):
        await fold_paper(unit.connection, gone.number, kept.number)

    await in_order(store, other, stop, save, fold, turned=turned)
    assert [number for (number,) in await row_maker.rows("saved", "paper")] == saved
