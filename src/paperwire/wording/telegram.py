"""Texts of the Telegram channel itself: missing rights, and hints in groups."""

from __future__ import annotations

NOT_A_MEMBER = "the bot is not a member of this chat: add it first"
NO_POSTING = "the bot may not post in this channel: make it an administrator with the right to post messages"
NO_WRITING = "the bot may not write in this group: allow it to send messages"
NO_SUCH_PLACE = "Telegram knows no such chat, or the bot is not in it"

OPEN_PRIVATE = "Open a private chat with me"
ONLY_IN_PRIVATE = "This answer is for your eyes only, and I can't write to you yet."
ONLY_FOR_PEOPLE = "This answer is for one person's eyes only. Ask me in a private chat."
