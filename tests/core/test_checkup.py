"""When a subscription counts as quiet, as one that never matched, or as too loud."""

from datetime import UTC, datetime, timedelta

import pytest

from paperwire.core.subscriptions.checkup import Activity, SubscriptionTrouble

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def days_ago(days):
    return None if days is None else NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("began", "last", "recent", "expected", "trouble"),
    [
        (29, None, 0, 1.0, None),
        (30, None, 0, 1.0, SubscriptionTrouble.NEVER),
        (100, 59, 0, 1.0, None),
        (100, 60, 0, 1.0, SubscriptionTrouble.QUIET),
        (59, 90, 0, 1.0, None),  # what another's subscription to the same query matched
        (60, 90, 0, 1.0, SubscriptionTrouble.QUIET),
        (100, 0, 14 * 20, 0.0, None),
        (100, 0, 14 * 20 + 1, 0.0, SubscriptionTrouble.LOUD),
        (100, 0, 14 * 30, 10.0, None),
        (100, 0, 14 * 30 + 1, 10.0, SubscriptionTrouble.LOUD),
        (100, 0, 14 * 300, None, None),
    ],
)
def test_what_is_wrong_with_a_subscription(began, last, recent, expected, trouble):
    activity = Activity(
        number=1,
        ordinal=1,
        text="lora",
        name="",
        began_at=days_ago(began),
        expected=expected,
        last_at=days_ago(last),
        recent=recent,
    )
    assert activity.trouble(NOW) == trouble
    assert activity.a_day == recent / 14
