"""JSON from outside, which never becomes much larger than its text."""

from __future__ import annotations

import json
from typing import Any

from paperwire.errors import SourceGarbled

_MAX_VALUES = 250_000
"""A small value takes about a hundred bytes in memory; a full page of Hugging Face has 20,000."""
_MAX_ASCII, _MAX_WIDE = 9_000_000, 6_000_000
"""Bytes; one letter beyond ASCII makes a text four times as large in memory, twice."""


def parse_json(body: bytes) -> Any:
    """What `body` says.

    Raises:
        SourceGarbled: no JSON, too deep, too long, or of too many values.
    """
    if len(body) > (_MAX_ASCII if body.isascii() else _MAX_WIDE) or body.count(b",") > _MAX_VALUES:
        raise SourceGarbled("the JSON is longer or has more values than any honest answer")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise SourceGarbled("the answer is not valid JSON") from None
