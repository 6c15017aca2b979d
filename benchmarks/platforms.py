"""`python -m benchmarks.platforms KIND LATENCY`: the least of Telegram or Discord on loopback, in a process of its own.

It prints its port, takes messages after LATENCY seconds each, holds the bot to the platform's limits with a 429, and
tells at `/figures` how many messages came, how many were refused, and in how many seconds they came.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

from aiohttp import web

TOKEN = "42:AAbenchmark"  # noqa: S105 -- a platform that does not look at it
_WHOLE = {"telegram": 30, "discord": 50}  # messages a second
_BUCKET, _WINDOW = 5, 5.0  # messages a channel of Discord, and seconds


@dataclass
class Platform:
    """What has come, and when; `instants` are those of the last second."""

    kind: str
    latency: float
    clock: Callable[[], float] = time.monotonic
    messages: int = 0
    refused: int = 0
    first: float = 0.0
    last: float = 0.0
    instants: deque[float] = field(default_factory=deque)
    buckets: dict[str, tuple[int, float]] = field(default_factory=lambda: defaultdict(lambda: (0, 0.0)))

    def admitted(self, channel: str) -> tuple[bool, dict[str, str]]:
        """Count a message; whether it keeps the limits, and what Discord says of the channel's bucket."""
        now = self.clock()
        while self.instants and self.instants[0] <= now - 1:
            self.instants.popleft()
        used, ends = self.buckets[channel]
        used, ends = (used, ends) if now < ends else (0, now + _WINDOW)
        fits = len(self.instants) < _WHOLE[self.kind] and used < _BUCKET
        if fits:
            used += 1
            self.instants.append(now)
            self.messages += 1
            self.first, self.last = self.first or now, now
        else:
            self.refused += 1
        self.buckets[channel] = used, ends
        limits = {"Limit": _BUCKET, "Remaining": _BUCKET - used, "Reset-After": f"{ends - now:.3f}"}
        return fits, {f"X-RateLimit-{name}": str(value) for name, value in limits.items()} | {
            "X-RateLimit-Bucket": "messages",
            "X-RateLimit-Reset": f"{1_700_000_000 + ends:.3f}",
        }

    async def telegram(self, request: web.Request) -> web.Response:
        values = await request.post()
        await asyncio.sleep(self.latency / 2)
        result: dict[str, Any] = {"id": 42, "is_bot": True, "first_name": "Paperwire", "username": "paperwire_bot"}
        if request.match_info["method"] == "sendMessage":
            if not self.admitted(str(values["chat_id"]))[0]:
                refusal = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1"}
                return web.json_response(refusal | {"parameters": {"retry_after": 1}}, status=429)
            chat = {"id": int(str(values["chat_id"])), "type": "private", "first_name": "Ann"}
            result = {"message_id": self.messages, "date": 1_700_000_000, "chat": chat, "text": "."}
        await asyncio.sleep(self.latency / 2)
        return web.json_response({"ok": True, "result": result})

    async def discord(self, request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(self.latency / 2)
        body = _bot()
        headers = {"Content-Type": "application/json"}
        status = 200
        if request.method == "POST":
            channel = request.match_info["channel"]
            fits, limits = self.admitted(channel)
            headers |= limits
            if fits:
                now = "2026-01-05T08:00:00+00:00"
                body = _message(str(self.messages), channel, now)
            else:
                status, body = 429, {"message": "You are being rate limited.", "retry_after": 1.0, "global": False}
                headers |= {"Via": "1.1 google", "Retry-After": "1", "X-RateLimit-Scope": "user"}
        await asyncio.sleep(self.latency / 2)
        return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)

    async def figures(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {"messages": self.messages, "refused": self.refused, "seconds": self.last - self.first}
        )


def _bot() -> dict[str, Any]:
    """The bot, and its application at once."""
    texts = {"name": "Paperwire", "description": "", "summary": "", "verify_key": "0"}
    about = {"id": "42", "username": "Paperwire", "discriminator": "0000", "avatar": None, "icon": None, "flags": 0}
    owner = {"id": "1", "username": "Owner", "discriminator": "0000", "avatar": None}
    return about | texts | {"bot_public": True, "bot_require_code_grant": False, "owner": owner}


def _message(number: str, channel: str, now: str) -> dict[str, Any]:
    author = _bot()
    empty: list[str] = []
    lists = dict.fromkeys(("attachments", "embeds", "mentions", "mention_roles", "components"), empty)
    flags = dict.fromkeys(("tts", "mention_everyone", "pinned"), False)
    about = {"id": number, "channel_id": channel, "author": author, "content": ".", "timestamp": now, "type": 0}
    return about | lists | flags | {"edited_timestamp": None}


async def _serve(kind: str, latency: float) -> None:
    platform = Platform(kind, latency)
    app = web.Application()
    app.router.add_get("/figures", platform.figures)
    if kind == "telegram":
        app.router.add_route("*", "/bot{token}/{method}", platform.telegram)
    else:
        app.router.add_get("/api/v10/users/@me", platform.discord)
        app.router.add_get("/api/v10/oauth2/applications/@me", platform.discord)
        app.router.add_post("/api/v10/channels/{channel}/messages", platform.discord)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@contextmanager
def running(kind: str, latency: float) -> Iterator[str]:
    """A platform of its own; its root address."""
    command = [sys.executable, "-m", "benchmarks.platforms", kind, str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- ourselves
        try:
            assert process.stdout is not None  # noqa: S101 -- asked for above
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def figures(url: str) -> dict[str, float]:
    """What came to the platform at `url`: `messages`, `refused`, `seconds`."""
    with urlopen(f"{url}/figures", timeout=30) as answer:  # noqa: S310 -- our own on loopback
        counted: dict[str, float] = json.load(answer)
        return counted


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], float(sys.argv[2])))
