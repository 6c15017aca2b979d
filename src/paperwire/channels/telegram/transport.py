"""How requests reach the Bot API: python-telegram-bot's bot over a transport that tells apart why one failed."""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpx
import telegram
from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest

from paperwire.core.duration import retry_after

if TYPE_CHECKING:
    from telegram.request import RequestData

    from paperwire.ports import Now

CONNECTIONS = 64
"""Connections at once: twice as many as alerts take, so that no answer to a person waits for one."""

_HEADERS: ContextVar[httpx.Headers] = ContextVar("_HEADERS")
"""The headers of the answer that this task got last, which the library does not hand on."""

BROKEN_OFF = "the connection to Telegram broke before it answered"

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
    """The answer was no: HTTP status, its description, and what it may add.

    `retry_after` is in seconds. `by_api` is false where something in front of the Bot API answered, and `empty` says
    that the answer had no body.
    """

    def __init__(  # noqa: PLR0913 - what an answer says
        self,
        code: int,
        description: str,
        *,
        retry_after: float = 0.0,
        migrate_to: int = 0,
        by_api: bool = True,
        empty: bool = False,
    ) -> None:
        """Keep the parts; the text is the description."""
        super().__init__(description)
        self.code = code
        self.retry_after = retry_after
        self.migrate_to = migrate_to
        self.by_api = by_api
        self.empty = empty


class Unreachable(TelegramError):
    """The request was never fully written, so nothing can have come of it."""


class NoAnswer(TelegramError):
    """The request was written but no whole answer came: it may have been obeyed."""


class Transport(HTTPXRequest):
    """python-telegram-bot's HTTP client, raising only `ApiError`, `Unreachable` and `NoAnswer`.

    The errors are raised without their cause, as httpx's own hold the address and so the token. `timeout` is in
    seconds, for an answer.
    """

    def __init__(self, now: Now, *, connections: int, timeout: float) -> None:
        async def note(response: httpx.Response) -> None:
            _HEADERS.set(response.headers)

        self._now = now
        super().__init__(
            connection_pool_size=connections,
            connect_timeout=5,
            read_timeout=timeout,
            pool_timeout=timeout,
            httpx_kwargs={"event_hooks": {"response": [note]}},
        )

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
                raise Unreachable(f"Telegram can't be reached ({kind})") from None
            late = isinstance(error.__cause__, httpx.TimeoutException)
            raise NoAnswer("Telegram did not answer in time" if late else BROKEN_OFF) from None
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Unreachable(f"Telegram can't be reached ({type(error).__name__})") from None
        answer = _object(payload)
        if code == httpx.codes.OK and "result" in answer:
            return code, payload
        if code == httpx.codes.OK:
            raise NoAnswer("Telegram's answer can't be read")
        raise self._refusal(code, answer, empty=not payload.strip())

    def _refusal(self, code: int, answer: dict[str, Any], *, empty: bool) -> ApiError:
        parameters = answer.get("parameters") or {}
        asked = parameters.get("retry_after") or retry_after(_HEADERS.get().get("retry-after", ""), self._now())
        return ApiError(
            code,
            str(answer.get("description") or f"HTTP {code}"),
            retry_after=float(asked or 0),
            migrate_to=int(parameters.get("migrate_to_chat_id") or 0),
            by_api="ok" in answer,
            empty=empty,
        )


def _object(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


class _Redact(logging.Filter):
    """Takes the token out of the addresses, and the webhook's secret out of the calls, that libraries log."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = re.sub(r"/bot[^/\s]+", "/bot***", record.getMessage())
        record.msg = re.sub(r"('secret_token': )'[^']*'", r"\1'***'", text)
        record.args = ()
        return True


_REDACT = _Redact()


class Bot(telegram.Bot):
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


def make_bot(token: str, api_url: str, now: Now, *, timeout: float) -> Bot:
    """Return a bot that never retries and never waits by itself: pace is kept by `Pacer`.

    `timeout` is in seconds, for an answer. Nothing is sent yet.
    """
    for name in ("httpx", "telegram.Bot"):
        logging.getLogger(name).addFilter(_REDACT)
    return Bot(
        token,
        base_url=f"{api_url.rstrip('/')}/bot",
        request=Transport(now, connections=CONNECTIONS, timeout=timeout),
        get_updates_request=Transport(now, connections=2, timeout=timeout),
    )
