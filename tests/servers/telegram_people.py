"""What people do in the fake Telegram: type, press buttons, post in channels, let the bot in and throw it out."""

from __future__ import annotations

import asyncio
from typing import Any

from servers.telegram_world import Chat, Sent, entity_json, member

BOT_ID = 42


class People:
    """Chats, people, and the updates that come of what they do."""

    def __init__(self, username: str) -> None:
        self.username = username
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.deleted: list[tuple[int, int]] = []
        self._updates: list[dict[str, Any]] = []
        self._next = {"update": 1000, "message": 1, "query": 1}
        self._changed = asyncio.Event()

    def person(self, number: int, name: str = "Ann", *, language: str = "en") -> int:
        self.people[number] = {"id": number, "is_bot": False, "first_name": name, "language_code": language}
        return number

    def chat(self, number: int, type: str = "supergroup", title: str = "Lab", **rest: Any) -> Chat:  # noqa: A002 -- Telegram's word
        if type == "channel":
            rest.setdefault("bot", "administrator")
        chat = Chat(number, type, title, **rest)
        self.chats[number] = chat
        return chat

    def say(self, user: int, text: str, chat: int | None = None, thread: int | None = None, **extra: Any) -> int:
        """`user` types `text`, in private or in `chat`; `extra` goes into the message. Returns the message's id."""
        if user not in self.people:
            self.person(user)
        if chat is None:
            self.chats.setdefault(user, Chat(user, "private", self.people[user]["first_name"]))
        place = self.chats[user if chat is None else chat]
        message = {
            "message_id": self._number("message"),
            "date": 1_700_000_000,
            "chat": place.json(),
            "from": self.people[user],
        }
        if text:
            message["text"] = text
        if thread is not None:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        self.push({"message": message | extra})
        return int(message["message_id"])

    def edit(
        self, user: int, message: int, text: str, chat: int | None = None, *, after: int = 5, **extra: Any
    ) -> None:
        """`user` changes the text of a message of theirs, some seconds after it was sent."""
        place = self.chats[user if chat is None else chat].json()
        times = {"date": 1_700_000_000, "edit_date": 1_700_000_000 + after}
        edited = {"message_id": message, **times, "chat": place, "from": self.people[user]}
        self.push({"edited_message": edited | ({"text": text} if text else {}) | extra})

    def send_file(self, user: int, name: str, content: bytes, caption: str = "", chat: int | None = None) -> int:
        """`user` sends a document; Telegram knows it by its name."""
        self.files[name] = content
        document = {"file_id": name, "file_unique_id": name, "file_name": name, "file_size": len(content)}
        return self.say(user, "", chat, document=document, **({"caption": caption} if caption else {}))

    def say_as_group(self, chat: int, text: str, thread: int | None = None) -> int:
        """An anonymous administrator types `text`."""
        anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        extra = {"from": anonymous, "sender_chat": self.chats[chat].json()}
        return self.say(1, text, chat, thread, **extra)

    def post(self, channel: int, text: str) -> None:
        """Somebody posts in a channel."""
        chat = self.chats[channel].json()
        message = {"message_id": self._number("message"), "date": 1, "chat": chat, "sender_chat": chat, "text": text}
        self.push({"channel_post": message})

    def press(self, user: int, sent: Sent, label: str) -> str:
        """`user` presses a button; returns the id of the query."""
        if user not in self.people:
            self.person(user)
        message = {"message_id": sent.id, "date": 1, "chat": self.chats[sent.chat].json(), "text": sent.text}
        message["entities"] = [entity_json(entity) for entity in sent.entities]
        if sent.thread is not None:
            message |= {"message_thread_id": sent.thread, "is_topic_message": True}
        message["reply_markup"] = {"inline_keyboard": sent.keyboard}
        number = str(self._number("query"))
        query = {"id": number, "from": self.people[user], "chat_instance": "1", "message": message}
        self.push({"callback_query": query | {"data": sent.button(label)["callback_data"]}})
        return number

    def react(self, user: int, sent: Sent, *emoji: str, before: tuple[str, ...] = (), as_chat: bool = False) -> None:
        """`user` reacts to a message of the bot, which learns of it only as an administrator."""
        chat = self.chats[sent.chat]
        if chat.bot != "administrator":
            return
        if user not in self.people:
            self.person(user)
        who = {"actor_chat": chat.json()} if as_chat else {"user": self.people[user]}
        old, new = ([{"type": "emoji", "emoji": one} for one in emojis] for emojis in (before, emoji))
        about = {"chat": chat.json(), "message_id": sent.id, "date": 1, **who}
        self.push({"message_reaction": about | {"old_reaction": old, "new_reaction": new}})

    def standing(self, user: int, chat: int, status: str, **rights: Any) -> None:
        """`user` changes what the bot is in `chat`: `member`, `administrator`, `left`, `kicked`, `restricted`."""
        place = self.chats[chat]
        bot = {"id": BOT_ID, "is_bot": True, "first_name": "Paperwire", "username": self.username}
        old, place.bot = member(place.bot, bot, **place.rights), status
        place.rights = rights
        change = {"chat": place.json(), "from": self.people[user], "date": 1}
        change |= {"old_chat_member": old, "new_chat_member": member(status, bot, **rights)}
        self.push({"my_chat_member": change})

    def push(self, update: dict[str, Any]) -> None:
        self._updates.append({"update_id": self._number("update"), **update})
        self._notify()

    def _number(self, kind: str) -> int:
        self._next[kind] += 1
        return self._next[kind]

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
