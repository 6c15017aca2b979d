"""Who asks, from where, and what they may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands.desk import SHARED, action_number, is_shared, only_managers
from paperwire.errors import CommandError, Gone, SendError
from paperwire.wording import places as place_words
from paperwire.wording import subscribing as subscribing_words

if TYPE_CHECKING:
    from paperwire.commands.desk import Desk
    from paperwire.core.subscription import Destination, Person, Subscription
    from paperwire.ports import Place, Request
    from paperwire.store.unit import Unit

_WEBHOOK = "webhook"
"""The channel whose places are addresses of the web, which belong to whoever knows them, on every channel."""


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
    """The place that `to` names, on the actor's channel or at an address of the web, if the actor manages it.

    Raises CommandError when there is no such place for us, or the actor may not change things there.
    """
    kind, colon, rest = address.partition(":")
    if not colon or rest.startswith("//"):  # a link says by itself what it is
        kind, rest = request.actor.channel, address
    channel, address = desk.channels.get(kind), rest
    if channel is None:
        raise CommandError(place_words.unknown_channel(kind, sorted(desk.channels)))
    if channel.kind not in {request.actor.channel, _WEBHOOK}:
        raise CommandError(place_words.other_channel(channel.kind))
    try:
        place, manages = await channel.inspect(address, request.actor)
    except Gone as error:
        if _WEBHOOK in desk.channels and address.startswith(("https://", "http://")) and channel.kind != _WEBHOOK:
            return await other_place(desk, request, f"{_WEBHOOK}:{address}")  # no link to a chat, so to a machine
        raise CommandError(place_words.no_such_place(address, str(error))) from error
    except SendError as error:
        raise CommandError(place_words.cannot_check(str(error))) from error
    if not manages:
        raise CommandError(place_words.not_your_place(place.title or address))
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
