"""Who asks, from where, and what they may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from paperwire.commands.context import SHARED, action_number, is_shared, only_managers
from paperwire.core.messages.message import Message, Span
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, Gone, Rejected, SendError
from paperwire.texts import texts_in
from paperwire.wording import places as place_words

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.core.subscriptions.subscription import Destination, Person, Subscription
    from paperwire.ports import Caller, Channel, Place
    from paperwire.store.unit import Unit

_log = structlog.get_logger(__name__)


async def person(context: Context, unit: Unit, caller: Caller) -> Person:
    """Who asks, made known to the store at their first word; needs a writing unit.

    So is their private chat, as there they can be told of what befalls their other places.
    """
    found = await unit.people.ensure(caller.actor, caller.locale, zone=context.zone)
    if caller.place.kind == "private":
        await unit.people.ensure_destination(caller.place, found.number, zone=context.zone)
    return found


async def here(context: Context, unit: Unit, caller: Caller) -> Destination:
    """The place of a caller as a destination, made if it is new; needs a writing unit."""
    found = await unit.people.ensure(caller.actor, caller.locale, zone=context.zone)
    return await unit.people.ensure_destination(caller.place, found.number, zone=context.zone)


async def reopened(unit: Unit, place: Destination) -> Destination:
    """A paused place, open again, what it missed first; needs a writing unit."""
    await unit.people.resume(place.number)
    await unit.outbox.rouse([place.number])
    return await unit.people.destination(place.number) or place


async def other_place(context: Context, caller: Caller, address: str) -> Place:
    """The place that `to` names, if the actor may: `CHANNEL:ADDRESS`, a link, or an address on the actor's channel.

    Raises CommandError when there is no such place for us, or the actor may not change things there.
    """
    kind, colon, rest = address.partition(":")
    if not colon or rest.startswith("//"):
        return await _linked_place(context, caller, address)
    channel = context.channels.get(kind)
    if channel is None:
        raise CommandError(place_words.unknown_channel(kind, sorted(context.channels)))
    if channel.kind != caller.actor.channel and channel.naming == "managed":
        raise CommandError(place_words.other_channel(channel.kind))
    try:
        return await _place(channel, rest, caller)
    except Gone as error:
        raise CommandError(place_words.no_such_place(rest, str(error))) from error


async def _linked_place(context: Context, caller: Caller, address: str) -> Place:
    """A place on the actor's channel; a link that is none there may be one to a channel where anybody names places."""
    own = caller.actor.channel
    channels = [context.channels[own]] if own in context.channels else []
    if address.startswith(("https://", "http://")):
        others = [channel for kind, channel in context.channels.items() if kind != own and channel.naming != "managed"]
        # A channel with a service of its own knows the links to it; any link may be an address of the rest.
        channels += sorted(others, key=lambda channel: not channel.shared_service)
    reason = place_words.unknown_channel(own, sorted(context.channels))
    for channel in channels:
        try:
            return await _place(channel, address, caller)
        except Gone as error:
            reason = place_words.no_such_place(address, str(error))
    raise CommandError(reason)


async def _place(channel: Channel, address: str, caller: Caller) -> Place:
    """The place at an address, if the actor may name it; raises Gone if there is none, CommandError otherwise."""
    try:
        place, manages = await channel.inspect(address, caller.actor)
    except Gone:
        raise
    except SendError as error:
        raise CommandError(place_words.cannot_check(str(error))) from error
    if not manages:
        raise CommandError(place_words.not_your_place(place.title or address))
    return place


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
    """In a shared place what goes there, whoever made it; in private all of the actor's own."""
    if is_shared(caller.place):
        destination = await unit.people.destination_of(caller.place)
        return await unit.subscriptions.of_destination(destination.number) if destination else []
    actor = await unit.people.person_of(caller.actor)
    return await unit.subscriptions.of_person(actor.number) if actor else []


async def seen(unit: Unit, caller: Caller, part: str) -> Subscription:
    """The subscription a button or a number stands for, if it belongs to the actor or to this shared place.

    Raises CommandError otherwise, in the same words as for one that is not there.
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
    """As `seen`, if the actor may also change it, at every place it goes to, as of now.

    Raises CommandError for somebody who does not manage one of those places (any more).
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
    channel = context.channels.get(place.channel)
    if channel is None or place.channel != caller.actor.channel:
        raise CommandError(place_words.change_it_there(place.title or place.address))
    try:
        _, manages = await channel.inspect(place.address, caller.actor)
    except Gone:
        return  # nobody reads there any more: whoever made it may clear it away
    except SendError as error:
        raise CommandError(place_words.cannot_check(str(error))) from error
    if not manages:
        raise CommandError(place_words.not_your_place(place.title or place.address))
