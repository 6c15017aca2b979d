"""People and their places: who asks, which places they may name, and what they may change."""

from __future__ import annotations

from paperwire.core.query.language import Query, parsed
from paperwire.core.subscriptions.subscription import Person, StoredPlace, Subscription
from paperwire.core.text.clean import clean
from paperwire.errors import CloseReason, CommandError, Gone, SendError
from paperwire.ports.callers import Actor, Caller, Place
from paperwire.ports.channels import Channel, channel_label
from paperwire.services.context import Context
from paperwire.services.typed import action_number
from paperwire.store.unit import Unit
from paperwire.texts import Texts
from paperwire.wording.places import place_name

_LONGEST_ID = 20


class Unconfirmed(CommandError):
    """The address belongs to another account: its reader has to say yes first."""

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(text)
        self.place = place


class NoSubscription(CommandError):
    """There is no such subscription, or it isn't the caller's to see."""


async def person(context: Context, unit: Unit, caller: Caller) -> Person:
    """The person who asks, stored if they are new; needs a writing unit.

    Their private chat is stored too: notices about their other places go there.
    """
    stored = await _stored(context, unit, caller)
    if caller.place.kind == "private":
        await _place_here(unit, caller, stored)
    return stored


async def ensure(context: Context, caller: Caller) -> None:
    """Store the person who asks if they are new."""
    async with context.store.write() as unit:
        await person(context, unit, caller)


async def is_let_in(context: Context, caller: Caller) -> bool:
    """Whether the caller may use this instance where they are."""
    async with context.store.read() as unit:
        return await context.access.admits(unit, caller.actor, caller.place)


async def current_place(context: Context, unit: Unit, caller: Caller) -> StoredPlace:
    """The caller's place as a destination, stored if it is new; needs a writing unit."""
    return await _place_here(unit, caller, await _stored(context, unit, caller))


async def _place_here(unit: Unit, caller: Caller, person: Person) -> StoredPlace:
    """The caller's place; a private chat that was another's, as earlier versions left some, is who writes there's."""
    place = await unit.places.ensure(caller.place, person.number, zone=person.zone)
    if place.kind not in {"private", "mailbox"} or place.owner == person.number:
        return place
    if caller.person is not None:  # it was unlinked since the page was opened
        raise CommandError(caller.texts.gettext("This place isn't yours to change."))
    await unit.places.give(place.number, person.number)
    return await unit.places.get(place.number) or place


async def _stored(context: Context, unit: Unit, caller: Caller) -> Person:
    """The person who asks: a new one only where it isn't known yet who they are, and no one banned them meanwhile."""
    if caller.person is None:
        await context.access.check(unit, caller.actor, caller.texts, caller.place)
        return await unit.people.ensure(caller.actor, caller.locale, zone=context.zone)
    stored = await unit.people.lock(caller.person)
    if stored is None:
        raise CommandError(caller.texts.gettext("You aren't signed in any more. Nothing was changed."))
    return stored


async def reopened(unit: Unit, place: StoredPlace) -> StoredPlace:
    """A paused place, open again; what it missed is sent first; needs a writing unit."""
    await unit.places.resume(place.number)
    await unit.places.rouse([place.number])
    return await unit.places.get(place.number) or place


async def other_place(context: Context, caller: Caller, address: str) -> Place:
    """The place that `to` names: `CHANNEL:ADDRESS`, a link, or an address on the actor's channel.

    Raises CommandError when the bot can't reach it, or the actor may not change things there.
    """
    texts = caller.texts
    kind, colon, own_address = address.partition(":")
    if not colon or own_address.startswith("//"):
        return await _linked_place(context, caller, address)
    channel = context.channels.get(kind)
    if channel is None:
        raise CommandError(not_connected(kind, context, texts))
    if channel.kind != caller.actor.channel and channel.naming == "managed":
        raise CommandError(
            texts.gettext(
                "Send this from %(channel)s: only there can Paperwire check which places you manage.",
                channel=channel_label(channel.kind),
            )
        )
    try:
        return await _place(context, channel, own_address, caller)
    except Gone as error:
        raise CommandError(_unreachable(own_address, error, texts)) from error


async def _linked_place(context: Context, caller: Caller, address: str) -> Place:
    """A place on the actor's channel; a link may also be an address of a channel where anyone may name places."""
    own = caller.actor.channel
    channels = [context.channels[own]] if own in context.channels else []
    if address.startswith(("https://", "http://")):
        others = [channel for kind, channel in context.channels.items() if kind != own and channel.naming != "managed"]
        # A channel with its own service recognises links to it; for the rest any link may be an address.
        channels += sorted(others, key=lambda channel: not channel.shared_service)
    reason = not_connected(own, context, caller.texts)
    for channel in channels:
        try:
            return await _place(context, channel, address, caller)
        except Gone as error:
            reason = _unreachable(address, error, caller.texts)
    raise CommandError(reason)


