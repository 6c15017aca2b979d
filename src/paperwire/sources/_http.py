"""The one HTTP client of all sources: polite, capped, and never led astray."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypedDict, Unpack
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
import stamina
import stamina.instrumentation

from paperwire.core import address
from paperwire.core.duration import retry_after
from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused, SourceSlow
from paperwire.network import Network, why
from paperwire.ports.options import Now
from paperwire.ports.sources import Pace
from paperwire.sources._body import BodyKind, check_kind, read

MAX_BODY = 10_000_000
TIMEOUT = 30.0
"""Seconds without a byte after which an answer is given up, unless its source is known to be slower."""
_LONGEST_CONNECT = 10.0
_MAX_HOPS = 5
_ATTEMPTS = 3
# Seconds to stay away at least after 429 or 503: twenty times the usual interval, or a minute if there is none. With
# arXiv's three seconds that is a minute too.
_LEAST_BACK_OFF = 60.0
_BACK_OFF_INTERVALS = 20
_LONGEST_PATIENCE = 86_400.0
_LONGEST_GUESS = 900.0
"""Seconds to which patience doubles while an endpoint answers so again and again and names no time."""
_SECOND = re.compile(r"\d{1,12}", re.ASCII)
_REDIRECTS = {301, 302, 303, 307, 308}
_BUSY = {429, 503}
_BUSY_IF_TIMED = {403, 500, 502, 504}  # these too, if they say when to ask again
# 403 mostly means that our address or User-Agent is blocked.
_REFUSALS = {401: "it asks for a sign-in", 403: "we are blocked there", 404: "no such page"}

# Who gives up says so: a line for each try is too much, and the counter would be in a registry that nothing shows.
stamina.instrumentation.set_on_retry_hooks([])


@dataclass(frozen=True, slots=True)
class Validators:
    """What an earlier answer gave for asking again conditionally."""

    etag: str = ""
    last_modified: str = ""


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One answer: `body` is empty if it is `not_modified`; `charset` is what its header says of it, if anything."""

    body: bytes = b""
    charset: str = ""
    validators: Validators = NO_VALIDATORS
    not_modified: bool = False


class How(TypedDict, total=False):
    """How one request is made, where it isn't as usual.

    `endpoint` is an address that this one begins with: what it says by 429 or 503 holds for all requests with the
    same one, and not for the other endpoints of the service. `interval` is how many seconds lie between two requests
    to the service; `apart` is the same for such requests to this host, in addition. A `patient` request lets others of
    the service go first. `silence` is how many seconds may pass without a byte, before the first one too. `guard` is
    for addresses that a person chose: only public machines are dialled, whatever the name resolves to, at every hop.
    `kind` is what the body must be. `max_bytes` caps it before and after decompression, `deadline` is how many seconds
    a whole answer may take. `token` proves who asks, to the machine that was named only, as do `headers` (a key, say).
    With `content` it is a POST, which may be repeated and must not change anything there; redirects of it are not
    followed.
    """

    endpoint: str
    interval: float
    apart: float
    patient: bool
    validators: Validators
    kind: BodyKind
    guard: bool
    max_bytes: int
    silence: float
    deadline: float
    token: str
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetch:
    """One request as its caller wants it, see `How`."""

    url: str
    service: str
    endpoint: str
    silence: float
    interval: float = 0.0
    apart: float = 0.0
    patient: bool = False
    validators: Validators = NO_VALIDATORS
    kind: BodyKind = "any"
    guard: bool = False
    max_bytes: int = MAX_BODY
    deadline: float = 180.0
    token: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = None

    @property
    def conditions(self) -> dict[str, str]:
        conditions = {"If-None-Match": self.validators.etag, "If-Modified-Since": self.validators.last_modified}
        return {name: value for name, value in conditions.items() if value}


class _Trouble(SourceError):
    """A failure that often passes: worth another try at once."""


def user_agent(version: str, public_url: str, contact: str) -> str:
    """How we introduce ourselves: `Paperwire/1.0 (+https://example.org; mailto:me@example.org)`.

    arXiv has refused the library's own name. An address that works on this machine alone is left out.
    """
    reach = f"mailto:{contact}" if contact and "://" not in contact else contact
    contacts = ["" if address.is_loopback(public_url) else f"+{public_url}", reach]
    about = "".join(char for char in "; ".join(filter(None, contacts)) if " " <= char <= "~")
    return f"Paperwire/{version}" + (f" ({about})" if about else "")


