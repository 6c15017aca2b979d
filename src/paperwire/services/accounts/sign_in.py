"""Signing in to the pages: links, sessions and their ends."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import structlog

from paperwire.core.mailbox import mailbox_of
from paperwire.core.messages.message import Message, Span, message_of
from paperwire.core.subscriptions.subscription import Person
from paperwire.core.tokens import pseudonym, token_hash
from paperwire.errors import CommandError, SendError, TooMany
from paperwire.ports.callers import Actor, Caller
from paperwire.ports.channels import Channel
from paperwire.ports.sign_ins import SignIn
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.people import confirmed_channel, place_at
from paperwire.store.unit import Unit
from paperwire.texts import Texts, texts_in
from paperwire.wording.links import only_here

_log = structlog.get_logger(__name__)
LINK_LASTS = timedelta(minutes=15)
SESSION_LASTS = timedelta(days=30)
_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)
PER_ADDRESS, PER_CLIENT = 3, 10
"""Links for one mail address in a day; links that one account, or one client of the pages, asks for in an hour."""


async def link_for(context: Context, caller: Caller) -> str:
    """A link that signs the caller in, once.

    Raises CommandError after too many, and where only the place they ask from is let in: the link would be refused.
    """
    account = f"{caller.actor.channel}:{caller.actor.user_id}"
    digest = _digest(context, f"account {account}")
    token = secrets.token_urlsafe(32)
    async with context.store.write() as unit:
        await context.access.check(unit, caller.actor, caller.texts)
        _, count = await unit.sign_ins.count_for(digest, digest, unit.now - _AN_HOUR)
        if count >= PER_CLIENT:
            raise CommandError(caller.texts.gettext("Too many links. Use the last one, or try again in an hour."))
        person = await people.person(context, unit, caller)
        await _keep(unit, token, person, caller.actor, (digest, digest))
    return _url(context, token)


@dataclass(frozen=True, slots=True)
class LinkMail:
    """A mail with a link, ready to be sent."""

    channel: Channel
    address: str
    message: Message

    async def send(self) -> None:
        """Send it; the answer never says whether that worked, as it would reveal whose addresses are known."""
        try:
            await self.channel.send(self.address, self.message)
        except SendError as error:
            _log.warning("no mail with a link to sign in", channel=self.channel.kind, problem=str(error))


async def mail_link(context: Context, typed: str, *, client: str, locale: str) -> LinkMail | None:
    """The mail with a link for an address as typed, None for one that was never confirmed.

    `client` is the network address that asks. Raises CommandError for what is no address, and after too many requests;
    both get the same answer whether or not the address is known, or let in.
    """
    texts = texts_in(locale)
    place = await place_at(confirmed_channel(context, texts), typed, texts)
    account = Actor(channel=place.channel, user_id=place.address)
    counted = f"place {place.channel}:{mailbox_of(place.address)}"
    return await _mail_to(context, account, (counted, f"client {client}"), texts)


async def mail_another(context: Context, token: str, *, client: str, locale: str) -> LinkMail | None:
    """The mail with a new link for who was mailed this one, which doesn't work any more; None if none was.

    It counts for the link alone, which is known in that mailbox: strangers who ask for a day's links keep no one out.
    Raises CommandError after too many.
    """
    link = await look(context, token)
    if link is None or not link.can_be_mailed:
        return None
    return await _mail_to(context, link.account, (f"after {token}", f"client {client}"), texts_in(locale))


async def _mail_to(context: Context, account: Actor, counted: tuple[str, str], texts: Texts) -> LinkMail | None:
    """The mail with a link for an account, None for an unknown one; both count for what and whom `counted` names."""
    digests = (_digest(context, counted[0]), _digest(context, counted[1]))
    token = secrets.token_urlsafe(32)
    async with context.store.write() as unit:
        await _check_limits(unit, digests, texts)
        person = await unit.people.person_of(account) if await context.access.admits(unit, account) else None
        await _keep(unit, token, person, account, digests)
    if person is None:
        return None
    return LinkMail(context.channels[account.channel], account.user_id, _message(context, _url(context, token), texts))


async def _check_limits(unit: Unit, digests: tuple[str, str], texts: Texts) -> None:
    for_address, _ = await unit.sign_ins.count_for(*digests, unit.now - _A_DAY)
    if for_address >= PER_ADDRESS:
        raise TooMany(
            texts.gettext(
                "%(count)s links were requested for this address in the last 24 hours. Open the last one (check your"
                " spam folder, too): once it has expired, its page can mail you another.",
                count=PER_ADDRESS,
            ),
            _A_DAY,
        )
    _, by_client = await unit.sign_ins.count_for(*digests, unit.now - _AN_HOUR)
    if by_client >= PER_CLIENT:
        raise TooMany(texts.gettext("Too many requests. Try again in an hour."), _AN_HOUR)


async def _keep(unit: Unit, token: str, person: Person | None, account: Actor, digests: tuple[str, str]) -> None:
    wanted_for, client = digests
    await unit.sign_ins.add(
        token_hash(token),
        person=person.number if person else 0,
        account=account if person else None,
        wanted_for=wanted_for,
        client=client,
    )


def _digest(context: Context, text: str) -> str:
    return pseudonym(context.secret_key, f"sign-in {text}")


def _url(context: Context, token: str) -> str:
    return f"{context.public_url.rstrip('/')}/me/in/{token}"


def _message(context: Context, url: str, texts: Texts) -> Message:
    site = context.public_url.rstrip("/")
    message = message_of(
        (Span(texts.gettext("Sign in to Paperwire"), "bold"),),
        texts.gettext("Someone asked on %(url)s for a link to sign in with this address.", url=site),
        texts.gettext("If that was you, open this page and press the button:"),
        (Span(url, url=url),),
        foot=[
            texts.gettext(
                "The link works once, for 15 minutes. If it wasn't you, do nothing, and don't pass the link on."
            ),
            only_here(context.public_url, 1, texts),
        ],
    )
    return replace(message, key=token_hash(url)[:25], locale=texts.language)


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link as it was found: still to use, used before, or too late; `account` is whom it signs in.

    `can_be_mailed` says that it works no more, and that its account is an address of mail that can get another.
    """

    account: Actor
    state: Literal["open", "used", "late"]
    can_be_mailed: bool = False


