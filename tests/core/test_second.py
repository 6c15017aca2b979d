"""The first papers of a search in the order of two encoders' scores together."""

import pytest

from paperwire.core.meaning.second import agreed

FIRST = {1: 0.9, 2: 0.8, 3: 0.7}


def order(first, added):
    return sorted(first, key=lambda number: -(first[number] + added.get(number, 0)))


def test_each_score_counts_in_its_own_spread():
    assert order(FIRST, agreed(FIRST, {1: 0.1, 2: 0.1, 3: 0.9})) == [1, 3, 2]
    assert agreed(FIRST, {1: 0.01, 2: 0.01, 3: 0.09}) == pytest.approx(
        agreed(FIRST, {1: 0.1, 2: 0.1, 3: 0.9}), rel=1e-3
    )


def test_no_paper_goes_after_those_that_the_second_was_not_asked_for():
    assert min(agreed(FIRST, {1: -0.5, 2: 0.5, 3: 0.2}).values()) == 0


@pytest.mark.parametrize("second", [{}, {1: 0.5, 2: 0.5, 3: 0.5}, {7: 0.3}])
def test_a_second_that_tells_none_apart_leaves_the_order(second):
    assert order(FIRST, agreed(FIRST, second)) == [1, 2, 3]


def test_what_the_second_knows_nothing_of_gets_nothing():
    assert agreed(FIRST, {1: 0.2, 2: 0.4})[3] == 0
