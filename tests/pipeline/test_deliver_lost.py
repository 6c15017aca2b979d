"""Delivering: a place, or a channel, that is another process's by now gets nothing from this one."""

import asyncio
from datetime import timedelta

from pipeline_world import ada, until
from structlog.testing import capture_logs

from paperwire.channels.email.conversations import ANSWER_TIMEOUTS
from paperwire.pipeline import claim
from paperwire.pipeline.turn import Turn
from paperwire.worker import lease
from servers import loopback


async def test_a_turn_that_others_took_while_this_process_stood_still_sends_nothing(stages, monkeypatch):
    monkeypatch.setattr(claim, "TRUSTED", -1.0)
    await ada(stages)
    await stages.announce("Paper one")

    async def stand_still(_to):
        async with stages.store.write() as unit:
            await unit.outbox.release_all("me")

    monkeypatch.setattr(stages.post, "wait_for_slot", stand_still)
    [place] = await claimed(stages)
    gate = stages.delivery._gates["telegram"]
    await asyncio.wait_for(stages.delivery._turns._serve(gate, claim.ClaimedPlace(Turn(place))), loopback.PATIENCE)
    assert not stages.post.arrived["1"]


async def claimed(stages, owner="me"):
    async with stages.store.write() as unit:
        return await unit.outbox.claim(owner, ["telegram"], claim.PLACE_LEASE, 10)


async def test_a_place_stays_ours_for_as_long_as_a_mail_server_may_take_for_its_last_answer(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper one")
    stages.post.slow["1"] = answer = asyncio.Event()
    ends, sleep, taken = stages.clock() + timedelta(seconds=ANSWER_TIMEOUTS["text"]), asyncio.sleep, []

    async def pass_by(seconds, *result):
        if seconds == claim.PLACE_LEASE.total_seconds() / 3:
            await until(lambda: stages.post.sending)
            stages.clock.advance(seconds=seconds)
            taken.extend(await claimed(stages, "another"))
            if stages.clock() < ends:
                return None
            answer.set()
            seconds = loopback.PATIENCE
        return await sleep(seconds, *result)

    monkeypatch.setattr(asyncio, "sleep", pass_by)
    assert await stages.deliver() == 1
    assert taken == []
    assert stages.clock() == ends
    assert stages.post.titles("1") == [["Paper one"]]
    assert await stages.owed() == 0


async def test_a_lease_that_is_lost_ends_the_turn_at_once(stages, monkeypatch):
    """What is on its way arrives and counts as sent; nothing else goes out."""
    monkeypatch.setattr(lease, "LEASE", timedelta(seconds=0.3))
    await ada(stages, style="cards")
    await stages.announce("Paper one", "Paper two", "Paper three")
    stages.post.slow["1"] = asyncio.Event()

    async def work():
        await stages.deliver()

    delivering = asyncio.create_task(lease.Lease(stages.store, "deliver telegram", "me").during(work))
    await until(lambda: stages.post.sending)
    with capture_logs() as logs:
        async with stages.store.write() as unit:
            await unit.leases.release("deliver telegram", "me")
            assert await unit.leases.acquire("deliver telegram", "another", timedelta(hours=1))
        await until(lambda: any(line["event"] == "lease lost" for line in logs))
    stages.post.slow["1"].set()
    await until(lambda: not stages.delivery._turns._sending)
    assert stages.post.titles("1") == [["Paper one"]]
    assert await stages.owed() == 2
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    assert stages.post.titles("1") == [["Paper one"]]
