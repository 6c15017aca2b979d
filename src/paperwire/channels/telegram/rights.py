"""Who may change things in a shared chat, and whether the bot may write there, asked of Telegram at the time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from telegram.error import TelegramError

from paperwire.channels.telegram.faults import fault
from paperwire.channels.telegram.send import Spot
from paperwire.errors import Gone
from paperwire.ports import Place
from paperwire.wording import telegram as words

if TYPE_CHECKING:
    from datetime import datetime

    from paperwire.channels.telegram.transport import Bot
    from paperwire.ports import Actor, Now

KIND = "telegram"

MEMORY = timedelta(seconds=30)
"""How long a list of administrators is believed."""

_NAMED = re.compile(r"(?:@|(?:https?://)?t\.me/)(?P<name>[A-Za-z]\w{3,31})(?:/(?P<thread>\d+))?(?:/\d+)?/?", re.ASCII)
_LINKED = re.compile(r"(?:https?://)?t\.me/c/(?P<number>\d+)(?:/(?P<thread>\d+))?(?:/\d+)?/?", re.ASCII)


class Rights:
    """Looks up administrators, and describes places people name."""

    def __init__(self, bot: Bot, now: Now) -> None:
        self._bot = bot
        self._now = now
        self._managers: dict[int, tuple[datetime, frozenset[int]]] = {}

    async def manages(self, chat: int, user: int) -> bool:
        """Whether `user` is the creator or an administrator of `chat`; raises SendError if Telegram won't say."""
        known = self._managers.get(chat)
        if known is None or not timedelta() <= self._now() - known[0] < MEMORY:
            members = await self._ask("getChatAdministrators", chat_id=chat)
            known = self._now(), frozenset(int(member["user"]["id"]) for member in members)
            self._managers[chat] = known
        return user in known[1]

    def forget(self, chat: int) -> None:
        """Ask again the next time: something about `chat` has changed."""
        self._managers.pop(chat, None)

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:
        """See `ports.Channel.inspect`; takes an address, `@name`, or a link to a chat, topic or message."""
        asked, thread = _named(address.strip())
        if isinstance(asked, int) and asked > 0:
            if str(asked) != actor.user_id:
                raise Gone(words.NO_SUCH_PLACE)  # nobody writes into another person's chat
            return Place(channel=KIND, address=str(asked), kind="private", title=actor.name), True
        chat = await self._ask("getChat", chat_id=asked)
        if chat["type"] == "private":
            raise Gone(words.NO_SUCH_PLACE)
        number = int(chat["id"])
        thread = thread if chat.get("is_forum") else None
        me = await self._ask("getMe")
        member = await self._ask("getChatMember", chat_id=number, user_id=me["id"])
        problem = _problem(chat, member)
        place = Place(
            channel=KIND,
            address=str(Spot(number, thread)),
            kind=place_kind(chat["type"], thread),
            title=str(chat.get("title", "")),
            problem=problem,
        )
        if problem == words.NOT_A_MEMBER:
            return place, False
        user = int(actor.user_id)
        return place, user == number or await self.manages(number, user)

    async def _ask(self, method: str, **values: Any) -> Any:
        try:
            return await self._bot.ask(method, **values)
        except TelegramError as error:
            raise fault(error) from None


def place_kind(chat_type: str, thread: int | None) -> Literal["private", "group", "channel", "topic"]:
    """The kind of a place, from Telegram's kind of chat."""
    if thread:
        return "topic"
    if chat_type == "channel":
        return "channel"
    return "private" if chat_type == "private" else "group"


def _named(address: str) -> tuple[int | str, int | None]:
    """The chat (its number, or `@name` for Telegram to resolve) and the topic that a person named."""
    if linked := _LINKED.fullmatch(address):
        return int(f"-100{linked['number']}"), int(linked["thread"] or 0) or None
    if named := _NAMED.fullmatch(address):
        return f"@{named['name']}", int(named["thread"] or 0) or None
    return Spot.of(address)


def _problem(chat: dict[str, Any], member: dict[str, Any]) -> str:
    """Which right the bot lacks in a chat; empty if it may write."""
    status = member["status"]
    if status in {"left", "kicked"} or (status == "restricted" and not member.get("is_member", True)):
        return words.NOT_A_MEMBER
    if chat["type"] == "channel":
        may = status == "creator" or (status == "administrator" and member.get("can_post_messages", False))
        return "" if may else words.NO_POSTING
    if status in {"administrator", "creator"}:
        return ""
    rights = member if status == "restricted" else chat.get("permissions", {})
    return "" if rights.get("can_send_messages", True) else words.NO_WRITING
