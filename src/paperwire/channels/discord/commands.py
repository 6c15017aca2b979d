"""The command table as Discord's slash commands, registered only when it has changed."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import discord
import structlog
from discord import app_commands
from discord.app_commands import Choice
from discord.http import Route

from paperwire.channels.discord.rights import missing
from paperwire.languages import closest, translated
from paperwire.ports.callers import OWN_CHAT
from paperwire.ports.requests import Argument, CommandSpec
from paperwire.texts import Texts, texts_in

if TYPE_CHECKING:  # nothing here needs the library at run time
    Ask = Callable[[discord.Interaction[Any], CommandSpec, Mapping[str, Any]], Awaitable[None]]
    Suggest = Callable[[discord.Interaction[Any], CommandSpec, Argument, str], Awaitable[Sequence[tuple[str, str]]]]

log = structlog.get_logger(__name__)

_HELP = 100
_CHOICES = 25
_TAKING_MESSAGES = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.news_thread,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
)
_EVERYBODY = app_commands.AppInstallationType(guild=True, user=True)


class SlashCommands(app_commands.CommandTree[discord.Client]):
    """The slash commands of one client, made from the command table.

    `ask` answers each, and `suggest` says what to choose from while someone types.
    """

    def __init__(self, client: discord.Client, specs: Sequence[CommandSpec], ask: Ask, suggest: Suggest) -> None:
        super().__init__(client, allowed_installs=_EVERYBODY)
        self._locales = _served_locales()
        for spec in specs:
            if {"server", "private"} & spec.where.keys():
                self.add_command(_command(spec, ask, suggest))

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """An interaction that fits none of our commands, of an older or newer table."""
        log.warning("discord command unknown", error=type(error).__name__, interaction=interaction.id)

    async def register(self) -> dict[str, str]:
        """Register the commands, unless Discord has just these, and return their ids by name.

        Raises one of `faults.TROUBLES`.
        """
        application = self.client.application_id or 0
        commands = [_localised(command.to_dict(self), self._locales) for command in self.get_commands()]
        try:
            registered = await self._registered(application)
        except discord.HTTPException:
            registered = []
        if _plain(registered) != _plain(commands):
            registered = await self.client.http.bulk_upsert_global_commands(application, payload=commands)
            log.info("discord commands registered", count=len(commands))
        return {command["name"]: str(command["id"]) for command in registered}

    async def _registered(self, application: int) -> list[Any]:
        """The commands that Discord has of us, with their descriptions in all languages."""
        route = Route("GET", "/applications/{application_id}/commands", application_id=application)
        answer: list[Any] = await self.client.http.request(route, params={"with_localizations": "true"})
        return answer


def _served_locales() -> dict[str, Texts]:
    """Texts by each of Discord's locales whose language has a catalogue."""
    return {str(locale): texts_in(str(locale)) for locale in discord.Locale if closest(str(locale), translated())}


def _localised(described: dict[str, Any], locales: Mapping[str, Texts]) -> dict[str, Any]:
    """A command or option as Discord takes it, with its description in every language that Discord and we have."""
    given = described["description"]
    texts = {locale: texts.gettext(given)[:_HELP] for locale, texts in locales.items()}
    described |= {"description_localizations": texts} if texts else {}
    if "options" in described:
        described["options"] = [_localised(option, locales) for option in described["options"]]
    return described


def _command(spec: CommandSpec, ask: Ask, suggest: Suggest) -> app_commands.Command[Any, Any, None]:
    """A command whose options are those of `spec`; discord.py reads them from a signature."""

    async def answer(interaction: discord.Interaction[Any], **given: Any) -> None:
        await ask(interaction, spec, given)

    def completing(option: Argument) -> Any:  # its type is that of its signature
        async def choices(interaction: discord.Interaction[Any], typed: str) -> list[Choice[str]]:
            suggestions = await suggest(interaction, spec, option, typed)
            return [Choice(name=name[:_HELP], value=text) for name, text in suggestions if len(text) <= _HELP][
                :_CHOICES
            ]

        return choices

    options = (*spec.args, *spec.options)
    first = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction)
    signature = inspect.Signature([first, *(_parameter(option) for option in options)])
    answer.__signature__ = signature  # type: ignore[attr-defined]  # functions take it, their type lacks it
    app_commands.describe(**{option.name: option.help[:_HELP] for option in options})(answer)
    choices = {
        option.name: [Choice(name=choice, value=choice) for choice in option.choices]
        for option in options
        if not option.is_open
    }
    app_commands.choices(**{name: offered[:_CHOICES] for name, offered in choices.items() if offered})(answer)
    app_commands.autocomplete(**{option.name: _offering(option) for option in options if option.is_open})(answer)
    app_commands.autocomplete(**{option.name: completing(option) for option in options if option.completes})(answer)
    callback: Any = answer  # its type is that of its signature
    return app_commands.Command(
        name=spec.name, description=spec.help[:_HELP], callback=callback, allowed_contexts=_contexts(spec)
    )


