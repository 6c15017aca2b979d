"""Zotero libraries by its web API, version 3 (https://www.zotero.org/support/dev/web_api/v3/basics)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict

from paperwire.core.papers.library import MOST_ENTRIES, Reference, reference_of_csl
from paperwire.errors import LibraryError, LibraryRefused
from paperwire.network import Network, capped, why
from paperwire.ports.libraries import LibraryChanges
from paperwire.ports.options import WebAddress

_TIMEOUT, _LONGEST_ANSWER = 60.0, 16_000_000  # seconds for one request, and bytes of an answer
_A_PAGE = 100
_LONGEST_WAIT = 300.0
"""Seconds that are waited for within one reading; what is asked to wait longer is read another time."""
_BUSY_WAIT = 3600.0
_GROUP = re.compile(r"(?:https?://(?:www\.)?zotero\.org/groups/|groups/)?(\d{1,12})(?:/\S*)?", re.IGNORECASE)
_NEXT = re.compile(r'<([^<>]+)>\s*;[^<>]*\brel="next"')


class Options(BaseModel):
    """`[library]`: where Zotero's web API is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zotero_url: Annotated[WebAddress, AfterValidator(lambda url: url.rstrip("/"))] = "https://api.zotero.org"


class Zotero:
    """Implements `ports.libraries.LibraryService`. Libraries are called `users/ID` and `groups/ID`.

    `pause` waits for some seconds.
    """

    def __init__(
        self, url: str, *, network: Network, agent: str, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._url = url.rstrip("/")
        self._host = httpx.URL(url).host
        self._pause = pause
        headers = {"User-Agent": agent, "Zotero-API-Version": "3"}
        self._client = httpx.AsyncClient(headers=headers, timeout=_TIMEOUT, **network.client_options())

    async def owner(self, key: str) -> str:
        answer = await self._get(f"{self._url}/keys/current", key)
        try:
            return f"users/{int(answer.json()['userID'])}"
        except (ValueError, KeyError, TypeError):
            raise LibraryError(f"{self._host} did not say whose key this is") from None

    def group(self, text: str) -> str | None:
        match = _GROUP.fullmatch(text)
        return f"groups/{match[1]}" if match else None

    async def check(self, library: str, key: str) -> None:
        await self._get(f"{self._url}/{library}/items/top?limit=1", key)

    async def changes(self, library: str, key: str, since: int) -> LibraryChanges:
        """See `ports.libraries.LibraryService`; at most 10,000 entries."""
        references: list[Reference] = []
        url = f"{self._url}/{library}/items/top?include=csljson&since={since}&limit={_A_PAGE}&sort=dateAdded"
        version: int | None = None
        while url and len(references) < MOST_ENTRIES:
            answer = await self._get(url, key, {"If-Modified-Since-Version": str(since)} if since else {})
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                break
            references += self._references(answer)
            if version is None:  # of a later page it would pass over what changes in between
                version = _version(answer)
            url = self._next(answer)
        return LibraryChanges(tuple(references[:MOST_ENTRIES]), since if version is None else version)

    async def _get(self, url: str, key: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """The answer; waits once as long as the service asks, if that is not too long."""
        answer = await self._ask(url, key, headers or {})
        if answer.status_code in {429, 503}:
            await self._wait(answer.headers.get("retry-after", ""), _LONGEST_WAIT + 1)
            answer = await self._ask(url, key, headers or {})
        if answer.status_code in {401, 403, 404}:
            raise LibraryRefused(f"{self._host} refused the key (HTTP {answer.status_code})")
        if answer.status_code in {429, 503}:
            raise LibraryError(f"{self._host} asks to wait (HTTP {answer.status_code})", after=_BUSY_WAIT)
        if answer.status_code not in {200, 304}:
            raise LibraryError(f"{self._host} returned HTTP {answer.status_code}")
        await self._wait(answer.headers.get("backoff", ""), 0.0)
        return answer

    async def _wait(self, named: str, otherwise: float) -> None:
        """Wait for some seconds; raises LibraryError if they are too many."""
        seconds = float(named) if named.isascii() and named.isdigit() else otherwise
        if seconds > _LONGEST_WAIT:
            raise LibraryError(f"{self._host} asks to wait", after=seconds)
        if seconds:
            await self._pause(seconds)

    async def _ask(self, url: str, key: str, headers: dict[str, str]) -> httpx.Response:
        try:
            async with (
                asyncio.timeout(_TIMEOUT),
                self._client.stream("GET", url, headers=headers | {"Zotero-API-Key": key}) as response,
            ):
                body = await capped(response.aiter_bytes(), _LONGEST_ANSWER)
        except (TimeoutError, httpx.TimeoutException):
            raise LibraryError(f"{self._host} did not answer within {_TIMEOUT:.0f} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LibraryError(f"{self._host} can't be reached ({why(error)})") from None
        if body is None:
            raise LibraryError(f"{self._host} answered with more than {_LONGEST_ANSWER:,} bytes")
        plain = {name: value for name, value in response.headers.items() if name != "content-encoding"}
        return httpx.Response(response.status_code, headers=plain, content=body)

    def _references(self, answer: httpx.Response) -> list[Reference]:
        try:
            items: Any = answer.json()
        except (ValueError, RecursionError):
            items = None
        if not isinstance(items, list):
            raise LibraryError(f"{self._host} did not answer with a list of entries")
        read = [reference_of_csl(item.get("csljson")) for item in items if isinstance(item, dict)]
        return [entry for entry in read if isinstance(entry, Reference) and (entry.ids or entry.title)]

    def _next(self, answer: httpx.Response) -> str:
        """The address of the next page, on the asked machine only; empty after the last one."""
        match = _NEXT.search(answer.headers.get("link", ""))
        if match is None:
            return ""
        if not match[1].startswith(f"{self._url}/"):
            raise LibraryError(f"{self._host} names another machine for its next page")
        return match[1]

    async def close(self) -> None:
        await self._client.aclose()


def _version(answer: httpx.Response) -> int | None:
    text = answer.headers.get("last-modified-version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
