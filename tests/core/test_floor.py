"""Where a search by meaning ends: far above the mean of all papers, and nowhere among few."""

import numpy as np

from paperwire.core.meaning.nearby import floor_of


def test_what_is_near_stands_out_and_papers_without_a_vector_do_not_count():
    cosines = np.concatenate([np.tile([-0.1, 0.1], 1_000), [0.9, 0.8, 0.3], np.full(5_000, -2)]).astype(np.float32)
    floor = floor_of(cosines)
    assert floor is not None
    assert 0.3 < floor < 0.8
    assert floor_of(cosines[:900]) is None
