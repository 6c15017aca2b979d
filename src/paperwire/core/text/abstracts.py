"""How much of each abstract a page of papers shows, so that it stays small on a phone."""

from __future__ import annotations

import re
from collections.abc import Collection

_TOGETHER = 63_000
"""Characters of all abstracts of a page: fifty of usual length. A page of the heaviest recorded ones packs to 35 KB."""
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def longest(abstracts: Collection[str]) -> int:
    """How long an abstract may be to stand whole; only the longest ones of a heavy page are shortened."""
    left, count = _TOGETHER, len(abstracts)
    for length in sorted(map(len, abstracts)):
        if length * count > left:
            return left // count
        left, count = left - length, count - 1
    return _TOGETHER


def beginning(abstract: str, most: int) -> str:
    """The whole sentences among the first `most` characters, or the words where a sentence is long."""
    if len(abstract) <= most:
        return abstract
    start = abstract[:most]
    ends = [end.start() for end in _END.finditer(start) if start.count("$", 0, end.start()) % 2 == 0]
    return start[: ends[-1]] if ends and ends[-1] > most // 2 else start.rpartition(" ")[0]
