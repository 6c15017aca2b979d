"""Digests are measured against a loop that sends the same ones, on each database."""

import os

import pytest
from benchmarks.__main__ import themes
from benchmarks.databases import whose_cpu_we_see
from benchmarks.frame import Context

from benchmarks import digests


@pytest.mark.parametrize("kind", ["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgresql)])
def test_digests_go_to_each_place_once_and_the_loop_sends_as_many(tmp_path, kind):
    server = whose_cpu_we_see(os.environ.get("TEST_POSTGRES", "")) if kind == "PostgreSQL" else ""
    if kind == "PostgreSQL" and not server:
        pytest.skip("no PostgreSQL whose CPU we can see")
    ctx = Context(quick=True, folder=tmp_path, shared=tmp_path / "absent", postgres=server)
    mine, loop = digests.ours(ctx, kind, dict(ctx.databases())[kind], 3)
    assert mine.size == loop.size == "3 places, 10 papers each"
    assert mine.figure.split()[1] == "digests/s,"
    assert loop.ratio == loop.cpu / mine.cpu
    assert mine.section == f"Digests, {kind}"


def test_so_many_digests_alone_are_a_run():
    assert [name for name, _ in themes(quick=False, papers=0, due=100_000)] == ["100,000 digests"]
