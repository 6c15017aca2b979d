"""`run` and `demo`: the service until stopped, for one round, or for half a minute with made-up papers."""

from __future__ import annotations

import asyncio
import difflib
import gc
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TypeVar

import structlog
import typer

from paperwire import config, observe
from paperwire.bootstrap import opening
from paperwire.bootstrap.limits import keep_what_is_loaded, raise_limit, share_few_heaps
from paperwire.bootstrap.serving import Process
from paperwire.bootstrap.systemd import told_to_systemd
from paperwire.channels.console import ConsoleChannel
from paperwire.cli.app import command, err, go, out, settings_of, tell, tell_collected
from paperwire.config import Settings
from paperwire.core.address import is_loopback
from paperwire.errors import CommandError, ConfigError, PortInUse
from paperwire.web.server import bind
from paperwire.worker import PASS_ROLES, STAGES, Pass

T = TypeVar("T")
_log = structlog.get_logger(__name__)
_ROLES = (*STAGES, *config.roles().values())  # what `--only` can name
LONGEST_STOP = 9.8
"""Seconds from the signal to the end of the process at most: Docker kills after 10, and a send may take 9."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_DEMO_PORT = 8000
_NOTHING_TO_DO = "--once collects, matches and delivers, and --only names none of these"
_BROKEN_OFF = "stopped before the pass was over; the next one does the rest"


def _completed(incomplete: str) -> list[str]:
    """The parts that `--only` can go on with after the last comma."""
    named, comma, begun = incomplete.rpartition(",")
    return [f"{named}{comma}{role}" for role in _ROLES if role.startswith(begun) and role not in named.split(",")]


@command("run")
def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Collect, match and deliver what is due, then exit.")] = False,
    console: Annotated[
        bool, typer.Option("--console", help="Make this terminal a chat: type commands, see alerts.")
    ] = False,
    only: Annotated[
        str,
        typer.Option(
            "--only",
            help="Run only these parts, separated by commas: {}.".format(", ".join(_ROLES)),
            autocompletion=_completed,
        ),
    ] = "",
) -> None:
    share_few_heaps()
    raise_limit()
    settings = settings_of(context)
    roles = _roles(only)
    if once:
        if not roles & PASS_ROLES:
            raise ConfigError(_NOTHING_TO_DO)
        done = go(_once(settings, roles))
        for kind in done.busy:
            err.print(f"{kind}: another process delivers there now and sends what is due")
        collected = done.collected
        tell_collected(collected)
        if collected.failed:
            raise typer.Exit(1)
        return
    go(_run(settings, roles, _terminal(Path.cwd()) if console else None))


@command("demo")
def demo() -> None:
    observe.set_up((), level="WARNING")
    listening = _any_port()
    with tempfile.TemporaryDirectory(prefix="paperwire-demo-") as folder:
        settings = config.demo(Path(folder), listening.getsockname()[1])
        out.print(
            "This is Paperwire with made-up papers, one every few seconds; nothing is kept when it ends but files\n"
            "you ask for, such as /export, which are written to this folder.\n"
            "Try:  /subscribe agents OR attention\n"
            "then  /feed   /search robot     /why demo.00031   /help        (Ctrl-D ends it)"
        )
        go(_run(settings, frozenset(_ROLES), _terminal(Path.cwd()), listening, primed=True))


def _any_port() -> socket.socket:
    try:
        return bind("127.0.0.1", _DEMO_PORT)
    except PortInUse:
        return bind("127.0.0.1", 0)


def _roles(only: str) -> frozenset[str]:
    if not only:
        return frozenset(_ROLES)
    roles = [role.strip() for role in only.split(",") if role.strip()]
    for role in roles:
        if role not in _ROLES:
            nearest = difflib.get_close_matches(role, _ROLES, n=1)
            hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
            raise ConfigError(f"--only: there is no part {role!r}{hint} (known: {', '.join(_ROLES)})")
    if not roles:
        raise ConfigError(f"--only: no part is named (known: {', '.join(_ROLES)})")
    return frozenset(roles)


def _terminal(folder: Path) -> ConsoleChannel:
    if sys.stdin is None:
        raise CommandError("there is no terminal to read from: standard input is closed")
    name = os.environ.get("USER", "")
    return ConsoleChannel(sys.stdin.fileno(), sys.stdout, folder=folder, name=name)


async def _once(settings: Settings, roles: frozenset[str]) -> Pass:
    """One pass; raises CommandError if a signal comes before its end."""
    done = await _until_stopped(_pass(settings, roles), None, _listen_for_signals())
    if done is None:
        gc.freeze()  # or Python's last collection takes a second of the ten that are left
        raise CommandError(_BROKEN_OFF)
    return done


async def _pass(settings: Settings, roles: frozenset[str]) -> Pass:
    from paperwire.bootstrap import serving  # noqa: PLC0415 -- pages and worker load slowly, and few commands need them

    now = opening.clock()
    async with (
        opening.opened(settings, now, write=True, service=True, name=_name(roles)) as store,
        serving.service(settings, store, now=now, roles=roles) as service,
    ):
        _say_off(service)
        return await service.worker.once()


async def _run(
    settings: Settings,
    roles: frozenset[str],
    console: ConsoleChannel | None,
    listening: socket.socket | None = None,
    *,
    primed: bool = False,
) -> None:
    """Run until a signal or the terminal's end; with `primed` the sources are read before anyone is answered."""
    stopped = _listen_for_signals()
    await _until_stopped(_serve(settings, roles, console, listening, primed=primed), console, stopped)


