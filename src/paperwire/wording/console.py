"""Texts of the terminal as a chat."""

from __future__ import annotations

GREETING = "This terminal is a chat. Type /help, or /subscribe and what you care about; Ctrl-C stops."
CLOSED = "the terminal is closed"
OPEN = "open"
NO_OTHER_PLACE = "A terminal reaches no other place than itself."
PROMPT = "> "


def no_button(number: str) -> str:
    """A button was pressed that is not there (any more)."""
    return f"There is no button #{number}. The newest messages show theirs in brackets."


def file_written(path: str) -> str:
    """A file came with the answer."""
    return f"Written to {path}"


def file_refused(name: str, reason: str) -> str:
    """A file came with the answer and could not be written."""
    return f"Could not write {name}: {reason}"
