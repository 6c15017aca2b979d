"""`check` and `status` say that the running service is refused, which no login shows."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from cli_world import found

from paperwire.store.unit import Store

STATE = "refused since 2026-01-05 08:00 UTC: mx.example.org refuses our mail: 553 5.7.1 Sender address rejected"
SOME = "ready, but mail to 2 addresses is refused: 554 Message rejected"


def report(shell, state):
    async def run():
        store = Store.open(f"sqlite+aiosqlite:///{shell.folder}/paperwire.db", now=lambda: datetime.now(UTC))
        async with store.write() as unit:
            await unit.channels.report("a sender", {"email": state}, forget_before=unit.now - timedelta(days=1))
        await store.close()

    asyncio.run(run())


@pytest.mark.whole
@pytest.mark.parametrize("state", [STATE, SOME])
def test_a_channel_that_is_refused_is_broken(sound, state):
    sound("migrate")
    report(sound, state)
    said = sound("check", "--json")
    assert found(said)["email"] == ("broken", state)
    assert said.code == 1
    assert state in sound("status").out


def test_a_channel_that_is_ready_is_not(sound):
    sound("migrate")
    report(sound, "ready")
    said = sound("check", "--json")
    assert said.code == 0
    assert "email" not in found(said)
