"""What is measured on, without recorded data: the same subscriptions each time, all of them readable."""

import pytest
from benchmarks.frame import BenchmarkError, Context
from benchmarks.workload import one_day, prepare, texts_of, wanted

from benchmarks import index, matching, rivals
from paperwire.core.query.language import parse


@pytest.fixture(scope="module")
def ctx(tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmarks")
    made = Context(quick=True, folder=folder, shared=folder / "absent", postgres="")
    prepare(made, 1_000)
    return made


def test_subscriptions_are_the_same_each_time(ctx, tmp_path):
    again = Context(quick=True, folder=tmp_path, shared=tmp_path / "absent", postgres="")
    prepare(again, 1_000)
    assert texts_of(again, 1_000) == texts_of(ctx, 1_000)


def test_the_first_subscriptions_are_those_of_a_bigger_run(ctx):
    some, every = wanted(ctx, 100), wanted(ctx, 1_000)
    assert every.dumped[: len(some.dumped)] == some.dumped
    assert sum(some.users) == 100
    assert sum(every.users) == 1_000
    assert texts_of(ctx, 100) == texts_of(ctx, 1_000)[:100]
    assert {parse(text).key for text in texts_of(ctx, 100)} == {query.key for _, query in some.loaded()}


def test_matches_are_compared_with_plain_evaluation(ctx):
    papers, wants = one_day(ctx.shared)[:20], wanted(ctx, 200)
    _, right = rivals.naive([query for _, query in wants.loaded()], papers, 10_000)
    assert any(right)
    matching.check(wants, papers, right, 10_000)
    wrong = [[*right[0], len(wants.dumped)] if not right[0] else right[0][1:], *right[1:]]
    with pytest.raises(BenchmarkError, match=papers[0].id):
        matching.check(wants, papers, wrong, 10_000)


def test_a_theme_gives_rows_with_what_it_is_compared_with(ctx):
    rows = index.edit(ctx, 1_000)
    assert [row.ratio is None for row in rows] == [True, True, False]
    assert rows[-1].ratio > 1
