"""Who may change things in a shared chat, and whether the bot may write there, asked of Telegram at the time."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import TypeVar

from telegram import Bot, ChatMember, ChatMemberAdministrator, ChatMemberRestricted, ChatPermissions
from telegram.constants import ChatType

from paperwire.channels.telegram.address import KIND, ChatAddress, parse_chat, place_of
from paperwire.channels.telegram.faults import TROUBLES, fault
from paperwire.errors import Gone
from paperwire.ports.callers import Actor, Place
from paperwire.ports.options import Now

T = TypeVar("T")

NOT_A_MEMBER = "the bot is not a member of this chat: add it first"
MEMORY = timedelta(seconds=30)
"""How long a list of administrators is believed."""


class Rights:
    """Looks up administrators, and describes places people name."""

    def __init__(self, bot: Bot, now: Now) -> None:
        self._bot = bot
        self._now = now
        self._managers: dict[int, tuple[datetime, frozenset[int]]] = {}

    async def manages(self, chat: int, user: int, *, within: timedelta = MEMORY) -> bool:
        """Whether `user` is the creator or an administrator of `chat`, by a list that was read `within` this time.

        Raises SendError if Telegram won't say.
        """
        administrators = self._managers.get(chat)
        if administrators is None or not timedelta() <= self._now() - administrators[0] <= within:
            members = await _answer(self._bot.get_chat_administrators(chat))
            administrators = self._now(), frozenset(member.user.id for member in members)
            self._managers[chat] = administrators
        return user in administrators[1]

    def forget(self, chat: int) -> None:
        """Ask again the next time: something about `chat` has changed."""
        self._managers.pop(chat, None)

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:
        """See `ports.Channel.inspect`; takes an address, `@name`, or a link to a chat, topic or message."""
        number, thread = parse_chat(address.strip())
        if isinstance(number, int) and number > 0:
            if str(number) != actor.user_id:
                raise Gone("Telegram knows no such chat, or the bot is not in it")  # another person's chat
            return Place(channel=KIND, address=str(number), kind="private", title=actor.name), True
        chat = await _answer(self._bot.get_chat(number))
        if chat.type == ChatType.PRIVATE:
            raise Gone("Telegram knows no such chat, or the bot is not in it")
        thread = thread if chat.is_forum else None
        me = await _answer(self._bot.get_me())
        member = await _answer(self._bot.get_chat_member(chat.id, me.id))
        problem = missing_right(chat.type, member, chat.permissions)
        place = place_of(chat.type, ChatAddress(chat.id, thread), chat.title or "", problem)
        if problem == NOT_A_MEMBER:
            return place, False
        user = int(actor.user_id)
        return place, user == chat.id or await self.manages(chat.id, user)


async def _answer(request: Awaitable[T]) -> T:
    try:
        return await request
    except TROUBLES as error:
        raise fault(error) from None


def missing_right(chat_type: str, member: ChatMember, permissions: ChatPermissions | None = None) -> str:
    """Which right the bot, as this member of a chat, lacks; empty if it may write.

    `permissions` are those of all members of the chat.
    """
    restricted = member if isinstance(member, ChatMemberRestricted) else None
    if member.status in {ChatMember.LEFT, ChatMember.BANNED} or (restricted and not restricted.is_member):
        return NOT_A_MEMBER
    if chat_type == ChatType.CHANNEL:
        may_post = isinstance(member, ChatMemberAdministrator) and member.can_post_messages
        return (
            ""
            if may_post
            else ("the bot may not post in this channel: make it an administrator with the right to post messages")
        )
    rights = restricted or permissions
    silenced = member.status != ChatMember.ADMINISTRATOR and rights and rights.can_send_messages is False
    return "the bot may not write in this group: allow it to send messages" if silenced else ""
