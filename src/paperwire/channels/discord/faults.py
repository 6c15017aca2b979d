"""What an error of Discord's API, or of the way there, means for a delivery."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime

import aiohttp
import discord

from paperwire.channels._conversation import COPY_AFTER, RETRY_LATER, RETRY_SOON
from paperwire.core.duration import retry_after
from paperwire.errors import CloseReason, Gone, Rejected, Retry, SendError, Unknown
from paperwire.network import refused_by_proxy, why

TROUBLES = (discord.DiscordException, aiohttp.ClientError, OSError, KeyError, TypeError, ValueError, AttributeError)
"""What discord.py raises when a request fails; the last four where an answer is not what the library expects."""

ARCHIVED = 50083
SENT_BEFORE = 10008
"""The code for a message whose nonce is that of one which arrived and was deleted since."""

_CLOSED = frozenset({50008, 50024, ARCHIVED, 160005})
"""Codes of status 400 after which a place stays closed: no text channel, a thread that is archived or locked."""

_WHY = {
    10003: CloseReason.DELETED,
    10004: CloseReason.REMOVED,
    50001: CloseReason.HIDDEN,
    50007: CloseReason.BLOCKED,
    50008: CloseReason.SILENCED,
    50013: CloseReason.SILENCED,
    50024: CloseReason.SILENCED,
    50278: CloseReason.BLOCKED,
    ARCHIVED: CloseReason.ARCHIVED,
    160005: CloseReason.ARCHIVED,
}
"""Why a place is closed, by Discord's code."""

_SLOW_MODE = frozenset({20016, 20028})
_SLOW = 60.0

_GATEWAY_TIMEOUTS = frozenset({504, 524})
_BEFORE_WRITTEN = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


def fault(error: Exception, *, may_have_arrived: bool = True, repeatable: bool = False) -> SendError:
    """Translate an error into Retry, Gone, Rejected or Unknown.

    `may_have_arrived` is false for what certainly was not taken. `repeatable` says that a nonce makes one message of
    two tries: then what may have arrived is tried again soon, as Discord remembers a nonce for a few minutes only.
    """
    copy_after = RETRY_SOON if repeatable else COPY_AFTER
    if isinstance(error, discord.LoginFailure) and isinstance(error.__cause__, discord.HTTPException):
        error = error.__cause__
    if isinstance(error, discord.RateLimited):
        return Retry(f"Discord asked to wait {error.retry_after:.0f} s", error.retry_after, requested=True)
    if isinstance(error, discord.HTTPException):
        return _refused(error, copy_after)
    if token_refused(error):
        return Retry("Discord refused the token", RETRY_LATER, everywhere=True)
    if isinstance(error, _BEFORE_WRITTEN):
        reason = refused_by_proxy(str(error.status)) if isinstance(error, aiohttp.ClientHttpProxyError) else why(error)
        return Retry(f"Discord can't be reached ({reason})", RETRY_SOON, everywhere=True)
    if may_have_arrived:
        return Unknown(_lost(error), copy_after)
    waited = isinstance(error, TimeoutError)  # for the channel's limit: for a connection it is another error
    reason = "Discord's limit for this channel is used up for now" if waited else _lost(error)
    return Retry(reason, RETRY_SOON, requested=waited)


def token_refused(error: Exception) -> bool:
    if isinstance(error, discord.HTTPException):
        return error.status == 401
    return isinstance(error, discord.LoginFailure) or getattr(error, "code", 0) == 4004


def _refused(error: discord.HTTPException, copy_after: float) -> SendError:
    headers: Mapping[str, str] = error.response.headers
    wait = _retry_after(headers)
    reason = _explained(error, wait)
    if error.status == 429:
        everywhere = headers.get("X-RateLimit-Scope") not in {"user", "shared"}  # whole bot, or whole address
        return Retry(reason, wait or RETRY_LATER, everywhere=everywhere, requested=wait is not None)
    # Without a code it is not about this channel: a failing server, a refused token, or something before it.
    everywhere = not error.code
    if wait is not None:
        return Retry(reason, wait, everywhere=everywhere, requested=True)
    if error.status >= 500:
        unclear = not error.text or error.status in _GATEWAY_TIMEOUTS
        return Unknown(reason, copy_after) if unclear else Retry(reason, RETRY_SOON)
    if error.code in _SLOW_MODE:
        return Retry(reason, _SLOW, requested=True)
    if everywhere and error.status in {400, 401, 403, 404}:  # a 400 without a code is a page of what stands before it
        return Retry(reason, RETRY_SOON if error.status == 400 else RETRY_LATER, everywhere=error.status != 400)
    why = _WHY.get(error.code, CloseReason.DELETED if error.status == 404 else CloseReason.SILENCED)
    return Gone(reason, why) if error.status in {403, 404} or error.code in _CLOSED else Rejected(reason)


def _explained(error: discord.HTTPException, wait: float | None) -> str:
    if error.status >= 500:
        return f"Discord returned a server error (HTTP {error.status})"
    if error.status == 429 or wait is not None:
        return f"Discord asked to wait {wait or RETRY_LATER:.0f} s (HTTP {error.status})"
    if error.status == 401:
        return "Discord refused the token (HTTP 401)"
    if not error.code:
        return f"Discord refused the request (HTTP {error.status})"
    return f"Discord: {error.text} (code {error.code})"


def _lost(error: Exception) -> str:
    """What became of an answer; the text of such errors may hold addresses."""
    if isinstance(error, TimeoutError):
        return "Discord did not answer in time"
    if isinstance(error, aiohttp.ClientError | OSError):
        return "the connection to Discord broke before it answered"
    return "Discord's answer can't be read"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, None if not asked; a date counts from that of the answer itself, whatever our clock says."""
    try:
        answered = email.utils.parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        answered = datetime.max.replace(tzinfo=UTC)
    return retry_after(headers.get("Retry-After", ""), answered) or None
