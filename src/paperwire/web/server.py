"""The web server in our own loop, how many connections it has, and how long each may keep us waiting.

A client that sends half a request, or reads half an answer, holds a file and memory, and uvicorn waits for it forever
(https://github.com/Kludex/uvicorn/issues/157).
"""

from __future__ import annotations

import asyncio
import errno
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from weakref import WeakValueDictionary

import h11
import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from paperwire.errors import ConfigError, PortInUse
from paperwire.web.http import COMMON_HEADERS, FEED_POLICY
from paperwire.web.site import Proxies, client_name

Awaited: TypeAlias = Literal["head", "body", "idle", "reading"]
"""What a client keeps us waiting for: its request, the next one, or that it reads our answer."""
LEAST_READ = 16_384
"""Bytes that a client must read of an answer within `ConnectionLimits.reading` seconds, or all that is left."""
_log = structlog.get_logger(__name__)
STOP_TIMEOUT = 3
"""Seconds that answers under way get when the process is asked to stop."""
ACCEPT_AGAIN = 1.0
"""Seconds after which the next connection is accepted when the system could not give one."""
_ACCEPTED_IN_A_ROW = 50  # connections that are accepted before anything else has its turn


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What clients may take of us; times are in seconds.

    `most` connections are open in all, and `each` from one address, or one customer's part of IPv6. This machine and
    trusted `proxies` speak for many and are exempt from `each`. What clients have not read yet of their answers is
    `unread` bytes in all.
    """

    most: int = 1000
    each: int = 100
    proxies: Proxies = field(default_factory=Proxies)
    unread: int = 64_000_000
    head: float = 10.0
    body: float = 30.0
    idle: float = 75.0
    reading: float = 30.0


class _Crowd:
    """Connections under one bound; those that keep us waiting, the longest first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.open: set[Protocol] = set()
        self.waiting: dict[Protocol, None] = {}

    def make_room(self) -> bool:
        """Close the connection that keeps us waiting longest if the bound is reached; whether there is room now."""
        if len(self.open) >= self.most and self.waiting:
            next(iter(self.waiting)).drop()
        return len(self.open) < self.most


