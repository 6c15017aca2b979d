"""Texts of alerts and digests: what stands around a paper in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

UNTITLED = "(no title)"
ELLIPSIS = "…"
MATCHED = "Matched "
IN_SUBSCRIPTION = "for "
DOT = " · "
COMMA = ", "

PDF = "PDF"
CODE = "Code"
HUGGING_FACE = "Hugging Face"
ALPHAXIV = "alphaXiv"
SAVE = "Save"
MUTE = "Mute…"
MORE = "More like this"
WHY = "Why?"
UNDO = "Undo"

LABELS = {
    "new": "new",
    "cross": "cross-listed",
    "listed": "on HF Daily Papers",
    "late": "new, found late",
    "withdrawn": "withdrawn",
    "published": "now published",
    "code": "code appeared",
}


def replaced(version: int) -> str:
    """A replacement, by its version."""
    return f"updated to v{version}"


TITLE_WAS = "Title was "
CHANGED = "Changed: "
SUMMARY = "TL;DR (Hugging Face)"
UNCHANGED = "Title, abstract, authors and comment are the same"
COMMENT_NOW = "Comment: "
BECAME = " → "
FIELDS = {"title": "title", "abstract": "abstract", "authors": "authors", "comment": "comment"}


def found_late(day: str) -> str:
    """A paper that was announced some time ago and reached us only now."""
    return f"announced {day}, found late"


def day(day: date) -> str:
    """A day in a message."""
    return f"{day:%a} {day.day} {day:%b}"


def abstract_changed(added: int, removed: int) -> str:
    """How much of an abstract is not what it was."""
    return f"Abstract: {_words(added)} in, {_words(removed)} out"


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count:,} words"


def authors_changed(come: Sequence[str], gone: Sequence[str]) -> str:
    """Who joined the authors and who left them; or only their order changed."""
    if not come and not gone:
        return "Authors in another order"
    parts = [f"+ {COMMA.join(come)}"] if come else []
    return "Authors: " + "; ".join([*parts, f"− {COMMA.join(gone)}"] if gone else parts)


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
