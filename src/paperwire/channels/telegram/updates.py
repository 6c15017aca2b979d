"""What one update means here: a command, a button, words, or a change of the bot's own membership."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from telegram import (
    CallbackQuery,
    Chat,
    InlineKeyboardMarkup,
    InlineQuery,
    MaybeInaccessibleMessage,
    Message,
    ReactionType,
    ReactionTypeEmoji,
    Update,
    User,
)
from telegram.constants import ChatType, MessageAttachmentType, MessageEntityType, UpdateType

from paperwire.channels._conversation import UPVOTES, is_readable, linked_papers
from paperwire.channels.telegram.address import KIND, ChatAddress, place_of
from paperwire.channels.telegram.rights import NOT_A_MEMBER, missing_right
from paperwire.errors import CloseReason
from paperwire.ports.callers import Actor
from paperwire.ports.requests import Request

ALLOWED = (
    UpdateType.MESSAGE,
    UpdateType.EDITED_MESSAGE,
    UpdateType.CHANNEL_POST,
    UpdateType.CALLBACK_QUERY,
    UpdateType.INLINE_QUERY,
    UpdateType.MY_CHAT_MEMBER,
    UpdateType.CHAT_MEMBER,
    UpdateType.MESSAGE_REACTION,
)
"""The kinds of updates asked for; the last two are never sent unless they are named, and to admins alone."""

_PLACE = "place:"
PLACE_CLOSED = f"{_PLACE}closed"
PLACE_OPEN = f"{_PLACE}open"
PLACE_CHANGED = f"{_PLACE}changed"
PLACE_MOVED = f"{_PLACE}moved:"
"""Actions for changes of a chat, which no button has; the last is followed by the new address."""
PLACE_LEFT = f"{_PLACE}left:"
"""The action for a person who is no longer in a chat, followed by their number."""
PLACE_VOTES = (f"{_PLACE}upvoted:", f"{_PLACE}unvoted:")
"""Actions for a reaction to a message and its end, followed by the message's id."""

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<args>.*))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message; `id` is what Telegram is asked for it by, empty for what is no text."""

    name: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request to the bot, before Telegram is asked whether the actor may manage the place.

    `user` is the person's id, or None where a chat speaks (a channel post, an anonymous administrator). `manager`
    is None where the list of administrators has to be asked. `message` is the id of the message with the command or
    button, `callback` that of the press, `shown` the HTML and `keyboard` the buttons there, and `file` what came with
    the message. An `addressed` command names this bot. `inline` is the id of a query for papers to post wherever the
    person is typing.
    """

    address: ChatAddress
    request: Request
    user: int | None
    manager: bool | None
    message: int = 0
    callback: str = ""
    file: File | None = None
    shown: str = ""
    keyboard: InlineKeyboardMarkup | None = None
    addressed: bool = False
    edited: tuple[datetime, datetime] | None = None
    inline: str = ""

    @property
    def shared(self) -> bool:
        """Whether others read the chat, too."""
        return self.request.place.kind != "private"


def read(update: Update, username: str) -> Incoming | None:
    """What an update asks of the bot called `username`, or None if that is nothing."""
    if query := update.callback_query:
        return _read_press(update, query)
    if typed := update.inline_query:
        return _read_inline(typed)
    if update.my_chat_member or update.chat_member:
        return _read_membership(update)
    if reaction := update.message_reaction:
        had, has = (any(map(_is_vote, reactions)) for reactions in (reaction.old_reaction, reaction.new_reaction))
        return None if had == has else _incoming(update, None, action=f"{PLACE_VOTES[had]}{reaction.message_id}")
    if edited := update.edited_message:
        # What changes without a text, such as a live location, was not typed.
        incoming = _read_message(update, edited, username) if edited.text or edited.caption else None
        times = edited.date, edited.edit_date or edited.date
        return None if incoming is None or incoming.request.action else replace(incoming, edited=times)
    message = update.message or update.channel_post
    return _read_message(update, message, username) if message else None


def _read_membership(update: Update) -> Incoming | None:
    """What the bot may do in a chat from now on, or that someone is no longer there."""
    if change := update.my_chat_member:
        before, now = (
            missing_right(change.chat.type, member) for member in (change.old_chat_member, change.new_chat_member)
        )
        action = PLACE_OPEN if before else PLACE_CHANGED
        if now:
            action = f"{PLACE_CLOSED}:{_why(change.chat.type, now)}"
        return _incoming(update, None, action=action)
    member = update.chat_member.new_chat_member if update.chat_member else None
    if member is None or member.status not in {member.LEFT, member.BANNED}:
        return None
    return _incoming(update, None, action=f"{PLACE_LEFT}{member.user.id}")


def _read_press(update: Update, query: CallbackQuery) -> Incoming | None:
    data = query.data or ""
    if not query.message or not data or data.startswith(_PLACE):
        return None  # an inline message, a game, or data that no button of ours has
    return _incoming(update, query.message, action=data, callback=query.id)


