"""The states of channels as other processes see them: fresh ones, from whoever runs the channel."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from paperwire.core.health import ChannelHealth
from paperwire.errors import StoreError
from paperwire.pipeline.reports import LOOKS, REPORT_INTERVAL, STALE, ChannelReports, channel_states


class Stated:
    """A channel that is in a state."""

    def __init__(self, state="connected"):
        self.words = state

    def state(self):
        return self.words


@pytest.fixture
def telegram():
    return Stated()


def reports(store, clock, owner="one", **channels):
    return ChannelReports(store, channels, owner=owner, now=clock)


async def seen(store, *wanted, own=None, owner="viewer"):
    async with store.read() as unit:
        return {one.kind: one.state for one in await channel_states(unit, wanted, own or {}, owner)}


async def test_a_state_is_seen_by_other_processes(store, clock, telegram):
    assert await seen(store, "telegram") == {"telegram": ""}
    assert await reports(store, clock, telegram=telegram).run() == LOOKS
    assert await seen(store, "telegram") == {"telegram": "connected"}
    assert await seen(store) == {"telegram": "connected"}  # even where it is not set up


async def test_it_is_stored_when_it_changes_and_at_intervals(store, clock, telegram):
    one = reports(store, clock, telegram=telegram)
    await one.run()
    before = store.commits
    await one.run()
    assert store.commits == before
    telegram.words = "reconnecting"
    await one.run()
    assert store.commits == before + 1
    assert await seen(store) == {"telegram": "reconnecting"}
    clock.advance(seconds=REPORT_INTERVAL.total_seconds())
    await one.run()
    assert store.commits == before + 2
    clock.advance(hours=-1)  # a clock that was set back
    await one.run()
    assert store.commits == before + 3


async def test_an_old_report_is_not_believed_and_then_forgotten(store, clock, telegram):
    await reports(store, clock, telegram=telegram).run()
    clock.advance(seconds=STALE.total_seconds())
    assert await seen(store, "telegram") == {"telegram": "connected"}
    clock.advance(seconds=1)
    assert await seen(store, "telegram") == {"telegram": ""}
    await reports(store, clock, "two", webhook=Stated("ready")).run()
    async with store.read() as unit:
        stored = await unit.channels.since(clock() - timedelta(days=1))
    assert [(one.channel, one.owner) for one in stored] == [("webhook", "two")]


async def test_a_process_without_channels_writes_nothing(store, clock):
    before = store.commits
    assert await reports(store, clock).run() == REPORT_INTERVAL
    assert store.commits == before


async def test_a_process_that_stops_takes_its_reports_back(store, clock, telegram):
    one, two = reports(store, clock, telegram=telegram), reports(store, clock, "two", discord=Stated())
    await one.run()
    await two.run()
    await one.end()
    assert await seen(store, "telegram") == {"discord": "connected", "telegram": ""}
    before = store.commits
    await reports(store, clock, telegram=telegram).end()  # it never began
    assert store.commits == before


async def test_a_database_that_fails_stops_nobody_from_stopping(store, clock, telegram, monkeypatch):
    one = reports(store, clock, telegram=telegram)
    await one.run()

    async def refuse(*_):
        raise StoreError("disk is full")

    monkeypatch.setattr("paperwire.store.service.ChannelStates.withdraw", refuse)
    with capture_logs() as logs:
        await one.end()
    assert [line["problem"] for line in logs] == ["disk is full"]


@pytest.mark.parametrize("role", ["listen", "deliver"])
async def test_of_several_processes_the_one_that_has_the_lease_is_believed(store, clock, role):
    async with store.write() as unit:
        assert await unit.leases.acquire(f"{role} telegram", "one", timedelta(minutes=1))
    await reports(store, clock, "one", telegram=Stated("connected")).run()
    clock.advance(seconds=5)
    await reports(store, clock, "two", telegram=Stated("waiting")).run()
    assert await seen(store) == {"telegram": "connected"}
    assert await seen(store, own={"telegram": "waiting"}, owner="two") == {"telegram": "connected"}
    clock.advance(minutes=1)  # it is over, and so is what `one` said
    assert await seen(store) == {"telegram": "waiting"}


async def test_one_that_listens_is_believed_before_one_that_sends(store, clock):
    async with store.write() as unit:
        await unit.leases.acquire("deliver telegram", "two", timedelta(minutes=1))
        await unit.leases.acquire("listen telegram", "one", timedelta(minutes=1))
    await reports(store, clock, "one", telegram=Stated("connected")).run()
    await reports(store, clock, "two", telegram=Stated("sending only")).run()
    assert await seen(store) == {"telegram": "connected"}


async def test_a_sender_from_which_nothing_gets_through_is_believed_before_one_that_listens(store, clock):
    async with store.write() as unit:
        await unit.leases.acquire("deliver telegram", "two", timedelta(minutes=1))
        await unit.leases.acquire("listen telegram", "one", timedelta(minutes=1))
    await reports(store, clock, "one", telegram=Stated("connected")).run()
    await reports(store, clock, "two", telegram=Stated("nothing sent since noon")).run()
    assert await seen(store) == {"telegram": "nothing sent since noon"}


# --- roles --------------------------------------------------------------------------------------------------------


async def processes(store):
    async with store.read() as unit:
        return await unit.leases.processes()


async def test_roles_are_counted_while_their_processes_report(store, clock):
    one = ChannelReports(store, {}, owner="1 one", now=clock, roles=frozenset({"match", "web"}))
    two = ChannelReports(store, {}, owner="2 two", now=clock, roles=frozenset({"match"}))
    assert await processes(store) == {}
    assert (await one.run(), await two.run()) == (REPORT_INTERVAL, REPORT_INTERVAL)
    assert await processes(store) == {"match": 2, "web": 1}
    await one.end()
    assert await processes(store) == {"match": 1}
    clock.advance(seconds=STALE.total_seconds())
    assert await processes(store) == {}  # it fell silent
    await two.run()
    assert await processes(store) == {"match": 1}


async def test_a_process_of_the_same_name_has_the_roles_it_has_now(store, clock):
    await ChannelReports(store, {}, owner="one", now=clock, roles=frozenset({"match", "web"})).run()
    await ChannelReports(store, {}, owner="one", now=clock, roles=frozenset({"web"})).run()
    assert await processes(store) == {"web": 1}


async def test_roles_of_a_dead_process_go_with_its_leases(store, clock):
    await ChannelReports(store, {}, owner="one", now=clock, roles=frozenset({"match"})).run()
    async with store.write() as unit:
        await unit.leases.start_heartbeat("one", timedelta(seconds=30))
        beats = await unit.leases.heartbeats()
        assert await unit.leases.release_dead("one", beats["one"])
    assert await processes(store) == {}


async def test_its_own_states_are_those_of_this_moment(store, clock, telegram):
    await reports(store, clock, "me", telegram=telegram).run()
    async with store.read() as unit:
        found = await channel_states(unit, (), {"telegram": "reconnecting"}, "me")
    assert found == (ChannelHealth(kind="telegram", state="reconnecting"),)
