"""Subscriptions: made, changed, paused and deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from paperwire.core.matching.occasions import ARRIVAL, waits_for_venue
from paperwire.core.messages.message import Message, Span
from paperwire.core.messages.plain import plain_words
from paperwire.core.query.language import Query
from paperwire.core.search.preview import Preview
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import SharedPlace, StoredPlace, Subscription
from paperwire.core.text.clean import clean
from paperwire.errors import CloseReason, CommandError, Gone, Rejected, SendError
from paperwire.ports.callers import OWN_CHAT, Actor, Caller, Place
from paperwire.ports.channels import Conversation
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.own_chat import confirm_in_private, own_chat
from paperwire.services.papers.lists import check_followed
from paperwire.services.papers.meaning import calibrate, resolved_query
from paperwire.services.papers.search import preview, preview_if_free
from paperwire.services.subscriptions.leave import leave_button
from paperwire.services.subscriptions.occasions import check_occasions, read_occasions
from paperwire.services.typed import StaleButton, action_integer, read_cadence, read_query, unquoted
from paperwire.store.unit import Unit
from paperwire.texts import Texts

_log = structlog.get_logger(__name__)
EXAMPLE = '"large language model" reasoning'
NAME_LIMIT = 60
ROLE = re.compile(r"(?:<@&)?(\d{5,20})>?")
_OPTION = re.compile(r'"[^"]*"|(?:(?<=\s)|^)(to|name|when|occasions|role):', re.IGNORECASE)
ACCEPTANCES_COME = "weekly mon 08:00"
DEFAULT = "default"
"""What a button calls the cadence of the chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionDraft:
    """What `/subscribe` asks for: the query's text, and options, each empty if not given; `options` has all of them."""

    text: str
    options: str = ""
    to: str = ""
    name: str = ""
    cadence: str = ""
    occasions: frozenset[str] = frozenset()
    mention: str = ""

    @property
    def is_personal(self) -> bool:
        """Whether its papers go to the private chat of the one who asks, and change nothing where they ask."""
        return self.to.casefold() == OWN_CHAT


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as it is now, where its papers go, and what to expect of it.

    `before` is how it was if it was there.
    """

    subscription: Subscription
    destination: StoredPlace
    preview: Preview
    before: Subscription | None = None


def read_draft(args: str, options: Mapping[str, str], texts: Texts) -> SubscriptionDraft:
    """Read `QUERY [to:PLACE] [name:TEXT] [when:daily 08:00] [occasions:arrival,versions] [role:@ROLE]`.

    Options follow the query, outside quotes, or come apart from it. Raises CommandError for a value it can't read.
    """
    args = unquoted(args)
    names = [match for match in _OPTION.finditer(args) if match[1]]
    typed = {}
    ends = [*(match.start() for match in names[1:]), len(args)]
    for match, end in zip(names, ends, strict=False):
        typed[match[1].casefold()] = args[match.end() : end].strip().strip('"')
    typed |= {name: unquoted(value) for name, value in options.items() if value}
    return SubscriptionDraft(
        text=args[: names[0].start()].strip() if names else args,
        options=" ".join(f'{name}:"{value}"' for name, value in typed.items()),
        to=typed.get("to", ""),
        name=clean(typed.get("name", ""), NAME_LIMIT),
        cadence=read_cadence(typed["when"], texts) if typed.get("when") else "",
        occasions=read_occasions(typed["occasions"], texts) if typed.get("occasions") else frozenset(),
        mention=_read_role(typed["role"], texts) if typed.get("role") else "",
    )


def _read_role(text: str, texts: Texts) -> str:
    """A role of a server, as message text names it (`<@&5>`)."""
    role = ROLE.fullmatch(text)
    if role is None:
        raise CommandError(texts.gettext("role: takes a role of this server. Choose it from the list."))
    return f"<@&{role[1]}>"


async def subscribe(context: Context, caller: Caller, draft: SubscriptionDraft) -> Subscribed:
    """Subscribe the chat it is asked from, or the one named by `to`, and try the query on stored papers."""
    (added,) = await add_subscriptions(context, caller, [draft])
    previewed = await preview_if_free(context, added.query)
    if previewed.is_final and added.before is None:
        async with context.store.write() as unit:
            await unit.checkups.expect(added.subscription.number, previewed.total / previewed.days)
    return Subscribed(added.subscription, added.destination, previewed, added.before)


@dataclass(frozen=True, slots=True)
class AddedSubscription:
    """A subscription as it is now, its query, where its papers go, and how it was if it was there."""

    query: Query
    subscription: Subscription
    destination: StoredPlace
    before: Subscription | None


async def add_subscriptions(
    context: Context, caller: Caller, drafts: Sequence[SubscriptionDraft]
) -> list[AddedSubscription]:
    """Subscribe the chat it is asked from, or the one that all of them name by `to`, all or none.

    The same query twice is one subscription.
    """
    texts, place = caller.texts, await place_to(context, caller, drafts[0].to)
    queries = [await _readable(context, caller, draft, place) for draft in drafts]
    channel = context.channels.get(place.channel)
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        accounts = [caller.actor]
        if place.kind == "mailbox":
            accounts.append(Actor(channel=place.channel, user_id=place.address))
        if not all([await people.hold_owner(unit, account, person.number) for account in accounts]):
            raise CommandError(texts.gettext("This address was just unlinked. Send the command again."))
        is_new = await unit.places.at(place) is None
        destination = await unit.places.ensure(place, person.number, zone=person.zone)
        changes = await _subscribed_as(context, unit, person.number, destination, queries, drafts, texts)
        if destination.paused and channel is not None and not isinstance(channel, Conversation):
            destination = await people.reopened(unit, destination)  # no one can type /resume there
    if drafts[0].is_personal and caller.place.is_shared:
        await confirm_in_private(context, caller, place, changes)
    for subscription, _ in changes:
        await calibrate(context, subscription)
    if is_new and channel is not None and channel.greets:
        destination = await greet(context, caller, destination, drafts[0].text)
    return [
        AddedSubscription(query, now, destination, before)
        for query, (now, before) in zip(queries, changes, strict=True)
    ]


async def _readable(context: Context, caller: Caller, draft: SubscriptionDraft, place: Place) -> Query:
    """The query of a draft that a place may have; raises CommandError or LikeError."""
    query = read_query(draft.text, caller.texts, verb="add", options=draft.options, lists=True)
    check_occasions(query, draft.occasions, caller.texts)
    query = await resolved_query(context, caller, query)
    check_followed(context, query, place, caller.texts)
    return query


async def as_now(context: Context, before: Subscribed) -> Subscribed | None:
    """A subscription with its preview as it is now; None if it is gone or has another query."""
    async with context.store.read() as unit:
        subscription = await unit.subscriptions.get(before.subscription.number)
        place = await unit.places.get(before.destination.number)
    if subscription is None or place is None or subscription.key != before.subscription.key:
        return None
    return Subscribed(subscription, place, await preview(context, before.preview.query))


async def _subscribed_as(  # noqa: PLR0913, PLR0917 -- all that subscriptions are made of
    context: Context,
    unit: Unit,
    person: int,
    destination: StoredPlace,
    queries: Sequence[Query],
    drafts: Sequence[SubscriptionDraft],
    texts: Texts,
) -> list[tuple[Subscription, Subscription | None]]:
    """The subscriptions as stored, with the options that were given, each with how it was if it was there."""
    before = {
        subscription.number: subscription for subscription in await unit.subscriptions.of_place(destination.number)
    }
    changes, last_new = [], None
    for query, draft in zip(queries, drafts, strict=True):
        subscription, created = await unit.subscriptions.subscribe(
            person,
            query,
            name=draft.name,
            occasions=draft.occasions or ARRIVAL,
            cadence=draft.cadence or _usual_cadence(query, destination),
            destinations=[destination.number],
        )
        last_new = subscription if created else last_new
        former = None if created else before.get(subscription.number, subscription)
        changes.append((await _changed(unit, subscription, draft), former))
    if last_new is not None:
        await people.check_number(unit, last_new, context.max_subscriptions, texts)
    return changes


def _usual_cadence(query: Query, place: StoredPlace) -> str:
    """When a query is sent of which that wasn't said: by default as the place has it.

    Acceptances at a venue come by hundreds in one week, and a chat without digests would get them one by one.
    """
    return ACCEPTANCES_COME if waits_for_venue(query) and not Cadence.parse(place.cadence).times else ""


async def place_to(context: Context, caller: Caller, to: str) -> Place:
    """The caller's place, or the one named by `to`; raises CommandError where papers can't be sent."""
    texts = caller.texts
    if to.casefold() == OWN_CHAT:
        place = await own_chat(context, caller)
    else:
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


async def _changed(unit: Unit, subscription: Subscription, draft: SubscriptionDraft) -> Subscription:
    """A subscription with the options that were given now, resumed if it was paused."""
    if draft.name or draft.cadence or draft.mention:
        await unit.subscriptions.edit(
            subscription.number,
            name=draft.name or None,
            cadence=draft.cadence or None,
            mention=draft.mention or None,
        )
    if subscription.paused:
        await unit.subscriptions.pause(subscription.number, paused=False)
    return await unit.subscriptions.get(subscription.number) or subscription


async def greet(context: Context, caller: Caller, place: StoredPlace, query: str) -> StoredPlace:
    """Tell the readers of an address that was named just now who did so; as stored then, closed if that is refused."""
    channel = context.channels[place.channel]
    texts = caller.texts
    account = people.account_name(caller.actor)
    head = Span(
        texts.gettext("The account %(account)s subscribed this address to new papers:", account=account), "bold"
    )
    foot = texts.gettext("Each message has a link that stops it. Sent by Paperwire: %(url)s", url=context.public_url)
    message = Message(
        head=((head,), (Span(plain_words(query), "code"),)),
        foot=((Span(foot),),),
        key=f"greeting{place.number}",
        locale=texts.language,
        leave=leave_button(context.secret_key, context.public_url, place),
    )
    try:
        await channel.send(place.address, message)
    except (Gone, Rejected) as error:
        async with context.store.write() as unit:
            await unit.places.pause(place.number, error.why if isinstance(error, Gone) else CloseReason.REFUSED)
            return await unit.places.get(place.number) or place
    except SendError as error:  # its papers are tried again and again
        _log.warning("address not greeted", channel=place.channel, place=place.number, problem=str(error))
    return place


# --- changed and deleted -----------------------------------------------------------------------------------------


async def places_of(context: Context, subscriptions: Iterable[Subscription]) -> dict[int, StoredPlace]:
    """Where subscriptions go, by number."""
    numbers = {number for each in subscriptions for number in each.destinations}
    async with context.store.read() as unit:
        return await unit.places.get_many(sorted(numbers))


async def place_of(context: Context, caller: Caller, subscription: Subscription) -> StoredPlace:
    """The caller's place if a subscription goes there, else the first where it does."""
    places = list((await places_of(context, [subscription])).values())
    return next((place for place in places if caller.place.is_same(place)), places[0])


