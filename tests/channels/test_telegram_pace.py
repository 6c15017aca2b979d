"""The pace of one chat, on a clock that only the test moves, against Telegram's limits as the fake counts them."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.channels.telegram.pace import Pacer
from servers.telegram_limits import Limits


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pacer(clock):
    return Pacer(clock)


def drive(pacer, clock, chat, count):
    """Send as fast as the pacer lets us; return the moments."""
    moments = []
    while len(moments) < count:
        wait, at = pacer.reserve(chat, 60.0)
        clock.now += wait
        if wait <= 60.0:
            moments.append(clock.now)
            pacer.done(chat, at)
    return moments


def test_a_private_chat_gets_a_message_a_second(pacer, clock):
    moments = drive(pacer, clock, 5, 100)
    assert min(b - a for a, b in pairwise(moments)) >= 1
    assert moments[-1] - moments[0] < 110


def test_a_group_gets_twenty_in_any_minute(pacer, clock):
    moments = drive(pacer, clock, -5, 100)
    assert all(b - a >= 60 for a, b in zip(moments, moments[20:], strict=False))
    assert moments[-1] - moments[0] < 5 * 61


def test_chats_do_not_wait_for_each_other(pacer):
    assert [pacer.reserve(chat, 1.0)[0] for chat in (1, 2, -3)] == [0, 0, 0]


def test_what_waits_too_long_keeps_no_place(pacer):
    waits = [pacer.reserve(1, patience)[0] for patience in (0.0, 0.5, 0.5, 2.0, 2.0, 4.0)]
    assert waits == pytest.approx([0, 1.05, 1.05, 1.05, 2.1, 2.1])


def test_a_flood_wait_is_kept(pacer, clock):
    pacer.hold(1, 30)
    assert pacer.reserve(1, 5.0)[0] == 30
    assert pacer.reserve(2, 5.0)[0] == 0
    clock.now += 30
    assert pacer.reserve(1, 5.0)[0] == 0


def test_a_slow_answer_counts_from_its_end(pacer, clock):
    _, at = pacer.reserve(1, 0.0)
    clock.now += 4
    pacer.done(1, at)
    assert pacer.reserve(1, 2.0)[0] == pytest.approx(1.05)
    pacer.done(99, at)  # never written to: nothing to count


def test_two_under_way_count_each_from_its_own_end(pacer, clock):
    (_, one), (_, two) = pacer.reserve(1, 2.0), pacer.reserve(1, 2.0)
    clock.now += 3
    pacer.done(1, two)
    clock.now += 3
    pacer.done(1, one)
    assert pacer._slots[1] == [1003.0, 1006.0]


def test_idle_chats_are_forgotten_and_held_ones_are_not(pacer, clock):
    pacer.hold(-1, 500)
    pacer.hold(-2, 5)
    for chat in range(1, 1102):
        pacer.reserve(chat, 0.0)
    clock.now += 61
    pacer.reserve(5, 0.0)
    assert len(pacer._slots) == 1
    assert pacer.reserve(-1, 0.0)[0] > 400
    assert pacer.reserve(-2, 0.0)[0] == 0


@given(st.integers(0, 10_000))
def test_whatever_happens_no_limit_of_one_chat_is_broken(seed):
    chance, clock = random.Random(seed), Clock()
    pacer, limits = Pacer(clock), Limits(burst=1, per_second=1000)
    for _ in range(300):
        chat = chance.choice((1, 2, -3, -4))
        patience = chance.choice((0.0, 2.0, 90.0))
        wait, at = pacer.reserve(chat, patience)
        if wait <= patience:
            clock.now += wait
            way = chance.choice((0.0, 0.05, 3.0))
            limits.wait(chat, clock.now + way * chance.random())
            clock.now += way
            pacer.done(chat, at)
        clock.now += chance.choice((0.0, 0.0, 0.1, 1.0))
    assert limits.violations == []
