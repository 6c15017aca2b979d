"""Has one interaction handled, and sends the reply through it within Discord's three seconds."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import discord
import structlog

from paperwire.channels._conversation import Edits, Replies, Tasks, Updates, is_empty, message_of, plain_text
from paperwire.channels.discord import markup
from paperwire.channels.discord.connect import Gate, attempt
from paperwire.channels.discord.faults import TROUBLES, fault
from paperwire.channels.discord.form import Form
from paperwire.channels.discord.incoming import read, with_files
from paperwire.channels.discord.keys import (
    change_above,
    change_card,
    is_under_shareable,
    may_not_share,
    share,
    with_keys,
    with_share,
)
from paperwire.channels.discord.layout import layout
from paperwire.channels.discord.reactions import vote_of
from paperwire.channels.discord.rights import KIND, actor_of, community, missing, place_of, shared_place
from paperwire.channels.discord.send import AnswerChanges
from paperwire.core.messages.message import Attachment, Button, Message
from paperwire.errors import CloseReason, Retry, SendError, Unknown
from paperwire.ports.callers import Actor, Place
from paperwire.ports.requests import Argument, CommandSpec, Handler, Question, Reply, Request, Update
from paperwire.texts import texts_in

log = structlog.get_logger(__name__)

DEFER_AFTER = 1.5
"""Seconds after which a reply is deferred; Discord takes a first answer within three."""

SUGGEST_WITHIN = 2.0
"""Seconds for choices while someone types; Discord takes them within three."""

_ANSWERABLE = 14 * 60.0  # seconds after which an interaction can no longer be answered, less a minute

_UNKNOWN_INTERACTION = frozenset({10062, 40060})
_UNKNOWN_MESSAGE = frozenset({10008, 10003})

Interaction = discord.Interaction[Any]


class Answerer:
    """Has requests handled and delivers the replies.

    `timeout` is how long one try to change an answer may take, in seconds. `commands` are the ids by which Discord
    knows our commands, by name, once they are registered.
    """

    def __init__(self, handler: Handler, gate: Gate, *, timeout: float) -> None:
        self._replies = Replies(handler)
        self._updates = Updates(KIND)
        self._edits = Edits()
        self._gate = gate
        self._changes = AnswerChanges(gate, timeout=timeout)
        self.commands: Mapping[str, str] = {}
        self._tasks = Tasks(KIND)

    async def ask(self, interaction: Interaction, spec: CommandSpec, given: Mapping[str, Any]) -> None:
        """Answer a slash command; `given` are its options by name, files among them."""
        files = [given[option.name] for option in spec.options if option.kind == "file" and given.get(option.name)]
        words = [option for option in spec.options if option.kind != "file"]
        options = {option.name: given[option.name] for option in words if given.get(option.name)}
        args = " ".join(given[option.name] for option in spec.args if given.get(option.name))
        content: dict[str, Any] = {"command": spec.name, "args": args, "options": options}
        hidden = spec.private or (spec.shareable and interaction.guild_id is not None)
        await self._run(self._answer(interaction, hidden=hidden, files=files, **content))

    async def suggest(
        self, interaction: Interaction, spec: CommandSpec, option: Argument, typed: str
    ) -> Sequence[tuple[str, str]]:
        """The choices for an option of a command that is being typed; none if that takes too long."""
        try:
            request = _request(interaction, command=spec.name, args=typed, completing=option.completes)
            async with asyncio.timeout(SUGGEST_WITHIN):
                return (await self._replies.to(request)).choices
        except (SendError, TimeoutError):
            return ()

    async def press(self, interaction: Interaction, action: str) -> None:
        if not action.startswith("place:"):  # no button of ours: channels report these themselves
            await self._run(self._answer(interaction, action=action))

    async def greet(self, guild: discord.Guild) -> None:
        """Say the first words on a new server, in its system channel if the bot may write there."""
        channel = guild.system_channel
        if channel is not None and not missing(channel.permissions_for(guild.me), thread=False):
            await self._run(self._greet(guild, channel))

    async def leave(self, guild: discord.Guild) -> None:
        """Report a server that the bot was removed from, or that was deleted: all its places are closed."""
        server = community(guild.id)
        request = Request(
            actor=Actor(channel=KIND, user_id=str(guild.owner_id)),
            place=Place(channel=KIND, address=server.address, kind="channel", title=guild.name, community=server),
            can_manage=True,
            action=f"place:closed:{CloseReason.REMOVED}",
        )
        await self._replies.to(request)

    async def _greet(self, guild: discord.Guild, channel: discord.TextChannel) -> None:
        request = Request(
            actor=Actor(channel=KIND, user_id=str(guild.owner_id)),
            place=shared_place(channel, guild.name, guild.id),
            can_manage=True,
            action="place:open",
            locale=str(guild.preferred_locale),
        )
        await self._write(channel, request)

    async def count(self, reaction: discord.RawReactionActionEvent, client: discord.Client) -> None:
        """Report a reaction that is a vote, or the end of the last one that was."""
        if reaction.guild_id is None or not (what := await vote_of(reaction, client, self._gate)):
            return
        server = community(reaction.guild_id)
        request = Request(
            actor=Actor(
                channel=KIND,
                user_id=str(reaction.user_id),
                name=reaction.member.display_name if reaction.member else "",
            ),
            place=Place(channel=KIND, address=str(reaction.channel_id), kind="channel", community=server),
            can_manage=False,
            action=f"place:{what}:{reaction.message_id}",
        )
        reply = await self._replies.to(request)
        if reply.keys:
            with attempt(self._gate.answer, self._gate.done):
                await change_card(client, reaction.channel_id, reaction.message_id, reply.keys)

    async def hear(self, message: discord.Message, channel: discord.DMChannel) -> None:
        """Answer words in a private chat, also a command that was typed as text."""
        await self._run(self._write(channel, *read(message, channel)))

    async def hear_again(self, message: discord.Message, channel: discord.DMChannel) -> None:
        """Answer a message that was edited soon after it was sent, once."""
        edited = message.edited_at
        if edited is not None and self._edits.is_read(channel.id, message.id, message.created_at, edited):
            await self.hear(message, channel)

    async def _write(
        self,
        channel: discord.TextChannel | discord.DMChannel,
        request: Request,
        files: Sequence[discord.Attachment] = (),
    ) -> None:
        """Send the reply to a request that is no interaction, and what it becomes in its place."""
        reply = await self._reply(request, files)
        try:
            if not is_empty(reply.message) or reply.files:
                await self._gate.passed()
                sent = await channel.send(**_parts(reply.message, self.commands, reply.files))
                self._updates.follow(reply, partial(self._replace, sent))
        except TROUBLES as error:
            raise fault(error) from error

    async def _replace(self, sent: discord.Message, update: Update) -> None:
        parts = partial(_parts, update.reply.message, self.commands, update.reply.files)
        await self._changes.show(sent.edit, lambda: _whole(parts()))

    async def stop(self) -> None:
        await self._tasks.stop()
        await self._updates.stop()

    async def submit(self, interaction: Interaction) -> None:
        """Answer a form that was filled in, of this process or one before."""
        data: Any = interaction.data
        (field, *_) = [part["component"] for part in data["components"] if "component" in part]
        content = {"args": field["value"].strip(), "replied": data["custom_id"]}
        await self._run(self._answer(interaction, **content))

    async def _reply(self, request: Request, files: Sequence[discord.Attachment]) -> Reply:
        return await self._replies.to(await with_files(request, files))

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` where `stop` finds it."""
        await asyncio.wait({self._tasks.start(work)})

    async def _answer(
        self,
        interaction: Interaction,
        *,
        hidden: bool = False,
        files: Sequence[discord.Attachment] = (),
        **content: Any,
    ) -> None:
        request = _request(interaction, **content)
        shared = request.place.kind != "private"
        answer = InteractionReply(interaction, self.commands, self._changes, shared=shared)
        handling = asyncio.ensure_future(self._reply(request, files))
        try:
            await asyncio.wait({handling}, timeout=DEFER_AFTER)
            if not handling.done():
                await answer.defer(private=hidden)
                await asyncio.wait({handling}, timeout=_ANSWERABLE)
        finally:
            handling.cancel()
        reply = handling.result()
        answer.texts = texts_in(reply.language or request.locale)
        if reply.question is not None and interaction.type is not discord.InteractionType.modal_submit:
            await answer.ask(reply.question, reply.on_asked)
        else:
            await answer.deliver(reply)
            self._updates.follow(reply, answer.update)


