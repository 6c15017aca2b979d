"""Subscribing: the query that was typed takes effect at once, and the answer shows what to expect of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.desk import action_number, is_shared, only_managers, place_name, read_query, say, unquoted
from paperwire.commands.previewing import preview, preview_lines, sample_items
from paperwire.core.messages.message import Button, Span
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports import Conversation
from paperwire.wording import commands as command_words
from paperwire.wording import places as place_words
from paperwire.wording import subscribing as words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paperwire.commands.desk import Desk
    from paperwire.commands.previewing import Preview
    from paperwire.core.subscriptions.subscription import Destination, Subscription
    from paperwire.ports import Reply, Request
    from paperwire.store.unit import Unit

OCCASIONS = ("arrival", "versions", "withdrawn")
MOST_SUBSCRIPTIONS = 500
_NAME_LIMIT = 60
_ROLE = re.compile(r"(?:<@&)?(\d{5,20})>?")
_OPTION = re.compile(r'"[^"]*"|(?:(?<=\s)|^)(to|name|when|occasions|role):', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What `/subscribe` asks for: the query's text, and options, each empty where none was given."""

    text: str
    to: str = ""
    name: str = ""
    cadence: str = ""
    occasions: frozenset[str] = frozenset()
    mention: str = ""


def read_wanted(args: str, options: Mapping[str, str]) -> Wanted:
    """Read `QUERY [to:PLACE] [name:TEXT] [when:daily 08:00] [occasions:arrival,versions] [role:@ROLE]`.

    Options stand behind the query, outside quotes, or come beside it; raises CommandError for a value that is none.
    """
    args = unquoted(args)
    found = [match for match in _OPTION.finditer(args) if match[1]]
    typed = {}
    for place, match in enumerate(found):
        end = found[place + 1].start() if place + 1 < len(found) else len(args)
        typed[match[1].casefold()] = args[match.end() : end].strip().strip('"')
    typed |= {name: unquoted(value) for name, value in options.items() if value}
    return Wanted(
        text=args[: found[0].start()].strip() if found else args,
        to=typed.get("to", ""),
        name=clean(typed.get("name", ""), _NAME_LIMIT),
        cadence=read_cadence(typed["when"]) if typed.get("when") else "",
        occasions=read_occasions(typed["occasions"]) if typed.get("occasions") else frozenset(),
        mention=read_role(typed["role"]) if typed.get("role") else "",
    )


def read_cadence(text: str) -> str:
    """A cadence in its canonical form; raises CommandError."""
    try:
        return str(Cadence.parse(text))
    except ValueError as error:
        raise CommandError(str(error)) from None


def read_role(text: str) -> str:
    """A role of a server, as message text names it (`<@&5>`); raises CommandError for anything else."""
    found = _ROLE.fullmatch(text)
    if found is None:
        raise CommandError(words.NO_ROLE)
    return f"<@&{found[1]}>"


def read_occasions(text: str) -> frozenset[str]:
    """Words of `OCCASIONS`, joined by commas or blanks; raises CommandError."""
    wanted = frozenset(text.casefold().replace(",", " ").split())
    if not wanted or not wanted <= set(OCCASIONS):
        raise CommandError(command_words.one_of(OCCASIONS))
    return wanted


