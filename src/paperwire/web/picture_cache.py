"""Fetches teaser pictures, each once for all readers of a process, and keeps them in memory and on disk.

Fetched is only the public internet, without following a redirect, and a picture is what its first bytes say.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import TypeVar
from weakref import WeakValueDictionary

import httpx
import structlog

from paperwire.network import Network, capped, why
from paperwire.ports.options import Now
from paperwire.services.limits import Bucket
from paperwire.web.picture_files import LARGEST, PictureFolder, kind_of

log = structlog.get_logger(__name__)
T = TypeVar("T")

_TIMEOUT = 15.0  # seconds for one picture in all
_TOGETHER, _MOST_WAITED_FOR = 4, 40
"""Pictures fetched at the same time, and those fetched or waiting for that."""
PICTURE_RATE = (60, 120)
"""Pictures fetched in a minute and at once."""
_IN_MEMORY = 32
_FAILURES = 10_000
_TRY_AGAIN = timedelta(hours=1)


class NoPicture(Exception):
    """An address has no picture that may be shown; the text says why."""


class TooManyPictures(Exception):
    """More pictures are asked for than are fetched."""


class Pictures:
    """Pictures by their addresses, from memory, from the folder or fetched, by all readers of this process once.

    `transport` is the way out where it is not that of `network`.
    """

    def __init__(
        self,
        folder: PictureFolder,
        *,
        network: Network,
        agent: str,
        now: Now,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._folder, self._network, self._now = folder, network, now
        self._headers = {
            "User-Agent": agent,
            "Accept": "image/webp,image/png,image/jpeg",
            "Accept-Encoding": "identity",
        }
        self._transport = transport or network.pinned()
        self._together = asyncio.Semaphore(_TOGETHER)
        self._starts, self._waited_for = Bucket(*PICTURE_RATE), 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._last: OrderedDict[str, tuple[bytes, datetime]] = OrderedDict()
        self._failed: OrderedDict[str, datetime] = OrderedDict()

    async def get(self, address: str) -> bytes:
        """The picture at an address; raises NoPicture, which is remembered for an hour, and TooManyPictures."""
        lock = self._locks.get(address) or asyncio.Lock()
        self._locks[address] = lock
        async with lock:
            if content := self._remembered(address):
                return content
            content = await asyncio.to_thread(self._folder.get, address)
            if content is None:
                content = await self._fetched(address)
            _remember(self._last, address, (content, self._now()), _IN_MEMORY)
            return content

    async def close(self) -> None:
        await self._transport.aclose()

    def _remembered(self, address: str) -> bytes | None:
        """What is in memory of an address; raises NoPicture."""
        content, fetched_at = self._last.get(address, (None, None))
        if self._is_recent(fetched_at):
            return content
        if self._is_recent(self._failed.get(address)):
            raise NoPicture("failed a short time ago")
        return None

    def _is_recent(self, at: datetime | None) -> bool:
        return at is not None and abs(self._now() - at) < _TRY_AGAIN

    async def _fetched(self, address: str) -> bytes:
        if self._waited_for >= _MOST_WAITED_FOR or self._starts.take("", self._now()):
            raise TooManyPictures
        self._waited_for += 1
        try:
            async with self._together, asyncio.timeout(_TIMEOUT):
                content = await self._fetch(address)
        except (NoPicture, ValueError, TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            reason = why(error) if isinstance(error, TimeoutError | httpx.HTTPError) else str(error)
            log.info("no picture", address=address, reason=reason)
            _remember(self._failed, address, self._now(), _FAILURES)
            raise NoPicture(reason) from None
        finally:
            self._waited_for -= 1
        try:
            await asyncio.to_thread(self._folder.put, address, content)
        except OSError as error:
            log.warning("picture not kept", problem=error.strerror or str(error))
        return content

    async def _fetch(self, address: str) -> bytes:
        timeouts = {"timeout": httpx.Timeout(_TIMEOUT).as_dict()}
        request = httpx.Request("GET", address, headers=self._headers, extensions=timeouts)
        await self._network.pin(request)
        response = await self._transport.handle_async_request(request)
        try:
            if response.status_code != httpx.codes.OK:
                raise NoPicture(f"HTTP {response.status_code}")
            content = await capped(response.aiter_raw(), LARGEST)
        finally:
            await response.aclose()
        if content is None:
            raise NoPicture(f"more than {LARGEST // 1000} kB")
        if not kind_of(content):
            raise NoPicture("neither PNG, JPEG nor WebP")
        return content


def _remember(memory: OrderedDict[str, T], address: str, value: T, most: int) -> None:
    memory[address] = value
    memory.move_to_end(address)
    if len(memory) > most:
        memory.popitem(last=False)
