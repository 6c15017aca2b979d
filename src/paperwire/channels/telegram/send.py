"""Sends one message to one chat or forum topic, at the chat's own pace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog
from telegram import Bot, ForceReply, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram import Message as TelegramMessage
from telegram.constants import MessageEntityType, ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken

from paperwire.channels._conversation import ANSWER_PATIENCE, ConnectionState, persist
from paperwire.channels.telegram import markup
from paperwire.channels.telegram.address import ChatAddress
from paperwire.channels.telegram.faults import TROUBLES, fault
from paperwire.channels.telegram.pace import Pacer
from paperwire.core.messages.message import Attachment, Message, Span
from paperwire.core.text.clean import cut
from paperwire.errors import Retry, SendError

log = structlog.get_logger(__name__)

LONGEST_PACE_WAIT = 3.5
"""The longest a delivery waits inside the call, in seconds, for its chat's pace; the outbox waits out the rest."""

PROBE_TIMEOUT = 5.0
"""The longest the answer to a probe may take, in seconds."""

_TOPIC_NAME = 128
_PLACEHOLDER = 64  # the longest example that a field for a reply may show, in characters

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class _NoTopics(Exception):
    """The bot may open no topics in a group."""


class Sender:
    """Sends and edits messages; all errors that leave it are SendErrors.

    `timeout` is how long an answer may take, in seconds.
    """

    def __init__(self, bot: Bot, pacer: Pacer, state: ConnectionState, *, timeout: float) -> None:
        self._bot = bot
        self._pacer = pacer
        self._state = state
        self._probe_timeout = min(PROBE_TIMEOUT, timeout)

    async def wait_for_slot(self, chat: int) -> None:
        """Wait for a chat's pace without counting a message; raises Retry if that exceeds LONGEST_PACE_WAIT."""
        await self._pacer.wait(chat, LONGEST_PACE_WAIT)

    async def send(
        self, to: ChatAddress, message: Message, *, answer: bool = False, answers: int = 0, example: str = ""
    ) -> int:
        """Send once and return the id of the new message.

        An `answer` is what a person waits for, and goes before alerts; `answers` is the id of the message it answers,
        if any. With an `example` and without buttons it asks the person it answers for a reply. Raises Retry without
        asking Telegram if the chat's pace allows nothing for longer than the patience.
        """
        text, keyboard = markup.fitted(message), markup.keyboard(message)
        asks = ForceReply(selective=True, input_field_placeholder=example[:_PLACEHOLDER]) if example else None
        send = partial(
            self._bot.send_message,
            to.chat,
            text,
            ParseMode.HTML,
            disable_notification=message.silent,
            message_thread_id=to.thread,
            reply_markup=keyboard or asks,
            reply_parameters=ReplyParameters(answers, allow_sending_without_reply=True) if answers else None,
        )
        async with self._slot(to, answer=answer):
            sent = await _sent(send, _preview(message))
        self._state.sent()
        return sent.message_id

    async def open_topic(self, to: ChatAddress, message_id: int, name: str) -> str:
        """Open a topic that begins with a link to a message; why the bot may not, empty if it may."""
        internal = str(abs(to.chat)).removeprefix("100")
        link = "/".join(str(part) for part in ("https://t.me/c", internal, to.thread, message_id) if part)
        first = Message(head=((Span(name, url=link),),), silent=True)
        try:
            topic = await self._create_topic(to, name)
            await self.answer(ChatAddress(to.chat, topic), first)
        except _NoTopics:
            return (
                "the bot may open no topics in this group: switch topics on, and make the bot an administrator with the"
                " right Manage Topics"
            )
        except SendError as error:  # the message is there, and a topic may be
            log.info("telegram topic not opened", reason=str(error))
        return ""

    async def _create_topic(self, to: ChatAddress, name: str) -> int:
        async with self._slot(to, answer=True):
            try:
                return (await self._bot.create_forum_topic(to.chat, cut(name, _TOPIC_NAME))).message_thread_id
            except (BadRequest, Forbidden) as error:
                raise _NoTopics(error.message) from None

    async def probe(self) -> None:
        """Ask who we are, without waiting for any pace; raises SendError."""
        try:
            await self._bot.get_me(read_timeout=self._probe_timeout)
        except TROUBLES as error:
            meaning = fault(error)
            if isinstance(meaning, Retry):
                meaning.everywhere = True  # a probe is about no chat
            self._state.sent(str(meaning), token_refused=isinstance(error, InvalidToken))
            raise meaning from None
        self._state.sent()

    async def username(self) -> str:
        """The bot's own name, by which links reach it; raises `TROUBLES`."""
        me = await self._bot.get_me(read_timeout=self._probe_timeout)
        return me.username or ""

    async def answer(self, to: ChatAddress, message: Message, *, answers: int = 0, example: str = "") -> int:
        return await persist(lambda: self.send(to, message, answer=True, answers=answers, example=example))

    async def edit(self, to: ChatAddress, message_id: int, message: Message) -> bool:
        """Put `message` in place of an older one; False if that one is no longer there to edit."""
        text, keyboard = markup.fitted(message), markup.keyboard(message)
        return await self._put(to, message_id, text, keyboard, _preview(message))

    async def expand(
        self, to: ChatAddress, message_id: int, shown: str, message: Message, keyboard: InlineKeyboardMarkup
    ) -> bool:
        """Add the abstract of `message` to an older one that is `shown` as HTML; False if that one is gone."""
        return await self._put(to, message_id, markup.expanded(shown, message), keyboard)

    async def _put(
        self,
        to: ChatAddress,
        message_id: int,
        text: str,
        keyboard: InlineKeyboardMarkup | None,
        preview: LinkPreviewOptions = _NO_PREVIEW,
    ) -> bool:
        return await persist(lambda: self._edit(to, message_id, text, keyboard, preview), repeatable=True)

    async def relabel(self, to: ChatAddress, message_id: int, keyboard: InlineKeyboardMarkup) -> bool:
        """Put other buttons under an older message, once: the next press does it again.

        Whether that message shows an abstract, if Telegram says so.
        """
        async with self._slot(to, answer=True):
            try:
                shown = await self._bot.edit_message_reply_markup(to.chat, message_id, reply_markup=keyboard)
            except BadRequest as error:
                if "message" not in error.message.lower():  # it is gone, or says so already
                    raise
                return False
        entities = shown.entities if isinstance(shown, TelegramMessage) else ()
        return any(entity.type == MessageEntityType.EXPANDABLE_BLOCKQUOTE for entity in entities)

    async def attach(self, to: ChatAddress, file: Attachment) -> None:
        await persist(lambda: self._attach(to, file))

    async def _edit(
        self,
        to: ChatAddress,
        message_id: int,
        text: str,
        keyboard: InlineKeyboardMarkup | None,
        preview: LinkPreviewOptions,
    ) -> bool:
        async with self._slot(to, answer=True):
            try:
                await self._bot.edit_message_text(
                    text,
                    to.chat,
                    message_id,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=preview,
                    reply_markup=keyboard,
                )
            except BadRequest as error:
                refusal = error.message.lower()
                if "message" not in refusal:
                    raise
                return "message is not modified" in refusal
        return True

    async def _attach(self, to: ChatAddress, file: Attachment) -> None:
        async with self._slot(to, answer=True):
            await self._bot.send_document(to.chat, file.content, filename=file.name, message_thread_id=to.thread)

    @asynccontextmanager
    async def _slot(self, to: ChatAddress, *, answer: bool) -> AsyncIterator[None]:
        """Wait for the slot of one message, which is sent inside; errors of Telegram leave it as SendErrors."""
        at = await self._pacer.take(to.chat, ANSWER_PATIENCE if answer else LONGEST_PACE_WAIT, answer=answer)
        try:
            yield
        except TROUBLES as error:
            raise self._failed(to, error) from None
        finally:
            self._pacer.done(to.chat, at)

    def _failed(self, to: ChatAddress, error: Exception) -> SendError:
        meaning = fault(error, to.thread)
        if isinstance(meaning, Retry):
            if meaning.everywhere:
                self._state.sent(str(meaning), token_refused=isinstance(error, InvalidToken))
            elif meaning.requested:
                self._pacer.pause(to.chat, meaning.after)
        return meaning


def _preview(message: Message) -> LinkPreviewOptions:
    """The picture of the one paper in a message below it, which Telegram fetches, and no preview of any link."""
    if not markup.linkable(message.image):
        return _NO_PREVIEW
    return LinkPreviewOptions(url=message.image, prefer_large_media=True)


async def _sent(send: Callable[..., Awaitable[TelegramMessage]], preview: LinkPreviewOptions) -> TelegramMessage:
    """Send with a picture, or without one that Telegram may have refused."""
    try:
        return await send(link_preview_options=preview)
    except BadRequest as error:
        if preview is _NO_PREVIEW:
            raise
        log.warning("telegram message with a picture refused", reason=error.message)
    return await send(link_preview_options=_NO_PREVIEW)