class Connections:
    """All connections of one server."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._all = _Crowd(limits.most)
        self._by_client: WeakValueDictionary[str, _Crowd] = WeakValueDictionary()
        self.reading: dict[Protocol, None] = {}

    def __len__(self) -> int:
        return len(self._all.open)

    def admit(self, host: str) -> list[_Crowd] | None:
        """The crowds that a new connection from `host` joins, None if one of them is full of busy ones."""
        crowds = [self._all]
        if not self.limits.proxies.speak_for_many(host):
            crowds.insert(0, self._by_client.setdefault(client_name(host), _Crowd(self.limits.each)))
        return crowds if all(crowd.make_room() for crowd in crowds) else None

    def give_back(self) -> None:
        """Close half of the connections, as many of those as keep us waiting."""
        for connection in list(self._all.waiting)[: (len(self) + 1) // 2]:
            connection.drop()

    def bear(self) -> None:
        """Close the slowest readers until what is unread is little enough."""
        while sum(connection.unread for connection in self.reading) > self.limits.unread:
            next(iter(self.reading)).drop()


class Protocol(H11Protocol):
    """HTTP/1.1 whose connection ends when its client keeps it waiting too long."""

    def __init__(
        self, config: Config, server_state: ServerState, connections: Connections, crowds: list[_Crowd]
    ) -> None:
        super().__init__(config, server_state, {})
        self._connections = connections
        self._limits = connections.limits
        self._crowds = crowds
        self._awaits: tuple[Awaited | None, object] = (None, None)
        self._began_with = 0  # bytes that were unread when this wait began
        self._deadline: asyncio.TimerHandle | None = None
        for crowd in crowds:
            crowd.open.add(self)

    @property
    def unread(self) -> int:
        """How many bytes of answers the client has still to read, without those that the system keeps."""
        return self.transport.get_write_buffer_size()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._wait_no_more()  # much was read: the wait for the rest begins now
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave()
        super().connection_lost(exc)

    def drop(self) -> None:
        """End the connection at once, whatever was still to be sent."""
        self.leave()
        self.transport.abort()

    def leave(self) -> None:
        self._wait_no_more()
        for crowd in self._crowds:
            crowd.open.discard(self)
        self._crowds = []

    def _watch(self) -> None:
        """See what the client keeps us waiting for now; a wait that has begun goes on."""
        kind, _ = awaits = (self._awaited(), self.cycle)
        if awaits == self._awaits or not self._crowds:
            return
        self._wait_no_more()
        self._awaits = awaits
        if kind is None:
            return
        for crowd in self._crowds:
            crowd.waiting[self] = None
        self._began_with = self.unread
        self._deadline = self.loop.call_later(getattr(self._limits, kind), self._late, kind)
        if kind == "reading":
            self._connections.reading[self] = None
            self._connections.bear()

    def _wait_no_more(self) -> None:
        self._awaits = (None, None)
        if self._deadline is not None:
            self._deadline.cancel()
        for crowd in self._crowds:
            crowd.waiting.pop(self, None)
        self._connections.reading.pop(self, None)

    def _awaited(self) -> Awaited | None:
        if self.unread:
            return "reading"
        if self.conn.their_state is h11.SEND_BODY:
            return "body"
        if self.conn.their_state is h11.IDLE:
            return "head" if self.cycle is None or self._has_begun else "idle"
        return None

    @property
    def _has_begun(self) -> bool:
        return bool(self.conn.trailing_data[0])

    def _late(self, kind: Awaited) -> None:
        unread = self.unread
        if kind == "reading" and (not unread or self._began_with - unread >= LEAST_READ):
            self._wait_no_more()
            self._watch()
            return
        in_answer = kind == "body" and self.cycle.response_started
        if not unread and not in_answer and (kind == "body" or self._has_begun):
            self._refuse(b"408 Request Timeout", "The request did not arrive in time.")
        if self.unread or not self.transport.is_closing():
            self.drop()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request that can be read, with the headers of all other answers."""
        self._refuse(b"400 Bad Request", msg)

    def _refuse(self, status: bytes, text: str) -> None:
        headers: tuple[tuple[bytes, Any], ...] = (
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(text)),
            (b"connection", b"close"),
            *COMMON_HEADERS,
            (b"content-security-policy", FEED_POLICY),
        )
        lines = (b"HTTP/1.1 " + status, *(b"%s: %s" % header for header in headers), b"", text.encode("ascii"))
        self.transport.write(b"\r\n".join(lines))
        self.transport.close()


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process that runs us decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int, section: str = "web") -> socket.socket:
    """A listening socket; port 0 takes any free one. `section` of the settings is where both were set.

    Raises PortInUse where another program listens there, else ConfigError.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small writes at once (TCP_NODELAY) only where a socket names its protocol; else a reused connection
    # waits 40 ms for each answer of two writes.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            key = f"{section}.port (PAPERWIRE_{section.upper()}__PORT)"
            free = " or to 0" if section == "ops" else ""
            raise PortInUse(
                f"port {port} on {host} is in use; stop what listens there or set {key} to another{free}"
            ) from None
        problem = (isinstance(error, OSError) and error.strerror) or str(error)
        raise ConfigError(
            f"cannot listen on {host} port {port}: {problem}; check {section}.host and {section}.port"
        ) from None
    listening.setblocking(False)  # noqa: FBT003 -- the socket takes it so
    return listening


async def serve(app: ASGIApp, listening: socket.socket, limits: ConnectionLimits | None = None) -> None:
    """Answer requests on `listening` until cancelled; answers under way may then finish."""
    limits = limits or ConnectionLimits()
    server = _Server(
        uvicorn.Config(
            app,
            http=H11Protocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # it would believe anyone on this machine; `clients.py` knows who is trusted
            timeout_keep_alive=math.ceil(limits.idle) + 1,  # `Protocol` is earlier
            timeout_graceful_shutdown=STOP_TIMEOUT,
            lifespan="off",
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[]))  # `_accept` gives it its connections
    accepting = asyncio.create_task(_accept(listening, server, Connections(limits)))
    try:
        await asyncio.wait({serving, accepting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        accepting.cancel()
        await asyncio.wait({accepting})
        listening.close()
        server.should_exit = True
        await serving
    await accepting


async def _accept(listening: socket.socket, server: uvicorn.Server, connections: Connections) -> None:
    """Accept connections until cancelled.

    asyncio's own loop goes on without a bound, and when files run out takes all that come free, with a traceback for
    each of thousands of tries.
    """
    loop = asyncio.get_running_loop()
    accepted = 0
    async with asyncio.TaskGroup() as beginning:
        while True:
            try:
                connection, address = await loop.sock_accept(listening)
            except ConnectionAbortedError:
                continue
            except OSError as error:  # no files or memory left, here or in the whole system
                connections.give_back()
                _log.warning("connections can't be accepted", problem=error.strerror, open=len(connections))
                await asyncio.sleep(ACCEPT_AGAIN)
                continue
            crowds = connections.admit(address[0])
            if crowds is None:
                connection.close()
            else:
                protocol = Protocol(server.config, server.server_state, connections, crowds)
                beginning.create_task(_begin(protocol, connection))
            accepted += 1
            if accepted % _ACCEPTED_IN_A_ROW == 0:
                await asyncio.sleep(0)


async def _begin(protocol: Protocol, connection: socket.socket) -> None:
    try:
        await asyncio.get_running_loop().connect_accepted_socket(lambda: protocol, connection)
    except Exception as error:  # noqa: BLE001 -- whatever it is, other connections go on
        protocol.leave()
        connection.close()
        _log.warning("a connection can't begin", problem=str(error))
