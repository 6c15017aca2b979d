"""What is said about a search, in chats, on pages and in the shell."""

from __future__ import annotations

CUT_OFF = "There was no time to look at all papers. More words, or longer ones, are found sooner."
CUT_OFF_LATEST = "There was no time for all papers: these are the latest of those found by then."


def found(total: int, *, at_least: bool) -> str:
    """How many papers a search found, honest about a count that was cut short."""
    return f"{'at least ' if at_least else ''}{'1 paper' if total == 1 else f'{total:,} papers'}"
