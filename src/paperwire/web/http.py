"""HTTP as readers and caches expect it: codings, validators, 304, HEAD and the headers that keep secrets in."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal, NamedTuple, TypeAlias

import brotli
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from paperwire.web.splice import GzipHole

Coding: TypeAlias = Literal["gzip", "br", ""]
RawHeaders: TypeAlias = "list[tuple[bytes, bytes]]"

# brotli first where a body is packed once and kept, gzip first where it could not be.
SMALLEST: tuple[Coding, ...] = ("br", "gzip")
READIEST: tuple[Coding, ...] = ("gzip", "br")
_BROTLI_LEVEL = 5
_GZIP_LEVEL = 6
_WORTH_PACKING = 256
_SOON_PACKED = 100_000  # bytes that are packed in some milliseconds
_MAX_HEADER = 2_000

EVERYWHERE: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
PAGE_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FEED_POLICY = b"default-src 'none'; sandbox"
UNLISTED = (b"x-robots-tag", b"noindex")
"""The header of what search engines should leave out."""


class Asked(NamedTuple):
    """The headers of a request that decide how it is answered."""

    codings: str
    none_match: str
    modified_since: str

    @classmethod
    def of(cls, scope: Scope) -> Asked:
        """Read them from a request; several `If-None-Match` or `Accept-Encoding` lines count as one list."""
        codings = none_match = modified_since = ""
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                codings = _joined(codings, value)
            elif name == b"if-none-match":
                none_match = _joined(none_match, value)
            elif name == b"if-modified-since":
                modified_since = value.decode("latin-1")
        return cls(codings, none_match, modified_since)


def choose(accepted: str, preferred: Sequence[Coding]) -> Coding:
    """The coding to answer in: the first preferred one among those that `Accept-Encoding` weighs highest.

    `q=0` refuses; a `*` stands for what is not named; nothing said or nothing known means plain bytes.
    """
    weights = weights_of(accepted)
    best: Coding = ""
    best_weight = 0.0
    for coding in preferred:
        weight = weights.get(coding, weights.get("*", 0.0))
        if weight > best_weight:
            best, best_weight = coding, weight
    return "" if weights.get("identity", 0.0) > best_weight else best


def unchanged(asked: Asked, tag: str, updated: datetime | None) -> bool:
    """Whether a GET for this representation is answered 304: by its tag if the client sent tags, else by its date."""
    if asked.none_match:
        return _matches(asked.none_match, tag)
    if not asked.modified_since or updated is None:
        return False
    try:
        since = parsedate_to_datetime(asked.modified_since)
    except ValueError:
        return False
    return updated <= (since if since.tzinfo else since.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Seal:
    """What validates a body and describes it to caches, without its bytes.

    `preferred` orders the codings it may be packed in; none for a body too small to gain by it.
    """

    digest: str
    updated: datetime | None
    cache: bytes
    preferred: tuple[Coding, ...]

    def decide(self, scope: Scope) -> tuple[Coding, RawHeaders, bool]:
        """For a request: in which coding to answer, the headers that any answer has, and whether it is a 304."""
        asked = Asked.of(scope)
        coding = choose(asked.codings, self.preferred) if asked.codings else ""
        tag = f'"{self.digest}-{coding}"' if coding else f'"{self.digest}"'  # other bytes, another strong tag
        headers = [(b"etag", tag.encode()), (b"vary", b"accept-encoding"), (b"cache-control", self.cache)]
        return coding, headers, unchanged(asked, tag, self.updated)


def digest_of(content: bytes) -> str:
    """What a body's tag is made of: its bytes alone, so that every process gives the same."""
    return hashlib.sha256(content).hexdigest()[:32]


