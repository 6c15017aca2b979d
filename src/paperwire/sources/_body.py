"""The body of an answer: inflated by ourselves, capped in either form, and of the kind that was asked for."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Literal

from paperwire.errors import SourceGarbled
from paperwire.network import capped

if TYPE_CHECKING:  # nothing here needs the library at run time
    import httpx

BodyKind = Literal["xml", "json", "any"]

_LOOSE_TYPES = {"", "text/plain", "application/octet-stream"}


async def read(host: str, response: httpx.Response, limit: int) -> bytes:
    """The body, read raw and inflated by ourselves, so that neither form of it can pass `limit`."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding == "identity":
        body = await capped(response.aiter_raw(), limit)
        if body is None:
            raise SourceGarbled(f"{host} sends more than {limit / 1000000:g} MB")
        return body
    if coding not in {"gzip", "x-gzip"}:
        raise SourceGarbled(f"{host} sends an encoding we did not ask for ({coding[:20]})")
    try:
        return await _read_gzip(host, response.aiter_raw(), limit)
    except zlib.error:
        raise SourceGarbled(f"{host} sends a damaged or cut-off compressed answer") from None


async def _read_gzip(host: str, chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    inflate = zlib.decompressobj(wbits=31)
    async for chunk in chunks:
        data = chunk
        while data:
            if inflate.eof:  # a gzip file may have several members
                inflate = zlib.decompressobj(wbits=31)
            # max_length: 64 kB of input may hold 67 MB.
            body += inflate.decompress(data, limit + 1 - len(body))
            if len(body) > limit:
                raise SourceGarbled(f"{host} sends more than {limit / 1000000:g} MB")
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    if not inflate.eof:
        raise SourceGarbled(f"{host} sends a damaged or cut-off compressed answer")
    return bytes(body)


def check_kind(host: str, kind: BodyKind, content_type: str, body: bytes) -> None:
    """Raise SourceGarbled if the body is not of this kind."""
    start = body[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    page = start.startswith((b"<!doctype html", b"<html"))
    fits = kind == "any" or content_type in _LOOSE_TYPES or kind in content_type
    if kind != "any" and (page or not fits or (kind == "json" and start.startswith(b"<"))):
        raise SourceGarbled(
            f"{host} sends {('an HTML page' if page else content_type or 'something')} where {kind.upper()} belongs"
        )
