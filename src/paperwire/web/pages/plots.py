"""Small plots as SVG: their shapes as texts of numbers, ready for a template."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

_WIDTH, _HEIGHT = 240, 40
_EDGE = 2


def line_of_counts(counts: Sequence[int]) -> str:
    """The points of a line through counts at equal distances, its highest at the top; empty for fewer than two."""
    if len(counts) < 2 or not any(counts):
        return ""
    step = (_WIDTH - 2 * _EDGE) / (len(counts) - 1)
    return _points([(place * step, count) for place, count in enumerate(counts)], max(counts))


def steps_of_rises(rises: Sequence[tuple[datetime, int]]) -> str:
    """The points of a line that goes up at each rise to what it rose to, over time; empty for fewer than two."""
    if len(rises) < 2:
        return ""
    began, ended = rises[0][0], rises[-1][0]
    span = (ended - began).total_seconds() or 1.0
    corners: list[tuple[float, int]] = []
    for at, value in rises:
        across = (at - began).total_seconds() / span * (_WIDTH - 2 * _EDGE)
        if corners:
            corners.append((across, corners[-1][1]))
        corners.append((across, value))
    return _points(corners, max(value for _, value in corners))


def _points(points: Sequence[tuple[float, int]], highest: int) -> str:
    usable = _HEIGHT - 2 * _EDGE
    return " ".join(f"{_EDGE + across:.1f},{_HEIGHT - _EDGE - usable * up / highest:.1f}" for across, up in points)
