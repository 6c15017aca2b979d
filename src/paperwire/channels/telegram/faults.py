"""What an error of python-telegram-bot means for a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

import httpx
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError

from paperwire.channels._conversation import COPY_AFTER, RETRY_LATER, RETRY_SOON
from paperwire.channels.telegram.address import ChatAddress
from paperwire.channels.telegram.transport import api_answer
from paperwire.errors import CloseReason, Gone, Moved, Rejected, Retry, SendError, Unknown
from paperwire.network import why

TROUBLES = (TelegramError, AttributeError, KeyError, TypeError, ValueError)
"""What the library raises when a request fails; the last four where its types don't fit the answer."""

_UNREADABLE = "Telegram's answer can't be read"

_CLOSED = {
    "chat not found": CloseReason.DELETED,
    "not enough rights": CloseReason.SILENCED,
    "have no rights": CloseReason.SILENCED,
    "need administrator rights": CloseReason.SILENCED,
    "chat_write_forbidden": CloseReason.SILENCED,
    "chat_send_plain_forbidden": CloseReason.SILENCED,
    "chat_admin_required": CloseReason.SILENCED,
    "chat_restricted": CloseReason.SILENCED,
    "channel_private": CloseReason.REMOVED,
    "peer_id_invalid": CloseReason.DELETED,
    "user_is_blocked": CloseReason.BLOCKED,
    "input_user_deactivated": CloseReason.DELETED,
    "user is deactivated": CloseReason.DELETED,
    "group chat was deleted": CloseReason.DELETED,
    "group chat was deactivated": CloseReason.DELETED,
    "group chat was upgraded": CloseReason.DELETED,
    "bot is not a member": CloseReason.REMOVED,
    "topic_closed": CloseReason.TOPIC_CLOSED,
    "topic_deleted": CloseReason.DELETED,
    "topic_id_invalid": CloseReason.DELETED,
    "message thread not found": CloseReason.DELETED,
}
"""Texts of a `BadRequest` after which a chat stays closed until a person acts, and why; matched in any case."""

_FORBIDDEN = {
    "blocked by the user": CloseReason.BLOCKED,
    "can't initiate conversation": CloseReason.BLOCKED,
    "user is deactivated": CloseReason.DELETED,
    "was deleted": CloseReason.DELETED,
    "rights": CloseReason.SILENCED,
}
"""The same of a `Forbidden`; any other one means that the bot was removed."""


def fault(error: Exception, thread: int | None = None) -> SendError:  # noqa: PLR0911 -- one for each error
    """Translate an error into Retry, Moved, Gone, Rejected or Unknown.

    `thread` is the forum topic that was written to; a group that moved takes its topics along.
    """
    match error:
        case ChatMigrated():
            return Moved("Telegram: the group became a supergroup", str(ChatAddress(error.new_chat_id, thread)))
        case RetryAfter():
            after = cast("timedelta", error.retry_after).total_seconds()
            everywhere = error.__cause__ is not None  # it came with a failure that is not about one chat
            return Retry(f"Telegram asked to wait {after:.0f} s", after, everywhere=everywhere, requested=True)
        case Forbidden():
            return Gone(f"Telegram: {error.message}", _why(error, _FORBIDDEN) or CloseReason.REMOVED)
        case BadRequest():
            reason, why = f"Telegram: {error.message}", _why(error, _CLOSED)
            return Gone(reason, why) if why else Rejected(reason)
        case InvalidToken():
            return Retry("Telegram refused the token", RETRY_LATER, everywhere=True)
        case Conflict():
            return Retry("another program reads this bot's updates", RETRY_LATER, everywhere=True)
        case TelegramError():
            return _failed(error.__cause__ or error)
        case _:
            return Unknown(_UNREADABLE, COPY_AFTER)


def _why(error: TelegramError, texts: Mapping[str, CloseReason]) -> CloseReason | None:
    return next((why for text, why in texts.items() if text in error.message.lower()), None)


def _failed(cause: BaseException) -> SendError:
    """What httpx's error means; a request that was never fully written can't have been obeyed."""
    match cause:
        case httpx.HTTPStatusError():
            return _refused(cause.response)
        case httpx.ReadTimeout():
            return Unknown("Telegram did not answer in time", COPY_AFTER)
        case httpx.ReadError() | httpx.CloseError() | httpx.ProtocolError() | httpx.DecodingError():
            return Unknown("the connection to Telegram broke before it answered", COPY_AFTER)
        case _:
            return Retry(f"Telegram can't be reached ({why(cause)})", RETRY_SOON, everywhere=True)


def _refused(answer: httpx.Response) -> SendError:
    """What an answer means that has no error class, or that something in front of the Bot API gave."""
    status, by_api = answer.status_code, "ok" in api_answer(answer)
    reason = f"Telegram: HTTP {status}"
    if answer.is_success:
        return Unknown(_UNREADABLE, COPY_AFTER)
    if answer.is_server_error:
        reason = f"Telegram returned a server error (HTTP {status})"
        unclear = not answer.content.strip() or (status == httpx.codes.GATEWAY_TIMEOUT and not by_api)
        return Unknown(reason, COPY_AFTER) if unclear else Retry(reason, RETRY_SOON)
    match status:
        case 400:  # of no Bot API: perhaps it dislikes this one request
            return Retry(reason, RETRY_SOON)
        case 413:
            return Rejected(reason)
        case 429:
            return Retry(reason, RETRY_SOON, everywhere=not by_api, requested=True)
        case _:
            return Retry(reason, RETRY_LATER, everywhere=True)