async def zone_of(context: Context, subscription: Subscription) -> str:
    """The time zone of a subscription's person; empty for that of a shared place."""
    async with context.store.read() as unit:
        person = await unit.people.get(subscription.person)
    return person.zone if person else ""


async def shared_places(context: Context, caller: Caller) -> list[SharedPlace]:
    """The shared places with subscriptions that the actor may manage."""
    async with context.store.read() as unit:
        actor = await unit.people.person_of(caller.actor)
        return await unit.places.shared_places(actor.number) if actor else []


async def of_managed(context: Context, caller: Caller, part: str) -> tuple[StoredPlace, list[Subscription]]:
    """The shared place with that number, which the actor has to manage now, and its subscriptions."""
    place = await people.managed(context, caller, part)
    async with context.store.read() as unit:
        return place, await unit.subscriptions.of_place(place.number)


async def edit_query(
    context: Context, caller: Caller, part: str, text: str, former: str | None = None
) -> tuple[Subscription, Subscription]:
    """Give a subscription another query, or none if its text isn't `former` any more: as it was, and as it is now."""
    before = await people.changeable(context, caller, part)
    if text == before.text:  # also one that is refused by now
        return before, before
    query = await resolved_query(context, caller, read_query(text, caller.texts))
    if (query.key, query.text) == (before.key, before.text):
        return before, before  # or the query before the last edit would be forgotten
    async with context.store.write() as unit:
        after = await unit.subscriptions.edit(before.number, query=query, former=former)
    after = _not_doubled(caller, before, after)
    await calibrate(context, after)
    return before, after


