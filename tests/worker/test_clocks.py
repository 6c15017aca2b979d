"""The one clock never goes back, unless it was far ahead."""

from datetime import UTC, datetime, timedelta

import pytest

from paperwire.worker import clocks


class Machine:
    """A machine's two clocks."""

    def __init__(self):
        self.wall, self.monotonic = datetime(2026, 1, 5, 12, tzinfo=UTC), 0.0

    def run(self, **time):
        self.wall += timedelta(**time)
        self.monotonic += timedelta(**time).total_seconds()

    def steady(self):
        return clocks.SteadyClock(lambda: self.wall, lambda: self.monotonic)


def test_a_clock_that_is_set_back_goes_on_slowly_until_it_is_met():
    machine = Machine()
    steady = machine.steady()
    machine.run(minutes=10)
    before = steady()
    assert before == machine.wall
    machine.wall -= timedelta(hours=1)
    assert steady() == before
    machine.run(minutes=30)
    assert steady() == before + timedelta(minutes=15)
    machine.run(minutes=90)
    assert steady() == machine.wall == before + timedelta(hours=1)


def test_a_clock_that_was_far_ahead_is_not_followed_any_more():
    machine = Machine()
    steady = machine.steady()
    machine.wall -= timedelta(days=1, seconds=1)
    assert steady() == machine.wall


def test_a_clock_set_forward_is_believed():
    machine = Machine()
    steady = machine.steady()
    machine.wall += timedelta(days=400)
    assert steady() == machine.wall


@pytest.mark.parametrize(("ahead", "begins"), [(-5, 0), (0, 0), (90, 90), (25 * 3600, 0)])
def test_a_clock_begins_where_others_have_been(ahead, begins):
    machine = Machine()
    steady = machine.steady()
    steady.not_before(machine.wall + timedelta(seconds=ahead))
    assert steady() == machine.wall + timedelta(seconds=begins)