async def _serve(
    settings: Settings,
    roles: frozenset[str],
    console: ConsoleChannel | None,
    listening: socket.socket | None,
    *,
    primed: bool,
) -> None:
    """The service from the opening of its database to its end, which comes when this is cancelled."""
    from paperwire.bootstrap import serving  # noqa: PLC0415 -- pages and worker load slowly, and few commands need them

    now = opening.clock()
    async with opening.opened(settings, now, write=True, service=True, patiently=True, name=_name(roles)) as store:
        if console is not None:
            console.keep_in(store.folder)
        if "web" in roles and listening is None:  # after the database: a second service reports that one first
            listening = bind(settings.web.host, settings.web.port)
            settings = _served_at(settings, listening.getsockname()[1])
        async with serving.service(
            settings, store, now=now, roles=roles, listening=listening, ops=_ops_port(settings), console=console
        ) as service:
            if primed:
                await service.worker.once()
            _say_hello(service, settings, served=listening is not None)
            keep_what_is_loaded()
            async with told_to_systemd():
                await service.worker.run()


def _name(roles: frozenset[str]) -> str:
    """What PostgreSQL shows of this process among its connections: its roles, unless it has them all."""
    return "paperwire" if roles >= set(_ROLES) else f"paperwire {','.join(sorted(roles))}"


def _ops_port(settings: Settings) -> socket.socket:
    """Where machines ask how this process is; raises PortInUse, as no one would notice its end otherwise."""
    listening = bind(settings.ops.host, settings.ops.port, "ops")
    if not settings.ops.port:
        _log.info("health checks and metrics", port=listening.getsockname()[1])
    return listening


def _listen_for_signals() -> asyncio.Event:
    """From here on a signal sets the event and does nothing else."""
    stopped = asyncio.Event()
    for sign in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    return stopped


async def _until_stopped(
    work: Coroutine[Any, Any, T], console: ConsoleChannel | None, stopped: asyncio.Event
) -> T | None:
    """Do `work` until `stopped` is set or the terminal is closed; None if it was broken off. Its errors are raised."""
    working = asyncio.create_task(work)
    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(stopped.wait())]
    if console is not None:
        waiting.append(asyncio.create_task(console.closed()))
    await asyncio.wait({working, *waiting}, return_when=asyncio.FIRST_COMPLETED)
    for sign in _SIGNALS:  # a second one ends the process at once
        asyncio.get_running_loop().remove_signal_handler(sign)
    for task in waiting:
        task.cancel()
    if not working.done():
        _last_resort()
        working.cancel()
    with suppress(asyncio.CancelledError):
        return await working
    return None


def _last_resort() -> None:
    """End the process if it has not ended in time, whatever it waits for (a name server, a dead disk)."""

    def end() -> None:
        _log.error("ended the hard way", after=LONGEST_STOP)
        os._exit(1)

    timer = threading.Timer(LONGEST_STOP, end)
    timer.daemon = True
    timer.start()


def _say_hello(service: Process, settings: Settings, *, served: bool) -> None:
    _say_off(service)
    if served:
        tell(f"Pages, search and feeds: {settings.public_url}")
    if is_loopback(settings.public_url):
        err.print("Links work only on this machine: public_url is a loopback address.")


def _say_off(service: Process) -> None:
    for sentence in service.off:
        err.print(sentence)


def _served_at(settings: Settings, port: int) -> Settings:
    """The settings with the port that is really listened on, where the link was not set but made from it."""
    if settings.public_url != f"http://127.0.0.1:{settings.web.port}":
        return settings
    return settings.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
