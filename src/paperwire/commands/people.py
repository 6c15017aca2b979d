"""People and their places: who asks, which places they may name, and what they may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from paperwire.commands.context import SHARED, action_number, is_shared, only_managers
from paperwire.core.messages.message import Message, Span
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, Gone, Rejected, SendError
from paperwire.texts import texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.core.subscriptions.subscription import Destination, Person, Subscription
    from paperwire.ports import Caller, Channel, Place
    from paperwire.store.unit import Unit
    from paperwire.texts import Texts

_log = structlog.get_logger(__name__)


async def person(context: Context, unit: Unit, caller: Caller) -> Person:
    """The person who asks, stored if they are new; needs a writing unit.

    Their private chat is stored too: notices about their other places go there.
    """
    found = await unit.people.ensure(caller.actor, caller.locale, zone=context.zone)
    if caller.place.kind == "private":
        await unit.people.ensure_destination(caller.place, found.number, zone=found.zone)
    return found


async def here(context: Context, unit: Unit, caller: Caller) -> Destination:
    """The caller's place as a destination, stored if it is new; needs a writing unit."""
    found = await unit.people.ensure(caller.actor, caller.locale, zone=context.zone)
    return await unit.people.ensure_destination(caller.place, found.number, zone=found.zone)


async def reopened(unit: Unit, place: Destination) -> Destination:
    """A paused place, open again; what it missed is sent first; needs a writing unit."""
    await unit.people.resume(place.number)
    await unit.outbox.rouse([place.number])
    return await unit.people.destination(place.number) or place


async def other_place(context: Context, caller: Caller, address: str) -> Place:
    """The place that `to` names: `CHANNEL:ADDRESS`, a link, or an address on the actor's channel.

    Raises CommandError when the bot can't reach it, or the actor may not change things there.
    """
    texts = texts_in(caller.locale)
    kind, colon, rest = address.partition(":")
    if not colon or rest.startswith("//"):
        return await _linked_place(context, caller, address)
    channel = context.channels.get(kind)
    if channel is None:
        raise CommandError(_not_connected(kind, context, texts))
    if channel.kind != caller.actor.channel and channel.naming == "managed":
        raise CommandError(
            texts.gettext(
                "Send this from %(channel)s: only there Paperwire can check which places you manage.",
                channel=channel.kind,
            )
        )
    try:
        return await _place(channel, rest, caller)
    except Gone as error:
        raise CommandError(_unreachable(rest, error, texts)) from error


async def _linked_place(context: Context, caller: Caller, address: str) -> Place:
    """A place on the actor's channel; a link may also be an address of a channel where anyone may name places."""
    texts = texts_in(caller.locale)
    own = caller.actor.channel
    channels = [context.channels[own]] if own in context.channels else []
    if address.startswith(("https://", "http://")):
        others = [channel for kind, channel in context.channels.items() if kind != own and channel.naming != "managed"]
        # A channel with its own service recognises links to it; for the rest any link may be an address.
        channels += sorted(others, key=lambda channel: not channel.shared_service)
    reason = _not_connected(own, context, texts)
    for channel in channels:
        try:
            return await _place(channel, address, caller)
        except Gone as error:
            reason = _unreachable(address, error, texts)
    raise CommandError(reason)


def _not_connected(kind: str, context: Context, texts: Texts) -> str:
    if not context.channels:
        return texts.gettext("%(channel)s isn't connected, nor is any other channel.", channel=kind)
    known = ", ".join(sorted(context.channels))
    return texts.gettext("%(channel)s isn't connected. Connected channels: %(known)s.", channel=kind, known=known)


def _unreachable(address: str, error: Gone, texts: Texts) -> str:
    return texts.gettext("The bot can't reach %(address)s: %(reason)s", address=address, reason=error)


async def _place(channel: Channel, address: str, caller: Caller) -> Place:
    """The place at an address, if the actor may name it; raises Gone if there is none, CommandError otherwise."""
    texts = texts_in(caller.locale)
    try:
        place, manages = await channel.inspect(address, caller.actor)
    except Gone:
        raise
    except SendError as error:
        raise _unchecked(error, texts) from error
    if not manages:
        raise _not_a_manager(place.title or address, texts)
    return place


def _unchecked(error: SendError, texts: Texts) -> CommandError:
    return CommandError(
        texts.gettext(
            "Your rights there can't be checked now: %(reason)s. Nothing was changed; try again in a minute.",
            reason=error,
        )
    )


