"""The pace of Telegram's chats, on a clock that only the test moves, against its limits as the fake counts them."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.channels.telegram.pace import Pacer
from paperwire.errors import Retry
from servers.telegram_limits import Limits
from servers.virtual import VirtualTime


@pytest.fixture
def time():
    return VirtualTime()


@pytest.fixture
def pacer(time):
    return Pacer(time, time.sleep)


class Chats:
    """What is sent through a pacer, each message with 150 ms on its way, counted by Telegram when it gets there.

    `alerts` and `answers` are the moments at which they left.
    """

    def __init__(self, time, pacer, **limits):
        self.time, self.pacer = time, pacer
        self.limits = Limits(**limits)
        self.alerts, self.answers = [], []

    async def alert(self, chat, patience=3600.0):
        self.alerts.append(await self._send(chat, patience, answer=False))

    async def answer(self, chat):
        """How many seconds it waited before it left."""
        asked = self.time()
        self.answers.append(await self._send(chat, 61.0, answer=True))
        return self.answers[-1] - asked

    async def _send(self, chat, patience, *, answer):
        at = await self.pacer.take(chat, patience, answer=answer)
        left = self.time()
        await self.time.sleep(0.075)
        self.limits.wait(chat, self.time())
        await self.time.sleep(0.075)
        self.pacer.done(chat, at)
        return left

    async def backlog(self, chat, count):
        """A place with so many alerts, one after another."""
        for _ in range(count):
            await self.alert(chat)


@pytest.fixture
def chats(time, pacer):
    return Chats(time, pacer)


def most_in(moments, seconds):
    """The most of these moments that lie within any `seconds`."""
    return max(sum(first <= at < first + seconds for at in moments) for first in moments)


async def test_a_private_chat_gets_alerts_a_second_apart(time, pacer):
    chats = Chats(time, pacer, burst=1)  # Telegram may allow a burst, but does not promise one
    began = time()
    await time.run(chats.backlog(5, 100))
    assert min(b - a for a, b in pairwise(chats.alerts)) >= 1
    assert time() - began < 125
    assert chats.limits.violations == []


async def test_a_group_gets_five_alerts_quickly_and_then_an_even_stream(time, chats):
    await time.run(chats.backlog(-5, 60))
    gaps = [b - a for a, b in pairwise(chats.alerts)]
    assert max(gaps[:4]) < 1.3
    assert min(gaps[20:]) > 3.9
    assert max(gaps[20:]) < 4.5
    assert most_in(chats.alerts, 60) == 15
    assert chats.limits.violations == []


async def test_a_busy_group_gets_an_answer_and_four_pages_at_once(time, chats):
    """Nobody who uses a command and leafs through its answer waits for alerts, however many are owed there."""

    async def people():
        await time.sleep(300)
        waits = []
        for _ in range(5):
            waits.append(await chats.answer(-5))
            await time.sleep(0.9)
        return waits

    _, waits = await time.run(chats.backlog(-5, 120), people())
    assert waits == [0.0] * 5
    assert most_in(chats.alerts, 60) <= 15
    assert chats.limits.violations == []


async def test_pages_turned_as_fast_as_can_be_are_spaced_and_still_pass_all_alerts(time, chats):
    async def people():
        await time.sleep(300)
        return [await chats.answer(-5) for _ in range(5)]

    _, waits = await time.run(chats.backlog(-5, 120), people())
    assert waits[:3] == pytest.approx([0.0] * 3, abs=1e-6)
    assert sum(waits) < 3
    assert chats.limits.violations == []


async def test_a_flood_of_answers_in_a_group_holds_back_its_alerts(time, chats):
    async def people():
        await time.sleep(60)
        for _ in range(60):
            await chats.answer(-5)

    await time.run(chats.backlog(-5, 40), people())
    first, last = chats.answers[0], chats.answers[-1]
    assert most_in([*chats.alerts, *chats.answers], 60) <= 20
    assert sum(first + 60 < at < last for at in chats.alerts) == 0
    assert chats.limits.violations == []


async def test_alerts_reach_what_all_chats_together_may_get(time, chats):
    """32 places in flight at 150 ms a message: an even stream, and never over 30 together with what is on its way."""
    owed = iter(range(1, 1351))

    async def place():
        for chat in owed:
            await chats.alert(chat)

    began = time()
    await time.run(*(place() for _ in range(32)))
    assert 1350 / (time() - began) > 26
    assert most_in(chats.alerts, 1.0) in {26, 27}
    assert chats.limits.violations == []


async def test_answers_never_queue_after_the_alerts_of_other_chats(time, chats):
    async def people():
        await time.sleep(5)
        waits = []
        for person in range(2001, 2031):
            waits.append(await chats.answer(person))
            await time.sleep(0.4)
        return waits

    *_, waits = await time.run(*(chats.alert(chat) for chat in range(1, 600)), people())
    assert waits == [0.0] * 30
    assert chats.limits.violations == []


async def test_a_crowd_that_asks_at_once_stays_below_what_the_bot_may_send(time, chats):
    await time.run(*(chats.alert(chat) for chat in range(1, 100)), *(chats.answer(chat) for chat in range(2001, 2100)))
    assert chats.limits.violations == []


async def test_a_process_that_was_held_up_does_not_make_up_for_it(time, chats):
    async def stall():
        await time.sleep(2)
        time.now += 5

    await time.run(*(chats.alert(chat) for chat in range(1, 300)), stall())
    assert most_in(chats.alerts, 1.0) <= 27
    assert chats.limits.violations == []


async def test_what_waits_too_long_comes_back_and_keeps_no_place(time, chats, pacer):
    await time.run(chats.alert(1))
    (refused,) = await time.run(chats.alert(1, patience=0.5))
    assert isinstance(refused, Retry)
    assert (refused.after, refused.requested, refused.everywhere) == (pytest.approx(1.05), True, False)
    assert pacer.until_next(1) == pytest.approx(1.05)


async def test_waiting_alone_counts_nothing(time, pacer):
    await time.run(*(pacer.wait(1, 0.0) for _ in range(5)))
    assert pacer.until_next(1) == 0.0


async def test_a_flood_wait_is_kept_by_its_chat_alone(time, pacer):
    pacer.pause(1, 30)
    for answer in (False, True):
        assert pacer.until_next(1, answer=answer) == 30
        assert pacer.until_next(2, answer=answer) == 0
    time.now += 30
    assert pacer.until_next(1) <= 0


async def test_a_flood_wait_that_comes_while_a_message_waits_for_its_turn_is_kept(time, chats, pacer):
    crowd = [chats.alert(chat) for chat in range(1, 60)]

    async def flood():
        await time.sleep(0.5)
        pacer.pause(59, 30)

    outcomes = await time.run(*crowd, flood())
    assert [type(outcome).__name__ for outcome in outcomes if outcome] == ["Retry"]
    assert outcomes[58].requested
    assert 27 < outcomes[58].after < 30


async def test_a_slow_answer_counts_from_its_end(time, pacer):
    (at,) = await time.run(pacer.take(1, 0.0))
    time.now += 4
    pacer.done(1, at)
    assert pacer.until_next(1) == pytest.approx(1.05)
    pacer.done(99, at)  # never written to: nothing to count


async def test_two_under_way_count_each_from_its_own_end(time, pacer):
    one, two = await time.run(pacer.take(1, 0.0, answer=True), pacer.take(1, 0.0, answer=True))
    time.now += 3
    pacer.done(1, two)
    time.now += 3
    pacer.done(1, one)
    assert pacer._sent[1] == [1003.0, 1006.0]


async def test_idle_chats_are_forgotten_and_held_ones_are_not(time, pacer):
    pacer.pause(-1, 500)
    pacer.pause(-2, 5)
    for chat in range(1, 1001):
        (at,) = await time.run(pacer.take(chat, 0.0))
        pacer.done(chat, at)
    time.now += 61
    (at,) = await time.run(pacer.take(7, 0.0))
    pacer.done(7, at)
    pacer._forget(time())
    assert list(pacer._sent) == [7]
    assert pacer.until_next(7) > 0
    await time.run(pacer.take(5, 0.0))
    assert set(pacer._sent) == {5, 7}
    assert pacer.until_next(-1) > 400
    assert pacer.until_next(-2) <= 0


@given(st.integers(0, 10_000))
async def test_whatever_happens_no_limit_is_broken(seed):
    chance, time = random.Random(seed), VirtualTime()
    chats = Chats(time, Pacer(time, time.sleep))

    async def somebody():
        for _ in range(12):
            await time.sleep(chance.choice((0.0, 0.0, 0.1, 1.0, 5.0)))
            chat = chance.choice((1, 2, -3, -4))
            await (chats.answer(chat) if chance.random() < 0.3 else chats.alert(chat))

    await time.run(*(somebody() for _ in range(8)))
    assert chats.limits.violations == []
