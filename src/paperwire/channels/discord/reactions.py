"""Reactions that are votes: Discord tells of one at a time, and all of a person's to a message are one vote."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
import structlog

from paperwire.channels._conversation import UPVOTES
from paperwire.channels.discord.connect import Gate, attempt
from paperwire.channels.discord.faults import TROUBLES
from paperwire.errors import Retry

if TYPE_CHECKING:  # nothing here needs the library at run time
    from discord import RawReactionActionEvent

log = structlog.get_logger(__name__)

WITHIN = 20.0
"""Seconds in which Discord has to say which reactions are left."""


async def vote_of(reaction: RawReactionActionEvent, client: discord.Client, gate: Gate) -> str:
    """`upvoted` if this reaction is a vote, `unvoted` if it was the person's last one that is, else nothing.

    Discord is asked which others are left: another process, or this one before a restart, may have been sent them.
    """
    emoji = reaction.emoji.name or ""
    if not emoji.startswith(UPVOTES):
        return ""
    if reaction.event_type == "REACTION_ADD":
        return "upvoted"
    try:
        async with asyncio.timeout(WITHIN):
            return "" if await _is_left(reaction, client, gate) else "unvoted"
    except (*TROUBLES, Retry, KeyError, TypeError) as error:
        log.warning("discord reactions not read", reason=type(error).__name__)
        return "unvoted"


async def _is_left(reaction: RawReactionActionEvent, client: discord.Client, gate: Gate) -> bool:
    """Whether a reaction of the same person that is a vote is left, or the message is another's."""
    with attempt(gate.answer, gate.done):
        message: Any = await client.http.get_message(reaction.channel_id, reaction.message_id)
    if client.user is not None and int(message["author"]["id"]) != client.user.id:
        return True
    for counted in message.get("reactions") or ():
        name = str(counted["emoji"].get("name") or "")
        if counted["emoji"].get("id") or not name.startswith(UPVOTES):
            continue
        with attempt(gate.answer, gate.done):
            users = await client.http.get_reaction_users(
                reaction.channel_id, reaction.message_id, name, 1, after=reaction.user_id - 1
            )
        if any(int(user["id"]) == reaction.user_id for user in users):
            return True
    return False
