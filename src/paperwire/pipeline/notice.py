"""Notices: tell managers which of their places are closed, and places what couldn't be sent there."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypeAlias

import structlog

from paperwire.core.deliveries.ledger import Unreported
from paperwire.core.messages.card import shown_title
from paperwire.core.messages.closed import pause_reason, remedy
from paperwire.core.messages.digests import and_more
from paperwire.core.messages.message import Button, Line, Message, Span
from paperwire.core.papers.identity import page_url
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.text.clean import clean, safe_url
from paperwire.errors import Gone, Rejected, Retry, SendError, StoreError, Unknown
from paperwire.ports.callers import Actor
from paperwire.ports.channels import Channel, Conversation, channel_label
from paperwire.store.unit import Store, Unit
from paperwire.texts import Texts, texts_in

_log = structlog.get_logger(__name__)

GATHER = 5.0
"""Seconds in which closed places are gathered into one message: leaving a server closes many at once."""
LAST_WORDS = 3.0
"""Seconds for the gathered notices when the process stops."""
_SHOWN = 20
_LONGEST_TITLE = 100
_TRIES = 3
_LONGEST_WAIT = 60.0
_ALONE = frozenset({"private", "mailbox", "terminal"})
"""The kinds of places where their owner reads alone, and not a program."""

ClosedPlace: TypeAlias = "tuple[StoredPlace, str]"
"""A place and why it was closed, as it is stored."""
Leave: TypeAlias = "Callable[[StoredPlace], Button | None]"
"""The way out of a place that its messages show; None where they need none."""


class Notices:
    """Notifies managers of closed places, gathered and once, and places that work again of what was given up there.

    Managers are those who have or added subscriptions at a place, and its owner. Each is written to where they read
    alone, in their own language; also where they have never written, if the platform allows that. The operator's
    status counts all closed places, noticed by their managers or not.

    No paper depends on the former, so nothing of it is stored; the store knows which of the latter were reported.
    `leave` gives each message to a place its way out.
    """

    def __init__(self, store: Store, channels: Mapping[str, Channel], *, leave: Leave = lambda _place: None) -> None:
        self._store = store
        self._channels = channels
        self._leave = leave
        self._unreported: defaultdict[str, set[int]] = defaultdict(set)
        self._closed: list[ClosedPlace] = []
        self._stopping = asyncio.Event()
        self._notifying: asyncio.Task[None] | None = None

    def closed(self, place: StoredPlace, reason: str) -> None:
        """Notify the managers of `place` soon."""
        self._closed.append((place, reason))
        if self._notifying is None or self._notifying.done():
            self._notifying = asyncio.create_task(self._notify_all())

    def reopened(self, places: Collection[int]) -> None:
        """Don't report places that were closed wrongly, unless they were reported already."""
        self._closed = [(place, reason) for place, reason in self._closed if place.number not in places]

    async def look(self, kind: str) -> None:
        """Load which places of a channel have given up deliveries to report; raises StoreError."""
        async with self._store.read() as unit:
            self._unreported[kind] = await unit.given_up.places_with_unreported(kind)

    def gave_up(self, place: StoredPlace) -> None:
        """Report a delivery that has just been given up at `place`, once it works again."""
        self._unreported[place.channel].add(place.number)

    async def works_again(self, place: StoredPlace) -> None:
        """Report to a place that a message has just reached what was given up there, once.

        Costs nothing where nothing was given up. Errors are logged; the next `look` makes it try again.
        """
        if place.number not in self._unreported[place.channel]:
            return
        self._unreported[place.channel].discard(place.number)
        try:
            await self._report_given_up(place)
        except (SendError, StoreError) as error:
            _log.warning("given up deliveries not reported", place=place.number, problem=str(error))
        except Exception:  # noqa: BLE001 -- whatever a library raises, the place's papers go on
            _log.exception("given up deliveries not reported", place=place.number)

    async def _report_given_up(self, place: StoredPlace) -> None:
        async with self._store.read() as unit:
            given_up = await unit.given_up.unreported(place.number)
            texts = await _texts_of(unit, place.owner)
            current, now = await unit.places.get(place.number), unit.now
        if not given_up or current is None or current.paused or current.quiet_until(now):
            return  # changed while its papers went out
        place = current
        channel = self._channels[place.channel]
        try:
            await channel.wait_for_slot(place.address)
            message = _given_up_message(place, given_up, texts)
            await channel.send(place.address, replace(message, leave=self._leave(place)))
        except (Rejected, Unknown) as error:  # it would be refused again, or may have arrived
            _log.warning("given up deliveries perhaps not reported", place=place.number, problem=str(error))
        async with self._store.write() as unit:
            await unit.given_up.mark_reported(place.number, [delivery.key for delivery in given_up])

    async def no_threads(self, place: StoredPlace, reason: str) -> None:
        """Open no more threads in a place where we may not, and notify its managers, once; errors are logged."""
        try:
            async with self._store.write() as unit:
                stored = await unit.places.get(place.number)
                if stored is None or stored.threads != "on":
                    return
                await unit.places.update(place.number, threads="refused")
                managers = await unit.places.managers_of(place.number)
        except StoreError as error:
            _log.warning("managers not notified", places=1, problem=str(error))
            return
        for person in managers:
            await self.tell(person, partial(_no_threads_message, stored, reason), first=place.channel)

    async def shut_down(self, *, within: float = LAST_WORDS) -> None:
        """Send what was gathered, in some seconds."""
        self._stopping.set()
        if self._notifying is not None:
            await asyncio.wait({self._notifying}, timeout=within)
            self._notifying.cancel()
            await asyncio.gather(self._notifying, return_exceptions=True)

    async def _notify_all(self) -> None:
        while self._closed:
            await self._pause(GATHER)
            closed, self._closed = self._closed, []
            try:
                by_manager = await self._by_manager(closed)
            except StoreError as error:
                _log.warning("managers not notified", places=len(closed), problem=str(error))
                continue
            await asyncio.gather(*(self._notify(person, places) for person, places in by_manager.items()))

    async def _by_manager(self, closed: Sequence[ClosedPlace]) -> Mapping[int, Sequence[ClosedPlace]]:
        by_manager: defaultdict[int, list[ClosedPlace]] = defaultdict(list)
        async with self._store.read() as unit:
            for place, reason in closed:
                for person in await unit.places.managers_of(place.number):
                    by_manager[person].append((place, reason))
        return by_manager

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _notify(self, person: int, closed: Sequence[ClosedPlace]) -> None:
        await self.tell(person, lambda texts: _closed_message(closed, texts), first=closed[0][0].channel)

    async def tell(self, person: int, words: Callable[[Texts], Message], *, first: str = "") -> bool:
        """Try where a person reads alone: their places, then their accounts, those on the channel `first` before all.

        Returns whether a message reached them; errors are logged.
        """
        try:
            async with self._store.read() as unit:
                message = words(await _texts_of(unit, person))
                # Mail programs hide what has the Message-ID of an earlier mail, and the same words may be due again.
                message = replace(message, key=_key(f"told {person}", unit.now.isoformat()))
                places = [place for place in await unit.places.of_person(person) if place.owner == person]
                accounts = await unit.people.accounts(person)
            for place in sorted(places, key=lambda place: place.channel != first):
                if await self._reaches(place, message):
                    return True
            addresses = {(place.channel, place.address) for place in places}
            for account in sorted(accounts, key=lambda account: account.channel != first):
                if await self._reaches_again(account, message, addresses):
                    return True
        except (SendError, StoreError) as error:
            _log.warning("person not notified", person=person, problem=str(error))
        else:
            _log.info("person not notified", person=person)
        return False

    async def _reaches(self, place: StoredPlace, message: Message) -> bool:
        """Whether a message reached a place where its owner reads alone; raises SendError where that is unknown."""
        if place.kind not in _ALONE or place.paused or place.channel not in self._channels:
            return False
        try:
            message = replace(message, leave=self._leave(place))
            return await self._send(self._channels[place.channel], place.address, message)
        except Gone as error:
            _log.warning("place closed", channel=place.channel, place=place.number, problem=str(error))
            async with self._store.write() as unit:
                await unit.places.pause(place.number, error.why)
            return False

    async def _reaches_again(self, account: Actor, message: Message, addresses: Collection[tuple[str, str]]) -> bool:
        """Whether a message reached someone in private who has not written there; raises as `_reaches` does."""
        channel = self._channels.get(account.channel)
        if not isinstance(channel, Conversation):
            return False
        with suppress(Gone):
            address = await channel.private_address(account)
            return (channel.kind, address) not in addresses and await self._send(channel, address, message)
        return False

    async def _send(self, channel: Channel, address: str, message: Message) -> bool:
        """Whether it was sent; raises SendError where another try is of no use."""
        for _ in range(_TRIES):
            try:
                await channel.wait_for_slot(address)
                await channel.send(address, message)
            except Retry as error:
                await self._pause(min(error.after, _LONGEST_WAIT))
            else:
                return True
        return False


