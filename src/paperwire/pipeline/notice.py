"""Telling people what no paper tells: that a place of theirs is closed to us, and what could not be sent there."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import structlog

from paperwire.core.messages.card import shown_title
from paperwire.core.messages.message import Message, Span
from paperwire.core.papers.identity import page_url
from paperwire.core.text.clean import clean, safe_url
from paperwire.errors import Gone, Rejected, Retry, SendError, StoreError, Unknown
from paperwire.wording import places as wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paperwire.core.messages.message import Line
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.ports import Channel
    from paperwire.store.outbox.given_up import Untold
    from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

GATHER = 5.0
"""Seconds in which closed places are gathered into one message: whoever leaves a server closes many at once."""
LAST_WORDS = 3.0
"""When the process is asked to stop, so many seconds are left for what was gathered."""
_SHOWN = 20
_LONGEST_TITLE = 100
_LONGEST_REASON = 60
_TRIES = 3
_LONGEST_WAIT = 60.0

Closed: TypeAlias = "tuple[Destination, str]"
"""A place and why it was closed."""


class Notices:
    """Tells owners of closed places, gathered and once, and places that work again what was given up there.

    No paper depends on the former, so nothing of it is stored. Of the latter the store knows what was told.
    """

    def __init__(self, store: Store, channels: Mapping[str, Channel]) -> None:
        self._store = store
        self._channels = channels
        self._untold: defaultdict[str, set[int]] = defaultdict(set)
        self._closed: defaultdict[int, list[Closed]] = defaultdict(list)
        self._stopping = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None

    def closed(self, place: Destination, reason: str) -> None:
        """Have the owner of `place` told soon."""
        self._closed[place.owner].append((place, reason))
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())

    async def look(self, kind: str) -> None:
        """Learn which places of a channel have not been told what was given up there; raises StoreError."""
        async with self._store.read() as unit:
            self._untold[kind] = await unit.given_up.untold_places(kind)

    def gave_up(self, place: Destination) -> None:
        """Have `place` told, when it works again, of a delivery that has just been given up there."""
        self._untold[place.channel].add(place.number)

    async def works_again(self, place: Destination) -> None:
        """Tell a place that a message has just reached what was given up there, once.

        Costs nothing where nothing was. What goes wrong is logged, and tried again after the next `look`.
        """
        if place.number not in self._untold[place.channel]:
            return
        self._untold[place.channel].discard(place.number)
        try:
            await self._tell_given_up(place)
        except (SendError, StoreError) as error:
            _log.warning("place not told what was given up", place=place.number, problem=str(error))
        except Exception:  # noqa: BLE001 -- whatever a library raises, the place's papers go on
            _log.exception("place not told what was given up", place=place.number)

    async def _tell_given_up(self, place: Destination) -> None:
        async with self._store.read() as unit:
            given_up = await unit.given_up.untold(place.number)
        if not given_up:
            return
        channel = self._channels[place.channel]
        try:
            await channel.turn(place.address)
            await channel.send(place.address, _given_up_message(place, given_up))
        except (Rejected, Unknown) as error:  # it would be refused again, or may have arrived
            _log.warning("place perhaps not told what was given up", place=place.number, problem=str(error))
        async with self._store.write() as unit:
            await unit.given_up.told(place.number, [one.key for one in given_up])

    async def shut_down(self) -> None:
        """Tell what was gathered, if that is quickly done."""
        self._stopping.set()
        if self._telling is not None:
            await asyncio.wait({self._telling}, timeout=LAST_WORDS)
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell_all(self) -> None:
        while self._closed:
            await self._pause(GATHER)
            closed, self._closed = self._closed, defaultdict(list)
            await asyncio.gather(*(self._tell(owner, places) for owner, places in closed.items()))

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _tell(self, owner: int, closed: Sequence[Closed]) -> None:
        """Try the owner's private chats, those on the channel of the first closed place first."""
        message = _message(closed)
        try:
            for place in await self._private(owner, closed[0][0].channel):
                try:
                    if await self._send(place, message):
                        return
                except Gone as error:
                    _log.warning("place closed", channel=place.channel, place=place.number, problem=str(error))
                    async with self._store.write() as unit:
                        await unit.outbox.pause(place.number, str(error))
        except (SendError, StoreError) as error:
            _log.warning("owner not told", owner=owner, places=len(closed), problem=str(error))
        else:
            _log.info("owner not told", owner=owner, places=len(closed))

    async def _private(self, owner: int, channel: str) -> list[Destination]:
        async with self._store.read() as unit:
            places = await unit.people.destinations_of(owner)
        fit = [
            place
            for place in places
            if place.kind == "private" and place.owner == owner and not place.paused and place.channel in self._channels
        ]
        return sorted(fit, key=lambda place: place.channel != channel)

    async def _send(self, place: Destination, message: Message) -> bool:
        """Whether it went out; raises SendError where another try would be of no use."""
        channel = self._channels[place.channel]
        for _ in range(_TRIES):
            try:
                await channel.turn(place.address)
                await channel.send(place.address, message)
            except Retry as error:
                await self._pause(min(error.after, _LONGEST_WAIT))
            else:
                return True
        return False


def _message(closed: Sequence[Closed]) -> Message:
    lines = [wording.closed_place(_name(place), clean(reason, 200)) for place, reason in closed[:_SHOWN]]
    if len(closed) > _SHOWN:
        lines.append(wording.and_more(len(closed) - _SHOWN))
    told = "closed " + " ".join(str(place.number) for place, _ in closed)
    return Message(
        head=((Span(wording.closed_places(len(closed)), "bold"),), *((Span(line),) for line in lines)),
        foot=((Span(wording.HOW_TO_OPEN),),),
        key=hashlib.sha256(told.encode()).hexdigest(),
    )


def _given_up_message(place: Destination, given_up: Sequence[Untold]) -> Message:
    papers = list({one.paper.number: one for one in given_up}.values())
    count = "1 paper" if len(papers) == 1 else f"{len(papers):,} papers"
    lines = [_given_up_line(one) for one in papers[:_SHOWN]]
    if len(papers) > _SHOWN:
        lines.append((Span(wording.and_more(len(papers) - _SHOWN)),))
    told = f"given up {place.number} " + " ".join(f"{one.paper.number}:{one.key[1].code}" for one in given_up)
    return Message(
        head=((Span(f"{count} could not be sent:", "bold"),), *lines),
        key=hashlib.sha256(told.encode()).hexdigest(),
        silent=True,
    )


def _given_up_line(one: Untold) -> Line:
    """A paper's title, linked to its page, and what the platform said."""
    reason = clean(one.reason, _LONGEST_REASON)
    about = (Span(f" ({reason})"),) if reason else ()
    return (Span(clean(shown_title(one.paper), _LONGEST_TITLE), url=safe_url(page_url(one.paper))), *about)


def _name(place: Destination) -> str:
    return clean(place.title, 60) or wording.a_place(place.kind, place.channel)
