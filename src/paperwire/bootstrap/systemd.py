"""What systemd hears of this process: that it serves, that its loop is alive, and that it stops; see sd_notify(3)."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def told_to_systemd() -> AsyncIterator[None]:
    """Say that the process serves while the block goes on; nothing where systemd didn't start it with `Type=notify`.

    With `WatchdogSec=` the event loop, in which all stages run, reports itself twice in that time.
    """
    _tell("READY=1")
    interval = _watchdog_interval()
    watched = asyncio.create_task(_report_alive(interval / 2)) if interval else None
    try:
        yield
    finally:
        if watched is not None:
            watched.cancel()
        _tell("STOPPING=1")


async def _report_alive(pause: float) -> None:
    was_told = True
    while True:
        was_told = _tell("WATCHDOG=1", quiet=not was_told)
        await asyncio.sleep(pause)


def _watchdog_interval() -> float:
    """Seconds after which systemd takes a silent process for hung; 0 if it doesn't watch this one."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()) or not microseconds.isdecimal():
        return 0.0
    return int(microseconds) / 1e6


def _tell(state: str, *, quiet: bool = False) -> bool:
    """Tell systemd, where it listens; False if that fails, which `quiet` doesn't log."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in {"/", "@"}:
        return True
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
            there.setblocking(False)  # noqa: FBT003 -- the socket takes it so
            there.sendto(state.encode(), f"\0{address[1:]}" if address[0] == "@" else address)
    except OSError as error:
        if not quiet:
            _log.warning("systemd was not notified", state=state, problem=str(error))
        return False
    return True
