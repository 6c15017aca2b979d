"""arXiv's terms of use, which hold for all its machines together, whichever source asks them."""

from __future__ import annotations

from urllib.parse import urlsplit

SERVICE = "arxiv"
"""The pace key of all of arXiv's machines: one request in 3 s, one connection."""
LEAST_INTERVAL = 3.0
"""Seconds between two requests."""
LEAST_EVERY = 60.0
"""Seconds between two looks at one feed."""


def is_arxivs(url: str) -> bool:
    return f".{urlsplit(url).hostname or ''}".rstrip(".").endswith(".arxiv.org")
