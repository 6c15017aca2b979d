"""What a person changes between two messages of a turn, in another process, holds for the second; else nobody looks."""

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from paperwire.core.papers.paper import ARRIVAL
from paperwire.core.query.language import parse
from paperwire.store.database.tables.deliveries import DeliveryRow, FailureRow, MatchRow
from paperwire.store.database.tables.people import DestinationRow, MuteRow, PersonRow, WatchRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow
from paperwire.store.outbox.outbox import Outbox

FIRST, BOTH = ["Paper one"], ["Paper one", "Paper two"]
NEVER = -1


async def delete_it(unit, place, number):
    await unit.subscriptions.delete(number)


async def delete_and_undo(unit, place, number):
    await unit.subscriptions.delete(number)
    await unit.subscriptions.restore(number)


async def pause_one(unit, place, number):
    await unit.subscriptions.pause(number, paused=True)


async def edit_query(unit, place, number):
    await unit.subscriptions.edit(number, query=parse("zebra"))


async def edit_and_undo(unit, place, number):
    await unit.subscriptions.edit(number, query=parse("zebra"))
    edited = await unit.subscriptions.get(number)
    await unit.subscriptions.undo_edit(number, int(edited.edited_at.timestamp()))


async def other_occasions(unit, place, number):
    await unit.subscriptions.edit(number, occasions=frozenset({"replaced"}))


async def daily_one(unit, place, number):
    await unit.subscriptions.edit(number, cadence="daily 08:00")


async def daily_place(unit, place, number):
    await unit.places.update(place, cadence="daily 08:00")


async def quiet(unit, place, number):
    await unit.places.update(place, quiet="07:00-09:00")


async def pause_place(unit, place, number):
    await unit.places.pause(place, "by a person")


async def mute_one(unit, place, number):
    await unit.places.mute(place, "subscription", str(number))


async def mute_category(unit, place, number):
    await unit.places.mute(place, "category", "cs.CL")


async def mute_and_lift(unit, place, number):
    await unit.places.unmute((await unit.places.mute(place, "category", "cs.CL")).number)


async def mute_another(unit, place, number):
    await unit.places.mute(place, "category", "math.AG")


async def lead_elsewhere(unit, place, number):
    await unit.routes.end(number, place)


async def forget(unit, place, number):
    await unit.people.forget((await unit.subscriptions.get(number)).person)


async def settled_elsewhere(unit, place, number):
    due = await unit.outbox.due([place], 10)
    await unit.outbox.mark_counted({place: [one.key for one in due[place]]})


CHANGES = {
    delete_it: FIRST,
    delete_and_undo: BOTH,
    pause_one: FIRST,
    edit_query: FIRST,
    edit_and_undo: BOTH,
    other_occasions: FIRST,
    daily_one: FIRST,
    daily_place: FIRST,
    quiet: FIRST,
    pause_place: FIRST,
    mute_one: FIRST,
    mute_category: FIRST,
    mute_and_lift: BOTH,
    mute_another: BOTH,
    lead_elsewhere: FIRST,
    forget: FIRST,
    settled_elsewhere: FIRST,
}


def between(stages, act):
    """Let `act` run when the first message has gone out, before it is written down."""
    send = stages.post.send

    async def send_and_act(to, message):
        receipt = await send(to, message)
        if len(stages.post.arrived[to]) == 1:
            await act()
        return receipt

    stages.post.send = send_and_act


def titles(stages):
    return [title for message in stages.post.titles("1") for title in message]


@pytest.mark.whole
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_a_change_between_two_messages_holds_for_the_second(stages, other, change):
    place, number = await stages.subscribe("1", "paper")
    await stages.announce("Paper one", "Paper two")

    async def act():
        async with other.write() as unit:
            await change(unit, place, number)

    between(stages, act)
    await stages.deliver()
    assert titles(stages) == CHANGES[change]


async def test_nobody_looks_again_while_nothing_changes(stages, monkeypatch):
    looked = []
    look = Outbox.still_due

    async def counted(self, earlier):
        looked.append(earlier)
        return await look(self, earlier)

    monkeypatch.setattr(Outbox, "still_due", counted)
    await stages.subscribe("1", "paper")
    await stages.announce("Paper one", "Paper two")
    await stages.deliver()
    assert titles(stages) == BOTH
    assert looked == []


# --- what counts ------------------------------------------------------------------------------------------------------


async def changes(store):
    async with store.read() as unit:
        return await unit.outbox.changes()


TABLES = (DeliveryRow, FailureRow, MatchRow, MuteRow, RouteRow, SubscriptionRow, WatchRow)
NOTHING = {
    **{row: col(row.destination) == NEVER for row in (DeliveryRow, FailureRow, MuteRow, RouteRow, WatchRow)},
    MatchRow: col(MatchRow.paper) == NEVER,
    SubscriptionRow: col(SubscriptionRow.number) == NEVER,
    PersonRow: col(PersonRow.number) == NEVER,
    DestinationRow: col(DestinationRow.number) == NEVER,
}


@pytest.mark.parametrize("row", TABLES, ids=lambda row: row.__tablename__)
async def test_whoever_writes_to_what_is_looked_at_counts_once(store, row):
    before = await changes(store)
    for statement in (update(row).values({next(iter(row.__table__.c)): None}), delete(row)):
        async with store.write() as unit:
            await unit.connection.execute(statement.where(NOTHING[row]))
            await unit.connection.execute(statement.where(NOTHING[row]))
    assert await changes(store) == before + 2


@pytest.mark.parametrize("row", [PersonRow, DestinationRow], ids=lambda row: row.__tablename__)
async def test_rows_that_go_with_others_count(store, row):
    before = await changes(store)
    async with store.write() as unit:
        await unit.connection.execute(delete(row).where(NOTHING[row]))
    assert await changes(store) == before + 1
    async with store.write() as unit:
        await unit.connection.execute(update(row).values(zone="UTC").where(NOTHING[row]))
    assert await changes(store) == before + 1


async def test_a_turn_counts_nothing_of_its_own(stages):
    await stages.subscribe("1", "paper")
    await stages.announce("Paper one", "Paper two")
    before = await changes(stages.store)
    await stages.deliver()
    assert titles(stages) == BOTH
    assert await changes(stages.store) == before


async def test_what_is_undone_is_looked_at_once_at_most(stages):
    place, _ = await stages.subscribe("1", "paper")
    await stages.announce("Paper one")
    before = await changes(stages.store)

    async def undone():
        async with stages.store.write() as unit:
            await unit.outbox.drop({place: [(1, ARRIVAL)]})
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    await stages.deliver()
    assert await changes(stages.store) <= before + 1
    assert titles(stages) == FIRST