def _read_inline(typed: InlineQuery) -> Incoming:
    """What is typed in any chat, as if it was asked in private: Telegram doesn't say where it is."""
    person = typed.from_user
    address, name = ChatAddress(person.id), _name(person)
    request = Request(
        actor=Actor(channel=KIND, user_id=str(person.id), name=name),
        place=place_of(ChatType.PRIVATE, address, name),
        can_manage=True,
        args=typed.query,
        completing="paper",
        options={"offset": typed.offset} if typed.offset else {},
        locale=person.language_code or "",
    )
    return Incoming(address=address, request=request, user=person.id, manager=True, inline=typed.id)


def _is_vote(reaction: ReactionType) -> bool:
    return isinstance(reaction, ReactionTypeEmoji) and reaction.emoji.startswith(UPVOTES)


def _why(chat_type: str, problem: str) -> CloseReason:
    if chat_type == ChatType.PRIVATE:
        return CloseReason.BLOCKED
    return CloseReason.REMOVED if problem == NOT_A_MEMBER else CloseReason.SILENCED


def _read_message(update: Update, message: Message, username: str) -> Incoming | None:
    by_bot = message.from_user and message.from_user.is_bot and not message.sender_chat
    if by_bot or message.is_automatic_forward:
        return None
    if message.migrate_to_chat_id:
        return _incoming(update, message, action=f"{PLACE_MOVED}{message.migrate_to_chat_id}")
    if message.left_chat_member and not message.left_chat_member.is_bot:
        return _incoming(update, message, action=f"{PLACE_LEFT}{message.left_chat_member.id}")
    text = message.text or message.caption or ""
    if match := _COMMAND.fullmatch(text):
        if match["bot"] and match["bot"].casefold() != username.casefold():
            return None
        command, args = match["name"].lower(), (match["args"] or "").strip()
        return replace(_incoming(update, message, command=command, args=args), addressed=bool(match["bot"]))
    return _read_words(update, message, text, username) if text or message.effective_attachment else None


def _read_words(update: Update, message: Message, text: str, username: str) -> Incoming | None:
    """Words without a command: all of them in private, elsewhere those that reply to a message of ours."""
    replied = message.reply_to_message
    if message.chat.type == ChatType.PRIVATE:
        return _incoming(update, message, args=text.strip())
    if text and replied and replied.from_user and replied.from_user.username == username:
        incoming = _incoming(update, message, args=text.strip())
        return replace(incoming, request=replace(incoming.request, replied=str(replied.message_id)))
    return None


def _file(message: Message | None) -> File | None:
    """The file that came with a message; whatever shows no name, as photos do, is called what it is."""
    if message is None or not message.effective_attachment:
        return None
    document = message.document
    if document is None:
        return File(name=next(kind.value for kind in MessageAttachmentType if message[kind]), id="")
    is_text = is_readable(document.file_name or "", document.file_size or 0)
    return File(name=document.file_name or "", id=document.file_id if is_text else "")


def _incoming(  # noqa: PLR0913 -- what a request is made of
    update: Update,
    message: MaybeInaccessibleMessage | None,
    *,
    command: str = "",
    args: str = "",
    action: str = "",
    callback: str = "",
) -> Incoming:
    chat, person = update.effective_chat, update.effective_user
    assert chat  # noqa: S101 -- each of the kinds asked for has one
    whole = message if isinstance(message, Message) else None
    thread = whole.message_thread_id if whole and whole.is_topic_message else None
    address = ChatAddress(chat.id, thread)
    sender = update.effective_sender or chat  # who pressed a button is a person, no matter who sent its message
    is_chat = isinstance(sender, Chat)
    manager: bool | None = False if is_chat else None
    if chat.type == ChatType.PRIVATE or sender.id == chat.id:
        manager = True  # a private chat, a channel's own post, or an administrator who writes as the group
    request = Request(
        actor=Actor(channel=KIND, user_id=str(sender.id), name=_name(sender)),
        place=place_of(chat.type, address, _title(chat, whole)),
        can_manage=False,
        command=command,
        args=args,
        action=action,
        attached=linked_papers(_addresses(whole)) if whole and not action else "",
        locale=(person.language_code if person else None) or "",
    )
    return Incoming(
        address=address,
        request=request,
        user=None if is_chat else sender.id,
        manager=manager,
        message=message.message_id if message else 0,
        callback=callback,
        shown=(whole.text_html or "") if whole and callback else "",
        keyboard=whole.reply_markup if whole and callback else None,
        file=_file(whole) if not action else None,
    )


def _addresses(message: Message) -> Iterator[str]:
    """Where words of a message lead, as titles in a forwarded post do, and the buttons under it."""
    for entity in (*message.entities, *message.caption_entities):
        if entity.type == MessageEntityType.TEXT_LINK and entity.url:
            yield entity.url
    for row in message.reply_markup.inline_keyboard if message.reply_markup else ():
        yield from (button.url for button in row if button.url)


def _title(chat: Chat, message: Message | None) -> str:
    start = message.reply_to_message if message else None
    topic = start.forum_topic_created if start else None
    return f"{_name(chat)} › {topic.name}" if topic else _name(chat)


def _name(sender: Chat | User) -> str:
    return (sender.full_name if isinstance(sender, User) else sender.effective_name) or sender.username or ""
