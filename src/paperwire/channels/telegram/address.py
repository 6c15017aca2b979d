"""Addresses of chats and forum topics, and the links that people write for them."""

from __future__ import annotations

import re
from typing import NamedTuple

from paperwire.errors import Gone
from paperwire.ports.callers import Community, Place

KIND = "telegram"

_NAMED = re.compile(r"(?:@|(?:https?://)?t\.me/)(?P<name>[A-Za-z]\w{3,31})(?:/(?P<thread>\d+))?(?:/\d+)?/?", re.ASCII)
_LINKED = re.compile(r"(?:https?://)?t\.me/c/(?P<number>\d+)(?:/(?P<thread>\d+))?(?:/\d+)?/?", re.ASCII)


class ChatAddress(NamedTuple):
    """A chat, or one forum topic in it; as text `<chat>` or `<chat>/<topic>`."""

    chat: int
    thread: int | None = None

    def __str__(self) -> str:
        return f"{self.chat}/{self.thread}" if self.thread else str(self.chat)

    @classmethod
    def of(cls, text: str) -> ChatAddress:
        """Read an address; raises Gone for anything but one or two numbers."""
        chat, _, thread = text.partition("/")
        try:
            return cls(int(chat), int(thread) if thread else None)
        except ValueError:
            raise Gone(f"{text!r} is no address of a Telegram chat") from None


def parse_chat(text: str) -> tuple[int | str, int | None]:
    """The chat (its number, or `@name` for Telegram to resolve) and the topic of an address, a name or a link."""
    if linked := _LINKED.fullmatch(text):
        return int(f"-100{linked['number']}"), int(linked["thread"] or 0) or None
    if match := _NAMED.fullmatch(text):
        return f"@{match['name']}", int(match["thread"] or 0) or None
    return ChatAddress.of(text)


def place_of(chat_type: str, address: ChatAddress, title: str, problem: str = "") -> Place:
    """A chat or topic as a place, by Telegram's type of chat; groups with topics are communities."""
    if chat_type == "private":
        return Place(channel=KIND, address=str(address.chat), kind="private", title=title)
    return Place(
        channel=KIND,
        address=str(address),
        kind="topic" if address.thread else "channel" if chat_type == "channel" else "group",
        title=title,
        problem=problem,
        community=None if chat_type == "channel" else Community(kind="group", address=str(address.chat)),
    )
