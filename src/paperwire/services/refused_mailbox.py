"""Mailboxes that want nothing from us any more."""

from __future__ import annotations

from paperwire.core.mailbox import mailbox_of
from paperwire.core.messages.message import Line, Message, Span
from paperwire.core.tokens import pseudonym, read_text_token, text_token
from paperwire.ports.callers import Actor, Place
from paperwire.services.context import Context
from paperwire.texts import Texts

_PURPOSE = "refused mailbox"
_KEY = "refused mailbox "


def refusal_line(context: Context, place: Place, texts: Texts) -> Line:
    """The line of a mail that somebody asked for by which its reader refuses all further ones."""
    token = text_token(context.secret_key, _PURPOSE, _digest(context, place))
    url = f"{context.public_url.rstrip('/')}/never/{token}"
    return (Span(texts.gettext("To get no such mail again, whoever asks:")), Span(" "), Span(url, url=url))


async def send_unless_refused(context: Context, place: Place, message: Message) -> None:
    """Send a mail that somebody asked for; raises SendError.

    For one that refuses, or may not use this instance, only the way to the mail server is tried, which takes its time
    and fails as for any other.
    """
    channel = context.channels[place.channel]
    async with context.store.read() as unit:
        is_let_in = await context.access.admits(unit, Actor(channel=place.channel, user_id=place.address))
    if not is_let_in or await is_refused(context, _digest(context, place)):
        await channel.probe()
    else:
        await channel.send(place.address, message)


def read_token(context: Context, token: str) -> str | None:
    """The hash of the mailbox in whose mail a link stood; None for a link that is none of ours."""
    return read_text_token(context.secret_key, _PURPOSE, token)


async def is_refused(context: Context, digest: str) -> bool:
    async with context.store.read() as unit:
        return await unit.settings.get(_KEY + digest) is not None


async def refuse(context: Context, digest: str) -> None:
    async with context.store.write() as unit:
        await unit.settings.put(_KEY + digest, unit.now.date().isoformat())


async def allow(context: Context, digest: str) -> None:
    async with context.store.write() as unit:
        await unit.settings.remove(_KEY + digest)


def _digest(context: Context, place: Place) -> str:
    return pseudonym(context.secret_key, f"mailbox {place.channel}:{mailbox_of(place.address)}")