class Fetcher:
    """Fetches for all sources of one process.

    Each service (a name that the source chooses; arXiv's machines are one) gets one connection and one request at a
    time: `pace` keeps `interval` seconds from the end of one answer to the next request, over all processes, and lets
    none out to an endpoint of it that wants to be left alone.
    `is_public` decides which IP addresses a guarded request may dial.
    """

    def __init__(  # noqa: PLR0913 -- what it asks with
        self,
        *,
        network: Network,
        user_agent: str,
        pace: Pace,
        now: Now,
        timeout: float = TIMEOUT,
        is_public: Callable[[str], bool] = address.is_public,
    ) -> None:
        self._network = network
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._pace = pace
        self._now = now
        self._timeout = timeout
        self._is_public = is_public
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._refusals: Counter[str] = Counter()

    async def get(
        self, url: str, *, service: str, params: Mapping[str, str] | None = None, **how: Unpack[How]
    ) -> Fetched:
        """The answer to a GET, decompressed; a few tries for failures that pass, of which slowness is none.

        Raises:
            SourceRefused: 4xx, or an address the guard refuses.
            SourceBusy: 429 or 503, or asked while the service wants to be left alone.
            SourceGarbled: too large, cut off, damaged, or of another kind.
            SourceError: too slow, or no connection or 5xx several times.
        """
        how.setdefault("silence", self._timeout)
        how["endpoint"] = _where(how.get("endpoint", "")) or service
        return await self._tried(_Fetch(url=_with(url, params or {}), service=service, **how))

    async def _tried(self, ask: _Fetch) -> Fetched:
        """The answer, after a few tries for failures that pass."""
        async for attempt in stamina.retry_context(
            on=_Trouble, attempts=_ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=5.0, wait_jitter=1.0
        ):
            with attempt:
                return await self._follow(ask)
        raise AssertionError  # pragma: no cover -- the last attempt raises

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def _follow(self, ask: _Fetch) -> Fetched:
        """Ask, and follow redirects hop by hop; each hop waits for its slot and is checked."""
        url = ask.url
        for _ in range(_MAX_HOPS):
            # Off the machine and port that the operator named, anything may be waiting.
            guard = ask.guard or _place(url) != _place(ask.url)
            async with self._slot(ask):
                answer = await self._ask_once(ask, url, guard=guard)
            if isinstance(answer, Fetched):
                return answer
            url = answer
        raise SourceGarbled(f"{_host(ask.url)} redirects in circles")

    @asynccontextmanager
    async def _slot(self, ask: _Fetch) -> AsyncIterator[None]:
        """The slot at the host, where it wants one of its own, and then the one at the service."""
        async with AsyncExitStack() as slots:
            if ask.apart:
                await slots.enter_async_context(self._pace.slot(_host(ask.url), ask.apart, around=True))
            slot = self._pace.slot(ask.service, ask.interval, endpoint=ask.endpoint, patient=ask.patient)
            await slots.enter_async_context(slot)
            yield

    async def _ask_once(self, ask: _Fetch, url: str, *, guard: bool) -> Fetched | str:
        try:
            async with asyncio.timeout(ask.deadline):
                answer = await self._hop(ask, url, guard=guard)
        except TimeoutError:
            raise SourceSlow(f"{_host(url)} did not finish its answer within {ask.deadline:.0f} s") from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise _failure(_host(url), error, ask.silence) from None
        except SourceBusy as error:
            await self._pace.rest(ask.endpoint, self._now() + timedelta(seconds=error.after))
            raise
        self._refusals.pop(ask.endpoint, None)
        return answer

    async def _hop(self, ask: _Fetch, url: str, *, guard: bool) -> Fetched | str:
        """The answer of one machine, or the address it points to."""
        client = self._client("guarded" if guard else ask.service, keep=not guard)
        timeout = httpx.Timeout(ask.silence, connect=min(ask.silence, _LONGEST_CONNECT), pool=None)
        request = client.build_request("GET", url, headers=ask.conditions, timeout=timeout)
        if ask.token and _may_know(url, ask.url):
            request.headers["Authorization"] = f"Bearer {ask.token}"
        if ask.headers and _may_know(url, ask.url):
            request.headers.update(ask.headers)
        if ask.content is not None:
            headers, how = request.headers, request.extensions
            request = httpx.Request("POST", url, headers=headers, content=ask.content, extensions=how)
        if guard:
            await self._pin(request)
        response = await client.send(request, stream=True)
        try:
            if response.status_code in _REDIRECTS and "location" in response.headers and ask.content is None:
                return _joined(url, response.headers["location"])
            if response.status_code == httpx.codes.NOT_MODIFIED and ask.conditions:
                return Fetched(validators=ask.validators, not_modified=True)
            self._check_status(_host(url), response, ask)
            body = await read(_host(url), response, ask.max_bytes)
        finally:
            await response.aclose()
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        check_kind(_host(url), ask.kind, content_type, body)
        validators = Validators(response.headers.get("etag", ""), response.headers.get("last-modified", ""))
        return Fetched(body=body, charset=response.charset_encoding or "", validators=validators)

    def _client(self, name: str, *, keep: bool) -> httpx.AsyncClient:
        if name not in self._clients:
            limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
            way = self._network.client_options(limits) if keep else {"transport": self._network.pinned()}
            cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
            self._clients[name] = httpx.AsyncClient(headers=self._headers, cookies=cookies, **way)
        return self._clients[name]

    async def _pin(self, request: httpx.Request) -> None:
        try:
            await self._network.pin(request, self._is_public)
        except ValueError as error:
            raise SourceRefused(f"this address is not asked: {error}") from None

    def _check_status(self, host: str, response: httpx.Response, ask: _Fetch) -> None:
        status = response.status_code
        wait = _named_wait(response.headers, self._now())
        if status in _BUSY or (status in _BUSY_IF_TIMED and wait is not None):
            # arXiv's front sends `Retry-After: 0`, which must not mean more requests than without it.
            patience = ask.interval * _BACK_OFF_INTERVALS or _LEAST_BACK_OFF
            named = wait is not None and wait >= patience
            if wait is not None and named:
                after = min(wait, _LONGEST_PATIENCE)
            else:
                after = min(patience * 2 ** min(self._refusals[ask.endpoint], 10), max(patience, _LONGEST_GUESS))
                self._refusals[ask.endpoint] += 1
            raise SourceBusy(f"{host} asks us to wait {after:.0f} s (HTTP {status})", after, named=named)
        if status >= 500:
            raise _Trouble(f"{host} returned a server error (HTTP {status})")
        if status >= 400:
            why = _REFUSALS.get(status)
            reason = f"{host} refuses the request (HTTP {status}{f': {why}' if why else ''})"
            raise SourceRefused(reason, status=status)
        if status != httpx.codes.OK:
            raise SourceGarbled(f"{host} gives an answer without content (HTTP {status})")


