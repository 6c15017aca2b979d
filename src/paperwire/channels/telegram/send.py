"""Sending: one message to one chat or forum topic, at the chat's own pace."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from telegram import InputFile, LinkPreviewOptions, ReplyParameters
from telegram.error import TelegramError

from paperwire.channels.telegram import markup
from paperwire.channels.telegram.faults import fault, gone_message, unchanged
from paperwire.errors import Gone, Retry, SendError

if TYPE_CHECKING:
    from paperwire.channels.telegram.pace import Pacer
    from paperwire.channels.telegram.state import Line
    from paperwire.channels.telegram.transport import Bot
    from paperwire.core.message import Attachment, Message

PATIENCE = 3.5
"""The longest a delivery waits inside the call, in seconds, for its chat's pace; the outbox waits out the rest."""

ANSWER_PATIENCE = 61.0
"""The longest an answer to a person waits for its chat's pace, in seconds."""

_HAD_ITS_SHARE = "this chat has had its share of messages for now"
_PAUSES = (0.5, 1.0, 2.0)
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Spot(NamedTuple):
    """A chat, or one forum topic in it."""

    chat: int
    thread: int | None = None

    def __str__(self) -> str:
        """The address of a destination: `<chat>` or `<chat>/<thread>`."""
        return f"{self.chat}/{self.thread}" if self.thread else str(self.chat)

    @classmethod
    def of(cls, address: str) -> Spot:
        """Read an address. Raises Gone for anything else than one or two numbers."""
        chat, _, thread = address.partition("/")
        try:
            return cls(int(chat), int(thread) if thread else None)
        except ValueError:
            raise Gone(f"{address!r} is no address of a Telegram chat") from None


class Sender:
    """Sends and edits messages; all errors that leave it are SendErrors."""

    def __init__(self, bot: Bot, pacer: Pacer, line: Line) -> None:
        self._bot = bot
        self._pacer = pacer
        self._line = line

    async def turn(self, chat: int) -> None:
        """Wait for a chat's pace without taking its place; raises Retry if that would take more than PATIENCE."""
        wait, _ = self._pacer.reserve(chat, patience=-1)
        if wait > PATIENCE:
            raise Retry(_HAD_ITS_SHARE, wait, asked=True)
        await asyncio.sleep(wait)

    async def send(self, to: Spot, message: Message, *, patience: float = PATIENCE, answers: int = 0) -> int:
        """Send once and return the id of the new message; `answers` is the id of the message it answers, if any.

        Raises Retry without asking Telegram if the chat's pace allows nothing for longer than `patience` seconds.
        """
        text, keyboard = markup.fitted(message), markup.keyboard(message)
        turn = await self._turn(to.chat, patience)
        try:
            sent = await self._bot.ask(  # raw, as nothing may fail any more once a message is out
                "sendMessage",
                chat_id=to.chat,
                text=text,
                parse_mode="HTML",
                link_preview_options=_NO_PREVIEW,
                disable_notification=message.silent or None,
                message_thread_id=to.thread,
                reply_markup=keyboard,
                reply_parameters=ReplyParameters(answers, allow_sending_without_reply=True) if answers else None,
            )
        except TelegramError as error:
            raise self._failed(to, error) from None
        finally:
            self._pacer.done(to.chat, turn)
        self._line.sent()
        return int(sent["message_id"])

    async def probe(self) -> None:
        """Ask who we are; raises SendError."""
        try:
            await self._bot.ask("getMe")
        except TelegramError as error:
            raise fault(error) from None

    async def answer(self, to: Spot, message: Message, *, answers: int = 0) -> int:
        """Send what a person waits for: what certainly failed is tried again a few times, in the same call."""
        for pause in _PAUSES:
            try:
                return await self.send(to, message, patience=ANSWER_PATIENCE, answers=answers)
            except Retry as error:
                if error.after > ANSWER_PATIENCE:
                    raise
                if error.everywhere:  # otherwise the pacer has been told to wait
                    await asyncio.sleep(pause)
        return await self.send(to, message, patience=ANSWER_PATIENCE, answers=answers)

    async def edit(self, to: Spot, message_id: int, message: Message) -> bool:
        """Put `message` in place of an older one; False if that one is no longer there to edit."""
        text, keyboard = markup.fitted(message), markup.keyboard(message)
        turn = await self._turn(to.chat, ANSWER_PATIENCE)
        try:
            await self._bot.edit_message_text(
                text,
                to.chat,
                message_id,
                parse_mode="HTML",
                link_preview_options=_NO_PREVIEW,
                reply_markup=keyboard,
            )
        except TelegramError as error:
            if unchanged(error):
                return True
            if gone_message(error):
                return False
            raise self._failed(to, error) from None
        finally:
            self._pacer.done(to.chat, turn)
        return True

    async def attach(self, to: Spot, file: Attachment) -> None:
        """Send a file."""
        turn = await self._turn(to.chat, ANSWER_PATIENCE)
        try:
            await self._bot.send_document(
                to.chat, InputFile(file.content, filename=file.name), message_thread_id=to.thread
            )
        except TelegramError as error:
            raise self._failed(to, error) from None
        finally:
            self._pacer.done(to.chat, turn)

    async def _turn(self, chat: int, patience: float) -> float:
        wait, turn = self._pacer.reserve(chat, patience)
        if wait > patience:
            raise Retry(_HAD_ITS_SHARE, wait, asked=True)
        if wait > 0:
            await asyncio.sleep(wait)
        return turn

    def _failed(self, to: Spot, error: TelegramError) -> SendError:
        meaning = fault(error, to.thread)
        if isinstance(meaning, Retry):
            if meaning.everywhere:
                self._line.sent(error)
            else:
                self._pacer.hold(to.chat, meaning.after)
        return meaning
