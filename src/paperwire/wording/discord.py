"""Texts of the Discord channel itself: missing rights, and what a button says when nothing else does."""

from __future__ import annotations

GATEWAY_AWAY = "the gateway closed the connection"

NOT_A_MEMBER = "the bot is not in this server: add it to the server first"
NOT_MY_CHAT = "this chat is between people: open a private chat with the bot, or use a channel it is in"
NO_VIEW = "the bot may not see this channel: give it the permission View Channel there"
NO_SENDING = "the bot may not write in this channel: give it the permission Send Messages there"
NO_SENDING_IN_THREADS = "the bot may not write in this thread: give it the permission Send Messages in Threads there"
NO_EMBEDS = "the bot may not show papers in this channel: give it the permission Embed Links there"
THREAD_LOCKED = "this thread is archived or locked: open it again first"
IS_FORUM = "a forum takes no messages itself: name one of its posts"
NO_SUCH_PLACE = "Discord knows no such channel, or the bot may not see it"

DONE = "Done."


def place_title(server: str, channel: str) -> str:
    """What a channel or thread is called in lists: its server and its own name."""
    return f"{server} › {channel}" if server else channel
