"""What benchmarks write down and compare: tables, ratios, and when a run has failed."""

import json
import os
from argparse import Namespace
from dataclasses import replace

import pytest
from benchmarks.frame import (
    BEGIN,
    END,
    BenchmarkError,
    Context,
    Row,
    fallen,
    middle,
    percentile,
    ratios,
    read_ratios,
    short_table,
    spent,
    table,
    with_generated,
    write_ratios,
)

from benchmarks import __main__ as command

OURS = Row(section="Matching", what="Paperwire", size="10 papers", cpu=0.5, figure="20 papers/s", memory=12.4)
RIVAL = Row(
    section="Matching",
    what="the naive loop",
    size="1 paper",
    cpu=1.0,
    figure="1 papers/s",
    ratio=1234.5678,
    key="naive",
    note="by proportion",
)
OTHER = Row(section="Feeds", what="bare", size="1", cpu=0.001, figure="1 µs", ratio=2.0, goal="2x")


def test_a_table_for_each_section_with_what_was_measured():
    lines = table([OURS, RIVAL, OTHER]).splitlines()
    assert [line for line in lines if line.startswith("###")] == ["### Matching", "### Feeds"]
    assert "| Paperwire | 10 papers | 0.50 | 20 papers/s | 12 MB |  |  |" in lines
    assert "| the naive loop (by proportion) | 1 paper | 1.00 | 1 papers/s |  | 1,235 |  |" in lines
    assert "| bare | 1 | 0.001 | 1 µs |  | 2.00 | 2x |" in lines


def test_the_page_has_one_table_with_the_rivals_of_each_row_in_its_last_cell():
    alone = Row(section="Feeds", what="Paperwire, 304", size="50 entries", cpu=0.1, figure="15 µs", goal="1.5x")
    assert short_table([OURS, RIVAL, alone, OTHER]).splitlines() == [
        "| what | figure | goal | CPU of ours x |",
        "| --- | --- | --- | --- |",
        "| **Matching** | 10 papers |  |  |",
        "| Paperwire | 20 papers/s, 12 MB |  | the naive loop 1,235 |",
        "| **Feeds** | 50 entries |  |  |",
        "| 304 | 15 µs | 1.5x | bare 2.00 |",
    ]


def quick_theme(_ctx):
    return [OURS, RIVAL]


def failing_theme(_ctx):
    raise BenchmarkError("the index does not find what evaluation finds")


def dying_theme(_ctx):
    os._exit(3)


def test_a_theme_that_fails_or_dies_is_named_and_the_others_are_measured_and_printed(tmp_path, monkeypatch, capsys):
    named = [("failing", failing_theme), ("dying", dying_theme), ("quick", quick_theme)]
    monkeypatch.setattr(command, "themes", lambda **_: iter(named))
    ctx = Context(quick=True, folder=tmp_path, shared=tmp_path, postgres="")
    rows, failed = command._measure(ctx, Namespace(papers=1, places=0, digests=0), rounds=2)
    assert rows == [OURS, RIVAL]
    assert failed[0] == "failing: the index does not find what evaluation finds"
    assert failed[1].startswith("dying: ")
    assert "| the naive loop (by proportion) |" in capsys.readouterr().out


FIRST, OF_MEANING = BEGIN.format(theme=""), BEGIN.format(theme=" meaning")


def test_the_page_keeps_what_stands_around_the_table():
    page = f"before\n{FIRST}\nold\n{END}\nafter\n"
    assert with_generated(page, "new\n") == f"before\n{FIRST}\n\nnew\n\n{END}\nafter\n"
    assert with_generated(with_generated(page, "new\n"), "newer\n") == with_generated(page, "newer\n")


def test_each_theme_of_a_page_has_a_place_of_its_own():
    page = f"{FIRST}\nspeed\n{END}\nbetween\n{OF_MEANING}\nold\n{END}\n"
    assert with_generated(page, "new", "meaning") == f"{FIRST}\nspeed\n{END}\nbetween\n{OF_MEANING}\n\nnew\n{END}\n"