async def _texts_of(unit: Unit, number: int) -> Texts:
    person = await unit.people.get(number)
    return texts_in(person.reads if person else "")


def _closed_message(closed: Sequence[ClosedPlace], texts: Texts) -> Message:
    lines = [_closed_line(place, reason, texts) for place, reason in closed[:_SHOWN]]
    if len(closed) > _SHOWN:
        lines.append(texts.npgettext("chats", "and %(num)s more", "and %(num)s more", len(closed) - _SHOWN))
    if any(place.kind not in {"mailbox", "address"} for place, _ in closed):
        title = texts.ngettext(
            "Papers no longer reach one of your chats:", "Papers no longer reach %(num)s of your chats:", len(closed)
        )
        how = texts.gettext("New papers are kept meanwhile. Once that is done, send /resume there to get them.")
    else:
        title = texts.ngettext(
            "Papers no longer reach one of your addresses:",
            "Papers no longer reach %(num)s of your addresses:",
            len(closed),
        )
        how = texts.gettext("New papers are kept meanwhile. Subscribe the address again to get them.")
    return Message(
        head=((Span(title, "bold"),), *((Span(line),) for line in lines)), foot=((Span(how),),), locale=texts.language
    )


def _closed_line(place: StoredPlace, why: str, texts: Texts) -> str:
    # Translators: %(place)s is a chat or an address, %(reason)s why nothing is sent there: "the bot was removed".
    line = texts.gettext("%(place)s: %(reason)s.", place=_name(place, texts), reason=pause_reason(why, texts))
    return texts.sentences(line, remedy(why, texts))


