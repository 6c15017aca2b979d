"""The chats and people of the fake Telegram, what they see, and TDLib's own parser for what is sent to them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import tdjson

tdjson.td_execute(b'{"@type":"setLogVerbosityLevel","new_verbosity_level":0}')


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.body["parameters"] = parameters


_ALWAYS = {
    "administrator": "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
    "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories "
    "can_delete_stories",
    "restricted": "is_member can_send_messages can_send_audios can_send_documents can_send_photos can_send_videos "
    "can_send_video_notes can_send_voice_notes can_send_polls can_send_other_messages can_add_web_page_previews "
    "can_edit_tag can_change_info can_invite_users can_pin_messages can_manage_topics can_react_to_messages "
    "until_date",
    "creator": "is_anonymous",
    "kicked": "until_date",
}
"""The fields that the Bot API has for every member of a status; `until_date` is a time, the others are rights."""


def member(status: str, user: dict[str, Any], **rights: Any) -> dict[str, Any]:
    """A `ChatMember` with every field that its status has to have."""
    return {"status": status, "user": user} | dict.fromkeys(_ALWAYS.get(status, "").split(), 1) | rights


@dataclass
class Sent:
    """A message of the bot in a chat, as its readers see it."""

    chat: int
    id: int
    html: str
    text: str
    entities: list[dict[str, Any]]
    thread: int | None = None
    keyboard: list[list[dict[str, str]]] = field(default_factory=list)
    silent: bool = False
    reply_to: int | None = None
    document: tuple[str, bytes] | None = None
    edits: int = 0
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def links(self) -> list[str]:
        return [e["type"]["url"] for e in self.entities if e["type"]["@type"] == "textEntityTypeTextUrl"]

    def button(self, label: str) -> dict[str, str]:
        return next(key for row in self.keyboard for key in row if key["text"] == label)


@dataclass
class Chat:
    """A chat with the bot's standing in it; `type` as the Bot API names it."""

    id: int
    type: str
    title: str = ""
    username: str = ""
    admins: set[int] = field(default_factory=set)
    bot: str = "member"
    may_post: bool = True
    may_open: bool = True
    rights: dict[str, Any] = field(default_factory=dict)
    forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    closed_topics: set[int] = field(default_factory=set)
    migrated_to: int | None = None
    sent: list[Sent] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        names = {"first_name": self.title} if self.type == "private" else {"title": self.title}
        chat = {"id": self.id, "type": self.type, **names}
        if self.username:
            chat["username"] = self.username
        if self.forum:
            chat["is_forum"] = True
        return chat

    def full(self) -> dict[str, Any]:
        """The chat as `getChat` shows it."""
        required: dict[str, Any] = {"accent_color_id": 0, "max_reaction_count": 11}
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
        required["accepted_gift_types"] = dict.fromkeys(gifts, False)
        permissions = {"permissions": {"can_send_messages": self.may_post}}
        return self.json() | required | ({} if self.type == "private" else permissions)

    def check(self, thread: int | None) -> None:
        """Raise what the Bot API answers when the bot may not write here."""
        if self.migrated_to:
            description = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refusal(400, description, migrate_to_chat_id=self.migrated_to)
        if self.bot == "kicked":
            if self.type == "private":
                raise Refusal(403, "Forbidden: bot was blocked by the user")
            raise Refusal(403, f"Forbidden: bot was kicked from the {self.type} chat")
        if self.bot == "left":
            raise Refusal(403, f"Forbidden: bot is not a member of the {self.type} chat")
        if not self.may_post or (self.type == "channel" and self.bot != "administrator"):
            raise Refusal(400, "Bad Request: not enough rights to send text messages to the chat")
        if thread is not None and thread not in self.topics:
            raise Refusal(400, "Bad Request: message thread not found")
        if thread in self.closed_topics:
            raise Refusal(400, "Bad Request: TOPIC_CLOSED")


def parse(text: str, mode: str) -> tuple[str, list[dict[str, Any]]]:
    """Parse as TDLib does; raise Refusal for what the Bot API would not take."""
    if len(text.encode()) > 32 * 1024:
        raise Refusal(400, "Bad Request: message is too long")
    entities: list[dict[str, Any]] = []
    if mode:
        answer = execute({"@type": "parseTextEntities", "text": text, "parse_mode": {"@type": f"textParseMode{mode}"}})
        if answer["@type"] == "error":
            raise Refusal(400, f"Bad Request: {answer['message'][0].lower()}{answer['message'][1:]}")
        text, entities = answer["text"], answer["entities"]
    if not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise Refusal(400, "Bad Request: message is too long")
    return text, entities


def execute(request: dict[str, Any]) -> dict[str, Any]:
    """Ask TDLib, offline."""
    answer: dict[str, Any] = json.loads(tdjson.td_execute(json.dumps(request).encode()) or b"{}")
    return answer


def entity_json(entity: dict[str, Any]) -> dict[str, Any]:
    """An entity of TDLib's as the Bot API shows it."""
    kind = re.sub("(?=[A-Z])", "_", entity["type"]["@type"].removeprefix("textEntityType")).lower().strip("_")
    name = "text_link" if kind == "text_url" else kind.replace("block_quote", "blockquote")
    url = {"url": entity["type"]["url"]} if kind == "text_url" else {}
    return {"type": name, "offset": entity["offset"], "length": entity["length"], **url}


def found_in(text: str) -> list[dict[str, Any]]:
    """What TDLib would make a mention, tag, command, link or number by itself, except for moments of a video."""
    entities = execute({"@type": "getTextEntities", "text": text})["entities"]
    return [entity for entity in entities if entity["type"]["@type"] != "textEntityTypeMediaTimestamp"]


def check_keyboard(rows: list[list[dict[str, str]]]) -> None:
    """Raise Refusal for buttons that the Bot API would not take."""
    for button in (key for row in rows for key in row):
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        if "url" in button and "." not in (urlsplit(button["url"]).hostname or ""):
            url = button["url"]
            raise Refusal(400, f"Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
