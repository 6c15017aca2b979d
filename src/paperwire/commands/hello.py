"""The first words: what this is, all commands, one command, and how to write a query."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.account import ask_to_join
from paperwire.commands.desk import is_shared, say, unquoted
from paperwire.commands.table import SPECS
from paperwire.core.messages.message import Button, Span
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.wording import commands as words
from paperwire.wording import help as help_words

if TYPE_CHECKING:
    from paperwire.commands.desk import Desk
    from paperwire.core.messages.message import Line
    from paperwire.ports import CommandSpec, Reply, Request

_QUERY = "query"
_NAMES = tuple(spec.name for spec in SPECS)


def nearest(name: str) -> str:
    """The command whose name is most like `name`, empty if none is."""
    starts = [known for known in _NAMES if len(name) >= 3 and known.startswith(name)]
    return (starts or difflib.get_close_matches(name, _NAMES, n=1, cutoff=0.6) or [""])[0]


async def answer_start(desk: Desk, request: Request) -> Reply:
    """`/start`; a code of `/link` behind it joins accounts, as a link into the chat brings it."""
    payload = unquoted(request.args)
    if len(payload) > 20:
        return await ask_to_join(desk, payload)
    async with desk.store.write() as unit:
        await people.person(desk, unit, request)
    hello = words.HELLO_ALL if is_shared(request.place) else words.HELLO
    return say(
        (Span(words.NAME, "bold"),),
        hello,
        (Span(words.FOR_EXAMPLE), Span(words.EXAMPLE, "code")),
        words.HELLO_MORE,
        buttons=[[Button(words.HOW_TO_QUERY, f"help:{_QUERY}"), Button(words.ALL_COMMANDS, "help:")]],
    )


async def answer_help(desk: Desk, request: Request) -> Reply:
    """`/help [COMMAND|query]`."""
    return await press_help(desk, request, unquoted(request.args).casefold().removeprefix("/"))


async def press_help(desk: Desk, request: Request, part: str) -> Reply:
    """`help:`, `help:query` and `help:COMMAND`."""
    del desk, request
    if not part:
        lines = [(Span(f"/{spec.name}", "code"), Span(f" – {spec.help}")) for spec in SPECS]
        return say(*lines, foot=[words.HELP_MORE], buttons=[[Button(words.HOW_TO_QUERY, f"help:{_QUERY}")]])
    if part == _QUERY:
        rows: list[Line] = [(Span(text, "code"), Span(f" – {means}")) for text, means in help_words.QUERY_HELP]
        return say((Span(words.HOW_TO_QUERY, "bold"),), *rows)
    for spec in SPECS:
        if spec.name == part:
            return _one(spec)
    raise CommandError(unknown(part))


def _one(spec: CommandSpec) -> Reply:
    lines: list[Line] = [(Span(f"/{spec.name}", "code"), Span(f" – {spec.help}"))]
    lines += [(Span(words.argument(argument.help, required=argument.required)),) for argument in spec.args]
    lines += [(Span(f"{option.name}:", "code"), Span(f" {option.help}")) for option in spec.options]
    return say(*lines, words.MANAGERS_ONLY if spec.who == "manager" else "")


def unknown(name: str) -> str:
    """What is said to a command that does not exist: the nearest right one."""
    return words.unknown_command(clean(name, 40), nearest(name.casefold()))