def not_connected(kind: str, context: Context, texts: Texts) -> str:
    label = channel_label(kind)
    if not context.channels:
        return texts.gettext("%(channel)s isn't connected, nor is any other channel.", channel=label)
    kinds = texts.listed(sorted(context.channels))
    # Translators: %(known)s is a list such as "Telegram, Discord".
    return texts.gettext("%(channel)s isn't connected. Connected channels: %(known)s.", channel=label, known=kinds)


def _unreachable(address: str, error: Gone, texts: Texts) -> str:
    return texts.gettext("The bot can't reach %(address)s: %(reason)s", address=address, reason=error)


def confirmed_channel(context: Context, texts: Texts) -> Channel:
    """The channel whose addresses have to be confirmed; raises CommandError if none is connected."""
    channel = next((candidate for candidate in context.channels.values() if candidate.naming == "verified"), None)
    if channel is None:
        raise CommandError(texts.gettext("This Paperwire sends no mail. Use a chat or a feed reader instead."))
    return channel


def connected(context: Context, kind: str, texts: Texts) -> Channel:
    """The channel of that kind; raises CommandError if it is off."""
    if kind not in context.channels:
        raise CommandError(
            texts.gettext("%(channel)s isn't connected at the moment. Try again later.", channel=channel_label(kind))
        )
    return context.channels[kind]


async def place_at(channel: Channel, address: str, texts: Texts) -> Place:
    """The place at an address as typed; raises CommandError if there can be none."""
    try:
        place, _ = await channel.inspect(address, Actor(channel="", user_id=""))
    except SendError as error:
        shown = clean(address, 60) or '""'
        # Translators: %(address)s is a chat or address as typed, %(reason)s what a platform answered.
        raise CommandError(texts.gettext("Can't use %(address)s: %(reason)s.", address=shown, reason=error)) from None
    return place


async def _place(context: Context, channel: Channel, address: str, caller: Caller) -> Place:
    """The place at an address, if the actor may name it; raises Gone if there is none, CommandError otherwise."""
    texts = caller.texts
    try:
        place, manages = await channel.inspect(address, caller.actor)
    except Gone:
        raise
    except SendError as error:
        raise _unchecked(error, texts) from error
    if not manages and channel.naming == "verified":
        if not await is_proved(context, place, caller):
            text = texts.gettext(
                "%(address)s isn't linked with your account. Its reader has to confirm what is sent there.",
                address=place.address,
            )
            raise Unconfirmed(place, text)
    elif not manages:
        raise _not_a_manager(place.title or address, texts)
    return place


async def is_proved(context: Context, place: Place, caller: Caller) -> bool:
    """Whether an address is the caller's own: one of their accounts, joined with the others by `/link`."""
    async with context.store.read() as unit:
        reader = await unit.people.person_of(Actor(channel=place.channel, user_id=place.address))
        actor = await unit.people.person_of(caller.actor)
    return reader is not None and actor is not None and reader.number == actor.number


async def hold_owner(unit: Unit, account: Actor, person: int) -> bool:
    """Keep a person until commit if the account is theirs; False if it was unlinked or forgotten meanwhile."""
    if await unit.people.lock(person) is None:
        return False
    owner = await unit.people.person_of(account)
    return owner is not None and owner.number == person


def _unchecked(error: SendError, texts: Texts) -> CommandError:
    return CommandError(
        texts.gettext(
            "Can't check your permissions there right now: %(reason)s. Nothing was changed; try again in a minute.",
            reason=error,
        )
    )


def _not_a_manager(place: str, texts: Texts) -> CommandError:
    return CommandError(texts.gettext("Only managers of %(place)s can change what is posted there.", place=place))


def account_name(actor: Actor) -> str:
    """An account for readers who don't know it: `CHANNEL:ID`, or the channel alone where an id could say anything."""
    is_number = actor.user_id.isascii() and actor.user_id.isdigit() and len(actor.user_id) <= _LONGEST_ID
    return f"{actor.channel}:{actor.user_id}" if is_number else actor.channel


def no_such_subscription(caller: Caller) -> NoSubscription:
    """The refusal of a subscription that isn't there, or isn't the caller's to see."""
    return NoSubscription(caller.texts.gettext("No subscription with this number here. /subscriptions lists them."))


class NotSubscribed(CommandError):
    """No subscription here has the query or name that was typed."""


def not_subscribed(caller: Caller, text: str) -> NotSubscribed:
    """The refusal of a query or name that no subscription here has."""
    shown = clean(text, 60)
    return NotSubscribed(caller.texts.gettext('No subscription here has the query or name "%(query)s".', query=shown))


async def subscriptions_here(context: Context, caller: Caller) -> list[Subscription]:
    """The subscriptions of a shared place; in private the actor's own."""
    async with context.store.read() as unit:
        if caller.place.is_shared:
            place = await unit.places.at(caller.place)
            return await unit.subscriptions.of_place(place.number) if place else []
        actor = await unit.people.person_of(caller.actor)
        return await unit.subscriptions.of_person(actor.number) if actor else []


