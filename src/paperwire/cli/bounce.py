"""`bounce`: what a mail server sends back, from its pipe."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from paperwire import config
from paperwire.bootstrap import opening
from paperwire.cli.app import command, go, settings_of, tell
from paperwire.commands.leave import take_report
from paperwire.errors import ConfigError
from paperwire.ports.channels import Reporting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paperwire.config import Settings
    from paperwire.ports.channels import Report
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
    tell(go(_take(settings_of(context), raw, recipient or _from_pipe())))


def _from_pipe() -> str:
    name, suffix = next(((name, os.environ[name]) for name in _VARIABLES if os.environ.get(name)), ("", ""))
    return f"{suffix}@" if name == "LOCAL_PART_SUFFIX" else suffix


async def _take(settings: Settings, raw: bytes, recipient: str) -> str:
    now = opening.clock()
    channels = list(_channels(settings, now))
    if not channels:
        raise ConfigError("no channel is on whose messages could come back")
    report = next((found for channel in channels if (found := channel.report(raw, recipient)) is not None), None)
    if report is None:
        return "not a report of anything: ignored"
    async with opening.opened(settings, now, write=True) as store:
        place = await take_report(store, opening.secret_key(settings, store), report)
    if place is None:
        return f"no address of this Paperwire is named: ignored ({report.reason})"
    return _outcome(report, place.address)


def _outcome(report: Report, address: str) -> str:
    match report.outcome:
        case "closed":
            return f"{address} is paused: {report.reason}"
        case "left":
            return f"{address} is unsubscribed: {report.reason}"
        case _:
            return f"{address} goes on: {report.reason}"


def _channels(settings: Settings, now: Now) -> Iterator[Reporting]:
    for name, options in settings.enabled("channels").items():
        if not options.missing():
            channel = config.modules("channels")[name].build(options, now=now, public_url=settings.public_url)
            if isinstance(channel, Reporting):
                yield channel
