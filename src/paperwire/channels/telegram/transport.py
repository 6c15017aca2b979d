"""How requests reach the Bot API: python-telegram-bot's bot over a transport that tells apart why one failed."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

import httpx
from telegram.error import NetworkError, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

if TYPE_CHECKING:
    from telegram.request import RequestData

MESSAGES_PER_SECOND = 28
"""All chats together; Telegram's own figure is about 30."""

_BEFORE_WRITTEN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.WriteError,
    httpx.WriteTimeout,
)


class ApiError(TelegramError):
    """The Bot API said no: HTTP status, its description, and the two parameters it may add.

    `retry_after` is in seconds; `answered` is false where a server error came without a body.
    """

    def __init__(
        self, code: int, description: str, *, retry_after: float = 0.0, migrate_to: int = 0, answered: bool = True
    ) -> None:
        """Keep the parts; the text is the description."""
        super().__init__(description)
        self.code = code
        self.retry_after = retry_after
        self.migrate_to = migrate_to
        self.answered = answered


class Unreachable(TelegramError):
    """The request was never fully written, so nothing can have come of it."""


class NoAnswer(TelegramError):
    """The request was written but no whole answer came: it may have been obeyed."""


class Transport(HTTPXRequest):
    """python-telegram-bot's HTTP client, raising only `ApiError`, `Unreachable` and `NoAnswer`.

    The errors are raised without their cause, as httpx's own hold the address and so the token.
    """

    async def do_request(  # noqa: PLR0913, PLR0917 - the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = HTTPXRequest.DEFAULT_NONE,
        write_timeout: Any = HTTPXRequest.DEFAULT_NONE,
        connect_timeout: Any = HTTPXRequest.DEFAULT_NONE,
        pool_timeout: Any = HTTPXRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """See the base class."""
        try:
            code, payload = await super().do_request(
                url, method, request_data, read_timeout, write_timeout, connect_timeout, pool_timeout
            )
        except NetworkError as error:
            kind = type(error.__cause__).__name__
            if isinstance(error.__cause__, _BEFORE_WRITTEN):
                raise Unreachable(f"cannot reach Telegram ({kind})") from None
            raise NoAnswer(f"Telegram did not answer ({kind})") from None
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Unreachable(f"cannot ask Telegram ({type(error).__name__})") from None
        answer = _object(payload)
        if code == httpx.codes.OK and "result" in answer:
            return code, payload
        if code == httpx.codes.OK:
            raise NoAnswer("Telegram's answer makes no sense")
        raise _refusal(code, answer, answered=bool(payload.strip()))


def _object(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(code: int, answer: dict[str, Any], *, answered: bool) -> ApiError:
    parameters = answer.get("parameters") or {}
    return ApiError(
        code,
        str(answer.get("description") or f"HTTP status {code}"),
        retry_after=float(parameters.get("retry_after") or 0),
        migrate_to=int(parameters.get("migrate_to_chat_id") or 0),
        answered=answered,
    )


class _Redact(logging.Filter):
    """Takes the token out of the addresses, and the webhook's secret out of the calls, that libraries log."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = re.sub(r"/bot[^/\s]+", "/bot***", record.getMessage())
        record.msg = re.sub(r"('secret_token': )'[^']*'", r"\1'***'", text)
        record.args = ()
        return True


_REDACT = _Redact()


class Bot(ExtBot[int]):
    """The library's bot, which can also hand over answers as they came.

    Its own types for chats and members refuse an answer that lacks a field of the newest Bot API.
    """

    async def ask(self, method: str, *, read_timeout: float | None = None, **values: Any) -> Any:
        """Call `method` of the Bot API and return its `result` as JSON values.

        Raises:
            TelegramError: one of those that `Transport` names.
        """
        return await self._post(method, values, read_timeout=read_timeout or Transport.DEFAULT_NONE)

    async def hang_up(self) -> None:
        """Give back all connections; the bot may not be used again."""
        for request in self._request:
            await request.shutdown()


def make_bot(token: str, api_url: str, *, timeout: float) -> Bot:
    """Return a bot that never retries by itself and never sleeps for one chat's sake.

    `timeout` is in seconds, for an answer. Nothing is sent yet. AIORateLimiter paces all chats together; one
    chat's limit is kept by `Pacer`, because the library would wait for up to a minute inside the call.
    """
    for name in ("httpx", "telegram.Bot", "telegram.ext.ExtBot"):
        logging.getLogger(name).addFilter(_REDACT)
    logging.getLogger("telegram.ext.AIORateLimiter").setLevel(logging.CRITICAL)  # a 429 is an everyday event
    return Bot(
        token,
        base_url=f"{api_url.rstrip('/')}/bot",
        request=Transport(connection_pool_size=32, connect_timeout=5, read_timeout=timeout, pool_timeout=timeout),
        get_updates_request=Transport(connection_pool_size=2, connect_timeout=5, read_timeout=timeout),
        rate_limiter=AIORateLimiter(
            overall_max_rate=1, overall_time_period=1 / MESSAGES_PER_SECOND, group_max_rate=0, max_retries=0
        ),
    )
