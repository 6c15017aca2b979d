"""How the fake Bot API fails when it is told to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web

from servers.telegram_world import Refusal

REFUSALS: dict[str, tuple[int, str]] = {
    "blocked": (403, "Forbidden: bot was blocked by the user"),
    "kicked": (403, "Forbidden: bot was kicked from the supergroup chat"),
    "deactivated": (403, "Forbidden: user is deactivated"),
    "no_initiative": (403, "Forbidden: bot can't initiate conversation with a user"),
    "not_found": (400, "Bad Request: chat not found"),
    "no_rights": (400, "Bad Request: not enough rights to send text messages to the chat"),
    "topic_closed": (400, "Bad Request: TOPIC_CLOSED"),
    "no_thread": (400, "Bad Request: message thread not found"),
    "unparsable": (400, "Bad Request: can't parse entities: Unsupported start tag"),
    "too_long": (400, "Bad Request: message is too long"),
    "odd": (400, "Bad Request: SOMETHING_NEW_INVALID"),
    "unmodified": (400, "Bad Request: message is not modified"),
    "old_query": (400, "Bad Request: query is too old and response timeout expired or query ID is invalid"),
    "unauthorized": (401, "Unauthorized"),
    "no_method": (404, "Not Found"),
    "conflict": (409, "Conflict: terminated by other getUpdates request"),
    "too_large": (413, "Request Entity Too Large"),
    "server_error": (500, "Internal Server Error"),
    "unavailable": (503, "Service Unavailable"),
}
"""Faults that are plain refusals; others: flood, migrate, hang(_after), reset(_after), garbage, those of `PAGES`, and
no_body (a 502 without a body)."""

PAGES = {"bad_request_page": 400, "forbidden_page": 403, "flood_page": 429, "bad_gateway": 502, "gateway_timeout": 504}
"""What something in front of the API answers, with a page."""

HANG = 3600.0


@dataclass
class Fault:
    """`retry_after` is the text of the header `Retry-After` that goes with a refusal or a bad gateway."""

    kind: str
    chat: int | None = None
    method: str = "sendMessage"
    left: int = 1
    value: int = 30
    retry_after: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": self.retry_after} if self.retry_after else {}


async def misbehave(fault: Fault, request: web.Request) -> web.StreamResponse:
    kind = fault.kind.removesuffix("_after")
    if kind in REFUSALS:
        refusal = Refusal(*REFUSALS[kind])
        return web.json_response(refusal.body, status=refusal.code, headers=fault.headers)
    if kind == "flood":
        raise Refusal(429, f"Too Many Requests: retry after {fault.value}", retry_after=fault.value)
    if kind == "migrate":
        description = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refusal(400, description, migrate_to_chat_id=fault.value)
    if kind == "garbage":
        return web.Response(text="<html>Please log in to this network</html>", content_type="text/html")
    if kind in PAGES:
        return web.Response(status=PAGES[kind], text="<html></html>", content_type="text/html", headers=fault.headers)
    if kind == "no_body":
        return web.Response(status=502, headers=fault.headers)
    if kind == "hang":
        await asyncio.sleep(HANG)
    if request.transport:
        request.transport.abort()
    return web.Response()
