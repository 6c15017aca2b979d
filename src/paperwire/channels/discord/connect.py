"""Clients of discord.py that share one pace, and requests that record whether they may have been obeyed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import yarl
from discord import http
from discord.gateway import DiscordWebSocket

from paperwire.channels._pace import Budget
from paperwire.errors import Retry
from paperwire.network import Network

PER_SECOND = 49
ALERTS_PER_SECOND = 44
"""All places together; Discord's own figure is 50, as they arrive. Answers to interactions do not count; what alerts
leave is for what people ask besides."""
INVALID_MOST = 5000
"""Answers of 401, 403 and 429 in ten minutes after which nothing is asked; at 10,000 Discord bans the address."""
LONGEST_WAIT = 30.0
"""Seconds that the library may wait inside a call for a place's slot; the outbox waits out what takes longer."""
LOGIN_TIMEOUT = 15.0
"""The longest a login may take, in seconds: messages wait for it."""
_WINDOW = 600.0
_CLOSE_TIMEOUT = 2.0
_WAITING: set[asyncio.Task[None]] = set()


@dataclass
class Attempt:
    """What is known of a message on its way: `may_have_arrived` from its first byte until it is refused.

    `wait_for_slot` is awaited right before a request leaves, after whatever the library waits for. `done` is called
    when it has been answered or never will be.
    """

    wait_for_slot: Callable[[], Awaitable[None]]
    done: Callable[[], None]
    may_have_arrived: bool = False
    on_its_way: bool = False


_CURRENT: ContextVar[Attempt | None] = ContextVar("_CURRENT", default=None)


@contextmanager
def attempt(wait_for_slot: Callable[[], Awaitable[None]], done: Callable[[], None]) -> Iterator[Attempt]:
    """Let requests that are made inside wait for their slot, and fail at the first 429 or 5xx.

    The library would sleep and try again for up to half a minute: longer than a message may take, so that a time-out
    would hide what the answer was, while the place keeps others from theirs.
    """
    current = Attempt(wait_for_slot, done)
    token = _CURRENT.set(current)
    try:
        yield current
    finally:
        _CURRENT.reset(token)


def watch(config: aiohttp.TraceConfig) -> None:
    """Let an HTTP session report to attempts what becomes of its requests."""
    config.on_request_start.append(_begins)
    config.on_request_headers_sent.append(_is_written)
    config.on_request_end.append(_is_answered)
    config.on_request_exception.append(_ends)


async def _begins(*_: Any) -> None:
    if (current := _CURRENT.get()) is not None:
        await current.wait_for_slot()
        current.on_its_way = True


async def _is_written(_session: Any, _context: Any, params: aiohttp.TraceRequestHeadersSentParams) -> None:
    if (current := _CURRENT.get()) is not None:
        current.may_have_arrived = params.method == "POST"


async def _is_answered(_session: Any, _context: Any, params: aiohttp.TraceRequestEndParams) -> None:
    current, response = _CURRENT.get(), params.response
    if current is None:
        return
    await _ends()
    if response.status >= 300:
        current.may_have_arrived = False
    if response.status == 429 or response.status >= 500:
        raise discord.HTTPException(response, await http.json_or_text(response))


async def _ends(*_: Any) -> None:
    current = _CURRENT.get()
    if current is not None and current.on_its_way:
        current.on_its_way = False
        current.done()


