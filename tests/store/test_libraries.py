"""Libraries that are read into saved papers."""

import asyncio
from datetime import timedelta

import pytest
from papers_world import a_paper, record, said
from people_world import ANN, BOB, a_person
from sqlalchemy import select

from paperwire.store.database.tables.people import LibraryRow


async def put(store, person, name="users/5", sealed="sealed"):
    async with store.write() as unit:
        return await unit.libraries.put(person, name, sealed)


async def claimed(store):
    async with store.write() as unit:
        return await unit.libraries.claim()


async def rows_of(unit, person):
    return (await unit.connection.execute(select(LibraryRow).where(LibraryRow.person == person))).all()


async def test_a_library_is_claimed_once_it_is_due_and_by_one(store, clock):
    library = await put(store, await a_person(store, ANN))
    assert await claimed(store) is None  # whoever put it reads it
    clock.advance(hours=1)
    assert await claimed(store) == library
    assert await claimed(store) is None
    async with store.write() as unit:
        await unit.libraries.was_read(library, 12, clock() + timedelta(days=1))
    clock.advance(hours=23)
    assert await claimed(store) is None
    clock.advance(hours=1)
    assert (await claimed(store)).version == 12


async def test_failures_are_counted_until_it_is_read(store, clock):
    library = await put(store, await a_person(store, ANN))
    async with store.write() as unit:
        await unit.libraries.failed(library, clock())
    failed = await claimed(store)
    assert failed.failures == 1
    async with store.write() as unit:
        await unit.libraries.was_read(failed, 3, clock())
    assert (await claimed(store)).failures == 0


async def test_a_new_key_replaces_the_old_one_and_what_was_read_with_that(store, clock):
    ann = await a_person(store, ANN)
    old = await put(store, ann)
    new = await put(store, ann, sealed="other")
    async with store.write() as unit:
        await unit.libraries.was_read(old, 9, clock())
        await unit.libraries.failed(old, clock())
        assert await unit.libraries.refused(old) is None
        await unit.libraries.drop_one(old)
        (row,) = await rows_of(unit, ann)
    assert (row.sealed, row.version, row.failures) == (new.sealed, 0, 0)


async def test_a_refused_key_is_gone_at_once(store):
    library = await put(store, await a_person(store, ANN))
    async with store.write() as unit:
        refused = await unit.libraries.refused(library)
    assert refused.sealed == ""
    assert (await claimed(store)) == refused
    async with store.write() as unit:
        await unit.libraries.drop_one(refused)
    assert "sealed" not in repr(library).replace("sealed=''", "")


async def test_libraries_go_with_their_person_and_move_with_their_account(store):
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    await put(store, ann)
    await put(store, bob, name="groups/7")
    async with store.write() as unit:
        exported = await unit.people.export(ann)
        assert [one["name"] for one in exported["libraries"]] == ["users/5"]
        assert "sealed" not in str(exported)
        await unit.people.link(BOB, ann)
        assert {row.name for row in await rows_of(unit, ann)} == {"users/5", "groups/7"}
        assert await unit.libraries.drop(ann) == 2
        assert await unit.libraries.drop(ann) == 0
    await put(store, ann)
    async with store.write() as unit:
        await unit.people.forget(ann)
        assert await rows_of(unit, ann) == []


async def test_many_papers_are_saved_and_those_that_are_new_counted(store):
    ann = await a_person(store, ANN)
    await record(store, *(said(a_paper(f"2601.{n:05}")) for n in range(1, 5)))
    async with store.write() as unit:
        names = [f"arxiv:2601.{n:05}" for n in range(1, 7)]
        bearing = await unit.papers.bearing(names)
        assert list(bearing) == names[:4]
        numbers = [paper.number for (paper,) in bearing.values()]
        assert await unit.people.save_papers(ann, numbers[:2]) == 2
        assert await unit.people.save_papers(ann, [*numbers, *numbers]) == 2
        assert await unit.people.save_papers(ann, []) == 0
        assert len(await unit.people.saved(ann)) == 4


@pytest.mark.only_on_postgresql  # SQLite has one writer
async def test_papers_to_ask_for_that_another_is_claiming_are_left_to_it(store, other, clock):
    ann, bob = await a_person(store, ANN), await a_person(store, BOB)
    for person, paper in ((ann, "2601.00001"), (bob, "2601.00002")):
        async with store.write() as unit:
            await unit.libraries.want(person, [paper])
        clock.advance(seconds=1)
    clock.advance(hours=1)
    async with store.write() as unit, asyncio.timeout(20):  # or both wait for each other
        assert await unit.libraries.claim_lookups(10) == (ann, ["2601.00001"])
        async with other.write() as elsewhere:
            assert await elsewhere.libraries.claim_lookups(10) == (bob, ["2601.00002"])
            assert await elsewhere.libraries.claim_lookups(10) is None
