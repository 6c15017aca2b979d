"""Durations as people write them in settings."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")


def seconds(value: object) -> float:
    """Read `15m`, `1.5h`, `30s`, `2d`, or a plain number of seconds.

    Raises:
        ValueError: the value is none of these.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a duration such as 30s, 15m, 6h or 1d, or a number of seconds")
    return float(found[1]) * _UNITS[found[2]]


Seconds = Annotated[float, BeforeValidator(seconds), Field(ge=0)]
"""A settings field that takes `15m` or a number and holds seconds."""