async def answer_subscribe(desk: Desk, request: Request) -> Reply:
    """`/subscribe QUERY`: asking twice gives the same answer and no second subscription."""
    wanted = read_wanted(request.args, request.options)
    query = read_query(wanted.text)
    place = await people.other_place(desk, request, wanted.to) if wanted.to else request.place
    if place.problem:
        raise CommandError(place_words.cannot_write_there(place.title or place.address, place.problem))
    async with desk.store.write() as unit:
        person = await people.person(desk, unit, request)
        is_new = await unit.people.destination_of(place) is None
        destination = await unit.people.ensure_destination(place, person.number, zone=desk.zone)
        subscription, created = await unit.subscriptions.subscribe(
            person.number,
            query,
            name=wanted.name,
            occasions=wanted.occasions or frozenset({"arrival"}),
            cadence=wanted.cadence,
            destinations=[destination.number],
        )
        if created and len(await unit.subscriptions.of_person(person.number)) > MOST_SUBSCRIPTIONS:
            raise CommandError(words.too_many_subscriptions(MOST_SUBSCRIPTIONS))
        if not created:
            subscription = await _as_asked(unit, subscription, wanted)
        elif wanted.mention:
            await unit.subscriptions.edit(subscription.number, mention=wanted.mention)
            subscription = replace(subscription, mention=wanted.mention)
        channel = desk.channels.get(place.channel)
        if destination.paused and channel is not None and not isinstance(channel, Conversation):
            destination = await people.reopened(unit, destination)  # nobody can type /resume there
    if is_new and channel is not None and channel.greets:
        destination = await people.greet(desk, request, destination, wanted.text)
    found = await preview(desk, query)
    return _subscribed(request, subscription, destination, found)


async def _as_asked(unit: Unit, subscription: Subscription, wanted: Wanted) -> Subscription:
    """A subscription that was there already, with what was asked for now, and no longer paused."""
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


def _subscribed(request: Request, subscription: Subscription, destination: Destination, found: Preview) -> Reply:
    elsewhere = (destination.channel, destination.address) != (request.place.channel, request.place.address)
    where = place_name(destination) if elsewhere else words.HERE
    foot = [words.comes(subscription.cadence or destination.cadence, where)]
    if destination.paused:
        foot.append(words.place_is_paused(destination.paused))
    if is_shared(request.place) and not elsewhere:
        foot.append(words.FOR_EVERYBODY_HERE)
    number = subscription.number
    return say(
        (Span(words.SUBSCRIBED, "bold"), Span(subscription.text, "code"), Span(f" (#{number})")),
        *preview_lines(found),
        items=sample_items(found),
        foot=foot,
        buttons=[
            [
                Button(command_words.UNDO, f"undo:{number}"),
                Button(words.WHEN, f"when:{number}"),
                Button(words.EDIT, f"edit:{number}"),
            ]
        ],
    )


async def undo(desk: Desk, request: Request, part: str) -> Reply:
    """Take a subscription back: `undo:N`, and `del:N` from the list."""
    subscription = await people.changeable(desk, request, part)
    async with desk.store.write() as unit:
        await unit.subscriptions.delete(subscription.number)
    return unsubscribed(subscription)


async def redo(desk: Desk, request: Request, part: str) -> Reply:
    """Bring a deleted subscription back: `redo:N:PERSON`, whose it is; anybody who may change it may do so."""
    only_managers(request)
    number, _, owner = part.partition(":")
    async with desk.store.write() as unit:
        restored = await unit.subscriptions.restore(action_number(number), person=action_number(owner))
        if restored is None:
            raise CommandError(words.NO_SUCH_SUBSCRIPTION)
        await people.seen(unit, request, number)  # not theirs: then nothing of this is kept
    try:
        await people.changeable(desk, request, number)
    except CommandError:
        async with desk.store.write() as unit:
            await unit.subscriptions.delete(restored.number)
        raise
    return say(
        (Span(words.SUBSCRIBED_AGAIN, "bold"), Span(restored.text, "code"), Span(f" (#{number})")),
        buttons=[[Button(command_words.UNDO, f"undo:{number}")]],
        edit=True,
    )


def unsubscribed(subscription: Subscription) -> Reply:
    """What is said of a subscription that is no more, with the way back."""
    return say(
        (Span(words.UNSUBSCRIBED, "bold"), Span(subscription.text, "code")),
        buttons=[[Button(command_words.UNDO, f"redo:{subscription.number}:{subscription.person}")]],
        edit=True,
    )
