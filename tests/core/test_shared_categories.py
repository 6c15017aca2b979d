"""Papers in the categories of what was asked for come before others that are about as near."""

import numpy as np
import pytest

from paperwire.core.meaning.categories import shares
from paperwire.core.meaning.nearby import Nearby


def test_a_paper_in_the_same_categories_gets_the_whole_and_one_in_others_nothing():
    added = shares([["cs.CL", "cs.LG"]], {1: ["cs.LG", "cs.CL"], 2: ["cs.CL"], 3: ["math.AG"], 4: []})
    assert added == pytest.approx({1: 0.08, 2: 0.08 / 2**0.5, 3: 0})


def test_a_category_of_more_saved_papers_counts_more():
    added = shares([["cs.CL"], ["cs.CL"], ["cs.CV"]], {1: ["cs.CL"], 2: ["cs.CV"]})
    assert added[1] == pytest.approx(2 * added[2])


def test_papers_without_categories_add_nothing():
    assert shares([[]], {1: ["cs.CL"]}) == {}


def test_what_is_added_changes_the_order_and_not_which_papers_are_near():
    cosines = np.array([-2, 0.5, 0.48, 0.2], np.float32)
    nearby = Nearby(cosines, added={2: 0.08}, floor=0.3)
    assert nearby.scores(np.array([1, 2, 3])) == pytest.approx([0.5, 0.56, 0.2])
    assert nearby.are_near(np.array([1, 2, 3])).tolist() == [True, True, False]
