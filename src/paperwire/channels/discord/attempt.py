"""One request whose fate must be known: it isn't repeated inside the call, and says whether it may have been obeyed."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import http

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aiohttp


@dataclass
class Attempt:
    """What is known of a message on its way: `may_have_arrived` from its first byte until it is refused."""

    may_have_arrived: bool = False


_CURRENT: ContextVar[Attempt | None] = ContextVar("_CURRENT", default=None)


@contextmanager
def attempt() -> Iterator[Attempt]:
    """Let requests that are made inside fail at the first 429 or 5xx.

    The library would sleep and try again for up to half a minute: longer than a message may take, so that a time-out
    would hide what the answer was, while the place keeps others from their turn.
    """
    one = Attempt()
    token = _CURRENT.set(one)
    try:
        yield one
    finally:
        _CURRENT.reset(token)


def watch(config: aiohttp.TraceConfig) -> None:
    """Let `config` tell attempts what becomes of the requests of its HTTP session."""

    async def written(_session: Any, _context: Any, params: aiohttp.TraceRequestHeadersSentParams) -> None:
        if (one := _CURRENT.get()) is not None:
            one.may_have_arrived = params.method == "POST"

    async def answered(_session: Any, _context: Any, params: aiohttp.TraceRequestEndParams) -> None:
        one, response = _CURRENT.get(), params.response
        if one is None:
            return
        if response.status >= 300:
            one.may_have_arrived = False
        if response.status == 429 or response.status >= 500:
            raise discord.HTTPException(response, await http.json_or_text(response))

    config.on_request_headers_sent.append(written)
    config.on_request_end.append(answered)
