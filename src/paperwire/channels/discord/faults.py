"""What an error of Discord's API, or of the way there, means for a delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import discord

from paperwire.errors import Gone, Rejected, Retry, SendError, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

SOON = 5.0
"""Seconds until the next try of what failed for a passing reason."""

LATER = 300.0
"""Seconds until the next try where a person has to mend something first (a refused token)."""

TROUBLES = (discord.DiscordException, aiohttp.ClientError, OSError, KeyError, TypeError, ValueError, AttributeError)
"""What discord.py raises when a request fails; the last four where an answer is not what the library expects."""

ARCHIVED = 50083
SENT_BEFORE = 10008
"""The code for a message whose nonce is that of one which arrived and was deleted since."""

_CLOSED = frozenset({50008, 50024, ARCHIVED, 160005})
"""Codes of status 400 after which a place stays closed: no text channel, a thread that is archived or locked."""

_SLOW_MODE = frozenset({20016, 20028})
_SLOW = 60.0


def fault(error: Exception, *, repeatable: bool = False) -> SendError:
    """Return what the outbox is told: Retry, Gone, Rejected or Unknown.

    `repeatable` says that a nonce makes one message of two tries. Then what may have arrived is tried again soon:
    Discord remembers a nonce for a few minutes only.
    """
    if isinstance(error, discord.RateLimited):
        return Retry("Discord asked us to wait", error.retry_after, asked=True)
    if isinstance(error, discord.LoginFailure) or token_refused(error):
        return Retry("Discord refuses the token", LATER, everywhere=True)
    if isinstance(error, discord.HTTPException):
        return _refused(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Retry(f"cannot reach Discord ({type(error).__name__})", SOON, everywhere=True)
    reason = f"Discord did not answer ({type(error).__name__})"  # the text of such errors may hold addresses
    return Retry(reason, SOON) if repeatable else Unknown(reason)


def _refused(error: discord.HTTPException) -> SendError:
    reason = f"Discord: {error.text or f'HTTP status {error.status}'} (code {error.code})"
    if error.status == 429:
        # The library raises what comes from in front of the API: the whole address is held back.
        return Retry("Discord holds back this address", _retry_after(error.response.headers), everywhere=True)
    if error.status >= 500:
        return Retry(f"Discord failed (HTTP status {error.status})", SOON)
    if error.code in _SLOW_MODE:
        return Retry(reason, _SLOW, asked=True)
    if error.status in {403, 404}:
        # Without a code it was not the API that answered, so it says nothing of this place.
        return Gone(reason) if error.code else Retry(f"HTTP status {error.status}", LATER, everywhere=True)
    return Gone(reason) if error.code in _CLOSED else Rejected(reason)


def token_refused(error: Exception) -> bool:
    """Whether Discord does not know the token."""
    if isinstance(error, discord.HTTPException):
        return error.status == 401
    return isinstance(error, discord.LoginFailure) or getattr(error, "code", 0) == 4004


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait; a figure of `Retry-After` counts, anything else does not."""
    try:
        return max(1.0, float(headers.get("Retry-After", LATER)))
    except ValueError:
        return LATER
