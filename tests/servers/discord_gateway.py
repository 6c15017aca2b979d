"""The gateway of the fake Discord: sessions that begin, are lost, resume and end over real websockets."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from servers.discord_world import APP_ID, BOT_ID, Channel, Guild, user_json

HEARTBEAT = 41_250


@dataclass
class Session:
    """One IDENTIFY and what was said in it since."""

    id: str
    socket: web.WebSocketResponse | None
    events: list[dict[str, Any]] = field(default_factory=list)
    valid: bool = True


class Gateway:
    """`down` refuses connections, `mute` takes no IDENTIFY, `refuse_resume` ends old sessions."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.sessions: list[Session] = []
        self.down = False
        self.mute = False
        self.refuse_resume = False
        self.identifies = 0
        self.resumes = 0
        self.heartbeats = 0
        self.gateway_url = ""
        self.sent: list[int] = []
        self._changed = asyncio.Event()

    @property
    def session(self) -> Session | None:
        """The session that events go to."""
        return next((one for one in reversed(self.sessions) if one.valid), None)

    @property
    def connected(self) -> bool:
        session = self.session
        return session is not None and session.socket is not None

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Say something in the session; kept for a resume where the connection is lost."""
        session = self.session
        if session is None:
            raise RuntimeError("the bot is not connected")
        await self._say(session, event, data)

    async def drop(self, code: int | None = 4000) -> None:
        """Lose the connection: with a close code, or (None) torn."""
        session = self.session
        if session is None or session.socket is None:
            return
        socket, session.socket = session.socket, None
        if code is None:
            transport = socket.get_extra_info("transport") or socket._req.transport
            transport.abort()
        else:
            await socket.close(code=code)
        self._notify()

    async def join(self, guild: Guild) -> None:
        """Somebody adds the bot to a server."""
        shown = self.guild_json(guild)
        del shown["unavailable"]
        await self.dispatch("GUILD_CREATE", shown)

    async def leave(self, guild: Guild) -> None:
        """Somebody removes the bot from a server, or deletes it."""
        self.guilds.pop(guild.id)
        await self.dispatch("GUILD_DELETE", {"id": str(guild.id)})

    async def make_unavailable(self, guild: Guild) -> None:
        """A server can't be reached for a while, as Discord says."""
        await self.dispatch("GUILD_DELETE", {"id": str(guild.id), "unavailable": True})

    async def ask_reconnect(self) -> None:
        """Ask the bot to connect again and resume (opcode 7)."""
        await self._op(7, None)

    async def invalidate(self, *, resumable: bool) -> None:
        """End the session (opcode 9)."""
        session = self.session
        await self._op(9, resumable)
        if session is not None and not resumable:
            session.valid = False
            session.socket = None

    async def _op(self, op: int, data: Any) -> None:
        session = self.session
        if session is None or session.socket is None:
            raise RuntimeError("the bot is not connected")
        await session.socket.send_json({"op": op, "d": data, "s": None, "t": None})

    async def _serve_gateway(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            return web.Response(status=503)
        socket = web.WebSocketResponse(heartbeat=None, max_msg_size=0)
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": HEARTBEAT}, "s": None, "t": None})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._hear(socket, json.loads(message.data))
        finally:
            for session in self.sessions:
                if session.socket is socket:
                    session.socket = None
            self._notify()
        return socket

    async def _hear(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        op, data = said["op"], said.get("d")
        if op == 1:
            self.heartbeats += 1
            await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
        elif op in {2, 6} and data["token"] != self.token:
            await socket.close(code=4004)
        elif op == 2 and not self.mute:
            await self._identify(socket)
        elif op == 6:
            await self._resume(socket, data)
        self._notify()

    async def _identify(self, socket: web.WebSocketResponse) -> None:
        self.identifies += 1
        session = Session(f"session-{self.identifies}", socket)
        ready = {
            "v": 10,
            "user": user_json(BOT_ID, "Paperwire", bot=True),
            "guilds": [{"id": str(guild), "unavailable": True} for guild in self.guilds],
            "session_id": session.id,
            "resume_gateway_url": self.gateway_url,
            "private_channels": [],
            "application": {"id": str(APP_ID), "flags": 0},
        }
        await self._say(session, "READY", ready)
        for guild in list(self.guilds.values()):
            if guild.installed:
                await self._say(session, "GUILD_CREATE", self.guild_json(guild))
        self.sessions.append(session)

    async def _resume(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> None:
        session = next((one for one in self.sessions if one.id == data["session_id"] and one.valid), None)
        if session is None or self.refuse_resume:
            for one in self.sessions:
                one.valid = False
            await socket.send_json({"op": 9, "d": False, "s": None, "t": None})
            return
        self.resumes += 1
        for event in session.events:
            if event["s"] > int(data["seq"] or 0):
                await socket.send_json(event)
        session.socket = socket
        await self._say(session, "RESUMED", {})

    async def _say(self, session: Session, event: str, data: dict[str, Any]) -> None:
        payload = {"op": 0, "t": event, "s": len(session.events) + 1, "d": data}
        session.events.append(payload)
        if session.socket is not None:
            await session.socket.send_json(payload)

    def guild_json(self, guild: Guild) -> dict[str, Any]:
        channels = [one for one in self.channels.values() if one.guild is guild]
        member = {"user": user_json(BOT_ID, "Paperwire", bot=True), "roles": [], "deaf": False, "mute": False}
        member |= {"joined_at": "2026-01-01T00:00:00+00:00", "flags": 0}
        return guild.json() | {
            "channels": [one.json() for one in channels if one.type != 11],
            "threads": [one.json() for one in channels if one.type == 11],
            "members": [member],
            "member_count": len(guild.members),
            "joined_at": "2026-01-01T00:00:00+00:00",
            "large": False,
            "unavailable": False,
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
        }

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
