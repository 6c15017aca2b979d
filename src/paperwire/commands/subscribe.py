"""`/subscribe`: new papers that match a query are sent from now on; the answer shows what to expect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from paperwire.commands import opt_in, people
from paperwire.commands.buttons import offered
from paperwire.commands.cadences import DEFAULT, cadence_words, expectations, read_cadence
from paperwire.commands.context import Command, Context, is_shared, only_managers, place_name, say, unquoted
from paperwire.commands.lists import check_followed
from paperwire.commands.meaning import calibrate, wanted_query
from paperwire.commands.occasions import ARRIVAL, check_occasions, read_occasions, removal, sends_papers
from paperwire.commands.opt_in import Wish
from paperwire.commands.preview import (
    Preview,
    follows_line,
    once_read,
    preview,
    preview_if_free,
    preview_lines,
    rate_message,
)
from paperwire.commands.queries import QUERY, read_query
from paperwire.commands.search import found_items
from paperwire.commands.suggestions import Rated, suggested, suggestion_lines, suggestion_rows
from paperwire.core.messages.closed import pause_reason
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.query.language import Query
from paperwire.core.subscriptions.subscription import Destination, Subscription
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.channels import Conversation
from paperwire.ports.requests import Actor, Argument, CommandSpec, Place, Question, Reply, Request, Update
from paperwire.store.unit import Unit
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec(
    "subscribe",
    gettext_noop("Get each new paper that matches a query, here"),
    (replace(QUERY, required=False),),
    (
        Argument(
            "to",
            gettext_noop("where to: a channel or chat where you and this bot may write, or CHANNEL:ADDRESS"),
            required=False,
            kind="place",
        ),
        Argument("name", gettext_noop("a name for this subscription"), required=False),
        Argument(
            "when",
            gettext_noop("instant, daily 8am, weekdays 7:30, weekly mon 08:00 or monthly 1 08:00"),
            required=False,
            completes="cadence",
        ),
        Argument("occasions", gettext_noop("arrival, versions or withdrawn, several with commas"), required=False),
        Argument("role", gettext_noop("a role of this server that each alert mentions"), required=False, kind="role"),
    ),
    who="manager",
)

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


async def subscribe(context: Context, request: Request, wanted: Wanted) -> Subscribed:
    """Subscribe the chat it is asked from, or the one named by `to`; the same query twice is one subscription."""
    texts = request.texts
    query = read_query(wanted.text, texts, verb="add", behind=wanted.behind, lists=True)
    check_occasions(query, wanted.occasions, texts)
    query = await wanted_query(context, request, query)
    place = await _place(context, request, wanted.to, texts)
    check_followed(context, query, place, texts)
    channel = context.channels.get(place.channel)
    async with context.store.write() as unit:
        person = await people.person(context, unit, request)
        accounts = [request.actor]
        if place.kind == "mailbox":
            accounts.append(Actor(channel=place.channel, user_id=place.address))
        if not all([await people.hold_owner(unit, account, person.number) for account in accounts]):
            raise CommandError(texts.gettext("This address was just unlinked. Send the command again."))
        is_new = await unit.people.destination_of(place) is None
        destination = await unit.people.ensure_destination(place, person.number, zone=person.zone)
        subscription, before = await _subscribed_as(context, unit, person.number, destination, query, wanted, texts)
        if destination.paused and channel is not None and not isinstance(channel, Conversation):
            destination = await people.reopened(unit, destination)  # nobody can type /resume there
    await calibrate(context, subscription)
    if is_new and channel is not None and channel.greets:
        destination = await people.greet(context, request, destination, wanted.text)
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


async def _place(context: Context, request: Request, to: str, texts: Texts) -> Place:
    place = await people.other_place(context, request, to) if to else request.place
    if to:  # who is let in by the place they ask from is so there alone
        async with context.store.read() as unit:
            await context.access.check(unit, request.actor, texts, place)
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


async def answer(context: Context, request: Request) -> Reply:
    """`/subscribe QUERY`; without a query it asks for one."""
    wanted = read_wanted(request.args, request.options, request.texts)
    if not wanted.text:
        return _ask(request, request.texts)
    return await _done(context, request, wanted)


async def _done(context: Context, request: Request, wanted: Wanted) -> Reply:
    """Subscribe and say so; Undo of what was there before only takes back what was changed of it.

    What is to go to another account's address waits for its reader to confirm it.
    """
    try:
        result = await subscribe(context, request, wanted)
    except people.Unconfirmed as refused:
        occasions = tuple(sorted(wanted.occasions or ARRIVAL))
        wish = Wish(text=wanted.text, cadence=wanted.cadence or opt_in.USUAL, zone=context.zone, occasions=occasions)
        return await opt_in.ask_from_chat(context, request, refused.place, wish)
    return await subscribed(context, request, result, undo=_way_back(result))


def _way_back(result: Subscribed) -> str | None:
    """The action that takes back what was changed of a subscription that was there; empty where nothing was.

    None where no button can: a name or a role.
    """
    now, before = result.subscription, result.before
    if before is None:
        return ""
    if added := now.occasions - before.occasions:
        return removal(now.number, added)
    if now.cadence != before.cadence:
        return f"when:{now.number}:{before.cadence or DEFAULT}"
    if before.paused:
        return f"off:{now.number}"
    return "" if (now.name, now.mention) == (before.name, before.mention) else None


async def press(context: Context, request: Request, part: str) -> Reply:
    """The button under a query, with its options behind it: `add:QUERY`."""
    only_managers(request)
    wanted = read_wanted(offered(context, part), {}, request.texts)
    return await _done(context, request, wanted)


def _ask(request: Request, texts: Texts) -> Reply:
    """The question for a query; a channel, whose posts nobody replies to, reads what to post."""
    is_channel = request.place.kind == "channel" and request.actor.user_id == request.place.address
    if is_channel:
        return say(texts.gettext("Add what to look for:"), (Span(f"/subscribe {EXAMPLE}", "code"),))
    how = (
        texts.gettext("Reply to this message with it, for example:")
        if is_shared(request.place)
        else texts.gettext("Send it as your next message, for example:")
    )
    reply = say(
        (Span(texts.gettext("What are you looking for?"), "bold"),),
        how,
        (Span(EXAMPLE, "code"),),
        texts.gettext("To stop, send: cancel"),
    )
    question = Question(SPEC.name, texts.gettext("What are you looking for?"), EXAMPLE, request.options)
    return replace(reply, question=question)


def _following(request: Request, result: Subscribed, texts: Texts) -> Reply:
    """The answer to who follows a list: what will come of it can't be estimated from what is stored."""
    subscription = result.subscription
    head = Span(texts.gettext("Subscribed:"), "bold")
    return say(
        (head, Span(" "), Span(subscription.text, "code"), Span(f" (#{subscription.ordinal})")),
        texts.gettext("What people submit with /submit."),
        route_line(subscription, result.destination, request.place, texts),
        buttons=_buttons(result, [], "", texts),
    )


