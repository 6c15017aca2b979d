"""Requests of strangers: how many mails and links they may ask for, and the mailboxes that refuse such mail."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_interface, ip_network

from paperwire.core.mailbox import mailbox_of
from paperwire.core.messages.message import Line, Message, Span
from paperwire.core.tokens import pseudonym, read_text_token, text_token
from paperwire.errors import TooMany
from paperwire.ports.callers import Actor, Place
from paperwire.services.context import Context
from paperwire.store.unit import Unit
from paperwire.texts import Texts

PER_MAILBOX, PER_CLIENT = 3, 10
"""Requests for one mailbox in a day, and of one client in an hour."""
MOST_OPEN, PER_NETWORK = 100, 25
"""Requests of an hour that no reader has confirmed: what all clients together, and those of one network, may make us
mail to strangers."""
_NETWORKS = {4: 24, 6: 48}  # bits of an address that are the same in a network that one tenant may have all of
_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)
_PURPOSE = "refused mailbox"
_KEY = "refused mailbox "


async def admit(context: Context, unit: Unit, client: str, texts: Texts) -> str:
    """Let a client make one more request, and return what it is kept as; raises TooMany."""
    since, network = unit.now - _AN_HOUR, _network_of(client)
    digest = pseudonym(context.secret_key, f"client {client}")
    prefix = f"{pseudonym(context.secret_key, f'network {network}')}." if network else ""
    of_network = await unit.opt_ins.unconfirmed(since, prefix) if network else 0
    if of_network >= PER_NETWORK or await unit.opt_ins.asked_by(f"{prefix}{digest}", since) >= PER_CLIENT:
        raise TooMany(texts.gettext("Too many requests. Try again in an hour."), _AN_HOUR)
    return f"{prefix}{digest}"


def _network_of(client: str) -> str:
    """The network of a client that is an address, or a customer's part of one; empty for an account."""
    try:
        address = ip_interface(client)
    except ValueError:
        return ""
    return str(ip_network((int(address.ip), _NETWORKS[address.version]), strict=False))


async def check_mailbox(context: Context, unit: Unit, place: Place, texts: Texts) -> None:
    """Raise TooMany where an address, or all addresses together, had enough messages that ask for a yes."""
    if await unit.opt_ins.count_for(place.channel, place.address, unit.now - _A_DAY) >= PER_MAILBOX:
        raise TooMany(
            texts.gettext(
                "%(count)s messages went to this address in the last 24 hours. Open the link in one of them (check"
                " your spam folder, too) and change what comes on %(url)s, or try again tomorrow.",
                count=PER_MAILBOX,
                url=f"{context.public_url.rstrip('/')}/me",
            ),
            _A_DAY,
        )
    if await unit.opt_ins.unconfirmed(unit.now - _AN_HOUR) >= MOST_OPEN:
        raise TooMany(texts.gettext("Too many people are subscribing at the moment. Try again in an hour."), _AN_HOUR)


# --- mailboxes that refuse all mail that others ask for ----------------------------------------------------------


def refusal_line(context: Context, place: Place, texts: Texts) -> Line:
    """The line of a requested mail by which its reader refuses all further ones."""
    token = text_token(context.secret_key, _PURPOSE, _digest(context, place))
    url = f"{context.public_url.rstrip('/')}/never/{token}"
    return (Span(texts.gettext("To block all such mails to this address:")), Span(" "), Span(url, url=url))


async def send_unless_refused(context: Context, place: Place, message: Message) -> None:
    """Send a requested mail; raises SendError.

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
