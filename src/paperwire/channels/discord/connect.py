"""How Discord is reached: clients of discord.py that share one pace, for all places together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import yarl
from discord import http
from discord.gateway import DiscordWebSocket

from paperwire.errors import Retry

if TYPE_CHECKING:
    from collections.abc import Callable

REQUESTS_PER_SECOND = 40
"""All places together; Discord's own figure is 50, as they arrive. Answers to interactions do not count."""

INVALID_MOST = 5000
"""Answers of 401, 403 and 429 in ten minutes after which nothing is asked; at 10,000 Discord bans the address."""

LONGEST_WAIT = 30.0
"""Seconds that the library may wait inside a call for a place's turn; the outbox waits out what takes longer."""

_RETRYING = "Attempting a reconnect"
_WINDOW = 600.0
_GOODBYE = 2.0


class Gate:
    """What all requests of one token pass: an even pace, and a stop before Discord takes offence.

    `clock` is monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._queue = asyncio.Lock()
        self._sent: deque[float] = deque(maxlen=REQUESTS_PER_SECOND)
        self._held_until = 0.0
        self._invalid: deque[float] = deque()

    async def turn(self) -> None:
        """Return when the next request may go; raises Retry where that is too far away to wait for."""
        now = self._clock()
        while self._invalid and self._invalid[0] <= now - _WINDOW:
            self._invalid.popleft()
        if len(self._invalid) >= INVALID_MOST:
            after = self._invalid[0] + _WINDOW - now
            raise Retry("too many requests were refused; waiting to keep the address", after, everywhere=True)
        if self._held_until > now:
            raise Retry("Discord holds back the whole bot", self._held_until - now, everywhere=True, asked=True)
        async with self._queue:  # by what really went out: a process that was held up must not make up for it
            while (wait := self._until_next()) > 0:  # noqa: ASYNC110  time itself is waited for
                await asyncio.sleep(wait)
            self._sent.append(self._clock())

    def _until_next(self) -> float:
        if not self._sent:
            return 0.0
        second = self._sent[0] + 1.0 if len(self._sent) == self._sent.maxlen else 0.0
        return max(self._sent[-1] + 1 / REQUESTS_PER_SECOND, second) - self._clock()

    def seen(self, response: aiohttp.ClientResponse) -> None:
        """Take note of an answer: one more that counts against us, or a rest for the whole bot."""
        headers = response.headers
        if response.status in {401, 403, 429} and headers.get("X-RateLimit-Scope") != "shared":
            self._invalid.append(self._clock())
        if response.status == 429 and headers.get("X-RateLimit-Global"):
            with suppress(ValueError):
                self._held_until = self._clock() + float(headers.get("Retry-After", 1))

    def trace(self) -> aiohttp.TraceConfig:
        """What tells this gate of every answer that an HTTP session gets."""
        config = aiohttp.TraceConfig()

        async def ended(_session: Any, _context: Any, params: aiohttp.TraceRequestEndParams) -> None:
            self.seen(params.response)

        config.on_request_end.append(ended)
        return config


class Bucket(http.Ratelimit):
    """A place's limit that, once used up, hands over the last answer at once and rests afterwards.

    The library rests first: for seconds nobody would know that a message is out, and a crash would send it again.
    """

    __slots__ = ()

    async def __aexit__(self, *leaving: Any) -> None:  # noqa: PYI036  handed on as it came
        """Leave; what waits for the same place is woken when the rest is over."""
        resting = asyncio.create_task(super().__aexit__(*leaving))
        _RESTING.add(resting)
        resting.add_done_callback(_RESTING.discard)
        await asyncio.sleep(0)


_RESTING: set[asyncio.Task[None]] = set()


def client_settings(gate: Gate) -> dict[str, Any]:
    """What every client of ours is made with: nothing is cached but servers and their channels, nobody is pinged."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody speaks here
    return {
        "intents": discord.Intents(guilds=True),
        "allowed_mentions": discord.AllowedMentions.none(),
        "max_messages": None,
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "max_ratelimit_timeout": LONGEST_WAIT,
        "http_trace": gate.trace(),
    }


def point_at(api_url: str) -> None:
    """Let discord.py use the API at `api_url`, in the whole process: the library knows no other way."""
    http.Route.BASE = api_url.rstrip("/")
    http.Ratelimit = Bucket  # type: ignore[misc]  # the library has no place to name another kind


async def find_gateway(client: discord.Client) -> None:
    """Ask the API where the gateway is, and let discord.py use that, in the whole process."""
    answer = await client.http.request(http.Route("GET", "/gateway"))
    logging.getLogger("discord.client").addFilter(_QUIET)
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(answer["url"])


class _Quiet(logging.Filter):
    """Passes over the traceback that the library logs at each try to connect; the line's state says it once."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(_RETRYING)


_QUIET = _Quiet()


async def hang_up(client: discord.Client) -> None:
    """Close a client for good, without waiting long for a gateway that does not say goodbye."""
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(_GOODBYE):
            await client.close()
    await client.http.close()


class Rest:
    """The API without the gateway: logs in at the first request, and again after a failure."""

    def __init__(self, token: str, api_url: str, gate: Gate, *, timeout: float) -> None:
        self._token = token
        self._api_url = api_url
        self._gate = gate
        self._timeout = timeout
        self._client: discord.Client | None = None
        self._logging_in = asyncio.Lock()

    async def client(self) -> discord.Client:
        """A client that is logged in; raises one of `faults.TROUBLES`."""
        async with self._logging_in:
            if self._client is None:
                point_at(self._api_url)
                client = discord.Client(**client_settings(self._gate))
                try:
                    async with asyncio.timeout(self._timeout):
                        await client.login(self._token)
                except BaseException:
                    await hang_up(client)
                    raise
                self._client = client
        return self._client

    async def close(self) -> None:
        """Give back connections."""
        if self._client is not None:
            await hang_up(self._client)
            self._client = None