def _not_a_manager(place: str, texts: Texts) -> CommandError:
    return CommandError(texts.gettext("Only managers of %(place)s can change what is posted there.", place=place))


async def greet(context: Context, caller: Caller, place: Destination, query: str) -> Destination:
    """Tell the readers of an address that was named just now who did so; as stored then, closed if that is refused."""
    channel = context.channels[place.channel]
    texts = texts_in(caller.locale)
    name = clean(caller.actor.name, 40) or texts.gettext("Someone")
    head = Span(texts.gettext("%(name)s subscribed this address to new papers:", name=name), "bold")
    foot = texts.gettext(
        "Sent by Paperwire, %(url)s. The person who subscribed can stop it with /unsubscribe.", url=context.public_url
    )
    message = Message(
        head=((head,), (Span(clean(query, 200), "code"),)),
        foot=((Span(foot),),),
        key=f"greeting{place.number}",
    )
    try:
        await channel.send(place.address, message)
    except (Gone, Rejected) as error:
        async with context.store.write() as unit:
            await unit.people.pause(place.number, str(error))
            return await unit.people.destination(place.number) or place
    except SendError as error:  # its papers are tried again and again
        _log.warning("address not greeted", channel=place.channel, place=place.number, problem=str(error))
    return place


def no_such_subscription(caller: Caller) -> CommandError:
    """The refusal of a subscription that isn't there, or isn't the caller's to see."""
    return CommandError(
        texts_in(caller.locale).gettext("No subscription with this number here. /subscriptions lists them.")
    )


async def subscriptions_here(unit: Unit, caller: Caller) -> list[Subscription]:
    """In a shared place the subscriptions that go there, whoever made them; in private all of the actor's own."""
    if is_shared(caller.place):
        destination = await unit.people.destination_of(caller.place)
        return await unit.subscriptions.of_destination(destination.number) if destination else []
    actor = await unit.people.person_of(caller.actor)
    return await unit.subscriptions.of_person(actor.number) if actor else []


async def places_here(unit: Unit, caller: Caller) -> list[Destination]:
    """The place, if it is shared; in private all of the actor's own."""
    if is_shared(caller.place):
        destination = await unit.people.destination_of(caller.place)
        return [destination] if destination else []
    actor = await unit.people.person_of(caller.actor)
    return await unit.people.destinations_of(actor.number) if actor else []


async def seen(unit: Unit, caller: Caller, part: str) -> Subscription:
    """The subscription with that number, if it belongs to the actor or to this shared place.

    Raises CommandError otherwise, with the same text as for one that doesn't exist.
    """
    found = await unit.subscriptions.get(action_number(part))
    if found is None:
        raise no_such_subscription(caller)
    if is_shared(caller.place):
        destination = await unit.people.destination_of(caller.place)
        if destination is None or destination.number not in found.destinations:
            raise no_such_subscription(caller)
        return found
    actor = await unit.people.person_of(caller.actor)
    if actor is None or actor.number != found.person:
        raise no_such_subscription(caller)
    return found


async def changeable(context: Context, caller: Caller, part: str) -> Subscription:
    """As `seen`, if the actor may also change it: who manages each place it goes to is checked now.

    Raises CommandError for somebody who doesn't manage one of those places (any more).
    """
    only_managers(caller)
    async with context.store.read() as unit:
        found = await seen(unit, caller, part)
        places = [await unit.people.destination(number) for number in found.destinations]
    for place in places:
        if place is not None and place.kind in SHARED and not _is_here(place, caller):
            await _still_manages(context, caller, place)
    return found


def _is_here(destination: Destination, caller: Caller) -> bool:
    return (destination.channel, destination.address) == (caller.place.channel, caller.place.address)


async def _still_manages(context: Context, caller: Caller, place: Destination) -> None:
    texts = texts_in(caller.locale)
    name = place.title or place.address
    channel = context.channels.get(place.channel)
    if channel is None or place.channel != caller.actor.channel:
        raise CommandError(texts.gettext("This goes to %(place)s on another channel. Change it there.", place=name))
    try:
        _, manages = await channel.inspect(place.address, caller.actor)
    except Gone:
        return  # the place is gone: its subscriptions may be cleared away
    except SendError as error:
        raise _unchecked(error, texts) from error
    if not manages:
        raise _not_a_manager(name, texts)
