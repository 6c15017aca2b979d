"""How the fake Discord fails when it is told to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web

from servers.discord_world import Refusal

REFUSALS: dict[str, tuple[int, int, str]] = {
    "unknown_channel": (404, 10003, "Unknown Channel"),
    "unknown_message": (404, 10008, "Unknown Message"),
    "unknown_webhook": (404, 10015, "Unknown Webhook"),
    "unknown_interaction": (404, 10062, "Unknown interaction"),
    "acknowledged": (400, 40060, "Interaction has already been acknowledged."),
    "missing_access": (403, 50001, "Missing Access"),
    "missing_permissions": (403, 50013, "Missing Permissions"),
    "no_dm": (403, 50007, "Cannot send messages to this user"),
    "no_mutual_guilds": (403, 50278, "Cannot send messages to this user due to having no mutual guilds"),
    "archived": (400, 50083, "Thread is archived"),
    "locked": (400, 160005, "This thread is locked"),
    "not_text": (400, 50008, "Cannot send messages in a non-text channel"),
    "empty": (400, 50006, "Cannot send an empty message"),
    "invalid": (400, 50035, "Invalid Form Body"),
    "automod": (400, 200000, "Message was blocked by automatic moderation"),
    "too_large": (413, 40005, "Request entity too large"),
    "slow_mode": (403, 20016, "This action cannot be performed due to slowmode rate limit"),
    "unauthorized": (401, 0, "401: Unauthorized"),
    "forbidden": (403, 0, "403: Forbidden"),
    "not_found": (404, 0, "404: Not Found"),
    "server_error": (500, 0, "500: Internal Server Error"),
    "unavailable": (503, 0, "503: Service Unavailable"),
}
"""Faults that are plain refusals; others: flood, shared_flood, global_flood, ban, hang(_after), reset(_after),
garbage(_after), those of `PAGES`, and no_body (a 502 without a body)."""

PAGES = {"bad_request_page": 400, "forbidden_page": 403, "bad_gateway": 502, "gateway_timeout": 504}
"""What something in front of the API answers, with a page."""

HANG = 3600.0


@dataclass
class Fault:
    """`route` is the kind of request that fails: `message`, `callback`, `webhook`, `login`, `gateway`, `commands`...

    `retry_after` is the text of the header `Retry-After` that goes with a refusal or a bad gateway.
    """

    kind: str
    channel: int | None = None
    route: str = "message"
    left: int = 1
    value: float = 60.0
    retry_after: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": self.retry_after} if self.retry_after else {}


async def misbehave(fault: Fault, request: web.Request) -> web.StreamResponse:
    kind = fault.kind.removesuffix("_after")
    if kind in REFUSALS:
        raise Refusal(*REFUSALS[kind], headers=fault.headers)
    if kind in {"flood", "shared_flood", "global_flood"}:
        scope = {"flood": "user", "shared_flood": "shared", "global_flood": "global"}[kind]
        raise Refusal(429, 0, "You are being rate limited.", retry_after=fault.value, scope=scope)
    if kind == "ban":
        headers = {"Retry-After": str(int(fault.value))} if fault.value else {"Retry-After": "a while"}
        return web.Response(status=429, text="<html>error 1015</html>", content_type="text/html", headers=headers)
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
