"""A clock that was set far ahead and back silences nothing: what it wrote too late is brought back."""

from datetime import timedelta

import pytest
from outbox_world import LEASE, TABLES, claim, due, owing
from sqlalchemy import insert, select
from structlog.testing import capture_logs

from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import Owner
from paperwire.pipeline.clock import FutureTimes
from paperwire.ports.sources import SourceState
from paperwire.store import times

YEARS = timedelta(days=400)
DAY = timedelta(days=1)


def next_slot(cadence, zone, after):
    return Cadence.parse(cadence).next_slot(zone, after)


async def correct(store):
    return await FutureTimes(store, next_slot=next_slot).correct()


async def column(store, table, name):
    async with store.read() as unit:
        return list((await unit.connection.execute(select(TABLES[table].c[name]))).scalars())


async def test_where_all_is_as_it_should_be_nothing_changes(store, row_maker, clock):
    query = await row_maker.query("diffusion")
    for address, cadence, slot in (
        ("1", "instant", None),
        ("2", "daily 08:00", DAY),
        ("3", "weekly mon 08:00", 7 * DAY),
    ):
        place = await row_maker.place(address, cadence=cadence)
        due_at = next_slot(cadence, "UTC", clock())
        await row_maker.subscription(query, place, slot=due_at)
        if slot:
            await row_maker.owe(place, await row_maker.paper(f"2601.0000{address}"), due_at=due_at)
    held = await row_maker.place(
        "4", hold_until=clock() + timedelta(hours=24), next_due_at=clock() + timedelta(hours=24)
    )
    await owing(row_maker, "5")
    await claim(store)
    before = [await row_maker.row(place) for place in range(1, held + 2)], await row_maker.deliveries()
    with capture_logs() as logs:
        assert await correct(store) == 0
    assert logs == []
    assert ([await row_maker.row(place) for place in range(1, held + 2)], await row_maker.deliveries()) == before


async def test_what_is_owed_at_once_comes_at_once(store, row_maker, clock):
    clock.at += YEARS
    place, paper = await owing(row_maker)
    clock.at -= YEARS
    assert await claim(store) == []
    with capture_logs() as logs:
        assert await correct(store) == 3  # the delivery, and the beginning of its subscription and route
    assert [line["event"] for line in logs] == ["times far ahead of the clock were corrected"]
    assert await claim(store) == [place]
    assert [one.key for one in await due(store, place)] == [(paper.number, ARRIVAL)]


async def test_a_lease_of_a_year_ends_within_minutes(store, row_maker, clock):
    place, _ = await owing(row_maker)
    clock.at += YEARS
    assert await claim(store, "gone") == [place]
    async with store.write() as unit:
        assert await unit.leases.acquire("deliver telegram", "gone", LEASE)
    clock.at -= YEARS
    assert await correct(store) == 1
    clock.at += times.LEFT_OF_A_LEASE
    assert await claim(store, "me") == [place]
    async with store.write() as unit:
        assert await unit.leases.acquire("deliver telegram", "me", LEASE)


@pytest.mark.parametrize("column", ["hold_until", "asked_until"])
async def test_a_hold_of_a_year_ends(store, row_maker, clock, column):
    place, _ = await owing(row_maker)
    late = clock() + YEARS
    async with store.write() as unit:
        table = TABLES["destination"]
        await unit.connection.execute(table.update().values({column: late, "next_due_at": late}))
    assert await claim(store) == []
    assert await correct(store) == 1
    assert await claim(store) == [place]
    row = await row_maker.row(place)
    assert (row.hold_until, row.asked_until) == (None, None)


async def test_a_closed_place_stays_closed(store, row_maker, clock):
    place = await row_maker.place("1", paused="the bot was blocked", hold_until=clock() + YEARS)
    assert await correct(store) == 1
    assert (await row_maker.row(place)).next_due_at is None


