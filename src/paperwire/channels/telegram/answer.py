"""Has one request to the bot handled, and sends the reply where it may be read."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError

from paperwire.channels._conversation import Replies, Updates, decoded, is_empty, plain_text
from paperwire.channels.telegram import markup
from paperwire.channels.telegram.address import KIND, ChatAddress
from paperwire.channels.telegram.faults import TROUBLES, fault
from paperwire.channels.telegram.rights import Rights
from paperwire.channels.telegram.send import Sender
from paperwire.channels.telegram.updates import PLACE_CLOSED, PLACE_LEFT, PLACE_MOVED, PLACE_VOTES, File, Incoming
from paperwire.core.messages.message import Button, Message, Span
from paperwire.core.text.clean import cut
from paperwire.errors import Gone, SendError
from paperwire.ports.requests import Handler, PaperChoice, Reply, Request, Update

log = structlog.get_logger(__name__)

TYPING_AFTER = 1.0
"""Seconds after which people are shown that an answer is being made."""

TYPING_LASTS = 4.5
"""Seconds until that is shown again; Telegram shows it for five."""

TOAST = 200
"""The longest text over a chat that answers a button, in characters."""

_REMEMBERED = 1000  # messages whose buttons were changed, the last ones, that are remembered for reactions to them


class Answerer:
    """Has requests handled and delivers the replies."""

    def __init__(  # noqa: PLR0913 -- what an answer is made of
        self, sender: Sender, bot: Bot, rights: Rights, handler: Handler, *, commands: frozenset[str], username: str
    ) -> None:
        self._sender = sender
        self._bot = bot
        self._rights = rights
        self._replies = Replies(handler)
        self._commands = commands
        self.updates = Updates(KIND)
        self._keyboards: OrderedDict[tuple[int, int], InlineKeyboardMarkup] = OrderedDict()
        self.username = username

    async def answer(self, incoming: Incoming) -> None:
        command = incoming.request.command
        if incoming.shared and command and command not in self._commands and not incoming.addressed:
            return  # most likely meant for another bot
        request = replace(incoming.request, can_manage=await self._may_manage(incoming))
        async with self._typing(incoming):
            reply = await self._reply(incoming, request)
        if reply.unseen:
            await self._delete(incoming)
        await self._deliver(incoming, reply)

    async def offer(self, incoming: Incoming) -> None:
        """Answer what a person types after the bot's name in any chat."""
        reply = await self._replies.to(incoming.request)
        try:
            await self._bot.answer_inline_query(incoming.inline, **inline_answer(reply))
        except TelegramError as error:  # more was typed meanwhile, or it took too long
            log.info("telegram inline query not answered", reason=error.message)

    async def _may_manage(self, incoming: Incoming) -> bool:
        if incoming.request.action.startswith(PLACE_VOTES):
            return False
        if incoming.request.action.startswith("place:"):
            self._rights.forget(incoming.address.chat)
            return True  # reported by Telegram, not asked by the actor
        if incoming.manager is not None:
            return incoming.manager
        try:
            return await self._rights.manages(incoming.address.chat, incoming.user or 0)
        except SendError as error:
            log.warning("telegram rights unknown", reason=str(error))
            return False

    async def _reply(self, incoming: Incoming, request: Request) -> Reply:
        if incoming.file is not None:
            request = await self._with_file(request, incoming.file)
        reply = await self._replies.to(request)
        if reply.aside and not request.can_manage and await self._was_promoted(incoming):
            reply = await self._replies.to(replace(request, can_manage=True))
        return reply

    @asynccontextmanager
    async def _typing(self, incoming: Incoming) -> AsyncIterator[None]:
        """Show that an answer is being made while it takes long; channels show no such sign."""
        showing = None
        if incoming.request.place.kind != "channel" and not incoming.request.action.startswith("place:"):
            showing = asyncio.create_task(self._show_typing(incoming.address))
        try:
            yield
        finally:
            if showing is not None:
                showing.cancel()
                await asyncio.gather(showing, return_exceptions=True)

    async def _show_typing(self, to: ChatAddress) -> None:
        await asyncio.sleep(TYPING_AFTER)
        while True:
            await self._bot.send_chat_action(to.chat, ChatAction.TYPING, message_thread_id=to.thread)
            await asyncio.sleep(TYPING_LASTS)

    async def _was_promoted(self, incoming: Incoming) -> bool:
        """Whether a person who was refused something has become a manager since the list was read."""
        if incoming.manager is not None:
            return False
        try:
            return await self._rights.manages(incoming.address.chat, incoming.user or 0, within=timedelta())
        except SendError:
            return False

    async def _delete(self, incoming: Incoming) -> None:
        """Delete the message with the request, if Telegram lets us: in groups that takes a right."""
        try:
            await self._bot.delete_message(incoming.address.chat, incoming.message)
        except TelegramError as error:
            log.info("telegram message not deleted", reason=error.message)

    async def _with_file(self, request: Request, file: File) -> Request:
        """The request with the text of a file, or with its name if it can't be read."""
        if not file.id:
            return replace(request, unread=file.name)
        try:
            content = await (await self._bot.get_file(file.id)).download_as_bytearray()
        except TROUBLES as error:
            log.warning("telegram file not read", reason=str(fault(error)))
            return replace(request, unread=file.name)
        text = decoded(bytes(content))
        if text is None:
            return replace(request, unread=file.name)
        return replace(request, attached=f"{request.attached}\n{text}".strip())

    async def _deliver(self, incoming: Incoming, reply: Reply) -> None:
        if incoming.request.action.startswith(PLACE_VOTES) and (below := markup.keyboard(reply.message)) is not None:
            await self._recount(incoming, reply, below)
        if incoming.request.action.startswith((PLACE_CLOSED, PLACE_LEFT, PLACE_MOVED, *PLACE_VOTES)):
            return
        is_answered = bool(incoming.callback) and await self._in_toast(incoming, reply)
        if incoming.keyboard is not None and (keyboard := _changed(incoming.keyboard, reply)) != incoming.keyboard:
            await self._relabel(incoming.address, incoming.message, keyboard)
        if is_answered:
            return
        to = incoming.address
        if reply.private and incoming.shared:
            private = await self._in_private(incoming, reply)
            if not private:
                return
            to, sent = private
            self.updates.follow(reply, partial(self._update, to, sent))
        elif not is_empty(reply.message):
            sent = await self._in_chat(incoming, reply)
            self.updates.follow(reply, partial(self._update, to, sent))
        for file in reply.files:
            await self._sender.attach(to, file)

    async def _in_toast(self, incoming: Incoming, reply: Reply) -> bool:
        """Answer the button itself; True if nothing else is to be sent."""
        toast, plain = reply.toast[:TOAST], plain_text(reply.message)
        only_text = bool(plain) and not reply.files and not reply.message.buttons
        alert = (reply.private or reply.aside) and incoming.shared and only_text and len(plain) <= TOAST
        try:
            await self._bot.answer_callback_query(incoming.callback, plain if alert else toast or None, alert or None)
        except TelegramError as error:
            log.info("telegram button not answered", reason=error.message)  # pressed too long ago
            return bool(toast) and reply.aside
        return alert or (bool(toast) and reply.aside)

    async def _in_chat(self, incoming: Incoming, reply: Reply) -> int:
        """Send or edit; returns the id of the message that shows the reply."""
        old = incoming.message if incoming.callback else 0
        if old and reply.edit and await self._sender.edit(incoming.address, old, reply.message):
            return old
        if old and reply.expands and incoming.keyboard is not None and incoming.shown:
            keys = _expanded(incoming.keyboard, incoming.request.action, reply.message)
            if await self._sender.expand(incoming.address, old, incoming.shown, reply.message, keys):
                self._remember(incoming.address, old, keys)
                return old
        answers = incoming.message if incoming.shared and not incoming.callback else 0
        example = reply.question.example if reply.question else ""
        sent = await self._sender.answer(incoming.address, reply.message, answers=answers, example=example)
        if reply.on_asked is not None and incoming.shared:
            await reply.on_asked(str(sent))
        return sent

    async def _recount(self, incoming: Incoming, reply: Reply, below: InlineKeyboardMarkup) -> None:
        """Change the buttons of what was reacted to; Telegram says only afterwards what stands there."""
        to, message = incoming.address, int(incoming.request.action.rpartition(":")[2])
        shown = self._keyboards.get((to.chat, message))
        is_expanded = await self._relabel(to, message, below if shown is None else _changed(shown, reply))
        expanded = markup.keyboard(Message(buttons=reply.expanded))
        if shown is None and is_expanded and expanded is not None:
            await self._relabel(to, message, expanded)

    async def _relabel(self, to: ChatAddress, message: int, keyboard: InlineKeyboardMarkup) -> bool:
        self._remember(to, message, keyboard)
        return await self._sender.relabel(to, message, keyboard)

    def _remember(self, to: ChatAddress, message: int, keyboard: InlineKeyboardMarkup) -> None:
        self._keyboards[to.chat, message] = keyboard
        self._keyboards.move_to_end((to.chat, message))
        if len(self._keyboards) > _REMEMBERED:
            self._keyboards.popitem(last=False)

    async def _update(self, to: ChatAddress, message: int, update: Update) -> None:
        if not await self._sender.edit(to, message, update.reply.message) and update.line is not None:
            await self._sender.answer(to, update.line)
        for file in update.reply.files:
            await self._sender.attach(to, file)

    async def _in_private(self, incoming: Incoming, reply: Reply) -> tuple[ChatAddress, int] | None:
        """Send to the person's own chat, with the message's id; if the bot may not, show how to open that chat."""
        if incoming.user is None:
            text = incoming.request.texts.gettext("This answer is private. Ask me in a private chat.")
            await self._hint(incoming, text)
            return None
        to, sent = ChatAddress(incoming.user), 0
        try:
            if not is_empty(reply.message):
                sent = await self._sender.answer(to, reply.message)
        except Gone:
            text = incoming.request.texts.gettext("This answer is private, and I can't write to you yet.")
            await self._hint(incoming, text)
            return None
        return to, sent

    async def _hint(self, incoming: Incoming, text: str) -> None:
        payload = re.sub(r"[^A-Za-z0-9_-]", "", incoming.request.command)[:64]
        link = f"https://t.me/{self.username}" + (f"?start={payload}" if payload else "")
        label = incoming.request.texts.gettext("Open a private chat with me")
        hint = Message(head=((Span(text),),), buttons=((Button(label, url=link),),))
        await self._sender.answer(incoming.address, hint, answers=0 if incoming.callback else incoming.message)


