"""Paperwire: tell it once what you care about, hear of each new paper once."""

import os
from importlib.metadata import version

# Read when numpy is first imported. Products of a few thousand rows gain nothing from a second thread, and one that
# waits for its turn spins: the nearest of a million papers took ten times as much CPU on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = version("paperwire")
