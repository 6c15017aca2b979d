import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from paperwire.core.meaning.vectors import checked, cosines, lengths, nearest, pack, unit, unpack
from paperwire.errors import EncoderError


def rows(*values):
    return np.array(values, np.float32)


def test_packing_keeps_directions_and_a_row_of_zeros():
    vectors = rows((3, 4, 0), (0, 0, 0), (-1, 1, 0.5))
    again = unpack(pack(vectors))
    assert again == pytest.approx(unit(vectors), abs=0.01)
    assert not again[1].any()


def test_cosines_of_packed_rows_are_those_of_the_vectors():
    random = np.random.default_rng(1)
    vectors, queries = (
        unit(random.standard_normal((9_000, 8)).astype("f")),
        unit(random.standard_normal((2, 8)).astype("f")),
    )
    packed = pack(vectors)
    assert cosines(packed, lengths(packed), queries) == pytest.approx(vectors @ queries.T, abs=0.02)
    assert cosines(packed[:0], lengths(packed[:0]), queries).shape == (0, 2)


@pytest.mark.parametrize(("count", "places"), [(2, [1, 3]), (0, []), (3, [1, 3, 0]), (9, [1, 3, 0, 2])])
def test_the_nearest_come_first_and_equal_ones_in_their_order(count, places):
    assert nearest(rows(0.5, 0.9, 0.1, 0.9), count).tolist() == places


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (((1, 0),), "it gave 1 x 2 numbers for vectors, not 2 x 2"),
        (((1, 0, 0), (1, 0, 0)), "it gave 2 x 3 numbers for vectors, not 2 x 2"),
        (((1, 0), (np.nan, 0)), "it gave a vector with numbers that are not finite"),
        (((1, 0), (0, 0)), "it gave a vector of zeros"),
    ],
)
def test_vectors_that_cannot_be_used_are_refused(given, sentence):
    with pytest.raises(EncoderError, match=sentence):
        checked(rows(*given), (2, 2), "it")


def test_good_vectors_come_back_at_length_one():
    assert checked(rows((3, 4), (0, 2)), (2, 2), "it") == pytest.approx(rows((0.6, 0.8), (0, 1)))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="Linux says which threads there are")
def test_products_take_one_thread():
    code = "import os, paperwire, numpy as np; np.eye(300) @ np.eye(300); print(len(os.listdir('/proc/self/task')))"
    others = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", code], env=others, check=True, stdout=subprocess.PIPE)
    assert int(done.stdout) == 1
