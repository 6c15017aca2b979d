"""An ntfy server on loopback, with the limits of one that nobody has configured (server/server.go, config.go)."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Self

from aiohttp import web

MESSAGE, ENVELOPE, BURST = 4096, 8192, 60
"""Bytes of a message (what is longer becomes an attachment) and of a request, and requests at once from one visitor."""
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_RESERVED = {"docs", "static", "file", "app", "account", "settings", "signup", "login"}
_FIELDS = {
    "topic": str,
    "title": str,
    "message": str,
    "click": str,
    "priority": int,
    "actions": list,
    "sequence_id": str,
}


class NtfyServer:
    """Takes messages; `shown` are the notifications of each topic, of which those of one sequence are the last alone.

    `token` is the only one it knows, and `closed` are topics that take nothing. Each request gets the next of
    `answers` instead, while there are any: a status, (status, headers), `reset`, `hang`, or a text that is no JSON.
    """

    def __init__(self, *, token: str = "", closed: tuple[str, ...] = ()) -> None:
        self.requests: list[dict[str, str]] = []
        self.shown: dict[str, list[dict[str, Any]]] = {}
        self.answers: list[Any] = []
        self.left = BURST
        self.url = ""
        self._token, self._closed = token, closed
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/", self._publish)
        app.router.add_get("/v1/account", self._account)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    def texts(self, topic: str) -> list[str]:
        """Title and text of each notification of a topic."""
        return [f"{one.get('title', '')}\n{one['message']}" for one in self.shown.get(topic, [])]

    async def _account(self, request: web.Request) -> web.StreamResponse:
        return await self._fault(request) or web.json_response({"username": "*" if not self._token else "paperwire"})

    async def _publish(self, request: web.Request) -> web.StreamResponse:
        if (fault := await self._fault(request)) is not None:
            return fault
        if self.left == 0:
            return _error(429, 42901, "limit reached: too many requests, please be nice")
        self.left -= 1
        raw = await request.read()
        if len(raw) > ENVELOPE:
            return _error(413, 41303, "JSON body too large")
        try:
            body = json.loads(raw)
        except ValueError:
            return _error(400, 40024, "invalid request: request body must be valid JSON")
        return self._show(body)

    def _show(self, body: dict[str, Any]) -> web.StreamResponse:
        topic, actions = body.get("topic", ""), body.get("actions", [])
        unknown = [name for name, value in body.items() if not isinstance(value, _FIELDS.get(name, object))]
        refused = [
            (bool(unknown), 400, 40024, "invalid request: request body must be valid JSON"),
            (not _TOPIC.fullmatch(topic), 400, 40009, "invalid request: topic invalid"),
            (topic in _RESERVED, 400, 40010, "invalid request: topic name is disallowed"),
            (topic in self._closed, 403, 40301, "forbidden"),
            (topic.startswith("up") and len(topic) == 14, 507, 50701, "topic without previously active subscriber"),
            (not 0 <= body.get("priority", 3) <= 5, 400, 40007, "invalid priority parameter"),
            (
                len(actions) > 3 or not all(one["label"] and one["url"] for one in actions),
                400,
                40018,
                "actions invalid",
            ),
        ]
        for wrong, status, code, text in refused:
            if wrong:
                return _error(status, code, text)
        shown = {name: value for name, value in body.items() if value} | {"message": body.get("message") or "triggered"}
        shown["attached"] = len(shown["message"].encode()) >= MESSAGE
        before = self.shown.setdefault(topic, [])
        before[:] = [
            one for one in before if "sequence_id" not in shown or one.get("sequence_id") != shown["sequence_id"]
        ]
        before.append(shown)
        return web.json_response({"id": f"m{len(self.requests)}", "topic": topic, "event": "message"})

    async def _fault(self, request: web.Request) -> web.StreamResponse | None:
        """What goes wrong before the request is looked at."""
        self.requests.append({name.lower(): value for name, value in request.headers.items()})
        answer = self.answers.pop(0) if self.answers else None
        if answer == "hang":
            await asyncio.sleep(3600)
        if answer == "reset":
            request.transport.abort()  # type: ignore[union-attr]  # it is connected
        if isinstance(answer, str):
            return web.Response(text=answer, content_type="text/html")
        if answer is not None:
            status, headers = answer if isinstance(answer, tuple) else (answer, {})
            return web.json_response({"http": status}, status=status, headers=headers)
        given = request.headers.get("authorization")
        if given is not None and given != f"Bearer {self._token}":
            return _error(401, 40101, "unauthorized")
        return None


def _error(status: int, code: int, text: str) -> web.StreamResponse:
    return web.json_response({"code": code, "http": status, "error": text}, status=status)
