"""What failures come to."""

from datetime import date, timedelta

import pytest

from paperwire.core.messages.failures import is_given_up, is_unreachable, may_be_sent, pause_after, steps_aside


def test_eight_failures_put_a_delivery_after_the_others():
    assert not steps_aside(7)
    assert steps_aside(8)


@pytest.mark.parametrize(("failures", "days", "over"), [(8, 6.9, False), (8, 7, True), (7, 30, False), (200, 7, True)])
def test_it_is_given_up_after_a_week(clock, failures, days, over):
    assert is_given_up(failures, clock() - timedelta(days=days), clock()) is over


def test_the_last_sending_of_what_may_have_arrived_waits_for_proof_an_hour_at_most(clock):
    failed = clock() - timedelta(minutes=10)
    before, since = failed - timedelta(seconds=1), failed + timedelta(seconds=1)
    assert may_be_sent(0, None, None, clock())
    assert may_be_sent(1, failed, None, clock())
    assert not may_be_sent(2, failed, None, clock())
    assert not may_be_sent(2, failed, before, clock())
    assert may_be_sent(2, failed, since, clock())
    assert may_be_sent(2, failed, None, failed + timedelta(hours=1))


def test_pauses_double_up_to_five_minutes():
    first = timedelta(seconds=5)
    assert [pause_after(failures, first).total_seconds() for failures in (1, 2, 6, 7, 8, 1000)] == [
        *(5, 10, 160),
        *(300, 300, 300),
    ]


@pytest.mark.parametrize(
    ("bounced", "sent", "over"),
    [
        ([1], [], False),
        ([1, 2, 3, 4], [2, 3, 4], False),
        ([1, 2, 3, 4, 5], [2, 3, 4, 5], True),
        ([1, 3, 4, 5, 7], range(2, 8), True),
        ([1, 3, 4, 5, 8], range(2, 9), False),
        ([1, 8, 15, 22], [8, 15, 22], True),
        ([1, 8, 15], [8, 15], False),
        ([1, 8, 15, 29], [8, 15, 22, 29], False),
        ([1, 8, 22, 29, 36, 43], [8, 15, 22, 29, 36, 43], True),
        ([6, 13, 20, 27], [8, 15, 22], True),
        ([1, 3, 5, 8], [3, 5, 8], True),
        ([1, 2, 9, 30], range(2, 31), False),
    ],
)
def test_what_comes_back_on_five_days_of_seven_or_each_time_is_too_much(bounced, sent, over):
    first = date(2026, 1, 1)
    days = [first + timedelta(days=day) for day in bounced]
    assert is_unreachable(days, {first + timedelta(days=day) for day in sent if day > bounced[0]}) is over
