"""One request that isn't repeated inside the call, and that records whether it may have been obeyed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import http

if TYPE_CHECKING:  # nothing here needs the library at run time
    import aiohttp


@dataclass
class Attempt:
    """What is known of a message on its way: `may_have_arrived` from its first byte until it is refused.

    `turn` is waited for right before a request leaves, after whatever the library waits for, and `done` is called when
    it has been answered or never will be.
    """

    turn: Callable[[], Awaitable[None]]
    done: Callable[[], None]
    may_have_arrived: bool = False
    on_its_way: bool = False


_CURRENT: ContextVar[Attempt | None] = ContextVar("_CURRENT", default=None)


@contextmanager
def attempt(turn: Callable[[], Awaitable[None]], done: Callable[[], None]) -> Iterator[Attempt]:
    """Let requests that are made inside wait for their turn, and fail at the first 429 or 5xx.

    The library would sleep and try again for up to half a minute: longer than a message may take, so that a time-out
    would hide what the answer was, while the place keeps others from their turn.
    """
    one = Attempt(turn, done)
    token = _CURRENT.set(one)
    try:
        yield one
    finally:
        _CURRENT.reset(token)


def watch(config: aiohttp.TraceConfig) -> None:
    """Let an HTTP session report to attempts what becomes of its requests."""
    config.on_request_start.append(_begins)
    config.on_request_headers_sent.append(_is_written)
    config.on_request_end.append(_is_answered)
    config.on_request_exception.append(_ends)


async def _begins(*_: Any) -> None:
    if (one := _CURRENT.get()) is not None:
        await one.turn()
        one.on_its_way = True


async def _is_written(_session: Any, _context: Any, params: aiohttp.TraceRequestHeadersSentParams) -> None:
    if (one := _CURRENT.get()) is not None:
        one.may_have_arrived = params.method == "POST"


async def _is_answered(_session: Any, _context: Any, params: aiohttp.TraceRequestEndParams) -> None:
    one, response = _CURRENT.get(), params.response
    if one is None:
        return
    await _ends()
    if response.status >= 300:
        one.may_have_arrived = False
    if response.status == 429 or response.status >= 500:
        raise discord.HTTPException(response, await http.json_or_text(response))


async def _ends(*_: Any) -> None:
    one = _CURRENT.get()
    if one is not None and one.on_its_way:
        one.on_its_way = False
        one.done()
