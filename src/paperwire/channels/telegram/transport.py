"""python-telegram-bot's HTTP client with what its errors and its lists of updates leave out."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from telegram import Update
from telegram.error import RetryAfter
from telegram.request import HTTPXRequest

from paperwire.core.duration import retry_after
from paperwire.network import Network
from paperwire.ports.options import Now

log = structlog.get_logger(__name__)

_WITH_CLASS = frozenset({400, 401, 403, 404, 409})  # statuses of the Bot API that the library has an error class for

FILES = "/file/bot"
"""In the address of a file, whose answer is no JSON."""

_ABOUT_BOT = frozenset({401, 404})  # statuses of the Bot API that refuse the token rather than one request


class Transport(HTTPXRequest):
    """The library's client, keeping of a failure what the library drops: status, body and `Retry-After`.

    `timeout` is in seconds, for an answer.
    """

    def __init__(self, network: Network, now: Now, *, connections: int, timeout: float) -> None:
        # The library looks at it each time: else a `RetryAfter` has whole seconds, and warns that this will change.
        os.environ["PTB_TIMEDELTA"] = "true"

        async def check(response: httpx.Response) -> None:
            await response.aread()
            if not response.is_success or FILES not in response.request.url.path:
                _check(response, now())

        super().__init__(
            connection_pool_size=connections,
            connect_timeout=5,
            read_timeout=timeout,
            pool_timeout=timeout,
            httpx_kwargs=network.client_options(httpx.Limits(max_connections=connections))
            | {"event_hooks": {"response": [check]}},
        )

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """See the base class; updates that the library can't read are emptied."""
        answer = HTTPXRequest.parse_json_payload(payload)
        if isinstance(result := answer.get("result"), list):
            answer["result"] = [readable(entry) if "update_id" in entry else entry for entry in result]
        return answer


def _check(response: httpx.Response, now: datetime) -> None:
    """Raise for an answer of which the library would keep only a text.

    httpx's error becomes the cause of the library's. Its text leaves the URL out, which has the token in it.
    """
    answer, status = api_answer(response), response.status_code
    if response.is_success and "result" in answer:
        return
    failure = httpx.HTTPStatusError(f"HTTP {status}", request=response.request, response=response)
    if answer.get("parameters"):
        return  # the library reads these first, whatever the status
    if after := retry_after(response.headers.get("retry-after", ""), now):
        about_all = "ok" not in answer or status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _ABOUT_BOT
        raise RetryAfter(timedelta(seconds=after)) from (failure if about_all else None)
    if "ok" not in answer or status not in _WITH_CLASS:
        raise failure


def api_answer(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of the Bot API, which has `ok` in it; empty if something else answered."""
    try:
        answer = json.loads(response.content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def readable(update: dict[str, Any]) -> dict[str, Any]:
    """The update, or its number alone if the library can't read it.

    One message of a kind newer than the library would otherwise fail the list it is in, again at each poll.
    """
    try:
        Update.de_json(update)
    except Exception as error:  # noqa: BLE001 -- the library checks nothing, so anything may be raised
        log.warning("telegram update unreadable", error=type(error).__name__)
        return {"update_id": update["update_id"]}
    return update
