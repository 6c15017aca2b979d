"""Where the teaser picture of a paper is, for pages that show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Teaser:
    """A paper's picture: where it is on this site, and the page that it links."""

    src: str
    href: str
