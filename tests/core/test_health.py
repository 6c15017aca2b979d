"""When a source counts as overdue."""

from datetime import UTC, datetime, timedelta

import pytest

from paperwire.core.health import is_overdue

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("tried", "due", "overdue"),
    [
        (0, 15, False),
        (-45, -30, False),  # three intervals, and no more
        (-46, -31, True),
        (-46, -29, False),  # it waited longer, as its source failed
        (-46, 60, False),
        (-1, -300, False),  # one of many parts is late, and the others are being read
        (9000, 9000, False),  # the clock went back
    ],
)
def test_a_source_is_overdue_after_three_intervals_without_an_attempt(tried, due, overdue):
    tried_at, due_at = NOON + timedelta(minutes=tried), NOON + timedelta(minutes=due)
    assert is_overdue(tried_at, due_at, QUARTER, NOON) is overdue
