"""Texts of the feeds we publish: what stands around a paper in an entry."""

from __future__ import annotations

PUBLISHER = "Paperwire"
AUTHORS = "Authors:"
MATCHED = "Matched:"
COMMENT = "Comment:"
PDF = "PDF"
CODE = "Code"
DOT = " · "
COMMA = ", "


def labelled(title: str, label: str) -> str:
    """The title of an entry that is news for another reason than a paper's arrival."""
    return f"{title} ({label})"


def source_page(host: str) -> str:
    """The link to the paper's page at its source."""
    return f"Read at {host}"
