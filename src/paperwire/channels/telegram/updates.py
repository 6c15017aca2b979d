"""What one update of the Bot API says: a command, a button, a word, or a change of the bot's own standing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paperwire.channels.telegram.rights import KIND, place_kind
from paperwire.channels.telegram.send import Spot
from paperwire.ports import Actor, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

ALLOWED = ("message", "channel_post", "callback_query", "my_chat_member")
"""The kinds of updates asked for; the last is never sent unless it is named."""

_PLACE = "place:"
PLACE_CLOSED = f"{_PLACE}closed"
PLACE_OPEN = f"{_PLACE}open"
PLACE_MOVED = f"{_PLACE}moved:"
"""Actions made up for changes of a place that no button stands for; the last is followed by the new address."""

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<args>.*))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing said to the bot, before anybody is asked who may do what.

    `user` is the person's id, or None where a chat speaks (a channel post, an anonymous administrator). `manager`
    is None where the list of administrators has to be asked. `message` is the message with the command or button.
    """

    spot: Spot
    place: Place
    actor: Actor
    user: int | None
    manager: bool | None
    locale: str = "en"
    message: int = 0
    command: str = ""
    args: str = ""
    action: str = ""
    callback: str = ""


def read(update: Mapping[str, Any], username: str) -> Incoming | None:
    """Return what an update says to the bot called `username`, or None if that is nothing.

    Raises KeyError, TypeError or ValueError for what is no update of the Bot API.
    """
    if "callback_query" in update:
        return _pressed(update["callback_query"])
    if "my_chat_member" in update:
        return _standing(update["my_chat_member"])
    message = update.get("message") or update.get("channel_post")
    return _said(message, username) if message else None


def _said(message: Mapping[str, Any], username: str) -> Incoming | None:
    sender = message.get("from", {})
    speaks_for_chat = "sender_chat" in message
    if message.get("is_automatic_forward") or (sender.get("is_bot") and not speaks_for_chat):
        return None
    if "migrate_to_chat_id" in message:
        return _incoming(message, action=f"{PLACE_MOVED}{int(message['migrate_to_chat_id'])}")
    text = str(message.get("text", ""))
    if found := _COMMAND.fullmatch(text):
        if found["bot"] and found["bot"].casefold() != username.casefold():
            return None
        return _incoming(message, command=found["name"].lower(), args=(found["args"] or "").strip())
    if text and message["chat"]["type"] == "private":
        return _incoming(message, args=text.strip())
    return None


def _pressed(query: Mapping[str, Any]) -> Incoming | None:
    message = query.get("message")
    data = str(query.get("data", ""))
    if not message or not data or data.startswith(_PLACE):
        return None  # an inline message, a game, or somebody who writes his own data: no button says `place:`
    asked = {**message, "from": query["from"]}
    asked.pop("sender_chat", None)  # whoever pressed is a person, whoever the message is from
    return _incoming(asked, action=data, callback=str(query["id"]))


def _standing(change: Mapping[str, Any]) -> Incoming:
    member = change["new_chat_member"]
    status = member["status"]
    closed = status in {"left", "kicked"} or (status == "restricted" and not member.get("can_send_messages", True))
    if change["chat"]["type"] == "channel" and status == "administrator":
        closed = not member.get("can_post_messages", True)
    return _incoming(change, action=PLACE_CLOSED if closed else PLACE_OPEN)


def _incoming(said: Mapping[str, Any], **what: str) -> Incoming:
    chat = said["chat"]
    number = int(chat["id"])
    thread = int(said["message_thread_id"]) if said.get("is_topic_message") else None
    kind = place_kind(chat["type"], thread if chat["type"] != "private" else None)
    place = Place(
        channel=KIND,
        address=str(number) if kind == "private" else str(Spot(number, thread)),
        kind=kind,
        title=_title(said),
    )
    sender = said.get("from", {})
    speaker = said.get("sender_chat")
    actor = Actor(
        channel=KIND, user_id=str(int((speaker or sender or chat)["id"])), name=_name(speaker or sender or chat)
    )
    manager: bool | None = None
    if kind == "private" or actor.user_id == str(number):
        manager = True  # a private chat, a channel's own post, or an administrator who hides behind the group
    elif speaker:
        manager = False
    return Incoming(
        spot=Spot(number, thread),
        place=place,
        actor=actor,
        user=None if speaker or not sender else int(sender["id"]),
        manager=manager,
        locale=str(sender.get("language_code") or "en"),
        message=int(said.get("message_id", 0)),
        **what,
    )


def _title(said: Mapping[str, Any]) -> str:
    topic = said.get("reply_to_message", {}).get("forum_topic_created", {}).get("name", "")
    title = _name(said["chat"])
    return f"{title} › {topic}" if topic else title


def _name(someone: Mapping[str, Any]) -> str:
    names = (someone.get("title"), someone.get("first_name"), someone.get("last_name"))
    return " ".join(str(name) for name in names if name) or str(someone.get("username", ""))
