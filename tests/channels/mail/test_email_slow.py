"""Slow addresses and slow servers: how long each answer may take, and what one that takes long may hold up."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from mail_scene import ANN, ONE, channel_of, failing

from paperwire.channels.email import conversations
from paperwire.channels.email.conversations import (
    ANSWER_TIMEOUTS,
    MAILS_IN_PARALLEL,
    OUTSIDE,
    SLOW_IN_PARALLEL,
    Conversations,
)
from paperwire.errors import ChannelRefused, Retry, Unknown


class Timers:
    """Timers that go off when a test lets the time pass."""

    def __init__(self):
        self.set = {}

    def __call__(self, _seconds, what):
        timer = Timer(self)
        self.set[timer] = what
        return timer

    def go_off(self):
        """Twenty seconds pass."""
        due, self.set = list(self.set.values()), {}
        for what in due:
            what()


class Timer:
    def __init__(self, timers):
        self.timers = timers

    def cancel(self):
        self.timers.set.pop(self, None)


@pytest.fixture
def timers():
    return Timers()


@pytest.fixture
def talks(timers):
    return Conversations(timers)


async def turned(times=20):
    for _ in range(times):
        await asyncio.sleep(0)


async def wait_for(holds):
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 -- the server is another's code
            await asyncio.sleep(0.01)


class Crowd:
    """Mails that each wait for an answer to `wait`, until `answer` is set."""

    def __init__(self, talks, wait):
        self.talks, self.wait = talks, wait
        self.answer = asyncio.Event()
        self.begun, self.cut, self.refused = [], [], []

    async def send(self, to):
        try:
            async with self.talks.room(to):
                self.begun.append(to)
                talk = self.talks.about(to)
                try:
                    async with talk.waiting(self.wait):
                        await self.answer.wait()
                except TimeoutError:
                    assert self.talks.timed_out(talk) is not None
                    self.cut.append(to)
        except Retry:
            self.refused.append(to)

    def begin(self, group, names):
        for name in names:
            group.create_task(self.send(name))


async def test_twenty_tarpits_hold_three_rooms_of_ten(talks, timers):
    slow, quick = Crowd(talks, "recipient"), Crowd(talks, "recipient")
    quick.answer.set()
    async with asyncio.TaskGroup() as group:
        slow.begin(group, [f"slow{number}" for number in range(20)])
        quick.begin(group, ["quick"])
        await turned()
        assert len(slow.begun) == MAILS_IN_PARALLEL
        timers.go_off()
        await turned()
        assert (len(slow.cut), len(slow.begun), quick.begun) == (7, 17, [])
        timers.go_off()
        await turned()
        assert (len(slow.cut), len(slow.begun), quick.begun) == (14, 20, ["quick"])  # two times twenty seconds
        slow.begin(group, slow.cut)
        await turned()
        assert slow.refused == slow.cut  # those that were slow before wait for a room of the slow
        slow.answer.set()
    assert len(slow.begun) - len(slow.cut) == 6
    async with asyncio.TaskGroup() as group:
        quick.begin(group, [f"quick{number}" for number in range(MAILS_IN_PARALLEL)])
    assert len(quick.begun) == MAILS_IN_PARALLEL + 1


async def test_a_mail_that_may_have_arrived_is_never_cut_and_makes_room(talks, timers):
    slow, quick = Crowd(talks, "text"), Crowd(talks, "text")
    quick.answer.set()
    async with asyncio.TaskGroup() as group:
        slow.begin(group, [f"slow{number}" for number in range(100)])
        for _ in range(10):
            await turned()
            timers.go_off()
        await turned()
        assert slow.cut == []
        assert len(slow.begun) == MAILS_IN_PARALLEL + OUTSIDE
        slow.answer.set()
    assert len(slow.begun) == 100
    async with AsyncExitStack() as rooms:
        for number in range(MAILS_IN_PARALLEL):
            await rooms.enter_async_context(talks.room(f"{number}"))
        waiting = asyncio.create_task(quick.send("late"))
        await turned()
        assert quick.begun == []
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_an_address_that_answers_in_time_is_a_slow_one_no_more(talks, timers):
    slow = Crowd(talks, "recipient")
    async with asyncio.TaskGroup() as group:
        slow.begin(group, [f"slow{number}" for number in range(SLOW_IN_PARALLEL + 1)])
        await turned()
        timers.go_off()
        await turned()
        (cut,) = slow.cut
        slow.begin(group, [cut])
        await turned()
        assert slow.refused == [cut]
        talks.answered(cut)
        slow.begin(group, [cut])
        await turned()
        assert slow.begun[-1] == cut
        slow.answer.set()


async def test_time_that_is_up_between_two_answers_ends_the_next_wait(talks, timers, monkeypatch):
    monkeypatch.setattr(conversations, "SLOW_IN_PARALLEL", 0)
    async with talks.room(ANN):
        talk = talks.about(ANN)
        async with talk.waiting("sender"):
            pass
        timers.go_off()
        with pytest.raises(TimeoutError):
            async with talk.waiting("recipient"):
                await asyncio.Event().wait()
        assert not talks.about(ANN).patient  # a second mail meanwhile has no room
    async with talks.room(ANN):
        assert talks.about(ANN).patient


def test_the_patience_is_that_of_the_standard():
    assert ANSWER_TIMEOUTS == {"connect": 300.0, "sender": 300.0, "recipient": 300.0, "text": 600.0}


# --- over the wire -----------------------------------------------------------------------------------------------


@pytest.mark.whole
async def test_an_address_without_an_answer_is_at_fault_until_two_others_are(smtp_server, monkeypatch):
    channel = channel_of(smtp_server)
    monkeypatch.setitem(conversations.ANSWER_TIMEOUTS, "recipient", 0.2)
    for number, state in enumerate(["ready", "ready", "reconnecting since"]):
        smtp_server.at_rcpt.append("hang")
        to = f"ann{number}@example.org"
        async with channel.room(to):
            error = await failing(channel, to=to)
        assert (type(error), error.everywhere, error.doubtful, error.after) == (Retry, False, True, 300.0)
        assert channel.state().startswith(state)
    await channel.send(ANN, ONE)
    assert channel.state() == "ready"


async def test_what_mails_to_confirm_meet_says_nothing_of_the_server(smtp_server):
    channel = channel_of(smtp_server)
    for number in range(5):
        smtp_server.at_rcpt.append("drop")
        error = await failing(channel, to=f"ann{number}@example.org")
        assert error.doubtful
    smtp_server.at_rcpt.append("554 5.7.1 Client host blocked")
    assert type(await failing(channel)) is ChannelRefused
    assert channel.state() == "ready"


async def test_a_good_probe_is_no_end_of_a_refusal(smtp_server):
    channel = channel_of(smtp_server)
    smtp_server.at_rcpt.append("554 5.7.1 Client host blocked")
    async with channel.room(ANN):
        await failing(channel)
    await channel.probe()
    assert channel.state() == (
        "refused since 2026-01-05 08:00 UTC: 127.0.0.1 refuses our mail: 554 5.7.1 Client host blocked;"
        " check channels.email.smtp_url and from_address"
    )
    await channel.send(ANN, ONE)
    assert channel.state() == "ready"


async def test_a_server_that_takes_mail_of_some_only_says_so(smtp_server):
    channel = channel_of(smtp_server)
    for number in range(2):
        smtp_server.at_data.append(f"554 Message rejected: Email address is not verified: ann{number}@example.org")
        to = f"ann{number}@example.org"
        async with channel.room(to):
            error = await failing(channel, to=to)
        assert error.of_message
    await channel.send(ANN, ONE)
    assert channel.state().startswith("ready, but mail to 2 addresses is refused: 554 Message rejected")
    assert "ann" not in channel.state()
    for number in range(2):
        await channel.send(f"ann{number}@example.org", ONE)
    assert channel.state() == "ready"


async def test_a_doubt_is_in_the_state_until_something_gets_through(smtp_server):
    channel = channel_of(smtp_server)
    channel.doubt("550 mailbox unavailable")
    assert "127.0.0.1 refuses one address after another: 550 mailbox unavailable" in channel.state()
    await channel.send(ANN, ONE)
    assert channel.state() == "ready"


async def test_a_mail_that_is_stopped_before_its_last_answer_may_have_arrived(smtp_server):
    channel = channel_of(smtp_server)
    smtp_server.at_data.append("hang")
    sending = asyncio.create_task(channel.send(ANN, ONE))
    await wait_for(lambda: not smtp_server.at_data)
    sending.cancel()
    with pytest.raises(Unknown, match="stopped before"):
        await sending


async def test_a_mail_that_is_stopped_before_its_text_has_not_arrived(smtp_server):
    channel = channel_of(smtp_server)
    smtp_server.at_rcpt.append("hang")
    sending = asyncio.create_task(channel.send(ANN, ONE))
    await wait_for(lambda: smtp_server.tried)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


@pytest.mark.parametrize("step", ["at_connect", "at_mail", "at_rcpt"])
async def test_who_makes_room_is_tried_again_soon(smtp_server, timers, monkeypatch, step):
    channel = channel_of(smtp_server)
    channel._server._conversations = Conversations(timers)
    monkeypatch.setattr(conversations, "SLOW_IN_PARALLEL", 0)
    getattr(smtp_server, step).append("hang")
    async with channel.room(ANN):
        sending = asyncio.create_task(channel.send(ANN, ONE))
        await wait_for(lambda: smtp_server.transports if step == "at_connect" else not getattr(smtp_server, step))
        timers.go_off()
        with pytest.raises(Retry) as caught:
            await sending
    error = caught.value
    assert (error.everywhere, error.requested, error.patience, error.after) == (False, True, 0.0, 60.0)
    assert channel.state() == "ready"