def _no_threads_message(place: StoredPlace, reason: str, texts: Texts) -> Message:
    title = texts.gettext("No threads can be opened in %(place)s:", place=_name(place, texts))
    how = texts.gettext("Papers still come there. Once that is done, send /style threads on there.")
    return Message(
        # Translators: %(reason)s is a phrase without a capital or full stop, here as a sentence.
        head=((Span(title, "bold"),), (Span(texts.gettext("%(reason)s.", reason=reason)),)),
        foot=((Span(how),),),
        locale=texts.language,
    )


def _given_up_message(place: StoredPlace, given_up: Sequence[Unreported], texts: Texts) -> Message:
    papers = list({delivery.paper.number: delivery for delivery in given_up}.values())
    title = texts.ngettext("%(num)s paper couldn't be sent:", "%(num)s papers couldn't be sent:", len(papers))
    lines = [_given_up_line(delivery, texts) for delivery in papers[:_SHOWN]]
    lines += and_more(len(papers) - _SHOWN, "", texts)
    keys = " ".join(f"{delivery.paper.number}:{delivery.key[1].code}" for delivery in given_up)
    key = _key(f"given up {place.number}", keys)
    return Message(head=((Span(title, "bold"),), *lines), key=key, silent=True, locale=texts.language)


def _key(about: str, what: str) -> str:
    return hashlib.sha256(f"{about} {what}".encode()).hexdigest()


def _given_up_line(delivery: Unreported, texts: Texts) -> Line:
    """A paper's title, linked to its page."""
    return (Span(clean(shown_title(delivery.paper, texts), _LONGEST_TITLE), url=safe_url(page_url(delivery.paper))),)


def _name(place: StoredPlace, texts: Texts) -> str:
    if place.kind == "private":
        return texts.gettext("your chat on %(channel)s", channel=channel_label(place.channel))
    if title := clean(place.title, 60):
        return title
    match place.kind:
        case "group":
            return texts.gettext("a group on %(channel)s", channel=channel_label(place.channel))
        case "channel":
            return texts.gettext("a channel on %(channel)s", channel=channel_label(place.channel))
        case "topic" | "thread":
            return texts.gettext("a thread on %(channel)s", channel=channel_label(place.channel))
    return channel_label(place.channel)
