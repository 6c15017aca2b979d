"""Who asks, from where, and what they may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from paperwire.commands.desk import SHARED, action_number, is_shared, only_managers
from paperwire.core.messages.message import Message, Span
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, Gone, Rejected, SendError
from paperwire.wording import places as place_words
from paperwire.wording import subscribing as subscribing_words

if TYPE_CHECKING:
    from paperwire.commands.desk import Desk
    from paperwire.core.subscriptions.subscription import Destination, Person, Subscription
    from paperwire.ports import Channel, Place, Request
    from paperwire.store.unit import Unit

_log = structlog.get_logger(__name__)


async def person(desk: Desk, unit: Unit, request: Request) -> Person:
    """Who asks, made known to the store at their first word; needs a writing unit.

    So is their private chat, as there they can be told of what befalls their other places.
    """
    found = await unit.people.ensure(request.actor, request.locale, zone=desk.zone)
    if request.place.kind == "private":
        await unit.people.ensure_destination(request.place, found.number, zone=desk.zone)
    return found


async def here(desk: Desk, unit: Unit, request: Request) -> Destination:
    """The place of a request as a destination, made if it is new; needs a writing unit."""
    found = await unit.people.ensure(request.actor, request.locale, zone=desk.zone)
    return await unit.people.ensure_destination(request.place, found.number, zone=desk.zone)


async def reopened(unit: Unit, place: Destination) -> Destination:
    """A paused place, open again, what it missed first; needs a writing unit."""
    await unit.people.resume(place.number)
    await unit.outbox.rouse([place.number])
    return await unit.people.destination(place.number) or place


async def other_place(desk: Desk, request: Request, address: str) -> Place:
    """The place that `to` names, if the actor may: `CHANNEL:ADDRESS`, a link, or an address on the actor's channel.

    Raises CommandError when there is no such place for us, or the actor may not change things there.
    """
    kind, colon, rest = address.partition(":")
    if not colon or rest.startswith("//"):
        return await _linked_place(desk, request, address)
    channel = desk.channels.get(kind)
    if channel is None:
        raise CommandError(place_words.unknown_channel(kind, sorted(desk.channels)))
    if channel.kind != request.actor.channel and channel.naming == "managed":
        raise CommandError(place_words.other_channel(channel.kind))
    try:
        return await _place(channel, rest, request)
    except Gone as error:
        raise CommandError(place_words.no_such_place(rest, str(error))) from error


async def _linked_place(desk: Desk, request: Request, address: str) -> Place:
    """A place on the actor's channel; a link that is none there may be one to a channel where anybody names places."""
    own = request.actor.channel
    channels = [desk.channels[own]] if own in desk.channels else []
    if address.startswith(("https://", "http://")):
        others = [channel for kind, channel in desk.channels.items() if kind != own and channel.naming != "managed"]
        # A channel with a service of its own knows the links to it; any link may be an address of the rest.
        channels += sorted(others, key=lambda channel: not channel.shared_service)
    reason = place_words.unknown_channel(own, sorted(desk.channels))
    for channel in channels:
        try:
            return await _place(channel, address, request)
        except Gone as error:
            reason = place_words.no_such_place(address, str(error))
    raise CommandError(reason)


async def _place(channel: Channel, address: str, request: Request) -> Place:
    """The place at an address, if the actor may name it; raises Gone if there is none, CommandError otherwise."""
    try:
        place, manages = await channel.inspect(address, request.actor)
    except Gone:
        raise
    except SendError as error:
        raise CommandError(place_words.cannot_check(str(error))) from error
    if not manages:
        raise CommandError(place_words.not_your_place(place.title or address))
    return place


async def greet(desk: Desk, request: Request, place: Destination, query: str) -> Destination:
    """Tell the readers of an address that was named just now who did so; as stored then, closed if that is refused."""
    channel = desk.channels[place.channel]
    name = clean(request.actor.name, 40)
    message = Message(
        head=((Span(subscribing_words.greeting(name), "bold"),), (Span(clean(query, 200), "code"),)),
        foot=((Span(subscribing_words.sent_by(desk.public_url)),),),
        key=f"greeting{place.number}",
    )
    try:
        await channel.send(place.address, message)
    except (Gone, Rejected) as error:
        async with desk.store.write() as unit:
            await unit.people.pause(place.number, str(error))
            return await unit.people.destination(place.number) or place
    except SendError as error:  # its papers are tried again and again
        _log.warning("address not greeted", channel=place.channel, place=place.number, problem=str(error))
    return place


async def subscriptions_here(unit: Unit, request: Request) -> list[Subscription]:
    """In a shared place what goes there, whoever made it; in private all of the actor's own."""
    if is_shared(request.place):
        destination = await unit.people.destination_of(request.place)
        return await unit.subscriptions.of_destination(destination.number) if destination else []
    actor = await unit.people.person_of(request.actor)
    return await unit.subscriptions.of_person(actor.number) if actor else []


async def seen(unit: Unit, request: Request, part: str) -> Subscription:
    """The subscription a button or a number stands for, if it belongs to the actor or to this shared place.

    Raises CommandError otherwise, in the same words as for one that is not there.
    """
    found = await unit.subscriptions.get(action_number(part))
    if found is None:
        raise CommandError(subscribing_words.NO_SUCH_SUBSCRIPTION)
    if is_shared(request.place):
        destination = await unit.people.destination_of(request.place)
        if destination is None or destination.number not in found.destinations:
            raise CommandError(subscribing_words.NO_SUCH_SUBSCRIPTION)
        return found
    actor = await unit.people.person_of(request.actor)
    if actor is None or actor.number != found.person:
        raise CommandError(subscribing_words.NO_SUCH_SUBSCRIPTION)
    return found


async def changeable(desk: Desk, request: Request, part: str) -> Subscription:
    """As `seen`, if the actor may also change it, at every place it goes to, as of now.

    Raises CommandError for somebody who does not manage one of those places (any more).
    """
    only_managers(request)
    async with desk.store.read() as unit:
        found = await seen(unit, request, part)
        places = [await unit.people.destination(number) for number in found.destinations]
    for place in places:
        if place is not None and place.kind in SHARED and not _is_here(place, request):
            await _still_manages(desk, request, place)
    return found


def _is_here(destination: Destination, request: Request) -> bool:
    return (destination.channel, destination.address) == (request.place.channel, request.place.address)


async def _still_manages(desk: Desk, request: Request, place: Destination) -> None:
    channel = desk.channels.get(place.channel)
    if channel is None or place.channel != request.actor.channel:
        raise CommandError(place_words.change_it_there(place.title or place.address))
    try:
        _, manages = await channel.inspect(place.address, request.actor)
    except Gone:
        return  # nobody reads there any more: whoever made it may clear it away
    except SendError as error:
        raise CommandError(place_words.cannot_check(str(error))) from error
    if not manages:
        raise CommandError(place_words.not_your_place(place.title or place.address))