def _named_wait(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds until an answer says that more may be asked: by `Retry-After`, or as GitHub does when all is used up."""
    if "retry-after" not in headers and headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        return max(int(reset) - now.timestamp(), 0.0) if _SECOND.fullmatch(reset) else None
    return retry_after(headers.get("retry-after", ""), now)


def _with(url: str, params: Mapping[str, str]) -> str:
    if not params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise SourceRefused("this address is not asked: it is no web address") from None


def _place(url: str) -> str:
    """Host and port as they are written; a step from http to https stays there."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return url


def _may_know(url: str, first_url: str) -> bool:
    """Whether what is secret to the machine that was asked may be sent to `url`: the same one, no less safely."""
    return _place(url) == _place(first_url) and (url.startswith("https:") or not first_url.startswith("https:"))


def _where(endpoint: str) -> str:
    """An address as people read it, without what may be secret in it."""
    parts = urlsplit(endpoint)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url[:40]
    except ValueError:
        return url[:40]


def _failure(host: str, error: httpx.TransportError | httpx.InvalidURL, silence: float) -> SourceError:
    """What a broken connection means; the library's own text may hold the address with its secrets.

    Another try at once at what is slow would keep the service's one slot from others for as long again.
    """
    if isinstance(error, httpx.ReadTimeout):
        return SourceSlow(f"{host} sent nothing for {silence:.0f} s")
    if isinstance(error, httpx.TimeoutException):
        return SourceError(f"{host} can't be reached ({why(error)})")
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return SourceRefused("this address is not asked: it is no web address")
    return _Trouble(f"{host} can't be reached ({why(error)})")