async def subscribed(context: Context, request: Request, result: Subscribed, *, undo: str | None = "") -> Reply:
    """What a subscription is now, and what to expect of it; `undo` is the action that takes it back (None: none)."""
    texts = request.texts
    if result.preview.query.list:
        return _following(request, result, texts)
    subscription, destination, found = result.subscription, result.destination, result.preview
    rated = await suggested(context, found)
    foot: list[str | Line] = [
        *suggestion_lines(rated, texts),
        route_line(subscription, destination, request.place, texts),
    ]
    if not found.is_final:
        foot.append(follows_line(texts))
    foot += expectations(context, found.query, subscription, destination, texts)
    if destination.paused:
        foot.append(
            texts.gettext(
                "⚠ Deliveries are paused (%(reason)s) until /resume there.",
                reason=pause_reason(destination.paused, texts),
            )
        )
    if is_shared(request.place) and people.is_at(destination, request.place):
        foot.append(texts.gettext("Everyone here sees them. Managers can change them with /subscriptions."))
    name = f"{subscription.name}: " if subscription.name else ""
    reply = say(
        (
            Span(texts.gettext("Subscribed:"), "bold"),
            Span(f" {name}"),
            Span(subscription.text, "code"),
            Span(f" (#{subscription.ordinal})"),
        ),
        *preview_lines(found, texts),
        items=await found_items(context, found.query, found.samples, texts),
        foot=foot,
        buttons=[*suggestion_rows(context, rated, subscription.number, texts), *_buttons(result, rated, undo, texts)],
    )
    if found.is_final:
        return reply
    return replace(reply, update=partial(once_read, context, partial(_updated, context, request, result, undo)))


async def _updated(context: Context, request: Request, before: Subscribed, undo: str | None) -> Update | None:
    """The answer once its rate is known; None if the subscription is another by now."""
    async with context.store.read() as unit:
        now = await unit.subscriptions.get(before.subscription.number)
        place = await unit.people.destination(before.destination.number)
    if now is None or place is None or now.key != before.subscription.key:
        return None
    found = await preview(context, before.preview.query)
    reply = await subscribed(context, request, Subscribed(now, place, found), undo=undo)
    return Update(reply, rate_message(now.text, found, request.texts))


def _buttons(result: Subscribed, rated: list[Rated], undo: str | None, texts: Texts) -> list[list[Button]]:
    number, total = result.subscription.number, result.preview.total
    changes = [Button(texts.gettext("When…"), f"when:{number}")]
    if total and not rated and result.preview.query.like is None:
        changes.append(Button(texts.gettext("Narrow…"), f"narrow:{number}"))
    if undo is not None:
        changes.append(Button(texts.gettext("Undo"), undo or f"undo:{number}"))
    week = [Button(texts.gettext("Show last week's"), f"week:{number}")] if total else []
    return [week, changes]


def route_line(subscription: Subscription, destination: Destination, place: Place, texts: Texts) -> str:
    """Where new papers of a subscription go, or what else it sends, and when, for readers of `place`."""
    when = cadence_words(subscription.cadence or destination.cadence, destination.zone, texts)
    name, is_here = place_name(destination, texts), people.is_at(destination, place)
    if not sends_papers(subscription):
        here, there = (
            gettext_noop("Updates will be posted here %(when)s."),
            gettext_noop("Updates go to %(place)s %(when)s."),
        )
    else:
        here, there = (
            gettext_noop("New papers will be posted here %(when)s."),
            gettext_noop("New papers go to %(place)s %(when)s."),
        )
    return texts.gettext(here if is_here else there, place=name, when=when)


COMMANDS = (Command(SPEC, answer, {"add": press}),)
