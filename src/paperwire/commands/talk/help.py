"""`/help`: the commands that are most used, all by what they are for, one of them, and how to write a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.talk.typed_commands import unknown_command
from paperwire.core.messages.message import Button, Line, Span, row
from paperwire.errors import CommandError
from paperwire.ports.channels import Conversation
from paperwire.ports.requests import Argument, CommandSpec, Feature, Reply, Request, Topic, available
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.queries import query_help

_QUERY = "query"
_ALL = "all"

# Translators: of /help: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "help",
    gettext_noop("All commands, or one of them, and how to write a query"),
    (Argument("query", gettext_noop("command: its name, or the word query"), required=False, completes="command"),),
    shareable=True,
    examples=(
        ("/help digest", gettext_noop("explains one command")),
        ("/help query", gettext_noop("how to write a query")),
    ),
)
MOST_USED = ("subscribe", "subscriptions", "unsubscribe", "search", "preview", "trending", "digest", "why")
# Translators: headings over commands, by what they are for.
_TOPICS: dict[Topic, str] = {
    "follow": gettext_noop("Follow papers"),
    "find": gettext_noop("Find papers"),
    "together": gettext_noop("Lists and meetings"),
    "settings": gettext_noop("This chat"),
    "you": gettext_noop("You and your data"),
}
# Translators: a refusal: %(command)s is the name of a command, never translated.
_OFF: dict[Feature, str] = {
    "mail": gettext_noop(
        "/%(command)s is off here: this Paperwire sends no mail. Use a chat or a feed reader instead."
    ),
    "pages": gettext_noop("/%(command)s is off here: this Paperwire has no web pages and no feeds."),
    "public list": gettext_noop(
        "/%(command)s is off here: there is no public list. Use it in a group or channel: it has its own."
    ),
}


async def answer(context: Chat, request: Request) -> Reply:
    """`/help [COMMAND|query]`."""
    return await press(context, request, unquoted(request.args).casefold().removeprefix("/"))


async def press(context: Chat, request: Request, part: str) -> Reply:
    """`help:`, `help:all`, `help:query` and `help:COMMAND`."""
    texts = request.texts
    listed = listed_here(context, request)
    if not part:
        return _overview(listed, texts)
    if part == _ALL:
        return say(*(line for topic in _TOPICS for line in _of_topic(topic, listed, texts)), buttons=[[_how(texts)]])
    if part == _QUERY:
        lines = query_help(texts, by_meaning=context.calibration is not None)
        rows: list[Line] = [(Span(example, "code"), Span(f" – {meaning}")) for example, meaning in lines]
        return say((Span(texts.gettext("How to write a query"), "bold"),), *rows)
    for spec in context.specs:
        if spec.name == part:
            check_answered(context, spec, request)
            channel = context.channels.get(request.actor.channel)
            has_roles = isinstance(channel, Conversation) and channel.has_roles
            return say(*_details(spec, texts, has_roles=has_roles))
    raise unknown_command(part, listed, texts, before=SPEC.name)


def listed_here(context: Chat, request: Request) -> list[CommandSpec]:
    """The commands that help names in this kind of chat, on this instance."""
    return [spec for spec in available(context.specs, context.features) if spec.is_listed(request.place.chat)]


def _overview(listed: Sequence[CommandSpec], texts: Texts) -> Reply:
    by_name = {spec.name: spec for spec in listed}
    topics = {topic: [f"/{spec.name}" for spec in listed if spec.topic == topic] for topic in _TOPICS}
    return say(
        # Translators: a heading over commands.
        (Span(texts.gettext("Most used"), "bold"),),
        *(_title(by_name[name], texts) for name in MOST_USED if name in by_name),
        foot=[
            *(
                row(Span(texts.gettext(_TOPICS[topic]), "bold"), " ".join(names), texts)
                for topic, names in topics.items()
                if names
            ),
            texts.gettext("For more on a command, send /help and its name."),
        ],
        buttons=[[_how(texts), Button(texts.gettext("All commands"), f"help:{_ALL}")]],
    )


def _of_topic(topic: Topic, listed: Iterable[CommandSpec], texts: Texts) -> list[Line]:
    titles = [_title(spec, texts) for spec in listed if spec.topic == topic]
    return [(Span(texts.gettext(_TOPICS[topic]), "bold"),), *titles] if titles else []


def _how(texts: Texts) -> Button:
    return Button(texts.gettext("How to write a query"), f"help:{_QUERY}")


def _title(spec: CommandSpec, texts: Texts) -> Line:
    return (Span(f"/{spec.name} – {texts.gettext(spec.help)}"),)


def _details(spec: CommandSpec, texts: Texts, *, has_roles: bool) -> list[str | Line]:
    lines: list[str | Line] = [_title(spec, texts)]
    for argument in spec.args:
        what = texts.gettext(argument.help)
        # Translators: %(what)s describes what to type after a command, such as "number: which subscription".
        lines.append(what if argument.required else texts.gettext("%(what)s (optional)", what=what))
    options = [option for option in spec.options if has_roles or option.kind != "role"]
    lines += [row(Span(option.name, "code"), texts.gettext(option.help), texts) for option in options]
    if spec.who == "manager":
        lines.append(texts.gettext("In groups and channels, only managers can use it."))
    if spec.who == "viewer":
        lines.append(texts.gettext("In groups and channels, only managers can change it."))
    # Translators: a heading over examples of a command.
    lines.append((Span(texts.gettext("Examples"), "bold"),))
    lines += [(Span(typed, "code"), Span(f" – {texts.gettext(meaning)}")) for typed, meaning in spec.examples]
    return lines


def check_answered(context: Chat, spec: CommandSpec, request: Request) -> None:
    """Raise CommandError for a command that isn't answered in this kind of chat, or is off on this instance."""
    chat, texts = request.place.chat, request.texts
    if chat not in spec.where:
        is_shared = bool({"group", "server"} & spec.where.keys())
        where = (
            texts.gettext("/%(command)s works in a group or channel. Send it there.", command=spec.name)
            if is_shared
            else texts.gettext("/%(command)s works in a private chat. Send it there.", command=spec.name)
        )
        raise CommandError(where)
    need = spec.where[chat]
    if need is not None and need not in context.features:
        raise CommandError(texts.gettext(_OFF[need], command=spec.name))


COMMANDS = (Command(SPEC, answer, {"help": press}),)
