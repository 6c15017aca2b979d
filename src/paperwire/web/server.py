"""The web server in our own loop: a socket bound before anything else starts, and no signal handling of its own."""

from __future__ import annotations

import asyncio
import errno
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from paperwire.errors import ConfigError, PortInUse
from paperwire.web.connections import ConnectionLimits, Connections, Protocol

_log = structlog.get_logger(__name__)

GRACE = 3
"""Seconds that answers under way get when the process is asked to stop."""
ACCEPT_AGAIN = 1.0
"""Seconds after which the next connection is accepted when the system could not give one."""
_AT_ONCE = 50  # connections that are accepted before anything else has its turn


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
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            key = f"{section}.port (PAPERWIRE_{section.upper()}__PORT)"
            raise PortInUse(
                f"port {port} on {host} is in use; stop what listens there or set {key} to another"
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
            timeout_graceful_shutdown=GRACE,
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
            if accepted % _AT_ONCE == 0:
                await asyncio.sleep(0)


async def _begin(protocol: Protocol, connection: socket.socket) -> None:
    try:
        await asyncio.get_running_loop().connect_accepted_socket(lambda: protocol, connection)
    except Exception as error:  # noqa: BLE001 -- whatever it is, other connections go on
        protocol.leave()
        connection.close()
        _log.warning("a connection can't begin", problem=str(error))
