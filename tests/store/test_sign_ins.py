"""Links and sessions in the database: each link is used by one, and nothing outlives its time or its person."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from paperwire.pipeline.prune import Pruning
from paperwire.ports.callers import Actor
from paperwire.services.access import Access

ADA = Actor(channel="telegram", user_id="1")
LASTS = timedelta(minutes=15)
COUNTS = (text("SELECT count(*) FROM sign_in"), text("SELECT count(*) FROM session"))


async def linked(store, link="t", *, who=ADA):
    async with store.write() as unit:
        person = await unit.people.ensure(who, "en")
        await unit.sign_ins.add(link, person=person.number, account=who, wanted_for="w", client="c")
        return person.number


async def used(store, link="t"):
    async with store.write() as unit:
        return await unit.sign_ins.use(link, unit.now - LASTS)


async def begun(store, clock, kept="s", *, lasts=30):
    found = await used(store)
    async with store.write() as unit:
        await unit.sign_ins.begin(kept, found, clock() + timedelta(days=lasts))


async def counts(store):
    async with store.read() as unit:
        return [await unit.connection.scalar(count) for count in COUNTS]


async def test_a_link_is_used_by_one_of_two(store, other):
    await linked(store)
    first, second = await asyncio.gather(used(store), used(other))
    assert sorted([first is None, second is None]) == [False, True]


async def test_a_link_of_nobody_signs_nobody_in(store):
    async with store.write() as unit:
        await unit.sign_ins.add("t", person=0, account=None, wanted_for="w", client="c")
    async with store.read() as unit:
        assert await unit.sign_ins.get("t") is None
    assert await used(store) is None
    async with store.write() as unit:
        assert await unit.sign_ins.count_for("w", "other", unit.now - LASTS) == (1, 0)


async def test_old_links_and_sessions_are_pruned(store, clock):
    await linked(store)
    await begun(store, clock, lasts=2)
    await Pruning(store, Access().admits_place).run()
    assert await counts(store) == [1, 1]
    clock.advance(days=1, seconds=1)
    await Pruning(store, Access().admits_place).run()
    assert await counts(store) == [0, 1]
    clock.advance(days=1)
    await Pruning(store, Access().admits_place).run()
    assert await counts(store) == [0, 0]


async def test_a_session_belongs_to_a_person_until_they_are_forgotten(store, clock):
    person = await linked(store)
    await begun(store, clock)
    async with store.read() as unit:
        session = await unit.sign_ins.session("s")
        assert (session.person, session.account) == (person, ADA)
        assert await unit.sign_ins.sessions(person) == [session]
    async with store.write() as unit:
        await unit.people.forget(person)
    async with store.read() as unit:
        assert await unit.sign_ins.session("s") is None
    assert await counts(store) == [0, 0]


@pytest.mark.parametrize("everywhere", [False, True])
async def test_signing_out(store, clock, everywhere):
    person = await linked(store)
    await begun(store, clock)
    await linked(store, "again")
    async with store.write() as unit:
        await (unit.sign_ins.end_all(person) if everywhere else unit.sign_ins.end("s"))
    async with store.read() as unit:
        assert await unit.sign_ins.sessions(person) == []
    assert (await used(store, "again") is None) is everywhere


async def test_links_and_sessions_go_along_with_their_person(store, clock):
    await linked(store)
    await begun(store, clock)
    await linked(store, "again")
    async with store.write() as unit:
        other = await unit.people.ensure(Actor(channel="discord", user_id="7"), "en")
        await unit.people.link(ADA, other.number)
    async with store.read() as unit:
        assert (await unit.sign_ins.session("s")).person == other.number
        assert {account.channel for account in await unit.people.accounts(other.number)} == {"telegram", "discord"}
    assert (await used(store, "again")).person == other.number
