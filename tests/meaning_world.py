"""A word table small enough to reckon by hand: three directions, and which words point where."""

import numpy as np

from paperwire.encoders.table import WordTable

DIRECTIONS = {
    "diffusion": (127, 0, 0),
    "latent": (100, 0, 0),
    "weather": (0, 127, 0),
    "forecast": (0, 100, 0),
    "proof": (0, 0, 127),
}


def small_table():
    rows = np.array(list(DIRECTIONS.values()), np.int8)
    return WordTable(tuple(DIRECTIONS), rows, np.full(len(rows), 1 / 127, np.float32), {"papers": 5})
