"""The web server in our own loop: a socket bound before anything else starts, and no signal handling of its own."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from paperwire.errors import ConfigError, PortInUse
from paperwire.web.http import EVERYWHERE, FEED_POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

GRACE = 3
"""Seconds that answers under way get when the process is asked to stop."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process that runs us decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Protocol(H11Protocol):
    """HTTP/1.1 whose answer to what is no request it can read has the headers of all others."""

    def send_400_response(self, msg: str) -> None:
        headers = (
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(msg)),
            (b"connection", b"close"),
            *EVERYWHERE,
            (b"content-security-policy", FEED_POLICY),
        )
        lines = (b"HTTP/1.1 400 Bad Request", *(b"%s: %s" % header for header in headers), b"", msg.encode("ascii"))
        self.transport.write(b"\r\n".join(lines))
        self.transport.close()


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


async def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Answer requests on `listening` until cancelled; answers under way may then finish."""
    server = _Server(
        uvicorn.Config(
            app,
            http=_Protocol,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # it would believe anyone on this machine; `clients.py` knows who is trusted
            timeout_graceful_shutdown=GRACE,
            lifespan="off",
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
