"""The seconds that keep apart what entered a feed at one time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.seconds import SPREAD, seconds_apart

AT = datetime(2026, 1, 5, tzinfo=UTC)


def test_papers_in_a_row_have_seconds_in_a_row_wherever_the_row_begins():
    assert seconds_apart([(AT, number, 0) for number in (7, 8, 9)]) == {
        (7, 0): 7 - SPREAD,
        (8, 0): 8 - SPREAD,
        (9, 0): 9 - SPREAD,
    }
    assert seconds_apart([(AT, 8, 0)]) == {(8, 0): 8 - SPREAD}
    assert seconds_apart([(AT, SPREAD - 1, 0), (AT, SPREAD, 0)]) == {(SPREAD - 1, 0): -1, (SPREAD, 0): -SPREAD}


def test_who_comes_later_takes_the_next_free_second():
    first, second, third = (AT, 5, 0), (AT, 6, 0), (AT, SPREAD + 5, 0)
    assert seconds_apart([first, second, third]) == {
        (5, 0): 5 - SPREAD,
        (6, 0): 6 - SPREAD,
        (SPREAD + 5, 0): 4 - SPREAD,
    }
    assert seconds_apart([third, first, second]) == {
        (SPREAD + 5, 0): 5 - SPREAD,
        (5, 0): 4 - SPREAD,
        (6, 0): 6 - SPREAD,
    }


def test_occasions_of_one_paper_are_kept_apart_too():
    assert seconds_apart([(AT, 5, -1), (AT, 5, 0), (AT, 5, 2)]) == {
        (5, -1): 5 - SPREAD,
        (5, 0): 4 - SPREAD,
        (5, 2): 3 - SPREAD,
    }


def test_entries_of_other_times_are_kept_apart_as_well():
    assert seconds_apart([(AT, 5, 0), (AT + timedelta(seconds=2), 3, 0)]) == {(5, 0): 5 - SPREAD, (3, 0): 2 - SPREAD}


def test_long_runs_of_taken_seconds_are_passed():
    claims = [(AT, number + lap * SPREAD, 0) for lap in range(3) for number in range(SPREAD)]
    told = seconds_apart(claims)
    assert sorted(told.values()) == list(range(-3 * SPREAD, 0))


numbers = st.lists(st.integers(1, 5 * SPREAD), unique=True, max_size=60)


@given(numbers, numbers)
def test_what_joins_later_moves_nobody(first, later):
    before = seconds_apart([(AT, number, 0) for number in sorted(first)])
    joined = [number for number in sorted(later) if number not in first]
    after = seconds_apart([(AT, number, 0) for number in [*sorted(first), *joined]])
    assert before.items() <= after.items()
    assert len(set(after.values())) == len(after)
    assert all(second < 0 for second in after.values())  # nothing is updated in the future
