import numpy as np
import pytest

from paperwire.core.meaning.nearby import fused


def scores(*values):
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("cosines", "words", "together"),
    [
        ((0.5, 0.25, 0), (0, 8, 4), (0.7, 0.65, 0.15)),
        ((0.5, 0.25, -0.5), (0, 0, 0), (0.7, 0.35, -0.7)),
        ((-0.5, 0, 0), (2, 1, 0), (0.3, 0.15, 0)),
        ((), (), ()),
    ],
)
def test_each_order_counts_by_its_best_and_meaning_counts_for_more(cosines, words, together):
    assert fused(scores(*cosines), scores(*words)) == pytest.approx(scores(*together))
