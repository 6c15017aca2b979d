"""Durations in settings, as people write them."""

import pytest
from pydantic import TypeAdapter, ValidationError

from paperwire.core.duration import Seconds, seconds


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
