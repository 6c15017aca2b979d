"""What alerts next to a crowd of readers are measured with: queries that can be read, and both paces of one run."""

from itertools import islice

import pytest
from benchmarks.__main__ import themes
from benchmarks.frame import Context, ratios
from benchmarks.readers import HardQueries, Pace, _row, run

from paperwire.core.query.language import parsed

WORDS = [f"{first}{second}rd" for first in "abcdefghijklm" for second in "aeiouwxyz"]


def test_hard_queries_can_be_read_and_are_the_same_each_time():
    queries = list(islice(HardQueries(WORDS, 7), 30))
    assert all(map(parsed, queries))
    assert queries == list(islice(HardQueries(WORDS, 7), 30))
    assert len(set(queries)) == 30


def test_the_crowds_row_says_its_share_of_the_pace_and_can_fail_no_run():
    alone, crowded = (Pace(alerts=100, seconds=seconds, commands=[0.1, 0.5]) for seconds in (1.0, 2.0))
    row = _row("SQLite, 100 clients", "", crowded, alone)
    assert row.figure == "50% of that pace: 50 alerts/s, 2 commands, 0.50 s at most"
    assert ratios([row]) == {}


@pytest.mark.whole
def test_a_quick_run_measures_both(tmp_path):
    ctx = Context(quick=True, folder=tmp_path, shared=tmp_path / "absent", postgres="")
    alone, crowded = run(ctx)
    assert (alone.what, crowded.what) == ("SQLite, no clients", "SQLite, 100 clients")
    assert "readers" in [name for name, _ in themes(quick=True, papers=0)]