def _offering(option: Argument) -> Any:  # its type is that of its signature
    """The choices that go on with what was typed, of an argument that takes other text, too."""

    async def choices(_interaction: discord.Interaction[Any], typed: str) -> list[Choice[str]]:
        begun = (choice for choice in option.choices if choice.startswith(typed.casefold()))
        return [Choice(name=choice, value=choice) for choice in begun][:_CHOICES]

    return choices


def _contexts(spec: CommandSpec) -> app_commands.AppCommandContext:
    """Where Discord offers a command; among people without the bot only what is answered in any chat."""
    server, private = "server" in spec.where, "private" in spec.where
    return app_commands.AppCommandContext(guild=server, dm_channel=private, private_channel=server and private)


def _parameter(option: Argument) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    if option.kind == "file":
        return inspect.Parameter(option.name, kind, default=None, annotation=discord.Attachment | None)
    empty = inspect.Parameter.empty if option.required else ""
    annotation: Any = _PICKED[option.kind]() if option.kind in _PICKED else str
    return inspect.Parameter(option.name, kind, default=empty, annotation=annotation)


class PickedRole(app_commands.Transformer):
    """A role that people pick from a list, as the text by which messages name it; text stays as it is."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.role

    async def transform(self, _interaction: discord.Interaction[Any], value: Any, /) -> str:
        return value if isinstance(value, str) else f"<@&{value.id}>"


class PickedPlace(app_commands.Transformer):
    """A place as messages name it: a channel of the server by its name, one's private chat, or any other as typed.

    A list of channels alone could not offer the private chat; a client that has the command of before still sends one.
    """

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> str:
        if not isinstance(value, str):
            return f"<#{value.id}>"
        text = value.strip()
        if text.isdecimal():
            return f"<#{text}>"
        named = [channel for channel in _channels(interaction) if channel.name == text.removeprefix("#")]
        return f"<#{named[0].id}>" if len(named) == 1 else text

    async def autocomplete(  # type: ignore[override]  # the library takes these choices, too
        self, interaction: discord.Interaction[Any], value: Any, /
    ) -> list[Choice[str]]:
        typed = str(value).strip().removeprefix("#").casefold()
        own = texts_in(str(interaction.locale)).gettext("me: your private chat")
        choices = [Choice(name=own, value=OWN_CHAT)] if OWN_CHAT.startswith(typed) else []
        names = [channel for channel in _channels(interaction) if typed in channel.name.casefold()]
        choices += [Choice(name=f"#{channel.name}"[:_HELP], value=f"<#{channel.id}>") for channel in names]
        return choices[:_CHOICES]


def _channels(interaction: discord.Interaction[Any]) -> list[Any]:
    """The channels and threads of a server that take messages from us and are seen by who asks, in Discord's order."""
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return []
    places: list[Any] = [*sorted(guild.channels, key=lambda channel: channel.position), *guild.threads]
    return [
        place
        for place in places
        if place.type in _TAKING_MESSAGES
        and place.permissions_for(member).view_channel
        and (guild.me is None or not missing(place.permissions_for(guild.me), thread=isinstance(place, discord.Thread)))
    ]


_PICKED = {"place": PickedPlace, "role": PickedRole}


def _plain(commands: Sequence[Any]) -> list[dict[str, Any]]:
    """Commands reduced to the fields we set: Discord adds others and leaves out defaults."""
    shown = [
        {
            "name": command["name"],
            "description": command.get("description", ""),
            "localised": command.get("description_localizations") or {},
            "contexts": sorted(command.get("contexts") or ()),
            "integration_types": sorted(command.get("integration_types") or ()),
            "options": [_plain_option(option) for option in command.get("options") or ()],
        }
        for command in commands
    ]
    return sorted(shown, key=lambda command: str(command["name"]))


def _plain_option(option: Mapping[str, Any]) -> dict[str, Any]:
    choices = [(choice["name"], choice["value"]) for choice in option.get("choices") or ()]
    return {
        "name": option["name"],
        "description": option.get("description", ""),
        "localised": option.get("description_localizations") or {},
        "type": option["type"],
        "required": bool(option.get("required")),
        "choices": choices,
        "autocomplete": bool(option.get("autocomplete")),
        "channel_types": sorted(option.get("channel_types") or ()),
    }