async def look(context: Context, token: str) -> OpenedLink | None:
    """The link with this token, with nothing changed; None if there is none (any more)."""
    async with context.store.read() as unit:
        sign_in = await unit.sign_ins.get(token_hash(token))
    return None if sign_in is None else _opened(context, sign_in)


def _opened(context: Context, link: SignIn) -> OpenedLink:
    late = context.now() - link.created_at >= LINK_LASTS
    channel = context.channels.get(link.account.channel)
    is_mailbox = channel is not None and channel.naming == "verified"
    is_open = not late and link.used_at is None
    return OpenedLink(
        link.account,
        "used" if link.used_at else "late" if late else "open",
        can_be_mailed=is_mailbox and not is_open,
    )


async def sign_in(context: Context, token: str, *, instead: str = "") -> str | None:
    """Use a link up: what the browser that did is to keep, for SESSION_LASTS; None if the link is no good (any more).

    `instead` is the hash of a session that this one takes the place of in that browser.
    """
    session_token = secrets.token_urlsafe(32)
    async with context.store.write() as unit:
        sign_in = await unit.sign_ins.use(token_hash(token), unit.now - LINK_LASTS)
        if sign_in is None or not await context.access.admits(unit, sign_in.account):
            return None
        await unit.sign_ins.end(instead)
        await unit.sign_ins.begin(token_hash(session_token), sign_in, unit.now + SESSION_LASTS)
    return session_token


async def end_session(context: Context, person: int, key: str, locale: str) -> None:
    """Sign a person out in one of their browsers; raises CommandError if they aren't signed in there."""
    async with context.store.write() as unit:
        if not await unit.sign_ins.end_one(person, key):
            raise CommandError(texts_in(locale).gettext("You aren't signed in there any more."))


async def end_sessions(context: Context, person: int, *, but: str = "") -> None:
    """Sign a person out everywhere, `but` in the browser with this session; open links to sign in end, too."""
    async with context.store.write() as unit:
        await unit.sign_ins.end_all(person, but=but)
