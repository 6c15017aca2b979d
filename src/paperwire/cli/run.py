"""`run` and `demo`: the service, for good, once, or for half a minute with made-up papers."""

from __future__ import annotations

import asyncio
import difflib
import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer

from paperwire import bootstrap, config, observe
from paperwire.channels.console import ConsoleChannel
from paperwire.cli.app import app, err, go, out, settings_of
from paperwire.errors import ConfigError
from paperwire.web.server import bind
from paperwire.wording import cli as wording
from paperwire.worker import ROLES

if TYPE_CHECKING:
    import socket

    from paperwire.bootstrap import Service
    from paperwire.config import Settings

_log = structlog.get_logger(__name__)
_LONGEST_STOP = 8.0
_DEMO_PORT = 8000


@app.command(help=wording.RUN)
def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help=wording.ONCE)] = False,
    console: Annotated[bool, typer.Option("--console", help=wording.CONSOLE)] = False,
    only: Annotated[str, typer.Option("--only", help=wording.ONLY.format(", ".join(ROLES)))] = "",
) -> None:
    """Run the service."""
    settings = settings_of(context)
    roles = _roles(only)
    if once:
        go(_once(settings))
        return
    listening = bootstrap.listen(settings) if "web" in roles else None
    go(_run(settings, roles, listening, _terminal(Path.cwd()) if console else None))


@app.command(help=wording.DEMO)
def demo() -> None:
    """Run the service with made-up papers."""
    observe.set_up((), level="WARNING")
    listening = _any_port()
    with tempfile.TemporaryDirectory(prefix="paperwire-demo-") as folder:
        settings = config.demo(Path(folder), listening.getsockname()[1])
        out.print(wording.DEMO_HELLO)
        go(_run(settings, frozenset(ROLES), listening, _terminal(Path(folder)), primed=True))


def _any_port() -> socket.socket:
    try:
        return bind("127.0.0.1", _DEMO_PORT)
    except ConfigError:
        return bind("127.0.0.1", 0)


def _roles(only: str) -> frozenset[str]:
    if not only:
        return frozenset(ROLES)
    asked = [role.strip() for role in only.split(",") if role.strip()]
    for role in asked:
        if role not in ROLES:
            nearest = difflib.get_close_matches(role, ROLES, n=1)
            raise ConfigError(wording.unknown_role(role, ", ".join(ROLES), nearest[0] if nearest else ""))
    return frozenset(asked)


def _terminal(folder: Path) -> ConsoleChannel:
    name = os.environ.get("USER", "")
    return ConsoleChannel(sys.stdin.fileno(), sys.stdout, folder=folder, name=name)


async def _once(settings: Settings) -> None:
    async with bootstrap.service(settings, now=bootstrap.clock()) as service:
        found = await service.worker.once()
        out.print(wording.nothing_new(found.papers, found.events, found.failed))


async def _run(
    settings: Settings,
    roles: frozenset[str],
    listening: socket.socket | None,
    console: ConsoleChannel | None,
    *,
    primed: bool = False,
) -> None:
    """Run until a signal or the terminal's end; with `primed` the sources are read before anybody is answered."""
    async with bootstrap.service(
        settings, now=bootstrap.clock(), roles=roles, listening=listening, console=console
    ) as service:
        if primed:
            await service.worker.once()
        _say_hello(service, settings, served=listening is not None)
        working = asyncio.create_task(service.worker.run())
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, stopped.set)
        waiting: list[asyncio.Task[Any]] = [asyncio.create_task(stopped.wait())]
        if console is not None:
            waiting.append(asyncio.create_task(console.closed()))
        await asyncio.wait({working, *waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await _stop(working)


async def _stop(working: asyncio.Task[None]) -> None:
    """End the work; what is being sent may finish, but not for long. An error of the work is raised."""
    if working.done():
        working.result()
        return
    working.cancel()
    with suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(working, _LONGEST_STOP)


def _say_hello(service: Service, settings: Settings, *, served: bool) -> None:
    for sentence in service.off:
        err.print(sentence)
    if served:
        out.print(wording.serving(service.address))
    if config.is_loopback(settings.public_url):
        err.print(wording.LOOPBACK)
