"""Messages that come back are counted, pause their place, and one probe later shows whether it takes mail again."""

from datetime import timedelta

from outbox_world import claim, owing, settle
from sqlalchemy import insert

from paperwire.core.papers.paper import ARRIVAL
from paperwire.pipeline.prune import Pruning
from paperwire.services.access import Access
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import DigestRow
from paperwire.store.outbox.bounces import FIRST_PROBE, NEXT_PROBE, SILENCE

WHY = "mail came back: 4.2.2"
PAUSED = f"on several days {WHY}"


async def bounce(store, place, reason=WHY):
    """Count a message that came back, as `paperwire bounce` does; why the place paused, or nothing."""
    async with store.write() as unit:
        why = await unit.bounces.count(place, reason)
        return why if why and await unit.places.pause(place, why) else ""


async def pause(store, clock, place):
    for _ in range(4):
        assert await bounce(store, place) == ""
        clock.advance(days=1)
    assert await bounce(store, place) == PAUSED


async def probe(row_maker, store, clock, *, wait=FIRST_PROBE):
    """Send the probe of a place that owes something."""
    clock.advance(seconds=wait.total_seconds())
    await Pruning(store, Access().admits_place).run()
    (place,) = await claim(store)
    (owed,) = [row for row in await row_maker.deliveries() if row.state == State.OWED][:1]
    await settle(store, place, sent=[(owed.paper, ARRIVAL)], keep=True)
    await settle(store, place)


async def bounced(row_maker):
    return await row_maker.rows("bounce", "days", "reason", "probe_at", "probed_at", "probes")


async def test_it_counts_once_a_day_and_five_days_of_seven_pause(row_maker, store, clock):
    place = await row_maker.place()
    for _ in range(20):
        assert await bounce(store, place) == ""
    await pause(store, clock, place)
    assert (await row_maker.row(place)).paused == PAUSED
    assert await bounced(row_maker) == [("", PAUSED, clock() + FIRST_PROBE, None, 0)]
    assert await bounce(store, place) == ""  # of what was sent before


async def test_four_in_a_row_of_a_weekly_digest_pause(row_maker, store, clock):
    place = await row_maker.place()
    paused = []
    for week in range(4):
        slot = {"slot": f"2026-01-{week:02}T08:00", "due_at": clock(), "closed_at": clock(), "sent": 1}
        async with store.write() as unit:
            await unit.connection.execute(insert(DigestRow).values(destination=place, papers=1, parts=1, **slot))
        clock.advance(days=1)
        paused.append(await bounce(store, place))
        clock.advance(days=6)
    assert paused == ["", "", "", PAUSED]


async def test_what_arrives_in_between_is_no_row(row_maker, store, clock):
    place = await row_maker.place()
    for week in range(5):
        for day in range(7):
            paper = await row_maker.paper(f"{week} {day}")
            await row_maker.owe(place, paper, state=int(State.SENT), settled_at=clock())
            clock.advance(days=1)
        assert await bounce(store, place) == ""


async def test_one_probe_is_sent_and_silence_reopens(row_maker, store, clock):
    place, _ = await owing(row_maker)
    later = await row_maker.paper("later")
    await row_maker.owe(place, later)
    await pause(store, clock, place)
    clock.advance(days=6)
    await Pruning(store, Access().admits_place).run()
    assert await claim(store) == []
    await probe(row_maker, store, clock, wait=timedelta(days=1))
    assert [row.state for row in await row_maker.deliveries()] == [State.SENT, State.OWED]
    assert await claim(store) == []
    clock.advance(seconds=SILENCE.total_seconds() - 1)
    assert await claim(store) == []
    clock.advance(seconds=1)
    assert await claim(store) == [place]
    await Pruning(store, Access().admits_place).run()
    assert await bounced(row_maker) == []


async def test_no_probe_goes_to_who_may_not_use_this_instance_until_they_may(row_maker, store, clock):
    place, _ = await owing(row_maker)
    await pause(store, clock, place)
    clock.advance(days=30)
    await Pruning(store, Access(names=["telegram:elsewhere"]).admits_place).run()
    assert await claim(store) == []
    await Pruning(store, Access().admits_place).run()
    assert await claim(store) == [place]


async def test_a_probe_that_comes_back_pauses_again_for_longer(row_maker, store, clock):
    place, _ = await owing(row_maker)
    await row_maker.owe(place, await row_maker.paper("later"))
    await pause(store, clock, place)
    await probe(row_maker, store, clock)
    again = f"after a pause {WHY}"
    assert await bounce(store, place) == again
    assert (await row_maker.row(place)).paused == again
    assert await bounced(row_maker) == [("", again, clock() + NEXT_PROBE, None, 1)]
    await probe(row_maker, store, clock, wait=NEXT_PROBE)
    assert [row.state for row in await row_maker.deliveries()] == [State.SENT, State.SENT]


async def test_what_came_of_earlier_messages_is_no_answer_to_a_probe(row_maker, store, clock):
    place, _ = await owing(row_maker)
    await pause(store, clock, place)
    clock.advance(days=7)
    await Pruning(store, Access().admits_place).run()
    assert await bounce(store, place) == ""
    assert (await row_maker.row(place)).paused == ""


async def test_a_message_on_its_way_when_its_place_paused_is_no_probe(row_maker, store, clock):
    place, paper = await owing(row_maker)
    await claim(store)
    await pause(store, clock, place)
    await settle(store, place, sent=[(paper.number, ARRIVAL)])
    assert await bounced(row_maker) == [("", PAUSED, clock() + FIRST_PROBE, None, 0)]


async def test_a_place_that_its_reader_left_or_that_closed_gets_no_probe(row_maker, store, clock):
    place, _ = await owing(row_maker)
    await pause(store, clock, place)
    async with store.write() as unit:
        await unit.places.pause(place, "unsubscribed")
    clock.advance(days=60)
    await Pruning(store, Access().admits_place).run()
    assert (await row_maker.row(place)).paused == "unsubscribed"


async def test_a_place_that_a_person_opens_begins_from_scratch(row_maker, store, clock):
    place, _ = await owing(row_maker)
    await pause(store, clock, place)
    async with store.write() as unit:
        await unit.places.resume(place)
    assert await bounced(row_maker) == []
    assert await bounce(store, place) == ""
    assert await claim(store) == [place]


async def test_of_a_place_that_is_forgotten_nothing_is_counted(row_maker, store, clock):
    place = await row_maker.place(paused="asked")
    assert await bounce(store, place) == ""
