"""`/subscribe`: new papers that match a query are sent from now on; the answer shows what to expect."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.cadences import cadence_words, read_cadence
from paperwire.commands.context import Command, is_shared, place_name, say, unquoted
from paperwire.commands.preview import preview, preview_lines, sample_items
from paperwire.commands.queries import QUERY, read_query
from paperwire.core.messages.message import Button, Span
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports import Argument, CommandSpec, Conversation
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paperwire.commands.context import Context
    from paperwire.commands.preview import Preview
    from paperwire.core.subscriptions.subscription import Destination, Subscription
    from paperwire.ports import Place, Reply, Request
    from paperwire.store.unit import Unit
    from paperwire.texts import Texts

SPEC = CommandSpec(
    "subscribe",
    gettext_noop("Get each new paper that matches a query, here"),
    (QUERY,),
    (
        Argument(
            "to",
            gettext_noop("where to: a channel or chat where you and this bot may write, or CHANNEL:ADDRESS"),
            required=False,
        ),
        Argument("name", gettext_noop("a name for this subscription"), required=False),
        Argument(
            "when",
            gettext_noop("instant, daily 8am, weekdays 7:30, weekly mon 08:00 or monthly 1 08:00"),
            required=False,
        ),
        Argument("occasions", gettext_noop("arrival, versions or withdrawn, several with commas"), required=False),
        Argument("role", gettext_noop("a role of this server that each alert mentions"), required=False),
    ),
    who="manager",
)

OCCASIONS = ("arrival", "versions", "withdrawn")
MOST_SUBSCRIPTIONS = 500
_NAME_LIMIT = 60
_ROLE = re.compile(r"(?:<@&)?(\d{5,20})>?")
_OPTION = re.compile(r'"[^"]*"|(?:(?<=\s)|^)(to|name|when|occasions|role):', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What `/subscribe` asks for: the query's text, and options, each empty if not given."""

    text: str
    to: str = ""
    name: str = ""
    cadence: str = ""
    occasions: frozenset[str] = frozenset()
    mention: str = ""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as it is now, where its papers go, and what to expect of it."""

    subscription: Subscription
    destination: Destination
    preview: Preview


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
        to=typed.get("to", ""),
        name=clean(typed.get("name", ""), _NAME_LIMIT),
        cadence=read_cadence(typed["when"], texts) if typed.get("when") else "",
        occasions=_read_occasions(typed["occasions"], texts) if typed.get("occasions") else frozenset(),
        mention=_read_role(typed["role"], texts) if typed.get("role") else "",
    )


def _read_role(text: str, texts: Texts) -> str:
    """A role of a server, as message text names it (`<@&5>`)."""
    role = _ROLE.fullmatch(text)
    if role is None:
        raise CommandError(texts.gettext("role: takes a role of this server. Choose it from the list."))
    return f"<@&{role[1]}>"


def _read_occasions(text: str, texts: Texts) -> frozenset[str]:
    """Words of `OCCASIONS`, joined by commas or blanks."""
    occasions = frozenset(text.casefold().replace(",", " ").split())
    if not occasions or not occasions <= set(OCCASIONS):
        raise CommandError(texts.gettext("Use one or more of: %(choices)s.", choices=", ".join(OCCASIONS)))
    return occasions


async def subscribe(context: Context, request: Request, wanted: Wanted) -> Subscribed:
    """Subscribe the chat it is asked from, or the one named by `to`; the same query twice is one subscription."""
    texts = texts_in(request.locale)
    query = read_query(wanted.text, texts)
    place = await _place(context, request, wanted.to, texts)
    channel = context.channels.get(place.channel)
    async with context.store.write() as unit:
        person = await people.person(context, unit, request)
        is_new = await unit.people.destination_of(place) is None
        destination = await unit.people.ensure_destination(place, person.number, zone=person.zone)
        subscription, created = await unit.subscriptions.subscribe(
            person.number,
            query,
            name=wanted.name,
            occasions=wanted.occasions or frozenset({"arrival"}),
            cadence=wanted.cadence,
            destinations=[destination.number],
        )
        if created and len(await unit.subscriptions.of_person(person.number)) > MOST_SUBSCRIPTIONS:
            raise CommandError(
                texts.gettext(
                    "You have %(limit)s subscriptions, the maximum. Remove one with /unsubscribe first.",
                    limit=MOST_SUBSCRIPTIONS,
                )
            )
        if not created:
            subscription = await _changed(unit, subscription, wanted)
        elif wanted.mention:
            await unit.subscriptions.edit(subscription.number, mention=wanted.mention)
            subscription = replace(subscription, mention=wanted.mention)
        if destination.paused and channel is not None and not isinstance(channel, Conversation):
            destination = await people.reopened(unit, destination)  # nobody can type /resume there
    if is_new and channel is not None and channel.greets:
        destination = await people.greet(context, request, destination, wanted.text)
    return Subscribed(subscription, destination, await preview(context, query))


async def _place(context: Context, request: Request, to: str, texts: Texts) -> Place:
    place = await people.other_place(context, request, to) if to else request.place
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
    """An existing subscription with the options that were given now, resumed if it was paused."""
    await unit.subscriptions.edit(
        subscription.number,
        name=wanted.name or None,
        occasions=wanted.occasions or None,
        cadence=wanted.cadence or None,
        mention=wanted.mention or None,
    )
    if subscription.paused:
        await unit.subscriptions.pause(subscription.number, paused=False)
    return await unit.subscriptions.get(subscription.number) or subscription


async def answer(context: Context, request: Request) -> Reply:
    """`/subscribe QUERY`."""
    texts = texts_in(request.locale)
    result = await subscribe(context, request, read_wanted(request.args, request.options, texts))
    subscription, destination = result.subscription, result.destination
    foot = [route_line(subscription, destination, request.place, texts)]
    if destination.paused:
        foot.append(
            texts.gettext("⚠ Deliveries are paused (%(reason)s) until /resume there.", reason=destination.paused)
        )
    if is_shared(request.place) and is_at(destination, request.place):
        foot.append(texts.gettext("Everyone here sees them. Managers can change them with /subscriptions."))
    number = subscription.number
    return say(
        (Span(texts.gettext("Subscribed:"), "bold"), Span(" "), Span(subscription.text, "code"), Span(f" (#{number})")),
        *preview_lines(result.preview, texts),
        items=sample_items(result.preview, texts),
        foot=foot,
        buttons=[
            [
                Button(texts.gettext("Undo"), f"undo:{number}"),
                Button(texts.gettext("When…"), f"when:{number}"),
                Button(texts.gettext("Edit"), f"edit:{number}"),
            ]
        ],
    )


def is_at(destination: Destination, place: Place) -> bool:
    """Whether a destination is this place."""
    return (destination.channel, destination.address) == (place.channel, place.address)


def route_line(subscription: Subscription, destination: Destination, place: Place, texts: Texts) -> str:
    """Where new papers of a subscription go, and when, told to readers of `place`."""
    when = cadence_words(subscription.cadence or destination.cadence, destination.zone, texts)
    if is_at(destination, place):
        return texts.gettext("New papers will be posted here %(when)s.", when=when)
    return texts.gettext("New papers go to %(place)s %(when)s.", place=place_name(destination, texts), when=when)


COMMAND = Command(SPEC, answer)
