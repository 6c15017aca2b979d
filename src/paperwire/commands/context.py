"""What commands share: the values they work with, and building replies."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeAlias

from paperwire.commands.memory import LongTexts
from paperwire.core.messages.message import Attachment, Button, Item, Line, Rich, Span, message_of, with_link
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.pipeline.libraries import LibraryReader
from paperwire.ports.requests import Argument, CommandSpec, Feature, Reply, Request
from paperwire.services.context import Context
from paperwire.services.limits import Bucket
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop

RELABELS = 6
"""Maximum changes a minute of the count on a button, however many people press it."""
QUERY = Argument(
    "query",
    # Translators: what "query" of commands takes: at most 100 characters. What is typed stays English.
    gettext_noop('query: words, "phrases", cat:cs.CL, au:name, -not, OR; /help query explains it'),
    completes="query",
)
"""The argument of commands that take a query."""
# Translators: what "file" of commands takes: at most 100 characters. What is typed stays English.
FILE = Argument("file", gettext_noop("a library: .bib, RIS or CSL-JSON"), required=False, kind="file")
"""The option of commands that take the papers of a file."""


@dataclass(frozen=True, kw_only=True)
class Chat(Context):
    """What commands work with besides what services do.

    `closed` is called with each place that a channel reports closed to the bot, and why. `specs` are all commands, and
    `features` what this instance has of all that they need. `libraries` reads those of people. `pause` waits for some
    seconds, and `relabels` says how often the count on a button may change now.
    """

    closed: Callable[[StoredPlace, str], None]
    specs: Sequence[CommandSpec]
    features: AbstractSet[Feature]
    libraries: LibraryReader
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    long_texts: LongTexts = field(default_factory=LongTexts)
    relabels: Bucket = field(default_factory=lambda: Bucket(RELABELS))


Answer: TypeAlias = "Callable[[Chat, Request], Awaitable[Reply]]"
Press: TypeAlias = "Callable[[Chat, Request, str], Awaitable[Reply]]"
"""Answers a button; the text is what follows the first colon of its action."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what answers it, and what answers its buttons, by the first word of their action.

    `is_personal` says that a request changes nothing where it was made, so that anyone there may make it.
    """

    spec: CommandSpec
    answer: Answer
    buttons: Mapping[str, Press] = field(default_factory=dict)
    is_personal: Callable[[Request], bool] = lambda _: False


# --- reading -----------------------------------------------------------------------------------------------------


def split_options(request: Request, *names: str) -> tuple[str, dict[str, str]]:
    """The words of a request without `name:value` among them, and all values by name."""
    option = re.compile(rf"(?:^|(?<= ))({'|'.join(names)}):\s*(\S+)", re.IGNORECASE)
    text = unquoted(request.args)
    typed = {name.casefold(): value for name, value in option.findall(text)} | dict(request.options)
    return " ".join(option.sub("", text).split()), typed


# --- replies ------------------------------------------------------------------------------------------------------


def say(  # noqa: PLR0913 -- the parts of an answer, each named
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
    message = message_of(*lines, items=items, foot=foot, buttons=buttons)
    return Reply(message=message, files=tuple(files), private=private, aside=aside, edit=edit, toast=toast)


def explained(text: str) -> Rich:
    """The explanation of a question in a form."""
    return ((Span(text),),)


def only_managers_line(texts: Texts) -> str:
    """What a member reads under settings of a shared place, instead of how to change them."""
    return texts.gettext("Managers can change this.")


def refusal(text: str, buttons: Sequence[Sequence[Button]] = (), *, link: str = "") -> Reply:
    """The reply to a request that can't be done; lines that begin with four spaces are code."""

    def shown(line: str) -> str | Line:
        if line.startswith("    "):
            return (Span(line[4:], "code"),)
        return with_link(line, link) if link and link in line else line

    lines = map(shown, text.split("\n"))
    return say(*lines, buttons=buttons, aside=True)
