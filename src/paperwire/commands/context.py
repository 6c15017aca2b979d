"""What commands share: the values they work with, reading what was typed, rights, and building replies."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from babel.dates import format_datetime

from paperwire.commands.access import Access
from paperwire.commands.limits import Bucket
from paperwire.commands.memory import Questions, Recent
from paperwire.core.address import is_loopback
from paperwire.core.health import StageHealth
from paperwire.core.messages.message import Attachment, Button, Item, Line, Message, Rich, Span
from paperwire.core.papers.identity import canonical_id
from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.subscription import SHARED, Destination
from paperwire.core.subscriptions.wallclock import clock_of, zone_name
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, SourceError, StoreBusy, StoreSlow
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.libraries import LibraryReader
from paperwire.pipeline.nearness import Nearness
from paperwire.ports.channels import Channel
from paperwire.ports.options import Now
from paperwire.ports.requests import Caller, CommandSpec, Place, Reply, Request
from paperwire.store.unit import Store
from paperwire.texts import ENGLISH, Texts

MOST_SUBSCRIPTIONS = 500
"""Subscriptions of one person or shared place, where the settings say nothing else."""
RELABELS = 6
"""Maximum changes a minute of the count on a button, however many people press it."""
_FENCE = re.compile(r"```[a-z]*\s(.*)```|(`+)([^`]*)\2", re.DOTALL)


async def _no_problem() -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Context:
    """The values that commands work with.

    `followed` are the arXiv categories that are collected, spelled out. `lookup` asks the sources for one paper that is
    not stored, `lookup_many` for several by their ids, and both raise SourceError. `sources` are the intervals of those
    that are on, by name. `channels` are all that can be asked; other processes run those `elsewhere`. `owner` is what
    this process is called, `started_at` when it began, `troubles` what fails in it by name of the stage, and
    `database_problem` says why it cannot use the database (nothing if it can). `channel_state` words how a channel of
    this process is, `needed` are the roles that some process has to have. `access` says who may use this
    instance, `max_subscriptions` how many one owner may have. `zone` is the time zone of new places.
    `closures` are the New York evenings on which the settings expect no announcement of arXiv's.
    `closed` is called with each place that a channel reports closed to the bot, and why; `closed_until` tells until
    when a channel is left alone, None if it isn't. `specs` are all commands, as `/help` lists them. `calibration` finds
    papers by meaning, where an encoder is on, and makes what subscriptions by meaning ask for; `libraries` reads those
    of people. `public_list` says that this instance has a list for everybody, and `relabels` how often the count on a
    button may change now. `pause` waits for some seconds.
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
    channel_state: Callable[[Channel], str] = lambda channel: channel.state()
    needed: frozenset[str] = frozenset()
    access: Access = field(default_factory=Access)
    max_subscriptions: int = MOST_SUBSCRIPTIONS
    zone: str = "UTC"
    closed: Callable[[Destination, str], None] = lambda _place, _reason: None
    closed_until: Callable[[str], datetime | None] = lambda _channel: None
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    recent: Recent = field(default_factory=Recent)
    questions: Questions = field(default_factory=Questions)
    specs: Sequence[CommandSpec] = ()
    public_list: bool = False
    relabels: Bucket = field(default_factory=lambda: Bucket(RELABELS))
    calibration: Calibration | None = None
    libraries: LibraryReader | None = None

    @property
    def nearness(self) -> Nearness | None:
        """How near papers are to each other, where an encoder is on."""
        return None if self.calibration is None else self.calibration.nearness


Answer: TypeAlias = "Callable[[Context, Request], Awaitable[Reply]]"
Press: TypeAlias = "Callable[[Context, Request, str], Awaitable[Reply]]"
"""Answers a button; the text is what follows the first colon of its action."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what answers it, and what answers its buttons, by the first word of their action."""

    spec: CommandSpec
    answer: Answer
    buttons: Mapping[str, Press] = field(default_factory=dict)


# --- reading -----------------------------------------------------------------------------------------------------


def unquoted(text: str) -> str:
    """What was typed, without the code formatting that people copy along, on one line."""
    text = text.strip()
    if found := _FENCE.fullmatch(text):
        text = found[1] if found[1] is not None else found[3]
    return " ".join(text.split())


def split_options(request: Request, *names: str) -> tuple[str, dict[str, str]]:
    """The words of a request without `name:value` among them, and the values by name, those beside the words too."""
    option = re.compile(rf"(?:^|(?<= ))({'|'.join(names)}):\s*(\S+)", re.IGNORECASE)
    text = unquoted(request.args)
    typed = {name.casefold(): value for name, value in option.findall(text)} | dict(request.options)
    return " ".join(option.sub("", text).split()), typed


def read_number(name: str, value: str, most: int, texts: Texts) -> int:
    """The number from 1 to `most` that an option was given; raises CommandError."""
    word = value.strip()
    if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= most:
        return int(word)
    typed = clean(f"{name}:{value}", 40)
    raise CommandError(
        texts.gettext('Can\'t read "%(typed)s". Use a number from 1 to %(limit)s.', typed=typed, limit=most)
    )


