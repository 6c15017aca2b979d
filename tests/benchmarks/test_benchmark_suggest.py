"""Queries from examples, over recorded reading lists in small form."""

import json

import pytest

from benchmarks import suggest


@pytest.mark.slow
@pytest.mark.shared
async def test_queries_find_half_of_what_was_left_out(shared_data):
    lines = (shared_data / "meaning" / "collections.jsonl").read_text(encoding="utf-8").splitlines()
    lists = [json.loads(line) for line in lines]
    papers = suggest.sampled(shared_data, lists, quick=True)
    results = await suggest.measure(papers, lists)
    assert sum(result.is_enough for result in results) >= suggest.GOAL
    assert all(result.a_week <= 20 for result in results if result.is_enough)


def test_the_table_says_what_the_results_come_to():
    results = [
        suggest.Result("a", 0.6, 0.7, 12.0, said=True, seconds=0.2),
        suggest.Result("b", 0.1, 0.9, 21.0, said=True, seconds=0.1),
    ]
    shown = "\n".join(suggest.table(results, 100))
    assert "finds half of the papers left out on 1 of 2 lists" in shown
    assert "judged correctly on 1" in shown


def test_without_reading_lists_nothing_is_measured(tmp_path, capsys):
    assert suggest.run(tmp_path, quick=True) == []
    assert "nothing is measured" in capsys.readouterr().out
