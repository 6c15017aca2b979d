"""`bounce`: what a mail server sends back, from its pipe."""

from __future__ import annotations

import os
import sys
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from paperwire import config
from paperwire.bootstrap import opening
from paperwire.cli.app import command, fail, go, settings_of, tell
from paperwire.commands.leave import leave_button, take_report
from paperwire.errors import ConfigError, StoreError
from paperwire.pipeline.notice import Notices
from paperwire.ports.channels import Channel, Report, Reporting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paperwire.config import Settings
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.ports.options import Now

_LONGEST = 5_000_000
"""Bytes that are read; a report begins with what counts, and holds a mail of ours at most."""
_VARIABLES = ("ORIGINAL_RECIPIENT", "RECIPIENT", "LOCAL_PART_SUFFIX")
"""Where mail servers say whom a piped mail was for: Postfix, OpenSMTPD and others; Exim what stands behind the name."""


@command("bounce")
def bounce(
    context: typer.Context,
    recipient: Annotated[
        str, typer.Option("--recipient", help="Whom the mail was for; otherwise as its headers or the pipe say.")
    ] = "",
) -> None:
    """Read one mail; whatever it is, nothing is answered to it."""
    raw = sys.stdin.buffer.read(_LONGEST)
    try:
        tell(go(_take(settings_of(context), raw, recipient or _from_pipe())))
    except StoreError as error:
        fail(str(error))
        raise typer.Exit(os.EX_TEMPFAIL) from None  # the mail server keeps the mail and tries again


def _from_pipe() -> str:
    name, suffix = next(((name, os.environ[name]) for name in _VARIABLES if os.environ.get(name)), ("", ""))
    return f"{suffix}@" if name == "LOCAL_PART_SUFFIX" else suffix


async def _take(settings: Settings, raw: bytes, recipient: str) -> str:
    now = opening.clock()
    async with AsyncExitStack() as stack:
        channels = dict(_channels(settings, now, stack))
        reporting = [channel for channel in channels.values() if isinstance(channel, Reporting)]
        if not reporting:
            raise ConfigError("no channel is on whose messages could come back")
        report = next((found for channel in reporting if (found := channel.report(raw, recipient)) is not None), None)
        if report is None:
            return "not a report of anything: ignored"
        async with opening.opened(settings, now, write=False):
            pass  # a pipe in a wrong folder makes no new database
        store = await stack.enter_async_context(opening.opened(settings, now, write=True))
        secret = opening.secret_key(settings, store)
        place = await take_report(store, secret, report)
        if place is not None and report.outcome == "closed" and not place.paused:
            leave = partial(leave_button, secret, settings.public_url)
            await _notify(Notices(store, channels, leave=leave), place, report.reason)
    if place is None:
        return f"no address of this Paperwire is named: ignored ({report.reason})"
    return _outcome(report, place.address)


async def _notify(notices: Notices, place: Destination, reason: str) -> None:
    """Tell whose address it is, wherever else they read; it was open until now."""
    notices.closed(place, reason)
    await notices.shut_down()


def _outcome(report: Report, address: str) -> str:
    match report.outcome:
        case "closed":
            return f"{address} is paused: {report.reason}"
        case "left":
            return f"{address} is unsubscribed: {report.reason}"
        case _:
            return f"{address} goes on: {report.reason}"


def _channels(settings: Settings, now: Now, stack: AsyncExitStack) -> Iterator[tuple[str, Channel]]:
    for name, options in settings.enabled("channels").items():
        if not options.missing():
            channel = config.modules("channels")[name].build(options, now=now, public_url=settings.public_url)
            stack.push_async_callback(channel.close)
            yield name, channel
