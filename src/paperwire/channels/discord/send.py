"""Sends a message so that a second try makes no second one, and changes answers when there is more to say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import discord
import structlog
from discord import http

from paperwire.channels._conversation import RETRY_SOON, ConnectionState, persist
from paperwire.channels.discord import markup
from paperwire.channels.discord.connect import Gate, Rest, attempt
from paperwire.channels.discord.faults import ARCHIVED, SENT_BEFORE, TROUBLES, fault, token_refused
from paperwire.channels.discord.layout import layout
from paperwire.core.messages.message import Message
from paperwire.core.text.clean import cut
from paperwire.errors import Gone, Retry, SendError

log = structlog.get_logger(__name__)

NONCE = 25
_THREAD_NAME = 100
_MAY_NOT = frozenset({50001, 50013, 50024})
"""Refusals of a thread that will be refused again: no right, or no channel for threads."""
_FORM = frozenset({50006, 50035})  # refusals of what a message is made of

PROBE_TIMEOUT = 5.0
"""The longest a probe may take, in seconds."""


def channel_number(address: str) -> int:
    """The id that an address is. Raises Gone for anything else than a number."""
    if not (address.isascii() and address.isdecimal() and len(address) <= 20):
        raise Gone(f"{address!r} is no address of a Discord channel")
    return int(address)


class Sender:
    """Sends alerts; all errors that leave it are SendErrors.

    `timeout` is the longest that one message may take, in seconds, its channel's own limit included.
    """

    def __init__(self, rest: Rest, gate: Gate, state: ConnectionState, *, timeout: float) -> None:
        self._rest = rest
        self._gate = gate
        self._state = state
        self._timeout = timeout

    async def send(self, to: str, message: Message) -> str:
        """Send once and return the id of the new message; empty if it arrived before and was deleted since."""
        channel = channel_number(to)
        parts = _parts(message)
        client = await self._logged_in()
        with attempt(self._gate.alert, self._gate.done) as current:
            try:
                sent = await self._in_a_form_it_takes(client, channel, message, parts)
            except TROUBLES as error:
                if isinstance(error, discord.NotFound) and error.code == SENT_BEFORE and message.key:
                    return ""
                meaning = fault(error, may_have_arrived=current.may_have_arrived, repeatable=bool(message.key))
                raise self._noted(error, meaning) from None
        self._state.sent()
        return sent

    async def open_thread(self, to: str, message: str, name: str) -> str:
        """Open a thread on a message; why the bot may not, empty if it did, or if that failed for now."""
        try:
            client = await self._rest.client()
            with attempt(self._gate.alert, self._gate.done):
                async with asyncio.timeout(self._timeout):
                    await client.http.start_thread_with_message(
                        channel_number(to), int(message), name=cut(name, _THREAD_NAME), auto_archive_duration=1440
                    )
        except (Retry, *TROUBLES) as error:
            if getattr(error, "code", 0) in _MAY_NOT:
                return "the bot may open no threads in this channel: give it the permission Create Public Threads there"
            log.info("discord thread not opened", reason=str(error))  # the message is there, and may have one
        return ""

    async def probe(self) -> None:
        """Ask who we are, before all alerts; raises SendError. Before the first login, that login is the probe."""
        was_logged_in = self._rest.logged_in
        try:
            async with asyncio.timeout(min(self._timeout, PROBE_TIMEOUT)):
                client = await self._logged_in()
                if was_logged_in:
                    with attempt(self._gate.answer, self._gate.done):
                        me = await client.http.request(http.Route("GET", "/users/@me"))
                    int(me["id"])  # raises for what some other page answers
        except TROUBLES as error:
            meaning = fault(error)
            if isinstance(meaning, Retry):
                meaning.everywhere = True  # no place was asked for
            self._state.sent(str(meaning), token_refused=token_refused(error))
            raise meaning from None
        self._state.sent()

    async def _logged_in(self) -> discord.Client:
        """A client; what goes wrong before there is one concerns all places, and no message is on its way."""
        try:
            return await self._rest.client()
        except TROUBLES as error:
            meaning = fault(error)
            if not isinstance(meaning, Retry):
                meaning = Retry(str(meaning), RETRY_SOON)
            meaning.everywhere = True
            raise self._noted(error, meaning) from None

    def _noted(self, error: Exception, meaning: SendError) -> SendError:
        """Keep in the state what concerns all channels."""
        if isinstance(meaning, Retry) and meaning.everywhere:
            self._state.sent(str(meaning), token_refused=token_refused(error))
        return meaning

    async def _in_a_form_it_takes(
        self, client: discord.Client, channel: int, message: Message, parts: dict[str, Any]
    ) -> str:
        """Post as it is written; a list whose sections Discord refuses as embeds, a paper without a refused picture."""
        try:
            return await self._once(client, channel, parts)
        except discord.HTTPException as error:
            in_sections = isinstance(parts.get("view"), discord.ui.LayoutView)
            if error.code not in _FORM or not (in_sections or message.image):
                raise
            log.warning("discord form refused", reason=error.text)
        return await self._once(client, channel, _parts(message.without_images(), in_sections=False))

    async def _once(self, client: discord.Client, channel: int, parts: dict[str, Any]) -> str:
        try:
            return await self._post(client, channel, parts)
        except discord.HTTPException as error:
            if error.code != ARCHIVED:
                raise
            archived = error
        try:
            await client.http.edit_channel(channel, archived=False)
        except discord.HTTPException:
            raise archived from None
        return await self._post(client, channel, parts)

    async def _post(self, client: discord.Client, channel: int, parts: dict[str, Any]) -> str:
        async with asyncio.timeout(self._timeout):
            sent = await client.get_partial_messageable(channel).send(**parts)
        return str(sent.id)


def _parts(message: Message, *, in_sections: bool = True) -> dict[str, Any]:
    """The arguments for discord.py, of a list `in_sections` where they hold it; raises Rejected."""
    parts: dict[str, Any] = {"allowed_mentions": markup.mentions(message), "silent": message.silent}
    if message.key:
        parts["nonce"] = message.key[:NONCE]
    if in_sections and message.numbered and (sections := layout(message)) is not None:
        return parts | {"view": sections}
    body = markup.fitted(message)
    parts |= {"content": body.content or None, "embeds": list(body.embeds)}
    if (view := markup.view(message)) is not None:
        parts["view"] = view
    return parts


class AnswerChanges:
    """Makes requests that may be repeated; `timeout` is how long one may take, in seconds."""

    def __init__(self, gate: Gate, *, timeout: float) -> None:
        self._gate = gate
        self._timeout = timeout

    async def show(self, request: Callable[..., Awaitable[object]], parts: Callable[[], dict[str, Any]]) -> None:
        """Make a request with its arguments, a few times where it fails; raises SendError.

        `parts` makes the arguments of each try, as a file among them is read once.
        """

        async def once() -> None:
            arguments = parts()
            try:
                with attempt(self._gate.answer, self._gate.done):
                    async with asyncio.timeout(self._timeout):
                        await request(**arguments)
            except TROUBLES as error:
                raise fault(error) from None

        await persist(once, repeatable=True)
