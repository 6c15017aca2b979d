"""Stored queries of a version that folded words otherwise: new keys, and one of two that have become the same."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from people_world import ANN, BOB, ROOM, TABLES, a_person, a_place, owe, private, some_papers, subscribe
from sqlalchemy import insert, select, text, update

from paperwire.core.query.language import parse
from paperwire.core.text import words
from paperwire.store.database.tables.base import State
from paperwire.store.subscriptions import renewal

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


@contextmanager
def british_apart(monkeypatch):
    """The program before British and American spellings were one word."""
    with monkeypatch.context() as patched:
        patched.setattr(words, "american", lambda word: word)
        words.spellings.cache_clear()
        yield
    words.spellings.cache_clear()


async def rows(store, table, *names):
    columns = [TABLES[table].c[name] for name in names]
    async with store.read() as unit:
        return [tuple(row) for row in await unit.connection.execute(select(*columns).order_by(*columns))]


async def query_of(store, subscription):
    async with store.read() as unit:
        return (await unit.subscriptions.get(subscription.number)).query


async def matched(store, query, *papers):
    facts = [{"query": query, "paper": paper, "occasion": 0, "seen_at": AT, "quiet": False} for paper in papers]
    async with store.write() as unit:
        await unit.connection.execute(insert(TABLES["match"]), facts)


async def age(store):
    """Let the stored queries be an earlier version's."""
    async with store.write() as unit:
        await unit.connection.execute(text("UPDATE setting SET value = 'older' WHERE key = 'queries'"))
    assert not await store.is_current()


@pytest.fixture
async def renewed(store, clock, monkeypatch):
    """A group with both spellings, a person with both at a place, a place with one; renewed in pieces of one."""
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    room = await a_place(store, ROOM, ann)
    home, desk = await a_place(store, private(ANN), ann), await a_place(store, private(BOB), bob)
    papers = await some_papers(store, 3)
    with british_apart(monkeypatch):
        made = {
            "group british": await subscribe(store, ann, "tumour growth", room),
            "group american": await subscribe(store, bob, "growth tumor", room),
            "ann american": await subscribe(store, ann, "tumor growth", home),
            "ann british": await subscribe(store, ann, "tumour growth", home),
            "bob british": await subscribe(store, bob, "colour", desk),
            "bob exact": await subscribe(store, bob, "=tumour", desk),
        }
        assert made["group british"].query != made["group american"].query
        await matched(store, made["group british"].query, *papers[:2])
        await matched(store, made["group american"].query, *papers[1:])
    await owe(store, clock, room, papers[0])
    await owe(store, clock, room, *papers[1:], state=State.SENT)
    async with store.write() as unit:
        await unit.connection.execute(update(TABLES["subscription"]).values(expected=2.0))
    deliveries = await rows(store, "delivery", "destination", "paper", "state", "due_at")
    await age(store)
    monkeypatch.setattr(renewal, "_RENEWED_AT_ONCE", 1)
    await store.migrate()
    assert await store.is_current()
    assert (
        await rows(store, "delivery", "destination", "paper", "state", "due_at") == deliveries
    )  # nothing is owed for it
    return store, made, papers


async def test_each_place_keeps_one_subscription_of_queries_that_became_one(renewed):
    store, made, _ = renewed
    async with store.read() as unit:
        left = [(await unit.subscriptions.get(one.number)) is not None for one in made.values()]
    assert left == [True, False, True, False, True, True]
    assert await query_of(store, made["group british"]) == await query_of(store, made["ann american"])
    assert len(await rows(store, "subscription_destination", "destination", "subscription")) == 4


async def test_what_either_query_matched_is_matched_by_the_one_that_stays(renewed):
    store, made, papers = renewed
    kept = await query_of(store, made["group british"])
    assert await rows(store, "match", "query", "paper") == [(kept, paper) for paper in papers]


@pytest.mark.parametrize("order", [("a", "ab", "b"), ("ab", "a", "b"), ("a", "b", "ab")])
async def test_three_subscriptions_that_became_one_query_are_one(store, clock, monkeypatch, order):
    ann = await a_person(store, ANN)
    home, room = await a_place(store, private(ANN), ann), await a_place(store, private(BOB), ann)
    asked = {"a": ("tumor", home), "b": ("tumor", room), "ab": ("tumour", home, room)}
    with british_apart(monkeypatch):
        first, *_ = [await subscribe(store, ann, *asked[name]) for name in order]
    await age(store)
    await store.migrate()
    led = await rows(store, "subscription_destination", "destination", "subscription")
    assert led == [(place, first.number) for place in sorted([home, room])]


async def test_a_subscription_typed_in_either_spelling_is_the_one_there_is(renewed):
    store, made, _ = renewed
    async with store.write() as unit:
        again, is_new = await unit.subscriptions.subscribe(
            made["bob british"].person,
            parse("color"),
            name="",
            occasions=frozenset({"arrival"}),
            cadence="",
            destinations=made["bob british"].destinations,
        )
    assert (again.number, is_new) == (made["bob british"].number, False)


async def test_matchers_learn_of_it_and_what_it_brings_is_counted_again(renewed):
    store, made, _ = renewed
    async with store.read() as unit:
        changes = {change.number: change.dumped for change in await unit.subscriptions.query_changes(0, 100)}
    in_use = {await query_of(store, made[name]) for name in ("group british", "bob british", "bob exact")}
    assert {number for number, dumped in changes.items() if dumped} == in_use
    expected = dict(await rows(store, "subscription", "number", "expected"))
    assert expected[made["bob exact"].number] == pytest.approx(2.0)
    assert {expected[made[name].number] for name in ("group british", "ann american", "bob british")} == {None}
