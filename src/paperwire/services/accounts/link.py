"""Accounts on several channels as one person: joined by a code, and separated."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from paperwire.core.messages.message import message_of, with_link
from paperwire.core.subscriptions.subscription import Person, StoredPlace
from paperwire.core.text.clean import clean
from paperwire.core.tokens import signed, token_hash, unsign
from paperwire.errors import CommandError, Gone, SendError
from paperwire.ports.callers import Actor, Caller
from paperwire.ports.channels import Conversation
from paperwire.services import people
from paperwire.services.access import close_to_strangers, name_of
from paperwire.services.accounts.feed import hashes
from paperwire.services.context import Context
from paperwire.services.people import connected
from paperwire.store.unit import Unit
from paperwire.texts import Texts, texts_in

PURPOSE = "link"
CODE_LASTS = timedelta(minutes=15)
_LONGEST_LABEL = 50
_STAMP = 6
_log = structlog.get_logger(__name__)


async def link_code(context: Context, caller: Caller) -> str:
    """A code that links one other account with the caller's."""
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        value = await _value(unit, person.number)
    return signed(context.secret_key, PURPOSE, value, context.now() + CODE_LASTS)


async def _value(unit: Unit, person: int) -> str:
    """What a code says: a person as they are until they are linked or unlink an account, so that it is good once."""
    accounts = [(account.channel, account.user_id) for account in await unit.people.accounts(person)]
    unlinked = await unit.sign_ins.noted(_unlinkings(person))
    return f"{person}.{token_hash(str([*accounts, unlinked]))[:_STAMP]}"


def _unlinkings(person: int) -> str:
    """Under which it is noted, for a day, that a person unlinked an account."""
    return token_hash(f"unlinked {person}")


@dataclass(frozen=True, slots=True)
class Unlinked:
    """An account that was separated from others, and whether feeds of theirs have new links because of it."""

    account: Actor
    has_new_links: bool


async def unlink(context: Context, caller: Caller, account: str) -> Unlinked:
    """Part an account (`CHANNEL:USER`) from the caller's others, and sign out browsers that it signed in.

    Raises CommandError if it isn't the caller's, or the only one.
    """
    channel, _, user_id = account.partition(":")
    actor = Actor(channel=channel, user_id=user_id)
    address = await _private_address(context, caller, actor)
    async with context.store.write() as unit:
        person = await unit.people.person_of(caller.actor)
        accounts = await unit.people.accounts(person.number) if person else []
        if person is None or actor not in accounts:
            raise CommandError(caller.texts.gettext("This account isn't linked with yours."))
        renewed = await unit.people.unlink(person.number, actor, hashes(context), address)
        if renewed is None:
            raise CommandError(caller.texts.gettext("This is your only account. /forget deletes everything about you."))
        await unit.libraries.drop(person.number)  # whose it is, is not known, and it would go on to be read
        await unit.sign_ins.end_all(person.number, account=actor)
        noted = {"wanted_for": _unlinkings(person.number), "client": ""}
        await unit.sign_ins.add(token_hash(secrets.token_urlsafe()), person=0, account=None, **noted)
    if (
        not context.access.is_open
    ):  # the account, or all others, may have been let in by the one that it is separated from
        await close_to_strangers(context.store, context.access)
    return Unlinked(actor, renewed > 0)


async def _private_address(context: Context, caller: Caller, account: Actor) -> str:
    """Where an account is written to in private, if the caller has another one there, too; raises CommandError."""
    async with context.store.read() as unit:
        person = await unit.people.person_of(caller.actor)
        accounts = await unit.people.accounts(person.number) if person else []
    there = [other for other in accounts if other.channel == account.channel]
    if account not in there or len(there) == 1:
        return ""
    channel = connected(context, account.channel, caller.texts)
    try:
        return await channel.private_address(account) if isinstance(channel, Conversation) else ""
    except Gone:
        return ""  # nothing is sent there
    except SendError as error:
        raise CommandError(
            caller.texts.gettext(
                "Can't check right now whose private chat is whose: %(reason)s. Nothing was changed; try again in a"
                " minute.",
                reason=error,
            )
        ) from error


async def accounts_of(context: Context, caller: Caller) -> tuple[list[Actor], str]:
    """The accounts of the caller, and all that is theirs as text; both empty for a stranger."""
    async with context.store.read() as unit:
        person = await unit.people.person_of(caller.actor)
        if person is None:
            return [], ""
        return await unit.people.accounts(person.number), await holdings(unit, person.number, caller.texts)


