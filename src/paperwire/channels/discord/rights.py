"""Which channel an interaction or an address names, who manages it, and which right the bot lacks there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeAlias

import discord

from paperwire.channels.discord.connect import Gate, Rest
from paperwire.channels.discord.faults import TROUBLES, fault
from paperwire.channels.discord.send import channel_number
from paperwire.errors import Gone
from paperwire.ports.callers import Actor, Community, Place

KIND = "discord"

_LINKED = re.compile(
    r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?:\d+|@me)/(?P<channel>\d+)(?:/\d+)?/?", re.ASCII
)
_NAMED = re.compile(r"<#(?P<channel>\d+)>", re.ASCII)
Shared: TypeAlias = "discord.abc.GuildChannel | discord.Thread"
_SHARED = (discord.abc.GuildChannel, discord.Thread)
_FORUMS = frozenset({discord.ChannelType.forum, discord.ChannelType.media})


def actor_of(interaction: discord.Interaction[Any]) -> Actor:
    return Actor(channel=KIND, user_id=str(interaction.user.id), name=interaction.user.display_name)


def place_of(interaction: discord.Interaction[Any]) -> tuple[Place, bool]:
    """Where an interaction happened, and whether its actor may change things there, as Discord states in it.

    Raises Gone if it happened nowhere.
    """
    channel = interaction.channel
    if channel is None:
        raise Gone("Discord knows no such channel, or the bot may not see it")
    address = str(channel.id)
    if interaction.guild_id is None:
        if interaction.context.private_channel:
            return Place(
                channel=KIND,
                address=address,
                kind="group",
                problem="this chat is between people: open a private chat with the bot, or use a channel it is in",
            ), True
        return Place(channel=KIND, address=address, kind="private", title=interaction.user.display_name), True
    place = shared_place(channel, interaction.guild.name if interaction.guild else "", interaction.guild_id)
    place = replace(place, locale=str(interaction.guild_locale or ""))
    if interaction.is_user_integration() and not interaction.is_guild_integration():
        problem = "the bot is not in this server: add it to the server first"
    else:
        # No rights at all means that they were not stated: a bot that is asked has some.
        rights = interaction.app_permissions
        problem = missing(rights, thread=place.kind == "thread") if rights.value else ""
    return replace(place, problem=problem), manages(interaction.permissions)


def shared_place(channel: Any, server: str, server_id: int) -> Place:
    name = getattr(channel, "name", "") or ""
    return Place(
        channel=KIND,
        address=str(channel.id),
        kind="thread" if isinstance(channel, discord.Thread) else "channel",
        title=f"{server} › {name}" if server else name,
        community=community(server_id),
    )


def community(server: int) -> Community:
    """A server as what its channels and threads belong to."""
    return Community(kind="server", address=str(server))


def manages(rights: discord.Permissions) -> bool:
    """Whether someone with these permissions may change what a channel gets."""
    return rights.administrator or rights.manage_guild or rights.manage_channels


def missing(rights: discord.Permissions, *, thread: bool) -> str:
    """The name of the first right that the bot lacks to send papers; empty if it has them all."""
    if rights.administrator:
        return ""
    if not rights.view_channel:
        return "the bot may not see this channel: give it the permission View Channel there"
    if thread and not rights.send_messages_in_threads:
        return "the bot may not write in this thread: give it the permission Send Messages in Threads there"
    if not thread and not rights.send_messages:
        return "the bot may not write in this channel: give it the permission Send Messages there"
    return (
        ""
        if rights.embed_links
        else "the bot may not show papers in this channel: give it the permission Embed Links there"
    )


class Rights:
    """Looks up places that people name, at the time they name them."""

    def __init__(self, rest: Rest, gate: Gate) -> None:
        self._rest = rest
        self._gate = gate

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:
        """See `ports.Channel.inspect`; takes an id, `<#id>`, or a link to a channel or message."""
        address = address.strip()
        match = _NAMED.fullmatch(address) or _LINKED.fullmatch(address)
        number = channel_number(match["channel"] if match else address)
        try:
            client = await self._rest.client()
            await self._gate.passed()
            channel = await client.fetch_channel(number)
            if isinstance(channel, discord.DMChannel):
                return _private(channel, actor)
            if isinstance(channel, discord.CategoryChannel) or not isinstance(channel, _SHARED):
                raise Gone("Discord knows no such channel, or the bot may not see it")
            return await self._shared(client, channel, actor)
        except TROUBLES as error:
            raise fault(error) from None

    async def private_address(self, actor: Actor) -> str:
        try:
            client = await self._rest.client()
            await self._gate.passed()
            return str((await client.http.start_private_message(actor.user_id))["id"])
        except TROUBLES as error:
            raise fault(error) from None

    async def _shared(self, client: discord.Client, channel: Shared, actor: Actor) -> tuple[Place, bool]:
        guild = await client.fetch_guild(channel.guild.id, with_counts=False)
        above = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
        home: Any = await guild.fetch_channel(above)  # of the server with its roles, which the first look lacks
        me = await guild.fetch_member(client.user.id if client.user else 0)
        try:
            member = await guild.fetch_member(int(actor.user_id))
        except discord.NotFound:
            member = None
        place = replace(shared_place(channel, guild.name, guild.id), problem=_problem(channel, _rights(home, me)))
        return place, member is not None and manages(_rights(home, member))


def _rights(home: discord.abc.GuildChannel, member: discord.Member) -> discord.Permissions:
    """What a member may do, bit by bit; the library's kinds of channels take away what only counts outside threads."""
    return discord.abc.GuildChannel.permissions_for(home, member)


def _private(channel: discord.DMChannel, actor: Actor) -> tuple[Place, bool]:
    """A private chat with the bot, which only the person who is in it may name."""
    if channel.recipient is None or str(channel.recipient.id) != actor.user_id:
        raise Gone("Discord knows no such channel, or the bot may not see it")
    return Place(channel=KIND, address=str(channel.id), kind="private", title=actor.name), True


def _problem(channel: Shared, rights: discord.Permissions) -> str:
    if channel.type in _FORUMS:
        return "a forum takes no messages itself: name one of its posts"
    thread = isinstance(channel, discord.Thread)
    if isinstance(channel, discord.Thread) and channel.locked and not rights.manage_threads:
        return "this thread is archived or locked: open it again first"
    return missing(rights, thread=thread)
