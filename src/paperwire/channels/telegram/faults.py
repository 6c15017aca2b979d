"""What an error of the Bot API means for a delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.channels.telegram.transport import ApiError, NoAnswer, Unreachable
from paperwire.errors import Gone, Moved, Rejected, Retry, SendError, Unknown

if TYPE_CHECKING:
    from telegram.error import TelegramError

SOON = 5.0
"""Seconds until the next try of what failed for a passing reason."""

LATER = 300.0
"""Seconds until the next try where a person has to mend something first (a refused token)."""

COPY_AFTER = 120.0
"""Seconds until what may have arrived is sent again: Telegram can't tell a repeat, and the reader gets a copy."""

_GATEWAY_TIMEOUT = 504

_CLOSED = (
    "chat not found",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_send_plain_forbidden",
    "chat_admin_required",
    "chat_restricted",
    "channel_private",
    "peer_id_invalid",
    "user_is_blocked",
    "input_user_deactivated",
    "user is deactivated",
    "group chat was deleted",
    "group chat was deactivated",
    "group chat was upgraded",
    "bot is not a member",
    "topic_closed",
    "topic_deleted",
    "topic_id_invalid",
    "message thread not found",
)
"""Texts of status 400 after which a place stays closed until a person acts; matched in any case."""


def fault(error: TelegramError, thread: int | None = None) -> SendError:
    """Return what the outbox is told: Retry, Moved, Gone, Rejected or Unknown.

    `thread` is the forum topic that was written to; a group that moved takes its topics along.
    """
    if isinstance(error, NoAnswer):
        return Unknown(error.message, COPY_AFTER)
    if isinstance(error, Unreachable):
        return Retry(error.message, SOON, everywhere=True)
    if isinstance(error, ApiError):
        return _refused(error, thread)
    return Retry(f"Telegram failed ({type(error).__name__})", SOON, everywhere=True)


def _refused(error: ApiError, thread: int | None) -> SendError:
    reason = explained(error)
    if error.migrate_to:
        return Moved(reason, f"{error.migrate_to}/{thread}" if thread else str(error.migrate_to))
    # What the API says of a chat concerns that chat; a failing server, a refused token and whatever answers in front
    # of the API concern all of them.
    everywhere = not error.by_api or error.code >= 500 or error.code in {401, 404}
    if error.code == 429 or error.retry_after:
        return Retry(reason, error.retry_after or SOON, everywhere=everywhere, asked=True)
    if error.code >= 500:
        unclear = error.empty or (error.code == _GATEWAY_TIMEOUT and not error.by_api)
        return Unknown(reason, COPY_AFTER) if unclear else Retry(reason, SOON)
    if error.code == 413 or (error.code == 400 and error.by_api and not _closes(error)):
        return Rejected(reason)
    if error.by_api and error.code in {400, 403}:
        return Gone(reason)
    return Retry(reason, SOON) if error.code == 400 else Retry(reason, LATER, everywhere=True)


def _closes(error: ApiError) -> bool:
    return any(text in error.message.lower() for text in _CLOSED)


def explained(error: TelegramError) -> str:
    """What happened, in words for `/status` and logs."""
    if not isinstance(error, ApiError):
        return error.message
    if error.code >= 500:
        return f"Telegram returned a server error (HTTP {error.code})"
    if error.code == 429 or error.retry_after:
        return f"Telegram asked to wait {error.retry_after or SOON:.0f} s (HTTP {error.code})"
    if error.code in {401, 404}:
        return f"Telegram refused the token (HTTP {error.code})"
    return f"Telegram: {error.message}"


def unchanged(error: TelegramError) -> bool:
    """Whether an edit failed only because the message says so already."""
    return isinstance(error, ApiError) and "message is not modified" in error.message.lower()


def gone_message(error: TelegramError) -> bool:
    """Whether an edit failed because there is no such message to edit any more."""
    return isinstance(error, ApiError) and error.code == 400 and "message" in error.message.lower()