async def both_holdings(context: Context, caller: Caller, code: str) -> tuple[str, str]:
    """What a code would join: what the person who was given it has, and what the caller has; raises CommandError."""
    async with context.store.read() as unit:
        first = await _person_of_code(context, unit, caller, code)
        person = await unit.people.person_of(caller.actor)
        given = await holdings(unit, first.number, caller.texts)
        account = clean(name_of(caller.actor), _LONGEST_LABEL)
        return given, await holdings(unit, person.number, caller.texts) if person else account


async def holdings(unit: Unit, person: int, texts: Texts) -> str:
    """All that is joined when accounts of a person are linked: the accounts, and how much they have."""
    accounts = [clean(name_of(account), _LONGEST_LABEL) for account in await unit.people.accounts(person)]
    subscriptions = len(await unit.subscriptions.of_person(person))
    places = sum(not place.is_shared for place in await unit.places.of_person(person))
    saved = len(await unit.people.saved(person))
    counts = [
        # Translators: a heading over a list.
        texts.ngettext("%(num)s subscription", "%(num)s subscriptions", subscriptions),
        texts.ngettext("%(num)s chat or address", "%(num)s chats and addresses", places),
        texts.ngettext("%(num)s saved paper", "%(num)s saved papers", saved),
        # Translators: at the end of a list of what a person has here.
        texts.gettext("private feeds"),
    ]
    return texts.listed([*accounts, *counts])


async def join(context: Context, caller: Caller, code: str) -> bool:
    """Make the caller's account one more of the person who was given the code; False if it is one already.

    Raises CommandError for a code that isn't valid, or more subscriptions together than one may have.
    """
    async with context.store.write() as unit:
        first = await _person_of_code(context, unit, caller, code)
        person = await people.person(context, unit, caller)
        if first.number == person.number:
            return False
        await _check_number(unit, first, person, context.max_subscriptions, caller.texts)
        before = [place for place in await unit.places.of_person(first.number) if place.owner == first.number]
        await unit.people.link(caller.actor, first.number)
    await _notify(context, first, caller.actor, before)
    return True


async def _check_number(unit: Unit, first: Person, second: Person, most: int, texts: Texts) -> None:
    """Raise CommandError if two people had more subscriptions together than one may have.

    Or each round of linking and unlinking, which copies what both accounts get, could double them.
    """
    count = sum([len(await unit.subscriptions.of_person(linked.number)) for linked in (first, second)])
    if count > most:
        raise CommandError(
            texts.gettext(
                "Together they would have %(count)s subscriptions; the maximum is %(limit)s. Remove some first.",
                count=count,
                limit=most,
            )
        )


async def _notify(context: Context, first: Person, account: Actor, places: Sequence[StoredPlace]) -> None:
    """Notify the account whose code it was, where its user reads alone, that another one is linked now."""
    texts = texts_in(first.reads)
    page = f"{context.public_url.rstrip('/')}/me"
    warning = texts.gettext(
        "It sees and can change all you have. If that wasn't you, unlink it: send /link, or sign in on %(url)s.",
        url=page,
    )
    message = message_of(
        texts.gettext("Linked with your account: %(account)s", account=people.account_name(account)),
        with_link(warning, page),
    )
    key = token_hash(f"{first.number} {account} {context.now()}")[:25]
    message = replace(message, key=key, locale=texts.language)
    for place in places:
        channel = context.channels.get(place.channel)
        if place.kind in {"private", "mailbox"} and channel is not None and not place.paused:
            try:
                await channel.send(place.address, message)
            except SendError as error:
                _log.warning("linked account not notified", channel=place.channel, problem=str(error))
            else:
                return


async def _person_of_code(context: Context, unit: Unit, caller: Caller, code: str) -> Person:
    value = unsign(context.secret_key, PURPOSE, code, context.now())
    person = await unit.people.get(int(value.partition(".")[0])) if value is not None else None
    caller_is = await unit.people.person_of(caller.actor)
    is_same = person is not None and caller_is is not None and caller_is.number == person.number
    if person is None or not (is_same or value == await _value(unit, person.number)):
        raise CommandError(
            caller.texts.gettext(
                "This code isn't valid, was used, or is older than 15 minutes. Send /link from the first account for a"
                " new one."
            )
        )
    return person
