"""Texts of the Telegram channel itself: its state, missing rights, and hints in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

CONNECTING = "connecting"
CONNECTED = "connected"
SENDING_ONLY = "sending only"

NOT_A_MEMBER = "the bot is not a member of this chat: add it first"
NO_POSTING = "the bot may not post in this channel: make it an administrator with the right to post messages"
NO_WRITING = "the bot may not write in this group: allow it to send messages"
NO_SUCH_PLACE = "Telegram knows no such chat, or the bot is not in it"

OPEN_PRIVATE = "Open a private chat with me"
ONLY_IN_PRIVATE = "This answer is for your eyes only, and I can't write to you yet."
ONLY_FOR_PEOPLE = "This answer is for one person's eyes only. Ask me in a private chat."
FAILED = "Something went wrong on my side. Nothing was lost; please try again in a minute."


def reconnecting(since: datetime, reason: str) -> str:
    """The state while Telegram cannot be reached or refuses us; `since` is in UTC."""
    return f"reconnecting since {since:%Y-%m-%d %H:%M} UTC: {reason}"


def token_refused(since: datetime) -> str:
    """The state while Telegram does not know the token."""
    return f"token refused since {since:%Y-%m-%d %H:%M} UTC: check channels.telegram.token"


def other_poller(since: datetime) -> str:
    """The state while somebody else reads this bot's updates."""
    return f"waiting since {since:%Y-%m-%d %H:%M} UTC: another program reads this bot's updates"