async def find_paper(context: Context, text: str, texts: Texts) -> Paper:
    """The paper that an id, DOI or address names: stored, or as a source has it (`number` 0).

    Raises CommandError when the text names no paper, no source has it, or one that may have it cannot be asked.
    """
    if not text:
        raise CommandError(texts.gettext("Add a paper: an arXiv id such as 2510.00001, a DOI, or a link to its page."))
    async with context.store.read() as unit:
        paper = await unit.papers.get(text)
    if paper is not None:
        return paper
    paper_id = canonical_id(text)
    if paper_id is None:
        raise CommandError(
            texts.gettext(
                "Can't read \"%(text)s\". Use an arXiv id such as 2510.00001, a DOI, or the link to the paper's page.",
                text=clean(text, 60),
            )
        )
    try:
        paper = await context.lookup(paper_id)
    except SourceError as error:
        raise CommandError(
            texts.gettext("%(paper)s isn't stored, and looking it up failed: %(reason)s", paper=paper_id, reason=error)
        ) from error
    if paper is None:
        raise CommandError(texts.gettext("%(paper)s isn't stored, and no source has it.", paper=paper_id))
    return paper


class StaleButton(CommandError):
    """The action of a button cannot be read, or what it is about is no longer known."""


def action_number(text: str) -> int:
    """The number in a button's action; raises StaleButton if it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise StaleButton
    return int(text)


# --- rights ------------------------------------------------------------------------------------------------------


def is_shared(place: Place) -> bool:
    """Whether more than one person reads there."""
    return place.kind in SHARED


def only_managers(caller: Caller) -> None:
    """Raise CommandError unless the caller may change things where they are."""
    if not caller.can_manage and is_shared(caller.place):
        raise CommandError(caller.texts.gettext("Only managers can change subscriptions and settings here."))


# --- replies ------------------------------------------------------------------------------------------------------


def say(  # noqa: PLR0913 - the parts of an answer, each named
    *lines: str | Line,
    items: Sequence[Item] = (),
    foot: Sequence[str | Line] = (),
    buttons: Sequence[Sequence[Button]] = (),
    files: Sequence[Attachment] = (),
    private: bool = False,
    aside: bool = False,
    edit: bool = False,
    toast: str = "",
) -> Reply:
    """An answer of lines, papers, more lines and rows of buttons; empty lines and rows are left out."""
    message = Message(
        head=_rich(lines), items=tuple(items), foot=_rich(foot), buttons=tuple(tuple(row) for row in buttons if row)
    )
    return Reply(message=message, files=tuple(files), private=private, aside=aside, edit=edit, toast=toast)


def only_here(context: Context, links: int, texts: Texts) -> str:
    """What to say of some links where the public address is a local one; empty where it isn't."""
    if not is_loopback(context.public_url):
        return ""
    return texts.ngettext(
        "The link works only on the machine where Paperwire runs, as its public_url is a local one.",
        "These links work only on the machine where Paperwire runs, as its public_url is a local one.",
        links,
    )


def refusal(error: CommandError) -> Reply:
    """The reply to a request that cannot be done; lines that begin with four blanks are code."""
    lines = str(error).split("\n")
    return say(*((Span(line[4:], "code"),) if line.startswith("    ") else line for line in lines), aside=True)


def busy_words(error: StoreBusy, texts: Texts) -> str:
    """What to say to a request that found no room or took too long."""
    if isinstance(error, StoreSlow):
        return texts.gettext("This search took too long and was stopped. Try fewer or rarer words.")
    return texts.ngettext(
        "Too many requests right now. Try again in %(num)s second.",
        "Too many requests right now. Try again in %(num)s seconds.",
        error.after,
    )


def _rich(lines: Sequence[str | Line]) -> Rich:
    rich: list[Line] = []
    for line in lines:
        if isinstance(line, str):
            rich += [(Span(piece),) for piece in line.split("\n") if piece]
        else:
            rich.append(line)
    return tuple(rich)


def place_name(destination: Destination, texts: Texts) -> str:
    """What a place is called in a list: its title, or what kind of place it is; a private chat has a person's name."""
    if destination.kind == "private":
        return texts.gettext("your chat on %(channel)s", channel=destination.channel)
    return clean(destination.title, 60) or _kind_name(destination.kind, texts)


def _kind_name(kind: str, texts: Texts) -> str:
    names = {
        "group": texts.gettext("a group"),
        "channel": texts.gettext("a channel"),
        "topic": texts.gettext("a topic"),
        "thread": texts.gettext("a thread"),
        "mailbox": texts.gettext("your mailbox"),
        "address": texts.gettext("an address"),
        "terminal": texts.gettext("this terminal"),
    }
    return names.get(kind, kind)


def local(moment: datetime, zone: str, texts: Texts) -> str:
    """An instant as people of that zone read it, with the zone's name: `Wed 12 Aug 2026 07:30 Europe/Berlin`."""
    shown = format_datetime(moment.astimezone(clock_of(zone)), texts.gettext("EEE d MMM y HH:mm"), locale=texts.locale)
    return f"{shown} {zone_name(zone)}"


def utc(moment: datetime, texts: Texts = ENGLISH) -> str:
    """An instant for texts that everybody reads."""
    return local(moment, "UTC", texts)
