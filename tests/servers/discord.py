"""Discord on loopback: its REST API and gateway over real HTTP and websockets, its limits, and faults on demand."""

from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from servers.discord_faults import Fault, misbehave
from servers.discord_limits import Limits
from servers.discord_people import Interaction, People
from servers.discord_schema import recorded
from servers.discord_world import (
    APP_ID,
    BOT_ID,
    EPHEMERAL,
    IN_COMPONENTS,
    OPEN_THREADS,
    Refusal,
    Sent,
    check_commands,
    check_form,
    faults_of,
    user_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from servers.outage import Outage

TOKEN = "discord-test-token"
JSON = {"Content-Type": "application/json"}


class DiscordServer(People):
    """`async with DiscordServer() as discord:` listens at `discord.url` for the bot with `discord.token`.

    Each request takes `latency` seconds, half of them on its way there, and holds up no other. `clock` tells the limits
    the time, in seconds; without one it is the loop's. An `outage` lasts until it is set to None. Every request is held
    against Discord's own description of its API, where the recorded data has it; what is not valid ends up in `invalid`
    and fails the test.
    """

    def __init__(self, *, token: str = TOKEN, latency: float = 0.0, clock: Callable[[], float] | None = None) -> None:
        super().__init__(token, clock)
        self.latency = latency
        self.schema = recorded()
        self.invalid: list[str] = []
        self.url = ""
        self.limits = Limits()
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.syncs, self.guild_count = 0, 1
        self.faults: list[Fault] = []
        self.files: dict[str, bytes] = {}
        self.outage: Outage | None = None
        self.random = random.Random(7)
        self.repeats = 0
        self._nonces: dict[tuple[int, str], tuple[float, Sent]] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        await self.stop()
        if kind is None:
            assert self.invalid == []

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=60 * 2**20)
        api = "/api/v10"
        app.router.add_get("/", self._serve_gateway)
        app.router.add_get("/files/{name}", self._serve_file)
        for method, path, kind, handle in self._routes():
            app.router.add_route(method, api + path, self._served(kind, handle))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        number = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{number}{api}"
        self.gateway_url = f"ws://127.0.0.1:{number}"

    async def stop(self) -> None:
        self._notify()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def fail(self, kind: str, channel: int | None = None, **rest: Any) -> None:
        """Let the next request fail; `rest`: `route`, `left` (how many times), `value` (seconds)."""
        self.faults.append(Fault(kind, channel, **rest))

    @property
    def violations(self) -> list[str]:
        return self.limits.violations

    # --- every request -------------------------------------------------------------------------------------------

    def _routes(self) -> list[tuple[str, str, str, Callable[..., Coroutine[Any, Any, Any]]]]:
        message = "/channels/{channel}/messages/{message}"
        hook = f"/webhooks/{APP_ID}/{{token}}"
        return [
            ("GET", "/gateway", "gateway", self._on_gateway),
            ("GET", "/users/@me", "login", self._on_me),
            ("POST", "/users/@me/channels", "dm", self._on_open_dm),
            ("GET", "/oauth2/applications/@me", "application", self._on_application),
            ("GET", f"/applications/{APP_ID}/commands", "commands", self._on_commands),
            ("PUT", f"/applications/{APP_ID}/commands", "sync", self._on_sync),
            ("GET", "/channels/{channel}", "channel", self._on_channel),
            ("PATCH", "/channels/{channel}", "unarchive", self._on_edit_channel),
            ("POST", "/channels/{channel}/messages", "message", self._on_message),
            ("DELETE", message, "delete", self._on_delete),
            ("POST", message + "/threads", "thread", self._on_thread),
            ("GET", "/guilds/{guild}", "guild", self._on_guild),
            ("GET", "/guilds/{guild}/members/{user}", "member", self._on_member),
            ("POST", "/interactions/{id}/{token}/callback", "callback", self._on_callback),
            ("POST", hook, "webhook", self._on_followup),
            *self.reading_routes(),
            ("PATCH", hook + "/messages/{message}", "webhook", self._on_edit),
            ("DELETE", hook + "/messages/{message}", "webhook", self._on_remove),
        ]

    def _served(self, kind: str, handle: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        async def serve(request: web.Request) -> web.StreamResponse:
            body, files = await _body(request)
            self.calls.append((request.method, request.path, body))
            self._notify()
            if self.schema:
                path = request.path.removeprefix("/api/v10")
                self.invalid += self.schema.faults(request.method, path, body)
            headers: dict[str, str] = dict(JSON)
            fault = self._fault(kind, request)
            await asyncio.sleep(self.latency / 2)
            try:
                if fault and not fault.kind.endswith("_after"):
                    return await misbehave(fault, request)
                if kind not in {"callback", "webhook"}:
                    self._admit(request)
                if kind == "message":
                    self._in_bucket(int(request.match_info["channel"]), headers)
                result = await handle(request, body, files)
                if fault:
                    self._notify()
                    return await misbehave(fault, request)
                if result is None:
                    return web.Response(status=204)
                return web.Response(body=json.dumps(result).encode(), headers=headers)
            except Refusal as refusal:
                return self._refused(refusal, headers)
            finally:
                self._notify()
                await asyncio.sleep(self.latency / 2)

        return serve

    def _refused(self, refusal: Refusal, headers: dict[str, str]) -> web.Response:
        body = dict(refusal.body)
        headers |= refusal.headers
        scope = body.pop("scope", "user")
        if refusal.status == 429:
            headers |= {"Via": "1.1 google", "Retry-After": str(body["retry_after"]), "X-RateLimit-Scope": scope}
            body["global"] = scope == "global"
            if body["global"]:
                headers["X-RateLimit-Global"] = "true"
        if refusal.status in {401, 403, 429} and scope != "shared":
            self.limits.refused(self._now())
        return web.Response(status=refusal.status, body=json.dumps(body).encode(), headers=headers)

    def _admit(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refusal(401, 0, "401: Unauthorized")
        if after := self.limits.whole(self._now()):
            raise Refusal(429, 0, "You are being rate limited.", retry_after=round(after, 3), scope="global")

    def _in_bucket(self, channel: int, headers: dict[str, str]) -> None:
        after, told = self.limits.bucket(channel, self._now())
        headers |= told
        if after:
            raise Refusal(429, 0, "You are being rate limited.", retry_after=round(after, 3))

    def _fault(self, kind: str, request: web.Request) -> Fault | None:
        channel = int(request.match_info.get("channel", 0))
        for fault in self.faults:
            if fault.route == kind and fault.channel in {None, channel}:
                fault.left -= 1
                if fault.left <= 0:
                    self.faults.remove(fault)
                return fault
        if self.outage is None:
            return None
        part = {"message": "send", "login": "probe"}.get(kind, "other")
        kind_now = self.outage.kind(part)
        return Fault(kind_now, route=kind, value=self.outage.value) if kind_now else None

    # --- the API -------------------------------------------------------------------------------------------------

    async def _serve_file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _on_gateway(self, *_: Any) -> dict[str, Any]:
        return {"url": self.gateway_url}

    async def _on_me(self, *_: Any) -> dict[str, Any]:
        return user_json(BOT_ID, "Paperwire", bot=True)

    async def _on_application(self, *_: Any) -> dict[str, Any]:
        texts = {"name": "Paperwire", "description": "", "summary": "", "verify_key": "0", "icon": None}
        more = {"bot_public": True, "bot_require_code_grant": False, "approximate_guild_count": self.guild_count}
        return {"id": str(APP_ID), "flags": 0, "owner": user_json(1, "Owner"), **texts, **more}

    async def _on_commands(self, *_: Any) -> list[dict[str, Any]]:
        return self.commands

    async def _on_sync(self, _request: web.Request, body: Any, _files: Any) -> list[dict[str, Any]]:
        check_commands(body)
        self.syncs += 1
        usual = {"application_id": str(APP_ID), "version": "1", "default_member_permissions": None, "nsfw": False}
        self.commands = [usual | command | {"id": str(self._number())} for command in body]
        return self.commands

    async def _on_open_dm(self, _request: web.Request, body: Any, _files: Any) -> dict[str, Any]:
        return self.dm(int(body["recipient_id"])).json()

    async def _on_channel(self, request: web.Request, *_: Any) -> dict[str, Any]:
        channel = self._channel(request)
        if channel.guild and (BOT_ID not in channel.guild.members or not channel.rights(BOT_ID) & (1 << 10)):
            raise Refusal(403, 50001, "Missing Access")
        return channel.json()

    async def _on_edit_channel(self, request: web.Request, body: Any, _files: Any) -> dict[str, Any]:
        channel = self._channel(request)
        if channel.locked and not channel.rights(BOT_ID) & (1 << 34):
            raise Refusal(403, 50013, "Missing Permissions")
        channel.archived = bool(body["archived"])
        return channel.json()

    async def _on_guild(self, request: web.Request, *_: Any) -> dict[str, Any]:
        guild = self.guilds.get(int(request.match_info["guild"]))
        if guild is None or BOT_ID not in guild.members:
            raise Refusal(404, 10004, "Unknown Guild")
        return guild.json()

    async def _on_member(self, request: web.Request, *_: Any) -> dict[str, Any]:
        guild, user = self.guilds[int(request.match_info["guild"])], int(request.match_info["user"])
        if user not in guild.members and user != guild.owner:
            raise Refusal(404, 10007, "Unknown Member")
        roles = [str(role) for role in guild.members.get(user, set())]
        usual = {"joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0}
        return {"user": user_json(user, self.names.get(user, "Ann")), "roles": roles, **usual}

    async def _on_message(self, request: web.Request, body: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
        channel = self._channel(request)
        channel.check()
        key = channel.id, str(body.get("nonce"))
        if body.get("enforce_nonce") and key in self._nonces:
            at, before = self._nonces[key]
            if self._now() - at <= self.limits.nonce_memory:
                self.repeats += 1
                if before not in channel.sent:
                    raise Refusal(404, 10008, "Unknown Message")
                return before.json()
        self._check(body, files)
        channel.archived = False
        sent = Sent(channel.id, self._number(), body, files=files)
        channel.sent.append(sent)
        if body.get("nonce") is not None:
            self._nonces[key] = self._now(), sent
        return sent.json()

    async def _on_thread(self, request: web.Request, body: dict[str, Any], _files: Any) -> dict[str, Any]:
        channel, number = self._channel(request), int(request.match_info["message"])
        if not channel.rights(BOT_ID) & OPEN_THREADS:
            raise Refusal(403, 50013, "Missing Permissions")
        if number not in {one.id for one in channel.sent}:
            raise Refusal(404, 10008, "Unknown Message")
        return self.thread(number, channel, body["name"]).json()

    async def _on_delete(self, request: web.Request, *_: Any) -> None:
        channel = self._channel(request)
        channel.sent = [one for one in channel.sent if one.id != int(request.match_info["message"])]

    async def _on_callback(self, request: web.Request, body: dict[str, Any], files: dict[str, bytes]) -> Any:
        made = self.interactions.get(request.match_info["token"])
        if made is None or self._now() - made.began > self.answer_within:
            raise Refusal(404, 10062, "Unknown interaction")
        if made.answered:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        kind, data = body["type"], body.get("data") or {}
        self._take(made, kind, data, files)
        made.answered = True
        if request.query.get("with_response") not in {"1", "true", "True"}:
            return None
        told: dict[str, Any] = {"interaction": {"id": str(made.id), "type": 2}}
        shown = made.original if kind in {4, 7} else None
        resource = {"type": kind} | ({"message": shown.json()} if shown else {})
        return told | {"resource": resource}

    def _take(self, made: Interaction, kind: int, data: dict[str, Any], files: dict[str, bytes]) -> None:
        if kind == 4:
            self._check(data, files)
            made.original = self._hand(made, data, files)
        elif kind == 5:
            made.original = self._hand(made, data, files)
            made.original.thinking = True
        elif kind in {6, 7}:
            if made.source is None:
                raise Refusal(400, 50035, "Invalid Form Body")
            if kind == 7:
                self._replace(made.source, data, files)
            made.original = made.source
        elif kind == 8:
            made.choices = data["choices"]
        elif kind == 9:
            check_form(data)
            made.form = data

    async def _on_followup(self, request: web.Request, body: dict[str, Any], files: dict[str, bytes]) -> Any:
        made = self._interaction(request)
        self._check(body, files)
        made.replies += 1
        if made.original is not None and made.original.thinking:  # its being seen by one or all stays as it was
            made.original.body, made.original.files, made.original.thinking = body, files, False
            return made.original.json()
        sent = self._hand(made, body, files)
        if made.removed:
            made.original, made.removed = sent, False
        return sent.json()

    async def _on_edit(self, request: web.Request, body: dict[str, Any], files: dict[str, bytes]) -> Any:
        made = self._interaction(request)
        if made.original is None or made.original not in self.channels[made.channel.id].sent:
            raise Refusal(404, 10008, "Unknown Message")
        self._replace(made.original, body, files)
        return made.original.json()

    async def _on_remove(self, request: web.Request, *_: Any) -> None:
        made = self._interaction(request)
        if made.original is not None:
            made.channel.sent.remove(made.original)
        made.original, made.removed = None, True

    # --- its parts -----------------------------------------------------------------------------------------------

    def _hand(self, made: Interaction, data: dict[str, Any], files: dict[str, bytes]) -> Sent:
        hidden = made.user if int(data.get("flags") or 0) & EPHEMERAL else None
        about = made.source.id if made.source is not None else 0
        sent = Sent(made.channel.id, self._number(), data, only_for=hidden, files=files, answers=about)
        made.channel.sent.append(sent)
        return sent

    def _replace(self, sent: Sent, data: dict[str, Any], files: dict[str, bytes]) -> None:
        if sent not in self.channels[sent.channel].sent:
            raise Refusal(404, 10008, "Unknown Message")
        self._check(sent.body | data, files)
        sent.body, sent.thinking, sent.edits, sent.files = sent.body | data, False, sent.edits + 1, files

    def _check(self, body: dict[str, Any], files: dict[str, bytes]) -> None:
        faults = faults_of(body)
        if faults:
            raise Refusal(
                400, 50035, "Invalid Form Body", errors={"_errors": [{"code": "X", "message": f} for f in faults]}
            )
        has_components = int(body.get("flags") or 0) & IN_COMPONENTS and body.get("components")
        if not (str(body.get("content") or "").strip() or body.get("embeds") or files or has_components):
            raise Refusal(400, 50006, "Cannot send an empty message")
        if (body.get("allowed_mentions") or {}).get("parse") != []:
            self.limits.violations.append(f"mentions are not shut off: {body}")

    def _channel(self, request: web.Request) -> Any:
        channel = self.channels.get(int(request.match_info["channel"]))
        if channel is None or channel.deleted:
            raise Refusal(404, 10003, "Unknown Channel")
        return channel

    def _interaction(self, request: web.Request) -> Interaction:
        made = self.interactions.get(request.match_info["token"])
        if made is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        return made


async def _body(request: web.Request) -> tuple[dict[str, Any], dict[str, bytes]]:
    if not request.content_type.startswith("multipart/"):
        text = await request.text()
        return (json.loads(text) if text else {}), {}
    form = await request.post()
    payload = form.get("payload_json", "{}")
    files = {}
    for part in form.values():
        if isinstance(part, web.FileField):
            with part.file as file:
                files[part.filename] = file.read()
    return json.loads(str(payload)), files