def _not_doubled(caller: Caller, before: Subscription, after: Subscription | None) -> Subscription:
    """The subscription after its query was changed; raises CommandError if it is gone, or another one has the query."""
    if after is None:
        raise people.no_such_subscription(caller)
    if after.number != before.number:
        raise CommandError(caller.texts.gettext("#%(number)s already has this query.", number=after.ordinal))
    return after


async def take_back_edit(context: Context, caller: Caller, part: str) -> Subscription:
    """Give a subscription back the query that it had before an edit, `N:SECOND`; as it is now."""
    number, _, second = part.partition(":")
    edited = await people.changeable(context, caller, number)
    async with context.store.write() as unit:
        after = await unit.subscriptions.undo_edit(edited.number, action_integer(second))
    if after is None:
        raise StaleButton
    after = _not_doubled(caller, edited, after)
    await calibrate(context, after)
    return after


async def set_cadence(context: Context, caller: Caller, part: str, cadence: str) -> str:
    """Give a subscription a cadence of its own, or DEFAULT; in its canonical form, empty for the default."""
    subscription = await people.changeable(context, caller, part)
    chosen = "" if cadence == DEFAULT else read_cadence(cadence, caller.texts)
    async with context.store.write() as unit:
        await unit.subscriptions.edit(subscription.number, cadence=chosen)
    return chosen