class Gate:
    """Paces all requests of one token, and stops them before Discord bans the address.

    `clock` is monotonic, in seconds, and `sleep` waits on it.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._budget = Budget(whole=PER_SECOND, alerts=ALERTS_PER_SECOND, clock=clock, sleep=sleep)
        self._resumes_at = 0.0
        self._invalid: deque[float] = deque()

    async def alert(self) -> None:
        """Return when the next alert may go; raises Retry where that is too far away to wait for."""
        self._check()
        await self._budget.alert()

    async def answer(self) -> None:
        """Return when what a person or a probe waits for may go, before all alerts; raises Retry as `alert` does."""
        self._check()
        await self._budget.answer()

    async def passed(self) -> None:
        """Return as `answer` does, for a request that is counted as answered at once."""
        await self.answer()
        self.done()

    def done(self) -> None:
        """Note that a request which had its slot was answered, or never will be."""
        self._budget.done()

    def _check(self) -> None:
        now = self._clock()
        while self._invalid and self._invalid[0] <= now - _WINDOW:
            self._invalid.popleft()
        if len(self._invalid) >= INVALID_MOST:
            after = self._invalid[0] + _WINDOW - now
            raise Retry("Discord refused too many requests", after, everywhere=True, requested=True)
        if self._resumes_at > now:
            wait = self._resumes_at - now
            raise Retry(f"Discord asked to wait {wait:.0f} s", wait, everywhere=True, requested=True)

    def seen(self, response: aiohttp.ClientResponse) -> None:
        """Count an answer that Discord may ban for, and keep a pause that it asks of the whole bot."""
        headers = response.headers
        if response.status in {401, 403, 429} and headers.get("X-RateLimit-Scope") != "shared":
            self._invalid.append(self._clock())
        if response.status == 429 and headers.get("X-RateLimit-Global"):
            with suppress(ValueError):
                self._resumes_at = self._clock() + float(headers.get("Retry-After", 1))

    def trace(self) -> aiohttp.TraceConfig:
        """Hooks by which an HTTP session reports every answer to this gate and to attempts."""
        config = aiohttp.TraceConfig()

        async def ended(_session: Any, _context: Any, params: aiohttp.TraceRequestEndParams) -> None:
            self.seen(params.response)

        config.on_request_end.append(ended)
        watch(config)
        return config


class RateLimit(http.Ratelimit):
    """A channel's limit that, once used up, hands over the last answer at once and waits afterwards.

    The library waits first: a crash in those seconds would send the message again.
    """

    __slots__ = ()

    async def __aexit__(self, *leaving: Any) -> None:  # noqa: PYI036 -- handed on as it came
        """Leave; what waits for the same channel is woken when the limit is over."""
        waiting = asyncio.create_task(super().__aexit__(*leaving))
        _WAITING.add(waiting)
        waiting.add_done_callback(_WAITING.discard)
        await asyncio.sleep(0)


class Client(discord.Client):
    """A client that mentions no one, caches only servers and their channels, and keeps the pace of `gate`.

    It is notified of messages in private chats with it and of reactions, for which no privileged intent is needed.
    """

    def __init__(self, api_url: str, gate: Gate, network: Network) -> None:
        http.Route.BASE = api_url.rstrip("/")  # in the whole process: no client takes an address
        self._tls = network.tls()
        super().__init__(
            intents=discord.Intents(guilds=True, dm_messages=True, guild_reactions=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=LONGEST_WAIT,
            http_trace=gate.trace(),
            proxy=network.proxy_for(api_url),
        )
        limit_of = self.http.get_ratelimit

        def get_ratelimit(key: str) -> http.Ratelimit:
            limit = limit_of(key)
            limit.__class__ = RateLimit
            return limit

        self.http.get_ratelimit = get_ratelimit  # type: ignore[method-assign]  # no setting names another kind

    async def login(self, token: str) -> None:
        """See the base class; connections are made while a loop runs, as the library for them asks."""
        self.http.connector = aiohttp.TCPConnector(limit=0, ssl=self._tls)
        await super().login(token)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """See the base class; once closed it has no loop to run anything in."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)


async def find_gateway(client: discord.Client) -> None:
    """Ask the API where the gateway is, and let discord.py use that, in the whole process: no client takes one."""
    answer = await client.http.request(http.Route("GET", "/gateway"))
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(answer["url"])


class _Quiet(logging.Filter):
    """Leaves out the traceback of each try to connect, which the state reports once, and that there is no voice."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(("Attempting a reconnect", "PyNaCl", "davey"))


logging.getLogger("discord.client").addFilter(_Quiet())


async def close_client(client: discord.Client) -> None:
    """Close a client, without waiting long for the gateway's own close."""
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(_CLOSE_TIMEOUT):
            await client.close()
    await client.http.close()


class Rest:
    """The API without the gateway: logs in at the first request, and again after a failure."""

    def __init__(self, token: str, api_url: str, gate: Gate, network: Network, *, timeout: float) -> None:
        self._token = token
        self._api_url = api_url
        self._gate = gate
        self._network = network
        self._timeout = min(timeout, LOGIN_TIMEOUT)
        self._client: discord.Client | None = None
        self._logging_in: asyncio.Task[discord.Client] | None = None

    @property
    def logged_in(self) -> bool:
        return self._client is not None

    @property
    def servers(self) -> int:
        """How many servers the bot was in at its login, about; 0 before it."""
        application = self._client.application if self._client is not None else None
        return application.approximate_guild_count if application is not None else 0

    async def client(self) -> discord.Client:
        """A client that is logged in; raises one of `faults.TROUBLES`, to all who wait for the same login."""
        if self._client is None:
            if self._logging_in is None or self._logging_in.done():
                self._logging_in = asyncio.create_task(self._log_in())
                self._logging_in.add_done_callback(_seen)
            return await asyncio.shield(self._logging_in)
        return self._client

    async def _log_in(self) -> discord.Client:
        client = Client(self._api_url, self._gate, self._network)
        try:
            with attempt(self._gate.answer, self._gate.done):
                async with asyncio.timeout(self._timeout):
                    await client.login(self._token)
        except BaseException:
            await close_client(client)
            raise
        self._client = client
        return client

    async def close(self) -> None:
        if self._logging_in is not None:
            self._logging_in.cancel()
            await asyncio.gather(self._logging_in, return_exceptions=True)
        if self._client is not None:
            await close_client(self._client)
            self._client = None


def _seen(login: asyncio.Task[discord.Client]) -> None:
    """Take note of a failure, as those who waited for it may have been cancelled."""
    if not login.cancelled():
        login.exception()  # noqa: LOG004 -- a task is no logger
