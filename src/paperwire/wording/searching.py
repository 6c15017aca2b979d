"""What is said about a search, in chats, on pages and in the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

PARTLY_SEARCHED = "No match yet, but not all of these papers were searched. Use more words, or longer ones."


def searched_back_to(day: date) -> str:
    """How far a search came that did not come to the earliest paper."""
    return f"Searched back to {day.day} {day:%b} {day.year}. Older papers may match too."


def go_on(resume: int) -> str:
    """How to go on with a search in the shell."""
    return f"To search them: --resume {resume}"


def found(total: int, *, at_least: bool) -> str:
    """How many papers match, honest about a count that does not include all papers."""
    if at_least and not total:
        return "No match yet"
    return f"{'at least ' if at_least else ''}{'1 paper' if total == 1 else f'{total:,} papers'}"
