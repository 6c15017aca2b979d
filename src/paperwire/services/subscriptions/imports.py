"""Lists of queries and feeds, also OPML files of feed readers, as subscriptions; and subscriptions as such a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from paperwire.core.matching.occasions import ARRIVAL
from paperwire.core.messages.message import Attachment
from paperwire.core.papers.categories import uncollected
from paperwire.core.query.language import Query, parse
from paperwire.core.search.preview import MOST_NAMED
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.errors import CommandError, QueryError, StoreBusy
from paperwire.ports.callers import Actor, Caller, Place
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.papers.lists import check_followed
from paperwire.services.papers.meaning import resolved_query
from paperwire.services.papers.search import are_first_days_read, counted_days
from paperwire.services.subscriptions.feed_addresses import is_address, read_address
from paperwire.services.subscriptions.import_lists import ListEntry, read_entries
from paperwire.services.subscriptions.occasions import check_occasions
from paperwire.services.subscriptions.subscriptions import (
    SubscriptionDraft,
    add_subscriptions,
    place_to,
    places_of,
    read_draft,
)
from paperwire.wording.queries import sentence

_Address: TypeAlias = "tuple[str, str]"
"""A place's channel and its address there."""

_SUBSCRIPTIONS_PER_TRANSACTION = 10
_FEEDS, _PREPRINTS = "rss", "biorxiv"
_ALONE = frozenset({"private", "terminal"})


@dataclass(frozen=True, slots=True)
class Importable:
    """An entry that can be subscribed: what it asks for, and the source that brings it, if its address says so."""

    entry: ListEntry
    draft: SubscriptionDraft
    query: Query
    source: str


@dataclass(frozen=True, slots=True)
class NotImported:
    """An entry that can't be subscribed, and why."""

    entry: ListEntry
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What importing a list would do: `there` entries are subscribed already, `repeated` ones are in it twice.

    Together the new ones match `papers` of the last `days` days, which are 0 while that isn't known.
    """

    new: tuple[Importable, ...]
    there: int
    repeated: int
    refused: tuple[NotImported, ...]
    papers: int = 0
    days: int = 0

    @property
    def text(self) -> str:
        """The new ones as a list that `plan_import` reads back."""
        return "\n".join(f"{new.draft.text} {new.draft.options}".strip() for new in self.new)


# --- what it would do --------------------------------------------------------------------------------------------


async def plan_import(context: Context, caller: Caller, text: str) -> ImportPlan:
    """What importing a list would do here; raises CommandError for one that can't be read."""
    entries = await read_entries(text, caller.texts)
    async with context.store.read() as unit:
        states = await unit.sources.all()
    feeds = frozenset(_bare(state.part) for state in states if state.source == _FEEDS and _FEEDS in context.sources)
    reader = _ListReader(context, caller, feeds)
    for entry in entries:
        try:
            await reader.read(entry)
        except (CommandError, QueryError) as error:
            why = sentence(error, caller.texts) if isinstance(error, QueryError) else str(error)
            reader.refused.append(NotImported(entry, why))
    papers, days = await _expected(context, [new.query for new in reader.new])
    return ImportPlan(
        new=tuple(reader.new),
        there=reader.there,
        repeated=reader.repeated,
        refused=tuple(reader.refused),
        papers=papers,
        days=days,
    )


async def _expected(context: Context, queries: Sequence[Query]) -> tuple[int, int]:
    """How many papers of how many days match any of these queries; no days while that can't be counted."""
    by_words = {
        query.key: query for query in queries if query.like is None and query.upvotes is None and not query.list
    }
    try:
        if not await are_first_days_read(context):
            return 0, 0
        async with context.store.search() as unit:
            window = await counted_days(unit)
            if window is None:
                return 0, 0
            papers = await unit.search.papers_of(by_words, since=window[0])
    except StoreBusy:
        return 0, 0
    return len(set().union(*papers.values())), window[1]


