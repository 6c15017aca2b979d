"""How hot a paper is."""

from datetime import UTC, datetime, timedelta

import pytest

from paperwire.core.papers.lists import heat, heat_of
from paperwire.core.papers.paper import Paper

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(("upvotes", "hours", "expected"), [(8, 2, 1.0), (27, 7, 1.0), (0, 1, 0.0), (16, -1, 5.656854)])
def test_heat_falls_with_age(upvotes, hours, expected):
    assert heat(upvotes, timedelta(hours=hours)) == pytest.approx(expected)


def test_the_age_of_a_paper_counts_from_when_it_was_seen():
    paper = Paper(id="x", title="", upvotes=8, seen_at=NOW - timedelta(hours=2))
    assert heat_of(paper, NOW) == pytest.approx(1.0)
    assert heat_of(Paper(id="x", title=""), NOW) == 0