class Payload:
    """One answer's bytes, ready in every coding a client may ask for; each is made when first needed.

    `hole` is a byte string that occurs once in `content` and is replaced at each answer; with it gzip still costs
    nothing per answer. `updated` becomes `Last-Modified`. `cache` is the whole `Cache-Control`.
    """

    def __init__(
        self,
        content: bytes,
        media_type: str,
        *,
        cache: str = "no-cache",
        updated: datetime | None = None,
        hole: bytes = b"",
    ) -> None:
        moment = updated.astimezone(UTC).replace(microsecond=0) if updated else None
        preferred = (READIEST if hole else SMALLEST) if len(content) >= _WORTH_PACKING else ()
        self.seal = Seal(digest_of(content), moment, cache.encode(), preferred)
        self.weight = len(content) * 8 // 5  # bytes of memory, with what its packed forms will take
        self._before, self._hole, self._after = content.partition(hole) if hole else (content, b"", b"")
        self._packed: dict[Coding, bytes | GzipHole] = {}
        self._turn = asyncio.Lock()
        self._described: RawHeaders = [(b"content-type", media_type.encode())]
        if moment:
            self._described.append((b"last-modified", format_datetime(moment, usegmt=True).encode()))

    def filled(self, coding: Coding, fill: bytes = b"") -> bytes:
        """The bytes in `coding`, with `fill` where the hole is."""
        if not coding:
            return b"".join((self._before, fill, self._after)) if self._hole else self._before
        packed = self._packed.get(coding)
        if packed is None:
            if self._hole and coding == "br":  # brotli has no blocks to put a fill between: packed for this answer
                return _brotli(self.filled("", fill))
            packed = self._packed[coding] = self._pack(coding)
        return packed.filled(fill) if isinstance(packed, GzipHole) else packed

    async def _filled_aside(self, coding: Coding, fill: bytes) -> bytes:
        """The bytes in `coding`; a large body is packed in a thread, once for all who wait for it."""
        if not coding or coding in self._packed or self.weight < _SOON_PACKED:
            return self.filled(coding, fill)
        async with self._turn:
            return await asyncio.to_thread(self.filled, coding, fill)

    def _pack(self, coding: Coding) -> bytes | GzipHole:
        if self._hole:
            return GzipHole(self._before, self._after)
        if coding == "br":
            return _brotli(self._before)
        return zlib.compress(self._before, _GZIP_LEVEL, wbits=31)

    async def send(self, send: Send, status: int, coding: Coding, headers: RawHeaders, *, fill: bytes = b"") -> None:
        content = await self._filled_aside(coding, fill)
        headers += self._described
        headers.append((b"content-length", b"%d" % len(content)))
        if coding:
            headers.append((b"content-encoding", coding.encode()))
        await reply(send, status, headers, content)


class Ready(Response):
    """A `Payload` as the answer of a route: 304 where the client has it already."""

    def __init__(self, body: Payload, status: int = 200, extra: Iterable[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(status_code=status)
        self._ready = body
        self._extra = tuple(extra)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI's signature
        """Send it; an error page is never answered 304."""
        coding, headers, same = self._ready.seal.decide(scope)
        headers += self._extra
        if same and self.status_code == 200:
            await reply(send, 304, headers)
        else:
            await self._ready.send(send, self.status_code, coding, headers)


def _brotli(content: bytes) -> bytes:
    packed: bytes = brotli.compress(content, quality=_BROTLI_LEVEL)
    return packed


async def reply(send: Send, status: int, headers: RawHeaders, content: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _joined(known: str, value: bytes) -> str:
    text = value.decode("latin-1")
    return f"{known},{text}" if known else text


def weights_of(accepted: str) -> dict[str, float]:
    """What an `Accept-Encoding` or `Accept-Language` header names, in small letters, each with its weight."""
    weights: dict[str, float] = {}
    for piece in accepted[:_MAX_HEADER].lower().split(","):
        name, _, parameters = piece.partition(";")
        weights[name.strip()] = _quality(parameters)
    return weights


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _matches(header: str, tag: str) -> bool:
    """Weak comparison of RFC 9110: a `W/` before a tag does not count; `*` meets anything."""
    if header.strip() == "*":
        return True
    return any(one.strip().removeprefix("W/") == tag for one in header[:_MAX_HEADER].split(","))