def _expanded(keyboard: InlineKeyboardMarkup, pressed: str, message: Message) -> InlineKeyboardMarkup:
    """The buttons of a message without the pressed one, and those of what was added to it."""
    rows = [[button for button in row if button.callback_data != pressed] for row in keyboard.inline_keyboard]
    added = markup.keyboard(message)
    return InlineKeyboardMarkup([row for row in (*rows, *(added.inline_keyboard if added else ())) if row])


def _changed(keyboard: InlineKeyboardMarkup, reply: Reply) -> InlineKeyboardMarkup:
    """The buttons of a message as they are after a reply."""
    rows = [[key for button in row for key in _keys_for(button, reply)] for row in keyboard.inline_keyboard]
    return InlineKeyboardMarkup([row for row in rows if row])


def _keys_for(button: InlineKeyboardButton, reply: Reply) -> list[InlineKeyboardButton]:
    keys = reply.keys.get(str(button.callback_data))
    return [button] if keys is None else [InlineKeyboardButton(key.label, callback_data=key.action) for key in keys]


CACHED = 60
"""Seconds for which Telegram may repeat a list of papers; a refusal is asked for again."""

_BUTTON = 64  # the most characters of a refusal that the line above the empty list shows
_TITLE, _ABOUT = 256, 256
_START = "help"  # where the refusal leads that has nothing of its own to show in the private chat


def inline_answer(reply: Reply) -> dict[str, Any]:
    """The arguments of `answerInlineQuery`: with papers a list of them, without any a button to the private chat."""
    paper_choices = reply.paper_choices
    if paper_choices is not None and paper_choices.papers:
        papers = [_article(offer) for offer in paper_choices.papers]
        about = {"is_personal": paper_choices.is_personal, "next_offset": paper_choices.following}
        return {"results": papers, "cache_time": CACHED, **about}
    why = plain_text(reply.message).partition("\n")[0].rstrip(": ")
    button = InlineQueryResultsButton(
        cut(why, _BUTTON), start_parameter=(paper_choices and paper_choices.start) or _START
    )
    return {"results": [], "cache_time": 0, "is_personal": True, "button": button if why else None}


def _article(offer: PaperChoice) -> InlineQueryResultArticle:
    content = InputTextMessageContent(
        markup.fitted(offer.message), ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    return InlineQueryResultArticle(
        offer.key,
        cut(offer.title, _TITLE),
        content,
        reply_markup=markup.keyboard(offer.message),
        description=cut(offer.about, _ABOUT),
    )
