"""A place whose lease somebody else has by now gets no more from us, and keeps what it is owed."""

import asyncio

from pipeline_world import ada, until
from sqlalchemy import text

from paperwire.errors import Retry


async def test_a_place_that_was_lost_in_the_middle_of_a_turn_gets_no_more_from_us(stages):
    place = await ada(stages)
    await stages.announce("Paper one", "Paper two", "Paper three")
    stages.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(stages.deliver())
    await until(lambda: stages.post.sending)
    async with stages.store.write() as unit:
        taken = text("UPDATE destination SET lease_owner = 'another' WHERE number = :place")
        await unit.connection.execute(taken, {"place": place})
    stages.post.slow.pop("1").set()
    assert await running == 1
    assert stages.post.titles("1") == [["Paper one"]]
    assert await stages.owed() == 2
    async with stages.store.read() as unit:
        holder = text("SELECT lease_owner FROM destination WHERE number = :place")
        assert await unit.connection.scalar(holder, {"place": place}) == "another"


async def test_a_platform_that_names_parts_of_a_second_gets_them(stages):
    await ada(stages)
    await stages.announce("Paper")
    stages.post.fails["1"].append(Retry("slow down", 2.25, requested=True))
    assert await stages.deliver() == 0
    stages.clock.advance(seconds=2.24)
    assert await stages.deliver() == 0
    stages.clock.advance(seconds=0.01)
    assert await stages.deliver() == 1
