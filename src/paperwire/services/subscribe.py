"""New papers that match a query, to a place, from now on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from paperwire.core.matching.occasions import ARRIVAL
from paperwire.core.query.language import Query
from paperwire.core.search.preview import Preview
from paperwire.core.subscriptions.subscription import Destination, Subscription
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.callers import Actor, Caller, Place
from paperwire.ports.channels import Conversation
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.lists import check_followed
from paperwire.services.meaning import calibrate, wanted_query
from paperwire.services.occasions import check_occasions, read_occasions
from paperwire.services.preview import preview_if_free
from paperwire.services.queries import read_query
from paperwire.services.typed import read_cadence, unquoted
from paperwire.store.unit import Unit
from paperwire.texts import Texts

EXAMPLE = '"large language model" reasoning'
_NAME_LIMIT = 60
_ROLE = re.compile(r"(?:<@&)?(\d{5,20})>?")
_OPTION = re.compile(r'"[^"]*"|(?:(?<=\s)|^)(to|name|when|occasions|role):', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What `/subscribe` asks for: the query's text, and options, each empty if not given; `behind` has all of them."""

    text: str
    behind: str = ""
    to: str = ""
    name: str = ""
    cadence: str = ""
    occasions: frozenset[str] = frozenset()
    mention: str = ""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as it is now, where its papers go, and what to expect of it.

    `before` is how it was if it was there.
    """

    subscription: Subscription
    destination: Destination
    preview: Preview
    before: Subscription | None = None


def read_wanted(args: str, options: Mapping[str, str], texts: Texts) -> Wanted:
    """Read `QUERY [to:PLACE] [name:TEXT] [when:daily 08:00] [occasions:arrival,versions] [role:@ROLE]`.

    Options stand behind the query, outside quotes, or come beside it. Raises CommandError for a value it can't read.
    """
    args = unquoted(args)
    names = [match for match in _OPTION.finditer(args) if match[1]]
    typed = {}
    ends = [*(match.start() for match in names[1:]), len(args)]
    for match, end in zip(names, ends, strict=False):
        typed[match[1].casefold()] = args[match.end() : end].strip().strip('"')
    typed |= {name: unquoted(value) for name, value in options.items() if value}
    return Wanted(
        text=args[: names[0].start()].strip() if names else args,
        behind=" ".join(f'{name}:"{value}"' for name, value in typed.items()),
        to=typed.get("to", ""),
        name=clean(typed.get("name", ""), _NAME_LIMIT),
        cadence=read_cadence(typed["when"], texts) if typed.get("when") else "",
        occasions=read_occasions(typed["occasions"], texts) if typed.get("occasions") else frozenset(),
        mention=_read_role(typed["role"], texts) if typed.get("role") else "",
    )


def _read_role(text: str, texts: Texts) -> str:
    """A role of a server, as message text names it (`<@&5>`)."""
    role = _ROLE.fullmatch(text)
    if role is None:
        raise CommandError(texts.gettext("role: takes a role of this server. Choose it from the list."))
    return f"<@&{role[1]}>"


async def subscribe(context: Context, caller: Caller, wanted: Wanted) -> Subscribed:
    """Subscribe the chat it is asked from, or the one named by `to`; the same query twice is one subscription."""
    texts = caller.texts
    query = read_query(wanted.text, texts, verb="add", behind=wanted.behind, lists=True)
    check_occasions(query, wanted.occasions, texts)
    query = await wanted_query(context, caller, query)
    place = await _place(context, caller, wanted.to, texts)
    check_followed(context, query, place, texts)
    channel = context.channels.get(place.channel)
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        accounts = [caller.actor]
        if place.kind == "mailbox":
            accounts.append(Actor(channel=place.channel, user_id=place.address))
        if not all([await people.hold_owner(unit, account, person.number) for account in accounts]):
            raise CommandError(texts.gettext("This address was just unlinked. Send the command again."))
        is_new = await unit.places.destination_of(place) is None
        destination = await unit.places.ensure_destination(place, person.number, zone=person.zone)
        subscription, before = await _subscribed_as(context, unit, person.number, destination, query, wanted, texts)
        if destination.paused and channel is not None and not isinstance(channel, Conversation):
            destination = await people.reopened(unit, destination)  # nobody can type /resume there
    await calibrate(context, subscription)
    if is_new and channel is not None and channel.greets:
        destination = await people.greet(context, caller, destination, wanted.text)
    return Subscribed(subscription, destination, await preview_if_free(context, query), before)


async def _subscribed_as(  # noqa: PLR0913, PLR0917 -- all that a subscription is made of
    context: Context, unit: Unit, person: int, destination: Destination, query: Query, wanted: Wanted, texts: Texts
) -> tuple[Subscription, Subscription | None]:
    """The subscription as stored, with the options that were given, and as it was if it was there."""
    before = {one.number: one for one in await unit.subscriptions.of_destination(destination.number)}
    subscription, created = await unit.subscriptions.subscribe(
        person,
        query,
        name=wanted.name,
        occasions=wanted.occasions or ARRIVAL,
        cadence=wanted.cadence,
        destinations=[destination.number],
    )
    if created:
        await people.check_number(unit, subscription, context.max_subscriptions, texts)
    return await _changed(unit, subscription, wanted), before.get(subscription.number)


async def _place(context: Context, caller: Caller, to: str, texts: Texts) -> Place:
    place = await people.other_place(context, caller, to) if to else caller.place
    if to:  # who is let in by the place they ask from is so there alone
        async with context.store.read() as unit:
            await context.access.check(unit, caller.actor, texts, place)
    if place.problem:
        raise CommandError(
            texts.gettext(
                "Can't post to %(place)s: %(problem)s. Change that, then try again.",
                place=place.title or place.address,
                problem=place.problem,
            )
        )
    return place


async def _changed(unit: Unit, subscription: Subscription, wanted: Wanted) -> Subscription:
    """A subscription with the options that were given now, resumed if it was paused."""
    if wanted.name or wanted.cadence or wanted.mention:
        await unit.subscriptions.edit(
            subscription.number,
            name=wanted.name or None,
            cadence=wanted.cadence or None,
            mention=wanted.mention or None,
        )
    if subscription.paused:
        await unit.subscriptions.pause(subscription.number, paused=False)
    return await unit.subscriptions.get(subscription.number) or subscription
