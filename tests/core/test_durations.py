"""Durations in settings, as people write them, and in the header of a busy server."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from paperwire.core.duration import Seconds, retry_after, seconds


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("15m", 900.0),
        (" 1.5h ", 5400.0),
        ("30s", 30.0),
        ("2 d", 172800.0),
        ("7", 7.0),
        (3, 3.0),
        (0.25, 0.25),
        ("366d", 31622400.0),
    ],
)
def test_what_is_understood(written, expected):
    assert seconds(written) == expected
    assert TypeAdapter(Seconds).validate_python(written) == expected


@pytest.mark.parametrize("written", ["", "m", "15 minutes", "-3", "1h30m", "٣m", True, None, -1, "367d", float("nan")])
def test_what_is_refused(written):
    with pytest.raises(ValueError, match="must be a duration"):
        seconds(written)
    with pytest.raises(ValidationError, match="must be a duration"):
        TypeAdapter(Seconds).validate_python(written)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0.65 ", 0.65),
        ("43838", 43838.0),
        ("9" * 30, 366 * 86400.0),
        ("Mon, 05 Jan 2026 08:02:00 GMT", 120.0),
        ("Mon, 05 Jan 2026 08:02:00 -0000", 120.0),
        ("Mon, 05 Jan 2026 07:00:00 GMT", 0.0),
        ("Mon, 05 Jan 9999 07:00:00 GMT", 366 * 86400.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("Mon, 05 Jan 99999999999999999999 07:00:00 GMT", None),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(value, seconds):
    assert retry_after(value, datetime(2026, 1, 5, 8, tzinfo=UTC)) == seconds