async def places_here(unit: Unit, caller: Caller) -> list[StoredPlace]:
    """The place, if it is shared; in private those of the actor's own."""
    if caller.place.is_shared:
        destination = await unit.places.at(caller.place)
        return [destination] if destination else []
    actor = await unit.people.person_of(caller.actor)
    places = await unit.places.of_person(actor.number) if actor else []
    return [place for place in places if not place.is_shared]


async def check_number(unit: Unit, new: Subscription, most: int, texts: Texts) -> None:
    """Raise CommandError if the owner of a subscription that was just added has more than `most`."""
    place = await unit.places.get(new.place) if new.place else None
    if place is None:
        if len(await unit.subscriptions.of_person(new.person)) > most:
            raise CommandError(
                texts.gettext(
                    "You have %(limit)s subscriptions, the maximum. Remove one with /unsubscribe first.", limit=most
                )
            )
    elif len(await unit.subscriptions.of_place(place.number)) > most:
        raise CommandError(
            texts.gettext(
                "%(place)s has %(limit)s subscriptions, the maximum. Remove one with /unsubscribe first.",
                place=place_name(place, texts),
                limit=most,
            )
        )


async def named(context: Context, caller: Caller, text: str, *, by_number: bool = True) -> Subscription:
    """The subscription here with this number, else with this query in any spelling, else with this name.

    Raises CommandError if there is none.
    """
    subscriptions = await subscriptions_here(context, caller)
    number = text.removeprefix("#") if by_number else ""
    query = parsed(text)
    for is_meant in (
        lambda each: str(each.ordinal) == number,
        lambda each: query is not None and asks(each, query),
        lambda each: each.name and each.name.casefold() == text.casefold(),
    ):
        for each in filter(is_meant, subscriptions):
            return each
    raise no_such_subscription(caller) if number.isdigit() else not_subscribed(caller, text)


def asks(subscription: Subscription, query: Query) -> bool:
    """Whether a subscription has this query; `list:here` is another one elsewhere, `like:saved` each person's own."""
    if query.list:
        return subscription.text == f"list:{query.list}"
    return subscription.key == query.of(subscription.person).key


async def seen(context: Context, caller: Caller, part: str, *, deleted: bool = False) -> Subscription:
    """The subscription that a button is about, if it is the actor's, this shared place's, or another's they manage now.

    Raises CommandError otherwise, with the same text as for an unknown one to anyone who never had to do with it.
    """
    async with context.store.read() as unit:
        subscription = await unit.subscriptions.get(action_number(part), deleted=deleted)
        actor = await unit.people.person_of(caller.actor)
        place = await unit.places.get(subscription.place) if subscription and subscription.place else None
    if subscription is None:
        raise no_such_subscription(caller)
    if place is not None and caller.place.is_same(place):
        return subscription
    if caller.place.is_shared or actor is None:
        raise no_such_subscription(caller)
    if place is not None:
        await _still_manages(context, caller, place, is_known=actor.number in {place.owner, subscription.added_by})
    elif actor.number != subscription.person:
        raise no_such_subscription(caller)
    return subscription


def only_managers(caller: Caller) -> None:
    """Raise CommandError unless the caller may change things where they are."""
    if not caller.may_change:
        raise CommandError(caller.texts.gettext("Only managers can change subscriptions and settings here."))


async def changeable(context: Context, caller: Caller, part: str, *, deleted: bool = False) -> Subscription:
    """As `seen`, if the actor may also change it; raises CommandError otherwise."""
    only_managers(caller)
    return await seen(context, caller, part, deleted=deleted)


async def managed(context: Context, caller: Caller, part: str) -> StoredPlace:
    """The place with a list that has this number, if the actor manages it now; raises CommandError."""
    async with context.store.read() as unit:
        place = await unit.places.get(action_number(part))
        actor = await unit.people.person_of(caller.actor)
        shared = await unit.places.shared_places(actor.number) if actor else []
    if place is None or not place.has_list:
        raise no_such_subscription(caller)
    if caller.place.is_same(place):
        only_managers(caller)
    elif caller.place.is_shared:
        raise no_such_subscription(caller)
    else:
        is_known = any(shared_place.place.number == place.number for shared_place in shared)
        await _still_manages(context, caller, place, is_known=is_known)
    return place


async def _still_manages(context: Context, caller: Caller, place: StoredPlace, *, is_known: bool) -> None:
    """Raise CommandError unless the actor manages a place now; only whom it `is_known` to learns its name."""
    texts = caller.texts
    name = place.title or place.address
    channel = context.channels.get(place.channel)
    if channel is None or place.channel != caller.actor.channel:
        refused = texts.gettext("This belongs to %(place)s on another channel. Change it there.", place=name)
        raise CommandError(refused) if is_known else no_such_subscription(caller)
    try:
        _, manages = await channel.inspect(place.address, caller.actor)
    except Gone as error:
        # Who is known may have been sent away, and a bot that was removed or hidden comes back.
        if is_known and error.why is not CloseReason.DELETED:
            raise _unchecked(error, texts) from error
        manages = is_known  # its subscriptions may be cleared away
    except SendError as error:
        raise _unchecked(error, texts) from error
    if not manages:
        raise _not_a_manager(name, texts) if is_known else no_such_subscription(caller)
