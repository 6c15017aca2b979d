"""What is owed and not sent follows what people change: another cadence, a pause, a mute, a deletion and its undo."""

import asyncio
from datetime import timedelta

import pytest
from outbox_world import TABLES, World, claim, due
from sqlalchemy import select, update

from paperwire.core.papers.paper import ARRIVAL, WITHDRAWN, Occasion
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from paperwire.store.database.tables.base import State
from paperwire.store.papers.pages import fold_paper
from paperwire.store.search.word_index import write_words
from paperwire.store.subscriptions.subscriptions import UNDO_TIME
from paperwire.store.unit import Store

EIGHT, NOON = "daily 08:00", "daily 12:00"


class House(World):
    """Ann's private chat, what she subscribes to, and papers that are matched."""

    async def begin(self):
        async with self.store.write() as unit:
            self.ann = (await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")).number
            here = Place(channel="telegram", address="1", kind="private")
            self.here = (await unit.places.ensure(here, self.ann)).number

    async def subscribe(self, text="diffusion", *, cadence="", occasions=("arrival",)):
        async with self.store.write() as unit:
            made, _ = await unit.subscriptions.subscribe(
                self.ann,
                parse(text),
                name="",
                occasions=frozenset(occasions),
                cadence=cadence,
                destinations=[self.here],
            )
        return made

    async def arrive(self, *subscriptions, name="2601.00001", occasion=ARRIVAL):
        """A paper that these subscriptions match, and its number."""
        paper = await self.paper(name)
        await self.match(self.news(paper, *(one.query for one in subscriptions), occasion=occasion))
        return paper

    async def change(self, **changes):
        async with self.store.write() as unit:
            await unit.places.update(self.here, **changes)

    async def edit(self, one, **changes):
        async with self.store.write() as unit:
            await unit.subscriptions.edit(one.number, **changes)

    async def pause(self, one, *, paused=True):
        async with self.store.write() as unit:
            await unit.subscriptions.pause(one.number, paused=paused)

    async def delete(self, one):
        async with self.store.write() as unit:
            await unit.subscriptions.delete(one.number)

    async def restore(self, one):
        async with self.store.write() as unit:
            return await unit.subscriptions.restore(one.number)

    async def begun(self):
        table = TABLES["delivery"]
        async with self.store.write() as unit:
            await unit.connection.execute(update(table).values(settled_at=self.clock()))

    async def take_turn(self):
        """What a turn does with what nobody wants."""
        async with self.store.write() as unit:
            letters = (await unit.outbox.due([self.here], 100)).get(self.here, [])
            await unit.outbox.drop({self.here: [one.key for one in letters if not one.is_wanted]})

    async def due_at(self):
        return [row.due_at for row in await self.deliveries()]

    async def kept(self):
        async with self.store.read() as unit:
            return len((await unit.connection.execute(select(TABLES["undo"]))).all())


@pytest.fixture
async def house(store, clock):
    house = House(store, clock)
    await house.begin()
    return house


def at(clock, hour, days=0):
    return clock.at.replace(hour=hour, minute=0, second=0) + timedelta(days=days)


async def test_a_digest_takes_over_what_is_owed(house, clock):
    one = await house.subscribe()
    await house.arrive(one)
    clock.advance(hours=1)
    await house.change(cadence=EIGHT)
    assert await house.due_at() == [at(clock, 8, days=1)]
    await house.change(cadence="weekly fri 08:00")
    assert await house.due_at() == [at(clock, 8, days=4)]
    await house.change(zone="Asia/Tokyo")
    assert await house.due_at() == [at(clock, 23, days=3)]
    await house.change(cadence="instant")
    assert await house.due_at() == [clock.at]


async def test_what_is_overdue_stays_so_for_those_who_want_it_at_once(house, clock):
    one, other = await house.subscribe(), await house.subscribe("graphs")
    await house.arrive(one, other)
    began = clock.at
    clock.advance(hours=1)
    await house.edit(one, cadence=NOON)
    assert await house.due_at() == [began]
    await house.edit(other, cadence=EIGHT)
    assert await house.due_at() == [at(clock, 12)]


async def test_setting_the_same_value_postpones_nothing(house, clock):
    one = await house.subscribe(cadence=EIGHT)
    await house.arrive(one)
    await house.change(cadence="instant", zone="UTC")
    clock.advance(hours=1)
    await house.change(cadence="instant")
    await house.edit(one, cadence=EIGHT)
    assert await house.due_at() == [at(clock, 8)]


async def test_what_a_message_may_be_carrying_is_left_to_it(house, clock):
    one = await house.subscribe()
    await house.arrive(one)
    began = clock.at
    await house.begun()
    await house.change(cadence=EIGHT)
    assert await house.due_at() == [began]


@pytest.mark.parametrize("how", ["pause", "delete", "mute", "edit"])
async def test_what_only_a_digest_wants_now_waits_for_it(house, clock, how):
    one, digest = await house.subscribe(), await house.subscribe("graphs", cadence=NOON)
    await house.arrive(one, digest)
    began = clock.at
    assert await house.due_at() == [began]
    if how == "pause":
        await house.pause(one)
    elif how == "delete":
        await house.delete(one)
    elif how == "edit":
        await house.edit(one, query=parse("cooking"))
    else:
        async with house.store.write() as unit:
            mute = await unit.places.mute(house.here, "subscription", str(one.number))
    assert await house.due_at() == [at(clock, 12)]
    clock.advance(minutes=1)
    if how == "pause":
        await house.pause(one, paused=False)
    elif how == "delete":
        await house.restore(one)
    elif how == "mute":
        async with house.store.write() as unit:
            assert await unit.places.unmute(mute.number)
            assert not await unit.places.unmute(mute.number)
    assert await house.due_at() == [at(clock, 12) if how == "edit" else clock.at]


async def test_each_occasion_follows_those_who_ask_for_it(house, clock):
    both = ("arrival", "versions", "withdrawn")
    one, digest = await house.subscribe(occasions=both), await house.subscribe("graphs", cadence=NOON)
    for number, occasion in enumerate((ARRIVAL, Occasion.version(2), WITHDRAWN, Occasion.upvotes(50))):
        await house.arrive(one, digest, name=f"2601.0000{number}", occasion=occasion)
    await house.owe(house.here, await house.paper("2601.00009"), occasion=Occasion(-3))
    began = clock.at
    await house.edit(one, cadence=EIGHT)
    # Only the first and the last are wanted by the digest at noon too.
    assert await house.due_at() == [at(clock, 8), at(clock, 8), at(clock, 8), at(clock, 8), began]
    await house.edit(one, cadence="weekly sun 08:00")
    assert await house.due_at() == [at(clock, 12), at(clock, 8, days=6), at(clock, 8, days=6), at(clock, 12), began]


async def test_what_is_followed_or_was_sent_here_waits_for_no_digest(house, clock):
    one = await house.subscribe(occasions=("versions", "withdrawn"))
    followed = await house.paper("2601.00001")
    await house.watch(followed, house.here)
    await house.match(house.news(followed, one.query, occasion=Occasion.version(2)))
    taken_back = await house.paper("2601.00002")
    await house.owe(house.here, taken_back, state=int(State.SENT), settled_at=clock.at)
    await house.match(house.news(taken_back, one.query, occasion=WITHDRAWN))
    began = clock.at
    await house.change(cadence=EIGHT)
    assert set(await house.due_at()) == {began}


# --- undo ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dropped", [True, False])
async def test_undo_brings_back_what_was_owed(house, clock, dropped):
    one = await house.subscribe()
    paper = await house.arrive(one)
    began = clock.at
    await house.delete(one)
    if dropped:
        await house.take_turn()
        assert await house.deliveries() == []
    clock.advance(minutes=10)
    assert await house.restore(one)
    assert await house.due_at() == [began]
    assert await house.next_due_at(house.here) <= clock.at
    assert [(one.paper.number, one.is_wanted) for one in await due(house.store, house.here)] == [(paper.number, True)]
    assert await house.kept() == 0


async def test_undo_repeats_nothing_that_went_out_for_somebody_else(house, clock):
    one, other = await house.subscribe(), await house.subscribe("graphs")
    paper = await house.arrive(one, other)
    await house.delete(one)
    async with house.store.write() as unit:
        await unit.outbox.sent({house.here: [(paper.number, ARRIVAL)]}, {house.here: ""})
    await house.restore(one)
    assert [row.state for row in await house.deliveries()] == [State.SENT]


async def test_undo_a_day_later_brings_back_the_subscription_alone(house, clock):
    one, other = await house.subscribe(), await house.subscribe("graphs")
    await house.arrive(one, other)
    await house.delete(one)
    await house.take_turn()
    clock.advance(days=UNDO_TIME.days, seconds=1)
    assert await house.kept() == 1
    await house.restore(one)
    assert await house.kept() == 0


async def test_what_a_deleted_subscription_was_owed_is_forgotten_in_time(house, clock):
    one, other = await house.subscribe(), await house.subscribe("graphs")
    await house.arrive(one)
    await house.delete(one)
    clock.advance(days=UNDO_TIME.days, seconds=1)
    await house.delete(other)
    assert await house.kept() == 0
    await house.restore(one)
    await house.take_turn()
    assert len(await house.deliveries()) == 1  # no turn has looked at it meanwhile


async def test_undo_that_is_kept_moves_with_a_paper_that_was_merged(house, store):
    one = await house.subscribe()
    gone, kept = await house.arrive(one), await house.paper("2601.00002")
    await house.delete(one)
    await house.take_turn()
    async with store.write() as unit:
        await write_words(unit.connection, [gone.number, kept.number], [])
        await fold_paper(unit.connection, gone.number, kept.number)
    await house.restore(one)
    assert [row.paper for row in await house.deliveries()] == [kept.number]


# --- next to a message that is being begun ----------------------------------------------------------------------------


async def test_a_change_never_waits_for_a_message_that_waits_for_it(house, database, clock):
    """The message holds the delivery and needs the place, the change holds the place and needs the delivery."""
    one = await house.subscribe()
    paper = await house.arrive(one)
    began = clock.at
    assert await claim(house.store) == [house.here]
    other = Store.open(database, now=clock)
    holds = asyncio.Event()

    async def send():
        async with other.write() as unit:
            await unit.outbox.begin({house.here: [(paper.number, ARRIVAL)]})
            holds.set()
            await asyncio.sleep(0.1)
            await unit.outbox.keep([house.here], "me", timedelta(minutes=2))

    async def change():
        await holds.wait()
        await house.change(cadence=EIGHT)

    try:
        await asyncio.gather(send(), change())
    finally:
        await other.close()
    assert await house.due_at() == [began]
