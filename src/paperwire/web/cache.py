"""Ready feeds in memory: made once, valid until the store's content changes, never holding a token."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from paperwire.feeds.entries import TOKEN_HOLE, Feed
from paperwire.feeds.render import MEDIA_TYPES, FeedFormat, render
from paperwire.ports.options import Now
from paperwire.web.http import Payload, Seal, digest_of

Load: TypeAlias = "Callable[[], Awaitable[Feed | None]]"

_HOLE = TOKEN_HOLE.encode()
_RENDERED_AT_ONCE = 2
"""A feed of 2,000 papers takes half a second of a processor and 40 MB while it is rendered."""


class Stamp:
    """The store's content sequence, read again after a commit of this process and at most once a second otherwise.

    `commits` counts the commits of this process at no cost; other processes' are seen within a second.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[int]],
        commits: Callable[[], int],
        *,
        clock: Callable[[], float] = time.monotonic,
        every: float = 1.0,
    ) -> None:
        self._read = read
        self._commits = commits
        self._clock = clock
        self._every = every
        self._seen = -1
        self._until = 0.0
        self._value = 0

    async def current(self) -> int:
        """A number that differs from an earlier one if anything a reader could see has changed since."""
        commits = self._commits()
        if commits != self._seen or self._clock() >= self._until:
            # Both are noted before the database is asked: what commits meanwhile is looked at next time.
            until = self._clock() + self._every
            self._value = await self._read()
            self._seen, self._until = commits, until
        return self._value


@dataclass(slots=True)
class Known:
    """What is remembered of one feed in one format, with or without its bytes.

    `fingerprint` is the hash of the values it was rendered from.
    """

    stamp: int
    fingerprint: int
    seal: Seal


class ReadyFeeds:
    """Rendered feeds by key; the bytes least recently asked for go first, their validators stay far longer.

    A feed whose values turn out equal after a change elsewhere is not rendered again. `limit` is in bytes of
    bodies, packed forms included by estimate; `known` is a number of feeds. `now` dates what changed: a paper that
    joins a day does not make the latest `updated` of a feed any later, so that cannot be its `Last-Modified`.
    """

    def __init__(self, stamp: Stamp, now: Now, *, limit: int = 128 * 1024 * 1024, known: int = 200_000) -> None:
        self._stamp = stamp
        self._now = now
        self._turn = asyncio.Semaphore(_RENDERED_AT_ONCE)
        self._limit = limit
        self._most = known
        self._known: OrderedDict[Hashable, Known] = OrderedDict()
        self._bodies: OrderedDict[Hashable, Payload] = OrderedDict()
        self._weight = 0
        self._busy: dict[Hashable, asyncio.Task[Known | None]] = {}

    async def is_current(self, key: Hashable) -> bool:
        """Whether a look at this feed takes no query now."""
        known = self._known.get(key)
        return known is not None and known.stamp == await self._stamp.current()

    async def look(self, key: Hashable, kind: FeedFormat, cache: str, load: Load) -> Known | None:
        """The feed's validators as of now; None if the feed is unknown. Takes no query while nothing changed."""
        stamp = await self._stamp.current()
        known = self._known.get(key)
        if known is not None and known.stamp == stamp:
            self._known.move_to_end(key)
            return known
        return await self._once(key, lambda: self._renew(key, kind, cache, load, stamp))

    async def body(self, key: Hashable, kind: FeedFormat, cache: str, load: Load) -> Payload | None:
        """The bytes of a feed just looked at; None if it has gone."""
        body = self._bodies.get(key)
        if body is None:
            stamp = await self._stamp.current()
            await self._once(("bytes", key), lambda: self._renew(key, kind, cache, load, stamp, render_again=True))
            return self._bodies.get(key)
        self._bodies.move_to_end(key)
        return body

    async def _once(self, key: Hashable, make: Callable[[], Coroutine[None, None, Known | None]]) -> Known | None:
        """Readers who ask for the same feed at the same moment wait for one rendering."""
        task = self._busy.get(key)
        if task is None:
            task = asyncio.create_task(make())
            self._busy[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    def _finished(self, key: Hashable, task: asyncio.Task[Known | None]) -> None:
        del self._busy[key]
        if not task.cancelled():
            task.exception()  # seen here, as every reader who waited for it may have gone

    async def _renew(  # noqa: PLR0913 -- what `look` was asked, and the stamp read before the feed
        self, key: Hashable, kind: FeedFormat, cache: str, load: Load, stamp: int, *, render_again: bool = False
    ) -> Known | None:
        feed = await load()
        known = self._known.get(key)
        if feed is None:
            self._known.pop(key, None)
            self._forget(key)
            return None
        fingerprint = hash(feed)
        if known is None or known.fingerprint != fingerprint or render_again:
            body = await self._rendered(feed, kind, cache, known)
            known = Known(stamp, fingerprint, body.seal)
            self._keep(key, body)
        known.stamp = stamp
        self._known[key] = known
        self._known.move_to_end(key)
        if len(self._known) > self._most:
            self._forget(self._known.popitem(last=False)[0])
        return known

    async def _rendered(self, feed: Feed, kind: FeedFormat, cache: str, known: Known | None) -> Payload:
        changed = self._now().replace(microsecond=0)
        if known is not None and known.seal.updated is not None:
            # a second of its own: who asks by date alone would miss the change
            changed = max(changed, known.seal.updated + timedelta(seconds=1))
        hole = _HOLE if TOKEN_HOLE in feed.address else b""

        def make() -> Payload:
            content = render(feed, kind)
            updated = known.seal.updated if known is not None and known.seal.digest == digest_of(content) else changed
            return Payload(content, MEDIA_TYPES[kind], cache=cache, updated=updated, hole=hole)

        async with self._turn:
            # In a thread: chats and other readers would wait otherwise.
            return await asyncio.to_thread(make)

    def _keep(self, key: Hashable, body: Payload) -> None:
        self._forget(key)
        self._bodies[key] = body
        self._weight += body.weight
        while self._weight > self._limit and len(self._bodies) > 1:
            self._forget(next(iter(self._bodies)))

    def _forget(self, key: Hashable) -> None:
        body = self._bodies.pop(key, None)
        if body is not None:
            self._weight -= body.weight
