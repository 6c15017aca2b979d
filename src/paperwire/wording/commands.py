"""Texts of the commands: greetings, refusals, search, saved papers, feeds, accounts and status."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

# --- the first words ---------------------------------------------------------------------------------------------

NAME = "Paperwire"
HELLO = "Tell me once what you care about; I tell you of each new paper once, here and in a feed of your own."
HELLO_ALL = "I bring new papers to this place. Its managers say which:"
FOR_EXAMPLE = "For example: "
EXAMPLE = '/subscribe "large language model" reasoning'
HELLO_MORE = "The answer shows what it would have found lately. /preview tries a query without subscribing."
HOW_TO_QUERY = "How to write a query"
ALL_COMMANDS = "All commands"
HELP_MORE = "More on one of them: /help and its name."
MANAGERS_ONLY = "In groups and channels only managers can use it."

# --- refusals ----------------------------------------------------------------------------------------------------

OUR_FAULT = "Something went wrong on our side, and it is written in the log. Please try again in a while."
OLD_BUTTON = "This button is too old. Please send the command again."


def argument(text: str, *, required: bool) -> str:
    """What the words of a command are."""
    return f"Needs {text}." if required else f"Takes {text}; or nothing."


def unknown_command(name: str, nearest: str) -> str:
    """There is no such command."""
    hint = f"Did you mean /{nearest}?" if nearest else "/help lists all there are."
    return f"There is no command /{name}. {hint}"


def no_command(text: str) -> str:
    """Words without a command."""
    if not text:
        return "/help lists what I can do."
    return f"To be told of new papers: /subscribe {text}\nTo look what there is: /search {text}\n/help lists the rest."


def too_fast(seconds: float) -> str:
    """The rate limit."""
    return f"Slowly, please: I can answer again in {max(round(seconds), 1)} s."


def too_long(limit: int) -> str:
    """The words of a command are too many."""
    return f"That is too long: at most {limit:,} characters."


def one_of(choices: Sequence[str]) -> str:
    """A word that is none of the possible ones."""
    return f"Say one of: {', '.join(choices)}."


# --- papers ------------------------------------------------------------------------------------------------------

UNDO = "Undo"


RIS = "RIS"


def saved(title: str) -> str:
    """A paper was saved."""
    return f"Saved: {title}"


def watching(title: str) -> str:
    """A paper is followed from now on."""
    return f"Watching: {title}\nNew versions, withdrawal, publication and code are told here."


# --- feeds -------------------------------------------------------------------------------------------------------


# --- accounts ----------------------------------------------------------------------------------------------------

NOTHING_STORED = "Nothing is stored about you."
EXPORTED = "All that is stored about you:"
FORGET_ME = "Yes, delete everything"
KEEP_ME = "No"
FORGOTTEN = "Everything about you is deleted."
NOT_FORGOTTEN = "Nothing was deleted."
LINK_HOW = "To join another account with this one, send this from there within 15 minutes:"
LINKED = "Linked: this account and the other one are the same person now."
ALREADY_LINKED = "This account is already linked."
JOIN = "Yes, join them"
KEEP_APART = "No"
KEPT_APART = "Nothing was joined."
BAD_CODE = "This code is not valid, or older than 15 minutes. Send /link on the first account for a new one."


def join_whom(name: str) -> str:
    """Asks before two accounts become one."""
    whose = f"the account of {name}" if name else "another account"
    asked = f"Join this account with {whose}? Whoever uses it will see and change all you have here."
    return f"{asked} Say yes only if you sent /link yourself, just now."


def forget_what(subscriptions: int) -> str:
    """What would be deleted."""
    count = "1 subscription" if subscriptions == 1 else f"{subscriptions} subscriptions"
    return f"Delete all that is stored about you: {count}, saved papers, feeds and settings? It cannot be undone."


# --- status ------------------------------------------------------------------------------------------------------

STATUS = "Status"
NO_SOURCE_YET = "No source has been read yet."


def source_fares(name: str, ok: str, next_at: str) -> str:
    """A source that answers."""
    last = f"last read {ok}" if ok else "not read yet"
    return f"{name}: {last}" + (f", next {next_at}" if next_at else "")


def source_fails(name: str, error: str, ok: str, next_at: str) -> str:
    """A source that does not answer, or of which parts do not."""
    last = f"; last read {ok}" if ok else ""
    return f"⚠ cannot reach {name}: {error}" + (f"; next try {next_at}" if next_at else "") + last


def source_overdue(name: str, tried: str, error: str) -> str:
    """A source without an attempt for three of its intervals."""
    return f"⚠ {name}: overdue, not tried since {tried}" + (f"; the last error was: {error}" if error else "")


def some_parts(error: str, failing: int, parts: int) -> str:
    """Why a source fails, and in how many of its parts, if it has several."""
    return f"{error} ({failing} of {parts} parts)" if parts > 1 else error


def held(count: int, first: date | None, last: date | None) -> str:
    """What is held."""
    if first is None or last is None:
        return "No papers are held yet."
    return f"{count:,} papers held, {first.isoformat()} to {last.isoformat()}"


def outbox(owed: int) -> str:
    """What is to be sent."""
    return "1 paper to send" if owed == 1 else f"{owed:,} papers to send"


def held_back(since: str) -> str:
    """All deliveries wait for an operator's word."""
    return f"nothing is sent since {since}: deliveries are held"


def stage_fails(name: str, since: str, reason: str, next_at: str) -> str:
    """A part of the service that fails."""
    return f"⚠ {name} has been failing since {since}: {reason}; next try {next_at}"


def database_fails(problem: str) -> str:
    """The database cannot be used as this process needs it."""
    return f"⚠ {problem}"


def channel(name: str, state: str) -> str:
    """The state of a channel; empty where no process runs it."""
    return f"{name}: {state or 'not running'}"
