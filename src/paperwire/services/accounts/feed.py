"""Private feeds: their links, new links instead of old ones, and all of them as a file for feed readers."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from paperwire.core.messages.message import Attachment
from paperwire.core.subscriptions.feeds import HashOf
from paperwire.core.subscriptions.subscription import Owner, StoredPlace, Subscription
from paperwire.core.text.clean import clean
from paperwire.core.tokens import feed_token, token_hash
from paperwire.errors import CommandError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.wording.places import no_subscriptions

FORMATS = ("atom", "rss", "json")
EVERYTHING, PLACE = "all", "place:"
_MOST_PLACES = 10


@dataclass(frozen=True, slots=True)
class FeedAddresses:
    """A private feed: the shared place it is of (None: the actor's own), and the one subscription it shows (None: all).

    `links` are its Atom, RSS and JSON ones, of that `generation`; `is_empty` says that nothing feeds it; `others` are
    shared places of the actor, which have feeds of their own.
    """

    place: StoredPlace | None
    subscription: Subscription | None
    links: tuple[str, ...]
    is_empty: bool
    generation: int
    others: tuple[StoredPlace, ...] = ()


async def feed(
    context: Context, caller: Caller, part: str, *, reset: bool, generation: int | None = None
) -> FeedAddresses:
    """The feed of all the actor's subscriptions (`all`), of all of a shared place (`place:N`), or of one subscription.

    After a `reset` it has new links, unless it is of another than this `generation` already. Who reads in a place may
    have its links, and only managers replace them. Raises CommandError.
    """
    hash_of = hashes(context)
    place, subscription = await _shown(context, caller, part)
    if reset and place is not None:
        await people.managed(context, caller, str(place.number))
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        owner = Owner(place=place.number) if place else Owner(person=person.number)
        row = await unit.feeds.ensure(owner, subscription.number if subscription else None, hash_of)
        if reset and generation in {None, row.generation}:
            row = await unit.feeds.reset(row.number, hash_of)
        owned = unit.subscriptions.of_place if place else unit.subscriptions.of_person
        is_empty = subscription is None and not await owned(place.number if place else person.number)
        shared = await unit.places.shared_places(person.number) if part == EVERYTHING else []
    address = f"{context.public_url.rstrip('/')}/f/{feed_token(context.secret_key, row.number, row.generation)}"
    links = tuple(f"{address}.{form}" for form in FORMATS)
    others = tuple(shared_place.place for shared_place in shared[:_MOST_PLACES])
    return FeedAddresses(place, subscription, links, is_empty, row.generation, others)


async def place_number(context: Context, caller: Caller) -> int:
    """The number of this shared place; raises CommandError where it is new and the caller may not change that."""
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place)
    if place is not None:
        return place.number
    if not caller.can_manage:
        raise CommandError(no_subscriptions(caller.place, caller.texts))
    async with context.store.write() as unit:
        return (await people.current_place(context, unit, caller)).number


def hashes(context: Context) -> HashOf:
    """Makes the hashes of feed tokens, by which alone the database knows them."""
    return lambda number, generation: token_hash(feed_token(context.secret_key, number, generation))


async def _shown(context: Context, caller: Caller, part: str) -> tuple[StoredPlace | None, Subscription | None]:
    """The shared place whose feed is meant, if any, and the one subscription that it shows, if it isn't all."""
    if part == EVERYTHING:
        return None, None
    if part.startswith(PLACE):
        number = part.removeprefix(PLACE)
        async with context.store.read() as unit:
            stored = await unit.places.at(caller.place)
        if stored is not None and str(stored.number) == number and stored.is_shared:
            return stored, None
        return await people.managed(context, caller, number), None
    subscription = await people.seen(context, caller, part)
    async with context.store.read() as unit:
        return await unit.places.get(subscription.place), subscription


_TITLE_LIMIT = 200


async def feed_list(context: Context, caller: Caller) -> Attachment:
    """The feed of all of the caller's own subscriptions and that of each, as OPML.

    Feeds that had no address yet have one from then on.
    """
    titles: dict[int | None, str] = {None: caller.texts.gettext("All my subscriptions")}
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        titles |= {each.number: each.name or each.text for each in await unit.subscriptions.of_person(person.number)}
        owner, hash_of = Owner(person=person.number), hashes(context)
        rows = [await unit.feeds.ensure(owner, number, hash_of) for number in titles]
    base = context.public_url.rstrip("/")
    document = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(document, "head"), "title").text = "Paperwire"
    folder = etree.SubElement(etree.SubElement(document, "body"), "outline", text="Paperwire", title="Paperwire")
    for title, row in zip(titles.values(), rows, strict=True):
        name = clean(title, _TITLE_LIMIT)
        address = f"{base}/f/{feed_token(context.secret_key, row.number, row.generation)}.atom"
        etree.SubElement(folder, "outline", type="rss", text=name, title=name, xmlUrl=address, htmlUrl=f"{base}/")
    content = etree.tostring(document, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return Attachment("feeds.opml", "text/x-opml", content)
