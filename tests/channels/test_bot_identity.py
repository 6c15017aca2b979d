"""What a platform tells of our bot is asked once, with little patience, and not again soon after a failure."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from paperwire.channels._conversation import BotIdentity

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


class Platform:
    """Answers with the next of `answers`; an exception is raised, None never comes."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0
        self.at = NOW
        self.identity = BotIdentity(self.ask, (OSError,), lambda: self.at)

    async def ask(self):
        self.asked += 1
        answer = self.answers.pop(0)
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_many_who_ask_at_once_ask_once():
    platform = Platform("paperwire_bot")
    assert set(await asyncio.gather(*(platform.identity.get() for _ in range(5)))) == {"paperwire_bot"}
    assert (await platform.identity.get(), platform.asked) == ("paperwire_bot", 1)


@pytest.mark.parametrize("failure", [OSError("made-up"), None])
async def test_a_failure_is_remembered_for_a_minute(failure, monkeypatch):
    monkeypatch.setattr(BotIdentity, "ASK_TIMEOUT", 0.0)
    platform = Platform(failure, "paperwire_bot")
    assert [await platform.identity.get() for _ in range(3)] == ["", "", ""]
    assert platform.asked == 1
    monkeypatch.setattr(BotIdentity, "ASK_TIMEOUT", 2.0)
    platform.at += timedelta(minutes=1)
    assert (await platform.identity.get(), platform.asked) == ("paperwire_bot", 2)


async def test_other_errors_are_faults_of_ours():
    with pytest.raises(ZeroDivisionError):
        await Platform(ZeroDivisionError()).identity.get()
