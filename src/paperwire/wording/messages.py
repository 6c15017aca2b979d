"""Texts of alerts and digests: what stands around a paper in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

UNTITLED = "(no title)"
ELLIPSIS = "…"
MATCHED = "Matched "
IN_SUBSCRIPTION = "for "
DOT = " · "
COMMA = ", "

SAVE = "Save"
MUTE = "Mute…"
MORE = "More like this"
WHY = "Why?"
UNDO = "Undo"

LABELS = {
    "new": "new",
    "cross": "cross-listed",
    "listed": "on HF Daily Papers",
    "withdrawn": "withdrawn",
    "published": "now published",
    "code": "code appeared",
}


def replaced(version: int) -> str:
    """A replacement, by its version."""
    return f"updated to v{version}"


def reached(threshold: int) -> str:
    """A score crossed the threshold of a query."""
    return f"passed {threshold} upvotes"


def upvotes(count: int) -> str:
    """The score of a paper."""
    return "1 upvote" if count == 1 else f"{count:,} upvotes"


def et_al(total: int) -> str:
    """What follows the first few of `total` authors."""
    return f" et al. ({total:,} authors)"


def more(count: int) -> str:
    """What stands for `count` names that were left out."""
    return f"{count:,} more"


def papers(count: int) -> str:
    """A number of papers."""
    return "1 paper" if count == 1 else f"{count:,} papers"


def new_papers(count: int) -> str:
    """The heading of a list message."""
    return "1 new paper" if count == 1 else f"{count:,} new papers"


def window(since: datetime, until: datetime) -> str:
    """The stretch of time a digest covers; both in the reader's zone."""
    if since.date() == until.date():
        return f"{since:%a} {since.day} {since:%b}, {since:%H:%M}–{until:%H:%M}"
    return f"{since:%a} {since.day} {since:%b} {since:%H:%M} – {until:%a} {until.day} {until:%b} {until:%H:%M}"


def already_sent(count: int) -> str:
    """How many of the window's papers went out at once and so are not in the digest."""
    return f"{papers(count)} already sent"
