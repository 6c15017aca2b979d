"""The breaker: when it opens, when it is tried and when it closes."""

from datetime import timedelta

import pytest

from paperwire.pipeline.breaker import FAILURES, FIRST_PAUSE, Breaker


@pytest.fixture
def breaker():
    return Breaker()


def worked(breaker, clock, times=20):
    for _ in range(times):
        breaker.worked(clock())


def test_places_that_fail_in_a_row_open_the_breaker(breaker, clock):
    for place in range(FAILURES - 1):
        breaker.failed(place, clock())
    assert not breaker.is_open(clock())
    breaker.failed(FAILURES, clock())
    assert breaker.is_open(clock())
    assert breaker.next_try_at(clock()) == clock() + FIRST_PAUSE


def test_places_that_failed_before_a_message_got_through_count_no_longer(breaker, clock):
    for place in range(FAILURES - 1):
        breaker.failed(place, clock())
    breaker.worked(clock())
    for place in range(FAILURES, 2 * FAILURES - 1):
        breaker.failed(place, clock())
    assert not breaker.is_open(clock())
    breaker.failed(0, clock())
    assert breaker.is_open(clock())


def test_one_place_that_fails_again_and_again_opens_nothing(breaker, clock):
    for _ in range(3 * FAILURES):
        breaker.failed(1, clock())
    assert not breaker.is_open(clock())
    assert breaker.needs_probe


def test_pauses_grow_to_five_minutes_until_a_message_gets_through(breaker, clock):
    pauses = []
    for _ in range(9):
        breaker.trip(clock())
        pauses.append((breaker.next_try_at(clock()) - clock()).total_seconds())
        clock.at = breaker.next_try_at(clock())
        breaker.answered()
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    breaker.worked(clock())
    breaker.trip(clock())
    assert breaker.next_try_at(clock()) == clock() + FIRST_PAUSE


def test_after_a_good_probe_one_failure_opens_it_again(breaker, clock):
    breaker.trip(clock())
    clock.advance(seconds=5)
    assert breaker.needs_probe
    breaker.answered()
    assert breaker.half_open
    assert not breaker.needs_probe
    breaker.failed(1, clock())
    assert breaker.next_try_at(clock()) == clock() + 2 * FIRST_PAUSE
    assert not breaker.half_open


def test_failures_of_what_was_under_way_do_not_lengthen_the_pause(breaker, clock):
    for place in range(6 * FAILURES):
        breaker.failed(place, clock())
    assert breaker.next_try_at(clock()) == clock() + FIRST_PAUSE


def test_a_good_probe_of_a_closed_breaker_puts_nothing_on_trial(breaker, clock):
    breaker.failed(1, clock())
    breaker.answered()
    assert not breaker.half_open
    assert not breaker.needs_probe


def test_what_a_platform_asks_for_outlives_a_message_that_was_under_way(breaker, clock):
    breaker.leave_alone(clock() + timedelta(seconds=60))
    breaker.worked(clock())
    assert breaker.next_try_at(clock()) == clock() + timedelta(seconds=60)


def test_a_message_that_was_under_way_and_arrives_closes_the_breaker(breaker, clock):
    breaker.trip(clock())
    breaker.worked(clock())
    assert not breaker.is_open(clock())


def test_a_channel_works_while_nine_in_ten_get_through(breaker, clock):
    assert not breaker.is_working  # nothing is known yet
    worked(breaker, clock, 18)
    for place in range(2):
        breaker.failed(place, clock())
    assert breaker.is_working
    breaker.failed(3, clock())
    assert not breaker.is_working


def test_a_place_that_goes_on_failing_is_one_failure_of_its_channel(breaker, clock):
    worked(breaker, clock)
    for _ in range(100):
        breaker.failed(1, clock())
    assert breaker.is_working


def test_a_clock_that_was_a_year_ahead_keeps_no_breaker_open(breaker, clock):
    breaker.trip(clock() + timedelta(days=400))
    breaker.leave_alone(clock() + timedelta(days=400))
    assert not breaker.is_open(clock())