@pytest.mark.parametrize("page", ["nothing", f"{FIRST} only", f"{END} only", f"{END} the wrong way round {FIRST}"])
def test_a_page_without_a_place_for_the_table_is_left_alone(page):
    with pytest.raises(ValueError, match="needs the lines"):
        with_generated(page, "new")


def test_of_three_rounds_the_median_of_each_ratio_counts():
    rounds = [[replace(OURS, cpu=cpu), replace(RIVAL, ratio=ratio)] for cpu, ratio in [(3, 10), (1, 0.1), (2, 12)]]
    assert middle(rounds) == [replace(OURS, cpu=2), replace(RIVAL, ratio=10)]


def test_a_fault_shows_in_the_median_and_a_burst_of_noise_does_not():
    written = {"naive": 10.0}
    burst = middle([[replace(RIVAL, ratio=ratio)] for ratio in (10.2, 0.3, 9.9)])
    fault = middle([[replace(RIVAL, ratio=ratio)] for ratio in (10.2, 0.3, 0.4)])
    assert not fallen(ratios(burst), written)
    assert fallen(ratios(fault), written)


def test_a_ratio_that_a_round_could_not_measure_is_the_median_of_the_others():
    assert middle([[replace(RIVAL, ratio=ratio)] for ratio in (None, 3, 5)]) == [replace(RIVAL, ratio=3)]


def test_rounds_that_measured_different_things_are_not_compared():
    with pytest.raises(BenchmarkError, match="different things"):
        middle([[OURS, RIVAL], [OURS, OTHER]])


def test_only_ratios_with_a_key_are_compared():
    assert ratios([OURS, RIVAL, OTHER]) == {"naive": 1230}


def test_no_two_ratios_share_a_key():
    with pytest.raises(ValueError, match="'naive'"):
        ratios([RIVAL, RIVAL])


@pytest.mark.parametrize(("now", "fails"), [(100, False), (50, False), (49.9, True), (1000, False)])
def test_a_ratio_may_fall_to_half(now, fails):
    assert bool(fallen({"naive": now}, {"naive": 100})) == fails


def test_a_ratio_that_is_not_measured_any_more_has_fallen():
    assert fallen({"new": 1}, {"gone": 3}) == ["gone: was 3, and was not measured in this run"]


def test_each_kind_of_run_has_its_own_ratios(tmp_path):
    file = tmp_path / "ratios.json"
    assert read_ratios(file, "quick") == {}
    write_ratios(file, "quick", "Z80", {"b": 2, "a": 1})
    write_ratios(file, "full", "Z80", {"a": 9})
    write_ratios(file, "quick", "Z80", {"a": 3})
    assert json.loads(file.read_text()) == {"quick": {"Z80": {"a": 3}}, "full": {"Z80": {"a": 9}}}
    assert (read_ratios(file, "quick"), read_ratios(file, "full")) == ({"a": 3}, {"a": 9})


def test_where_processors_differ_the_smallest_ratio_counts(tmp_path):
    file = tmp_path / "ratios.json"
    write_ratios(file, "quick", "Z80", {"a": 3, "b": 5})
    write_ratios(file, "quick", "6502", {"a": 7, "b": 4, "c": 1})
    assert read_ratios(file, "quick") == {"a": 3, "b": 4, "c": 1}


def test_cpu_is_counted_also_when_other_processes_are_gone():
    with spent(2**22 + 1) as cost:
        sum(range(200_000))
    assert cost.cpu > 0


def test_percentiles_are_values_that_were_measured():
    values = list(map(float, range(100, 0, -1)))
    assert percentile(values, 0.5) == 51
    assert percentile(values, 0.99) == 100
    assert percentile([7.0], 0.99) == 7