@pytest.mark.parametrize("ahead", [YEARS, timedelta(days=3)])
async def test_a_digest_is_due_at_its_next_time_again(store, row_maker, clock, ahead):
    """Also the papers that wait for it, which come in it and not before."""
    query, place = (
        await row_maker.query("diffusion"),
        await row_maker.place(cadence="daily 08:00", zone="Europe/Berlin"),
    )
    clock.at += ahead
    slot = next_slot("daily 08:00", "Europe/Berlin", clock())
    await row_maker.subscription(query, place, slot=slot)
    paper = await row_maker.paper()
    await row_maker.match(row_maker.news(paper, query))
    clock.at -= ahead
    assert await correct(store) >= 2
    tomorrow = next_slot("daily 08:00", "Europe/Berlin", clock())
    assert await column(store, "subscription_destination", "next_slot_at") == [tomorrow]
    assert await column(store, "delivery", "due_at") == [tomorrow]
    (turn,) = await claim(store)
    async with store.write() as unit:
        await unit.outbox.release([turn], "me")
    assert await row_maker.next_due_at(place) == tomorrow


async def test_a_weekly_digest_of_a_daily_place_keeps_its_own_time(store, row_maker, clock):
    query, place = await row_maker.query("diffusion"), await row_maker.place(cadence="daily 08:00")
    await row_maker.subscription(query, place, cadence="weekly fri 08:00", slot=clock() + YEARS)
    await correct(store)
    friday = next_slot("weekly fri 08:00", "UTC", clock())
    assert await column(store, "subscription_destination", "next_slot_at") == [friday]
    assert await correct(store) == 0


async def test_sources_and_their_services_are_not_left_alone_for_a_year(store, clock):
    late = clock() + YEARS
    async with store.write() as unit:
        await unit.connection.execute(
            insert(TABLES["pace"]).values(service="arxiv", next_at=clock(), closed_until=late)
        )
        await unit.sources.save(SourceState(source="arxiv", part="cs", ok_at=late, first_done=True))
    assert await correct(store) == 2
    assert await column(store, "pace", "closed_until") == [clock()]
    assert await column(store, "source_state", "ok_at") == [clock()]


async def test_a_failure_of_next_year_was_now(store, row_maker, clock):
    place, paper = await owing(row_maker)
    late = clock() + YEARS
    key = {"destination": place, "paper": paper.number, "occasion": ARRIVAL.code}
    async with store.write() as unit:
        failed = insert(TABLES["failure"]).values(first_at=late, last_at=late, unknowns=0, reason="HTTP 502", **key)
        await unit.connection.execute(failed)
    assert await correct(store) == 2
    assert await column(store, "failure", "first_at") == await column(store, "failure", "last_at") == [clock()]


async def test_a_subscription_of_next_year_began_now(store, row_maker, clock):
    query, place = await row_maker.query("diffusion"), await row_maker.place()
    await row_maker.subscription(query, place, began_at=clock() + YEARS)
    assert await correct(store) == 2
    clock.advance(seconds=1)
    assert await row_maker.match(row_maker.news(await row_maker.paper(), query)) == 1


async def test_what_a_feed_shows_of_a_places_subscription_began_now(store, row_maker, clock):
    made = await row_maker.subscription(await row_maker.query("diffusion"), former_began_at=clock() + YEARS)
    person = await row_maker.person()
    async with store.write() as unit:
        feed = await unit.feeds.ensure(Owner(person), None, lambda *_: "hash")
        part = {"feed": feed.number, "subscription": made, "began_at": clock() + YEARS, "occasions": 1}
        await unit.connection.execute(insert(TABLES["feed_part"]).values(**part))
    assert await correct(store) == 2
    assert await column(store, "feed_part", "began_at") == [clock()]


async def test_every_place_is_visited(store, row_maker, clock, monkeypatch):
    monkeypatch.setattr(times, "CORRECTED_AT_ONCE", 2)
    places = [await row_maker.place(str(number), hold_until=clock() + YEARS) for number in range(5)]
    assert await correct(store) == 5
    assert await column(store, "destination", "hold_until") == [None] * len(places)
