"""What is said about arXiv's classes."""

from __future__ import annotations


def unknown(name: str, nearest: str) -> str:
    """A class that does not exist, with the nearest one that does, if any."""
    return f"arXiv has no category {name!r}" + (f"; did you mean {nearest!r}?" if nearest else "")
