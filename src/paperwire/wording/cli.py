"""What the command line says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "Say once what you care about; hear of each new paper once, where and when you want it."

CONFIG = "The settings file; else PAPERWIRE_CONFIG, else config.toml in this folder if there is one."
JSON = "Answer for a machine."
LOG_LEVEL = "How much is logged."
NO_TERMINAL = "there is no terminal to read from: standard input is closed"
LOG_JSON = "Log lines as JSON."
VERSION = "Print the version."

RUN = "Run the service: collect, match, deliver, answer people, serve pages and feeds."
ONCE = "Collect, match and deliver what is due, then exit."
CONSOLE = "Make this terminal a chat: type commands, see alerts."
ONLY = "Run only these parts, parted by commas: {}."
DEMO = "See it work with made-up papers: no network, no tokens, nothing kept."
INIT = "Write a settings file to start from."
CHECK = "Look at settings, database, folders and channels, and say what is wrong."
MIGRATE = "Bring the database's schema up to date."
COLLECT = "Read the sources now, and what they announced since a day."
SOURCE = "Only this source."
SINCE = "Also everything since this day (YYYY-MM-DD); nobody gets messages about it."
DELIVER = "With --since: deliver what is new of it, marked as found late, to subscriptions that were there already."
IMPORT = "Read papers from JSON Lines files or the public arXiv metadata snapshot, gz or plain."
SEARCH = "Find stored papers."
PREVIEW = "How many of the last 30 days' papers a query would have found, and how often."
WHY = "Why a query does, or does not, find a paper."
TRENDING = "The papers with the most upvotes."
STATUS = "How sources, channels, database and outbox fare."
OUTBOX = "What is owed and to whom, and what was given up and why; send that again, or drop it."
BACKUP = "Write a copy of the database and its secret key to one file while the service runs."
RESTORE = "Put a copy back; the service starts with deliveries held."
EXPORT = "Everything that is kept about a person, as JSON."
FORGET = "Delete everything that is kept about a person."
PERSON = "A person: their number, or channel:user, as in telegram:12345."
QUERY = "What to look for, in the query language; several words need no quotes of the shell."
LIMIT = "How many papers."
ORDER = "relevance, date or score."
RESUME = "Go on with older papers, where a search ended before all were searched."
WINDOW = "day, week or month."


def bad_now(value: str) -> str:
    """PAPERWIRE_NOW is no instant."""
    return f"PAPERWIRE_NOW is {value!r}; it takes an instant with a zone, such as 2026-01-05T07:59:50Z"


def no_key(path: str, problem: str) -> str:
    """The secret key can't be made or read."""
    return f"cannot keep the secret key in {path}: {problem}; make the folder writable or set secret_key"


def is_off(name: str, key: str) -> str:
    """A channel or source that lacks what it cannot work without."""
    return f"{name} is off: {key} is not set"


OTHER_KEY = "the links of feeds that people are told now are not those that they were told before"


def unknown_role(role: str, known: str, nearest: str) -> str:
    """`--only` with a word that is no part."""
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return f"--only: there is no part {role!r}{hint} (known: {known})"


def serving(address: str) -> str:
    """Where the pages are."""
    return f"Pages, search and feeds: {address}"


LOOPBACK = "Links work only on this machine: public_url is a loopback address."
DEMO_HELLO = """This is Paperwire with made-up papers, one every few seconds; nothing is kept when it ends.
Try:  /subscribe agents OR attention
then  /feed   /search robot     /why demo.00031   /help        (Ctrl-D ends it)"""


def nothing_new(papers: int, events: int, failed: int) -> str:
    """What a reading of the sources brought."""
    text = "1 new paper" if papers == 1 else f"{papers:,} new papers"
    text += ", 1 statement" if events == 1 else f", {events:,} statements"
    parts = "1 part" if failed == 1 else f"{failed} parts"
    return f"{text}; {parts} could not be read, see the log" if failed else text


def found_late(papers: int, owed: int) -> str:
    """What was read back to be delivered."""
    text = "1 paper found late" if papers == 1 else f"{papers:,} papers found late"
    return f"{text}; " + ("1 delivery is owed" if owed == 1 else f"{owed:,} deliveries are owed")


DELIVER_WHAT = "--deliver needs --since DAY: from which day on papers are delivered"


def unknown_source(name: str, known: str) -> str:
    """`--source` names none that is on."""
    return f"there is no source {name!r} that is on (on: {known or 'none'})"


def bad_day(text: str) -> str:
    """Not a day."""
    return f"{text!r} is no day; write it as 2026-09-01"


def imported(path: str, papers: int, new: int) -> str:
    """The end of an import."""
    return f"{path}: {papers} papers read, {new} of them new"


def broken_lines(path: str, count: int, first: Sequence[int], problem: str) -> str:
    """Lines that could not be read; `problem` is the first one's."""
    numbers = ", ".join(map(str, first)) + (", ..." if count > len(first) else "")
    left_out = f"line {numbers}" if count == 1 else f"{count:,} lines ({numbers})"
    return f"{path}: left out {left_out}, broken: {problem}"


def resumed(path: str, line: int) -> str:
    """An import goes on."""
    return f"{path}: going on behind line {line}"


def no_import_file(path: str, problem: str) -> str:
    """A file that can't be opened."""
    return f"cannot read {path}: {problem}"


def exists(path: str) -> str:
    """`init` overwrites nothing."""
    return f"{path} is there already; nothing was written"


def cannot_write(path: str, problem: str) -> str:
    """`init` cannot write there."""
    return f"cannot write {path}: {problem}"


def migrated(where: str) -> str:
    """The schema is this program's."""
    return f"the database {where} is up to date"


def wrote(path: str) -> str:
    """A file was written."""
    return f"wrote {path}"


def unknown_person(text: str) -> str:
    """Nobody of that name."""
    return f"there is no person {text!r}; give a number, or channel:user as in telegram:12345"


FORGOTTEN = "forgotten"
SURE = "This deletes the person, their subscriptions, places and feeds. Go on?"
CANCELLED = "nothing was deleted"
NO_MATCH = "no paper of that query is stored"


RELEASE = "End the hold: send what is owed."
HOLD = "Hold all deliveries from now on; everything else goes on."
MOVE = "Copy everything from SQLite to an empty PostgreSQL database."
BACKUP_ROW = "copying"
RESTORE_ROW = "unpacking and checking"


def trending(count: int, window: str) -> str:
    """The head of a list of papers with upvotes."""
    return f"{count or 'no'} papers with upvotes in the last {window}"
