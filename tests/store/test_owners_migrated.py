"""The revision that gives subscriptions their owners, on a database of people who shared and repeated them."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from test_migrations import at_revision, contents, fill
from test_migrations import old_store as old_store  # noqa: PLC0414 -- pytest finds the fixture by this name

from paperwire.pipeline.match import Matching
from paperwire.store.migrations import upgrade

TOPIC, GROUP, NTFY = 4, 5, 6


@pytest.fixture
async def shared_store(old_store):
    """A store at the revision before, filled."""
    await at_revision(old_store, "0007")
    async with old_store.write() as unit:
        await fill(unit.connection, "owners")
        if old_store.file is None:  # rows were numbered by hand
            for table in ("subscription", "feed", "destination", "mute"):
                counted = text("SELECT setval(pg_get_serial_sequence(:of, 'number'), 100)")
                await unit.connection.execute(counted, {"of": table})
    return old_store


async def test_each_subscription_has_one_owner_and_numbers_begin_at_one(shared_store):
    await shared_store.migrate()
    async with shared_store.read() as unit:
        of_topic = await unit.subscriptions.of_destination(TOPIC)
        of_group = await unit.subscriptions.of_destination(GROUP)
        by_person = {person: await unit.subscriptions.of_person(person) for person in (1, 2, 3, 4)}
    assert [(one.ordinal, one.number, one.place, one.person, one.added_by) for one in of_topic] == [
        (1, 4, TOPIC, 0, 4),
        (2, 6, TOPIC, 0, 1),
    ]
    assert [(one.ordinal, one.place, one.text, one.added_by) for one in of_group] == [(1, GROUP, "heat", 2)]
    assert {
        person: [(one.ordinal, one.number, one.destinations) for one in their]
        for person, their in by_person.items()
    } == {
        1: [(1, 7, (1, NTFY)), (2, 10, (NTFY,))],
        2: [(1, 2, (2,)), (2, 5, (2,))],
        3: [(1, 3, (3,))],
        4: [],
    }  # fmt: skip


async def test_what_is_joined_began_earliest_and_wants_all(shared_store):
    await shared_store.migrate()
    async with shared_store.read() as unit:
        heat, personal, theirs = [await unit.subscriptions.get(number) for number in (6, 7, 4)]
    # The other one was live and instant, so that this goes on.
    assert (heat.occasions, heat.cadence, heat.paused, heat.name) == ({"arrival", "withdrawn"}, "", False, "Heat")
    assert heat.began_at.timestamp() == 1767599970
    assert (personal.occasions, personal.cadence, personal.mention) == ({"arrival", "versions"}, "", "<@&77>")
    assert personal.began_at.timestamp() == 1767599960
    assert (personal.name, theirs.name, theirs.occasions) == ("Diffusion", "Theirs", {"arrival", "versions"})
    routes = {
        (row["destination"], row["subscription"]): (row["wants"], row["began_at"], row["next_slot_at"])
        for row in (await contents(shared_store))["subscription_destination"]
    }
    assert routes[TOPIC, 6] == (13, 1767599970000000, None)
    assert routes[1, 7] == (11, 1767599960000000, None)
    assert routes[NTFY, 7] == (11, 1767599960000000, 0)  # worked out anew before the next fan-out
    assert [slot for (place, _), (_, _, slot) in routes.items() if place == GROUP] == [1767686400000000, None]


async def test_what_was_deleted_can_still_be_had_back(shared_store):
    await shared_store.migrate()
    rows = await contents(shared_store)
    deleted = [row for row in rows["subscription"] if row["deleted_at"] is not None]
    assert [(row["place"], row["text"], row["ordinal"]) for row in deleted] == [
        (TOPIC, "diffusion models", 3),
        (GROUP, "diffusion models", 2),
    ]
    number = {row["place"]: row["number"] for row in deleted}
    assert {(row["subscription"], row["destination"]) for row in rows["undo"]} == {
        (number[TOPIC], TOPIC),
        (number[GROUP], GROUP),
    }
    async with shared_store.write() as unit:
        assert (await unit.subscriptions.restore(number[GROUP])).place == GROUP


async def test_mutes_follow_what_they_muted(shared_store):
    await shared_store.migrate()
    async with shared_store.read() as unit:
        (of_group,) = await unit.subscriptions.of_destination(GROUP)
        muted = {place: [one.value for one in await unit.people.mutes(place)] for place in (3, TOPIC, GROUP)}
    assert muted == {3: ["4"], TOPIC: [], GROUP: [str(of_group.number)]}


async def test_nothing_is_sent_again(shared_store, clock):
    before = (await contents(shared_store))["delivery"]
    await shared_store.migrate()
    assert (await contents(shared_store))["delivery"] == before
    clock.set("2026-01-05T08:05:00Z")
    assert await Matching(shared_store, now=clock, next_slot=lambda *_: None).run()
    after = (await contents(shared_store))["delivery"]
    news = [row for row in after if row not in before]
    # Only what is new, "Diffusion on graphs", and only where its query goes.
    assert {(row["destination"], row["paper"]) for row in news} == {(1, 5), (NTFY, 5)}
    async with shared_store.write() as unit:
        claimed = await unit.outbox.claim("me", ["telegram", "ntfy"], timedelta(minutes=2), 10)
        due = await unit.outbox.due([place.number for place in claimed], 10)
    assert {(place, one.paper.number) for place, its in due.items() for one in its} == {(1, 4), (1, 5), (NTFY, 5)}


async def test_links_show_what_they_showed(shared_store):
    await shared_store.migrate()

    async def shown(link):
        async with shared_store.read() as unit:
            entries = await unit.feeds.entries(await unit.feeds.by_hash(link))
        return sorted((entry.paper.number, str(entry.occasion), entry.at.timestamp()) for entry in entries)

    heat, liked = (2, "arrival", 1767600050.0), (3, "upvotes>=50", 1767600110.0)
    first, last = (1, "arrival", 1767599990.0), (4, "arrival", 1767600170.0)
    versions = (1, "v2", 1767600170.0)
    diffusion = [first, versions, (2, "arrival", 1767600050.0), last]
    assert await shown("all of 3") == [heat]  # they muted the other one
    assert await shown("number 8") == []
    assert await shown("hash of 1.2") == [liked]
    assert await shown("number 5") == [heat]
    assert await shown("number 6") == []  # it asked for withdrawals alone
    assert await shown("number 7") == diffusion
    assert await shown("number 1") == [first, (2, "arrival", 1767600050.0), last]
    assert await shown("all of 1") == diffusion


async def test_numbers_of_rows_are_not_given_again(shared_store):
    """A feed's secret is made from its number: whoever had a deleted feed's link must not get another's."""
    async with shared_store.write() as unit:
        await unit.connection.execute(text("DELETE FROM feed WHERE number = 8"))
        await unit.connection.execute(text("DELETE FROM subscription WHERE number = 10"))
    async with shared_store.write() as unit:
        await unit.connection.run_sync(upgrade, "0008")
        insert = (
            "INSERT INTO feed (person, generation, token_hash, created_at) VALUES (2, 1, 'new', 1) RETURNING number"
        )
        assert await unit.connection.scalar(text(insert)) > 8
        assert await unit.connection.scalar(text("SELECT max(number) FROM subscription")) > 10