def _request(interaction: Interaction, **content: Any) -> Request:
    place, can_manage = place_of(interaction)
    actor, locale = actor_of(interaction), str(interaction.locale)
    return Request(actor=actor, place=place, can_manage=can_manage, locale=locale, **content)


class InteractionReply:
    """The way back to one actor, at once or deferred."""

    def __init__(
        self, interaction: Interaction, commands: Mapping[str, str], changes: AnswerChanges, *, shared: bool
    ) -> None:
        self.texts = texts_in(str(interaction.locale))
        self._interaction = interaction
        self._commands = commands
        self._changes = changes
        self._shared = shared
        self._button = interaction.type is discord.InteractionType.component
        self._shareable = is_under_shareable(interaction)
        self._deferred = False
        self._hidden = False

    async def defer(self, *, private: bool) -> None:
        """Ask Discord to wait; with `private` only the actor sees that something is coming."""
        self._hidden = (private or self._shareable) and self._shared
        try:
            await self._interaction.response.defer(ephemeral=self._hidden)
        except TROUBLES as error:
            raise fault(error) from None
        self._deferred = True

    async def ask(self, question: Question, on_asked: Callable[[str], Awaitable[None]] | None) -> None:
        """Ask in a form, or, where Discord was asked to wait and takes none any more, say what to type."""
        try:
            if self._deferred:
                command = f"/{question.command} {question.typed or question.example}"
                how = self.texts.gettext("Type it with the command: %(command)s", command=command)
                await self._send(partial(_parts, message_of(how), self._commands), private=self._shared)
            else:
                form = Form(question)
                if on_asked is not None:
                    await on_asked(form.custom_id)
                await self._interaction.response.send_modal(form)
        except TROUBLES as error:
            raise fault(error) from None

    async def update(self, update: Update) -> None:
        """Put what is known now in the answer's place, or a line below it once Discord takes no more edits."""
        try:
            await self._put(self._parts(update.reply))
        except (Retry, Unknown):
            raise
        except SendError:
            line, channel = update.line, cast("Any", self._interaction.channel)
            if line is None or ((update.reply.private or self._shareable) and self._shared):
                return
            send = partial(channel.send, nonce=str(self._interaction.id))  # by which Discord knows a repeat
            await self._changes.show(send, partial(_parts, line, self._commands))

    async def deliver(self, reply: Reply) -> None:
        """Send the reply; raises SendError."""
        self._shareable = (self._shareable or reply.shareable) and not (reply.private or reply.aside)
        private = (reply.private or reply.aside or self._shareable) and self._shared
        nothing = is_empty(reply.message)
        # Translators: the answer to a button that changed something.
        message = message_of(reply.toast or self.texts.gettext("Done.")) if nothing else reply.message
        try:
            if nothing and self._button and not reply.toast and not reply.files:
                if not self._deferred:
                    await self._interaction.response.defer()
                return
            if nothing and self._button and reply.keys and await self._change_keys(reply.keys):
                return
            parts = self._parts(replace(reply, message=message))
            if reply.shares:
                await self._share(reply)
                return
            if reply.edit and self._button and await self._edit(message, parts(), reply.keys):
                return
            await self._send(parts, private=private or (nothing and self._shared))
        except discord.HTTPException as error:
            if error.code in _UNKNOWN_INTERACTION:
                log.info("discord interaction gone", reason=error.text)
                return
            raise fault(error) from None
        except (KeyError, TypeError, AttributeError) as error:
            # The library can't read the answer; the reply was taken.
            log.info("discord answer unreadable", error=type(error).__name__)
        except TROUBLES as error:
            raise fault(error) from None

    def _parts(self, reply: Reply) -> Callable[[], dict[str, Any]]:
        """What makes the arguments for discord.py, with the button to share it where the reply is one to share."""

        def parts() -> dict[str, Any]:
            made = _parts(reply.message, self._commands, reply.files)
            return with_share(made, self._interaction, self.texts) if self._shareable else made

        return parts

    async def _share(self, reply: Reply) -> None:
        """Post the pressed message for all, unless who pressed may not post."""
        if refused := may_not_share(self._interaction, self.texts):
            await self._send(partial(_parts, message_of(refused), self._commands), private=True)
        else:
            line = plain_text(reply.message)
            await share(self._interaction, line, reply.shares, self.texts, deferred=self._deferred)

    async def _send(self, parts: Callable[[], dict[str, Any]], *, private: bool) -> None:
        if not self._deferred:
            await self._interaction.response.send_message(ephemeral=private, **parts())
        elif not self._button and private == self._hidden:
            await self._put(parts)
        else:
            if not self._button:
                # What Discord shows as "thinking" has been seen by all or by one, and stays so: it goes.
                await self._interaction.delete_original_response()
            await self._interaction.followup.send(ephemeral=private, wait=True, **parts())

    async def _put(self, parts: Callable[[], dict[str, Any]]) -> None:
        """Put a message in the place of the answer that was given, or of the "thinking" that Discord shows."""
        await self._changes.show(self._interaction.edit_original_response, lambda: _whole(parts()))

    async def _change_keys(self, keys: Mapping[str, tuple[Button, ...]]) -> bool:
        """Put other buttons in place of some under the message, which answers the press; False where it can't."""
        if self._deferred or self._interaction.message is None:
            return False
        await self._interaction.response.edit_message(view=with_keys(self._interaction.message, keys))
        return True

    @property
    def _in_sections(self) -> bool:
        """Whether the message with the button is made of sections, and takes no embeds."""
        return self._interaction.message is not None and self._interaction.message.flags.components_v2

    async def _edit(self, message: Message, parts: dict[str, Any], keys: Mapping[str, tuple[Button, ...]]) -> bool:
        """Put the reply in place of the message with the button; False if that one is gone, or takes no such reply.

        `keys` are buttons of the message that this one answered.
        """
        whole = _whole(parts)
        if self._in_sections:
            if (view := layout(message, self._commands)) is None:
                return False
            whole = {"view": view, "allowed_mentions": parts["allowed_mentions"], "attachments": whole["attachments"]}
        try:
            if self._deferred:
                await self._interaction.edit_original_response(**whole)
            else:
                await self._interaction.response.edit_message(**whole)
        except discord.NotFound as error:
            if error.code in _UNKNOWN_MESSAGE:
                return False
            raise
        if keys:
            await change_above(self._interaction, keys)
        return True


def _whole(parts: dict[str, Any]) -> dict[str, Any]:
    """The arguments that put a message in place of another, of which nothing stays."""
    shown = {name: value for name, value in parts.items() if name != "files"}
    return {"content": None, "view": None, "attachments": parts.get("files", []), **shown}


def _parts(message: Message, commands: Mapping[str, str], files: Sequence[Attachment] = ()) -> dict[str, Any]:
    """The arguments for discord.py; raises Rejected."""
    body = markup.fitted(message, commands)
    parts: dict[str, Any] = {"embeds": list(body.embeds), "allowed_mentions": discord.AllowedMentions.none()}
    if body.content:
        parts["content"] = body.content
    if (view := markup.view(message)) is not None:
        parts["view"] = view
    if files:
        parts["files"] = [discord.File(io.BytesIO(file.content), file.name) for file in files]
    return parts