@dataclass
class _ListReader:
    """What has been read of a list so far.

    `feeds` are the addresses that the operator has collected. `places` are those that entries name, or why one can't
    be used; `owned` what is subscribed at each, and `left` how many subscriptions each owner may still add.
    """

    context: Context
    caller: Caller
    feeds: frozenset[str]
    new: list[Importable] = field(default_factory=list)
    refused: list[NotImported] = field(default_factory=list)
    there: int = 0
    repeated: int = 0
    places: dict[str, Place | str] = field(default_factory=dict)
    owned: dict[_Address, list[Subscription]] = field(default_factory=dict)
    left: dict[_Address, int] = field(default_factory=dict)
    read_before: set[tuple[_Address, str]] = field(default_factory=set)

    async def read(self, entry: ListEntry) -> None:
        """Take in an entry; raises CommandError or QueryError if it can't be subscribed, which says why."""
        draft, source = self._draft(entry)
        query = await self._query(draft, source)
        place = await self._place(draft.to)
        check_followed(self.context, query, place, self.caller.texts)
        address = (place.channel, place.address)
        if (address, query.key) in self.read_before:
            self.repeated += 1
            return
        self.read_before.add((address, query.key))
        await self._count(place)
        if any(people.asks(subscription, query) for subscription in self.owned[address]):
            self.there += 1
            return
        owner = _owner(place)
        if self.left[owner] < 1:
            limit = self.caller.texts.number(self.context.max_subscriptions)
            raise CommandError(
                self.caller.texts.gettext("That would be more than %(limit)s subscriptions, the maximum.", limit=limit)
            )
        self.left[owner] -= 1
        self.new.append(Importable(entry, draft, query, source))

    def _draft(self, entry: ListEntry) -> tuple[SubscriptionDraft, str]:
        """What an entry asks for, and the source that its address says brings it."""
        texts = self.caller.texts
        if not is_address(entry.text):
            return read_draft(entry.text, {}, texts), ""
        if _bare(entry.text) in self.feeds:
            if not entry.title:
                raise CommandError(
                    texts.gettext('This feed is collected here. Subscribe to it by its name: source:"Name of the feed"')
                )
            return SubscriptionDraft(text=f'source:"{entry.title.replace(chr(34), " ")}"'), _FEEDS
        feed = read_address(entry.text, texts)
        if feed is None:
            raise CommandError(texts.gettext("This feed isn't collected here."))
        if feed.source and feed.source not in self.context.sources:
            # Translators: %(source)s is the name of a source of papers.
            raise CommandError(texts.gettext("%(source)s isn't collected here.", source=feed.source))
        return SubscriptionDraft(text=feed.text), feed.source

    async def _query(self, draft: SubscriptionDraft, source: str) -> Query:
        texts, query = self.caller.texts, parse(draft.text)
        check_occasions(query, draft.occasions, texts)
        bounds = query.bounds() if source != _PREPRINTS else ()
        missing = uncollected(bounds, self.context.followed)
        if bounds and len(missing) == len(bounds):
            names = texts.listed(missing[:MOST_NAMED])
            raise CommandError(
                texts.ngettext(
                    "%(names)s isn't collected here.", "%(names)s aren't collected here.", len(missing), names=names
                )
            )
        return await resolved_query(self.context, self.caller, query)

    async def _place(self, to: str) -> Place:
        """The place that papers go to, looked up once for each that is named."""
        if to not in self.places:
            try:
                self.places[to] = await place_to(self.context, self.caller, to)
            except CommandError as error:
                self.places[to] = str(error)
        place = self.places[to]
        if isinstance(place, str):
            raise CommandError(place)
        return place

    async def _count(self, place: Place) -> None:
        """Look up, once for each place, what is subscribed there and how many its owner may add."""
        address, owner = (place.channel, place.address), _owner(place)
        if address in self.owned:
            return
        async with self.context.store.read() as unit:
            stored = await unit.places.at(place)
            self.owned[address] = await unit.subscriptions.of_place(stored.number) if stored else []
            person = await unit.people.person_of(self.caller.actor)
            own = await unit.subscriptions.of_person(person.number) if person else []
        count = len(self.owned[address] if place.is_shared else own)
        self.left.setdefault(owner, max(self.context.max_subscriptions - count, 0))


