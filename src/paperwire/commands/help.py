"""`/help`: all commands, one of them, and how to write a query."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.typed_commands import unknown_command
from paperwire.core.messages.message import Button, Line, Span
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
    raise unknown_command(part, context.specs, texts, before=SPEC.name)


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


COMMANDS = (Command(SPEC, answer, {"help": press}),)
