"""Paperwire: tell it once what you care about, hear of each new paper once."""

from importlib.metadata import version

__version__ = version("paperwire")