def _owner(place: Place) -> _Address:
    """Whose subscriptions to a place are: the shared place itself, or the one person who asks."""
    return (place.channel, place.address) if place.is_shared else ("", "")


def _bare(address: str) -> str:
    """An address without what two spellings of it differ in."""
    return re.sub(r"^(?:feed:)?(?://)?(?:https?://)?(?:www\.)?", "", address.strip(), flags=re.IGNORECASE).rstrip("/")


# --- doing it, and taking it back --------------------------------------------------------------------------------


async def import_list(context: Context, caller: Caller, text: str) -> tuple[ImportPlan, list[Subscription]]:
    """Subscribe to all of a list that isn't subscribed yet: what was planned, and what was added."""
    plan = await plan_import(context, caller, text)
    refused, added = list(plan.refused), list[Subscription]()
    for batch in _batches(plan.new):
        try:
            results = await add_subscriptions(context, caller, [new.draft for new in batch])
        except CommandError as error:  # another request took the last one that its owner may have
            refused += [NotImported(new.entry, str(error)) for new in batch]
        else:
            added += [result.subscription for result in results if result.before is None]
    return replace(plan, refused=tuple(refused)), added


def _batches(new: Sequence[Importable]) -> Iterator[Sequence[Importable]]:
    """Those for one place in parts, so that no transaction keeps others waiting for long."""
    by_place: dict[str, list[Importable]] = {}
    for each in new:
        by_place.setdefault(each.draft.to, []).append(each)
    for group in by_place.values():
        for start in range(0, len(group), _SUBSCRIPTIONS_PER_TRANSACTION):
            yield group[start : start + _SUBSCRIPTIONS_PER_TRANSACTION]


async def take_back_import(context: Context, caller: Caller, numbers: Sequence[str]) -> list[Subscription]:
    """Delete the subscriptions that an import added, those that are still there; as they were."""
    there = []
    for number in numbers:
        with suppress(CommandError):
            there.append(await people.changeable(context, caller, number))
    for start in range(0, len(there), _SUBSCRIPTIONS_PER_TRANSACTION):
        async with context.store.write() as unit:
            for subscription in there[start : start + _SUBSCRIPTIONS_PER_TRANSACTION]:
                await unit.subscriptions.delete(subscription.number)
    return there


# --- a list to take along ----------------------------------------------------------------------------------------


def list_line(subscription: Subscription, to: str = "") -> str:
    """A subscription as a line of a list, or as the words of `/subscribe`, with nothing of the person whose it is."""
    occasions = frozenset() if subscription.occasions == ARRIVAL else subscription.occasions
    options = options_of(subscription.name, subscription.cadence, occasions, to)
    return f"{' '.join(subscription.text.split())} {options}".strip()


def options_of(name: str, cadence: str, occasions: frozenset[str], to: str = "") -> str:
    """The options of `/subscribe` as they are typed after the query."""
    values = {"to": to, "name": name.replace('"', "'"), "when": cadence}
    words = [f'{option}:"{value}"' for option, value in values.items() if value]
    words += [f"occasions:{','.join(sorted(occasions))}"] if occasions else []
    return " ".join(words)


async def list_file(context: Context, actor: Actor) -> Attachment | None:
    """A person's own subscriptions as a list that `/import` reads, None if there are none.

    Those that don't go to their private chat on this channel say where to.
    """
    async with context.store.read() as unit:
        person = await unit.people.person_of(actor)
        subscriptions = await unit.subscriptions.of_person(person.number) if person else []
    places = await places_of(context, subscriptions)
    lines = []
    for subscription in subscriptions:
        goes = [places[number] for number in subscription.destinations if number in places]
        is_usual = not goes or any(place.channel == actor.channel and place.kind in _ALONE for place in goes)
        to = "" if is_usual else f"{goes[0].channel}:{goes[0].address}"
        lines.append(f"{list_line(subscription, to)}\n")
    return Attachment("subscriptions.txt", "text/plain", "".join(lines).encode()) if lines else None