async def set_paused(context: Context, caller: Caller, part: str, *, paused: bool) -> bool:
    """Pause a subscription, or go on with it; False if nothing changed."""
    subscription = await people.changeable(context, caller, part)
    if subscription.paused != paused:
        async with context.store.write() as unit:
            await unit.subscriptions.pause(subscription.number, paused=paused)
    return subscription.paused != paused


async def set_silent(context: Context, caller: Caller, part: str, *, silent: bool) -> bool:
    """Have what a subscription sends make no sound, or one again; False if nothing changed."""
    subscription = await people.changeable(context, caller, part)
    async with context.store.write() as unit:
        await unit.subscriptions.edit(subscription.number, silent=silent)
    return subscription.silent != silent


async def unsubscribe(context: Context, caller: Caller, part: str) -> Subscription:
    """Delete a subscription; as it was."""
    subscription = await people.changeable(context, caller, part)
    async with context.store.write() as unit:
        await unit.subscriptions.delete(subscription.number)
    return subscription


async def resubscribe(context: Context, caller: Caller, part: str) -> tuple[Subscription, bool]:
    """Bring a deleted subscription back; as it is now, and whether it wasn't there, nor another of its query."""
    deleted = await people.changeable(context, caller, part, deleted=True)
    async with context.store.write() as unit:
        was_there = await unit.subscriptions.get(deleted.number) is not None
        restored = await unit.subscriptions.restore(deleted.number)
        if restored is None:
            raise people.no_such_subscription(caller)
        await people.check_number(unit, restored, context.max_subscriptions, caller.texts)
    await calibrate(context, restored)
    return restored, not was_there and restored.number == deleted.number
