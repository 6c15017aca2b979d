"""What every command has at hand, and how it reads what was typed and says what it found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from paperwire.commands.recent import Recent
from paperwire.core.messages.message import Message, Span
from paperwire.core.papers.identity import canonical_id
from paperwire.core.query.language import parse
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, QueryError, SourceError
from paperwire.ports import Reply
from paperwire.wording import commands as words
from paperwire.wording import places as place_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import date, timedelta

    from paperwire.core.health import StageHealth
    from paperwire.core.messages.message import Attachment, Button, Item, Line, Rich
    from paperwire.core.papers.paper import Paper
    from paperwire.core.query.language import Query
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.ports import Channel, Now, Place, Request
    from paperwire.store.unit import Store

SHARED = frozenset({"group", "channel", "topic", "thread"})
"""The kinds of places where more than one person reads and only managers may change anything."""

LONGEST_ARGUMENTS = 4096
_FENCE = re.compile(r"```[a-z]*\s(.*)```|(`+)([^`]*)\2", re.DOTALL)
_CARET_WINDOW = 60


async def _no_problem() -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The values that commands work with.

    `followed` are the arXiv classes that are collected, spelled out. `lookup` asks the sources for one paper that is
    not stored, `lookup_many` for several by their ids, and both raise SourceError. `sources` are the intervals of those
    that are on, by name. `channels` are all that can be asked; other processes run those `elsewhere`. `owner` is what
    this process is called, `started_at` when it began, `troubles` what fails in it by name of the stage, and
    `database_problem` says why it cannot use the database (nothing if it can). `zone` is the time zone of new places.
    `closures` are the New York evenings on which the settings expect no announcement of arXiv's.
    `closed` is called with each place that a channel says is closed to us, and why; `closed_until` says until when a
    channel is left alone, None if it isn't.
    """

    store: Store
    secret_key: bytes = field(repr=False)
    public_url: str
    followed: Sequence[str]
    channels: Mapping[str, Channel]
    lookup: Callable[[str], Awaitable[Paper | None]]
    lookup_many: Callable[[Sequence[str]], Awaitable[Mapping[str, Paper]]]
    now: Now
    sources: Mapping[str, timedelta] = field(default_factory=dict)
    closures: frozenset[date] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    owner: str = ""
    started_at: datetime | None = None
    troubles: Mapping[str, StageHealth] = field(default_factory=dict)
    database_problem: Callable[[], Awaitable[str]] = _no_problem
    zone: str = "UTC"
    closed: Callable[[Destination, str], None] = lambda _place, _reason: None
    closed_until: Callable[[str], datetime | None] = lambda _channel: None
    recent: Recent = field(default_factory=Recent)


# --- reading -----------------------------------------------------------------------------------------------------


def unquoted(text: str) -> str:
    """What was typed, without the code formatting that people copy along, on one line."""
    text = text.strip()
    if found := _FENCE.fullmatch(text):
        text = found[1] if found[1] is not None else found[3]
    return " ".join(text.split())


def read_query(text: str) -> Query:
    """The query that was typed; raises CommandError that shows where it is wrong and what to type instead."""
    if not text:
        raise CommandError(words.NO_QUERY)
    try:
        return parse(text)
    except QueryError as error:
        raise CommandError(
            "\n".join([words.wrong_query(error.message, error.column), *_caret(text, error.column), error.hint])
        ) from None


def _caret(text: str, column: int) -> tuple[str, str]:
    """The neighbourhood of a column and a line that points at it; four blanks make code of them."""
    start = max(0, min(column - _CARET_WINDOW // 2, len(text) - _CARET_WINDOW))
    shown = "".join(letter if clean(letter, 1) else " " for letter in text[start : start + _CARET_WINDOW])
    return f"    {shown}", f"    {' ' * (column - 1 - start)}^"


async def find_paper(desk: Desk, text: str) -> Paper:
    """The paper that an id, DOI or address names: stored, or as a source has it (`number` 0).

    Raises CommandError when the text names no paper, no source has it, or one that may have it cannot be asked.
    """
    if not text:
        raise CommandError(words.NO_PAPER)
    async with desk.store.read() as unit:
        found = await unit.papers.get(text)
    if found is not None:
        return found
    paper_id = canonical_id(text)
    if paper_id is None:
        raise CommandError(words.not_a_paper(clean(text, 60)))
    try:
        found = await desk.lookup(paper_id)
    except SourceError as error:
        raise CommandError(words.cannot_look_up(paper_id, str(error))) from error
    if found is None:
        raise CommandError(words.unknown_paper(paper_id))
    return found


def action_number(text: str) -> int:
    """The number in a button's action; raises CommandError for a button that is not ours."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise CommandError(words.OLD_BUTTON)
    return int(text)


# --- rights ------------------------------------------------------------------------------------------------------


def is_shared(place: Place) -> bool:
    """Whether more than one person reads there."""
    return place.kind in SHARED


def only_managers(request: Request) -> None:
    """Raise CommandError unless the actor may change things in this place."""
    if not request.can_manage and is_shared(request.place):
        raise CommandError(words.ONLY_MANAGERS)


# --- saying ------------------------------------------------------------------------------------------------------


def say(  # noqa: PLR0913 - the parts of an answer, each named
    *lines: str | Line,
    items: Sequence[Item] = (),
    foot: Sequence[str | Line] = (),
    buttons: Sequence[Sequence[Button]] = (),
    files: Sequence[Attachment] = (),
    private: bool = False,
    edit: bool = False,
    toast: str = "",
) -> Reply:
    """An answer of lines, papers, more lines and rows of buttons; empty lines and rows are left out."""
    message = Message(
        head=_rich(lines), items=tuple(items), foot=_rich(foot), buttons=tuple(tuple(row) for row in buttons if row)
    )
    return Reply(message=message, files=tuple(files), private=private, edit=edit, toast=toast)


def refusal(error: CommandError) -> Reply:
    """What is said, to the actor alone, when something cannot be done; lines that begin with four blanks are code."""
    lines = str(error).split("\n")
    return say(*((Span(line[4:], "code"),) if line.startswith("    ") else line for line in lines), private=True)


def _rich(lines: Sequence[str | Line]) -> Rich:
    rich: list[Line] = []
    for line in lines:
        if isinstance(line, str):
            rich += [(Span(piece),) for piece in line.split("\n") if piece]
        else:
            rich.append(line)
    return tuple(rich)


def place_name(destination: Destination) -> str:
    """What a place is called in a list: its title, or what kind of place it is."""
    return clean(destination.title, 60) or place_words.PLACE_KINDS.get(destination.kind, destination.kind)


def local(moment: datetime, zone: str) -> str:
    """An instant as people of that zone read it."""
    return words.moment(moment.astimezone(ZoneInfo(zone)), zone)


def utc(moment: datetime) -> str:
    """An instant for texts that everybody reads."""
    return words.moment(moment.astimezone(UTC), "UTC")
