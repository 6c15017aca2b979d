"""`/help`: all commands, one of them, and how to write a query."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.channels import Conversation
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.queries import query_help

_QUERY = "query"

SPEC = CommandSpec(
    "help",
    gettext_noop("All commands, or one of them, and how to write a query"),
    (Argument("query", gettext_noop("a command, or the word query"), required=False, completes="command"),),
)


async def answer(context: Chat, request: Request) -> Reply:
    """`/help [COMMAND|query]`."""
    return await press(context, request, unquoted(request.args).casefold().removeprefix("/"))


async def press(context: Chat, request: Request, part: str) -> Reply:
    """`help:`, `help:query` and `help:COMMAND`."""
    texts = request.texts
    if not part:
        return say(
            *(_title(spec, texts) for spec in context.specs),
            foot=[texts.gettext("For more on a command, send /help and its name.")],
            buttons=[[Button(texts.gettext("How to write a query"), f"help:{_QUERY}")]],
        )
    if part == _QUERY:
        rows: list[Line] = [(Span(example, "code"), Span(f" – {meaning}")) for example, meaning in query_help(texts)]
        return say((Span(texts.gettext("How to write a query"), "bold"),), *rows)
    for spec in context.specs:
        if spec.name == part:
            channel = context.channels.get(request.actor.channel)
            has_roles = isinstance(channel, Conversation) and channel.has_roles
            return say(*_details(spec, texts, has_roles=has_roles))
    raise unknown_command(part, context.specs, texts)


def _title(spec: CommandSpec, texts: Texts) -> Line:
    return (Span(f"/{spec.name} – {texts.gettext(spec.help)}"),)


def _details(spec: CommandSpec, texts: Texts, *, has_roles: bool) -> list[str | Line]:
    lines: list[str | Line] = [_title(spec, texts)]
    for argument in spec.args:
        what = texts.gettext(argument.help)
        lines.append(
            texts.gettext("Add %(what)s.", what=what)
            if argument.required
            else texts.gettext("You can add %(what)s.", what=what)
        )
    options = [option for option in spec.options if has_roles or option.kind != "role"]
    lines += [(Span(f"{option.name}:", "code"), Span(f" {texts.gettext(option.help)}")) for option in options]
    if spec.who == "manager":
        lines.append(texts.gettext("In groups and channels, only managers can use it."))
    return lines


def unknown_command(name: str, specs: Sequence[CommandSpec], texts: Texts) -> CommandError:
    """The refusal of a command that doesn't exist, with the nearest one that does."""
    near = nearest_name(name.casefold(), [spec.name for spec in specs])
    hint = texts.gettext("/help lists all commands.")
    if near:
        hint = texts.gettext("Did you mean /%(command)s?", command=near)
    return CommandError(texts.gettext("Unknown command /%(command)s. %(hint)s", command=clean(name, 40), hint=hint))


def nearest_name(name: str, names: Sequence[str], *, strict: bool = False) -> str:
    """The name that is most likely meant, empty if none is; with `strict` a letter or two may be wrong at most."""
    starts = [candidate for candidate in names if len(name) >= 3 and candidate.startswith(name) and not strict]
    return (starts or difflib.get_close_matches(name, names, n=1, cutoff=0.85 if strict else 0.6) or [""])[0]


COMMANDS = (Command(SPEC, answer, {"help": press}),)
