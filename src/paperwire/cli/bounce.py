"""`bounce`: what a mail server sends back, from its pipe or from a maildir."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from paperwire.bootstrap import opening
from paperwire.cli.app import command, fail, go, settings_of, tell
from paperwire.cli.pipe import nothing_to_do, read_mail, recipient_from_pipe
from paperwire.config import Settings
from paperwire.core.bounces.report import LONGEST_MAIL, Report
from paperwire.core.text.clean import clean
from paperwire.errors import ConfigError, StoreError
from paperwire.pipeline.notice import Notices
from paperwire.ports.channels import Reporting
from paperwire.services.subscriptions.leave import leave_button, take_report
from paperwire.store.unit import Store

_LONGEST_NAME = 100
_LAST_WORDS = 60.0  # seconds for the notices about all addresses that paused
_SEEN = ":2,S"


@command("bounce")
def bounce(
    context: typer.Context,
    recipient: Annotated[
        str, typer.Option("--recipient", help="Whom the mail was for; otherwise as its headers or the pipe say.")
    ] = "",
    maildir: Annotated[
        Path | None,
        typer.Option("--maildir", help="Read all new mails of this maildir instead, and move them to its `cur`."),
    ] = None,
) -> None:
    """Read one mail, or a folder of them; whatever it is, nothing is answered to it."""
    settings = settings_of(context)
    try:
        if maildir is None:
            tell(go(_take_one(settings, read_mail(), recipient or recipient_from_pipe())))
        elif not go(_take_all(settings, Maildir.of(maildir))):
            raise typer.Exit(1)
    except StoreError as error:
        fail(str(error))
        raise typer.Exit(os.EX_TEMPFAIL) from None  # the mail server keeps the mail and tries again


async def _take_one(settings: Settings, raw: bytes, recipient: str) -> str:
    async with _intake(settings) as intake:
        return await intake.take(intake.read(raw, recipient))


async def _take_all(settings: Settings, folder: Maildir) -> bool:
    """Take each mail and move it once what it changes is stored; True if none had to stay."""
    taken = stayed = 0
    async with _intake(settings) as intake:
        for name in folder.names():
            try:
                raw = folder.read(name)
                report = intake.read(raw, "") if raw is not None else None
            except Exception as error:  # noqa: BLE001 -- whatever one file is, the others are read
                why = getattr(error, "strerror", "") or type(error).__name__
                fail(f"{clean(name, _LONGEST_NAME)} can't be read and stays: {why}")
                stayed += 1
                continue
            outcome = await intake.take(report)
            if not nothing_to_do(report):
                tell(f"{clean(name, _LONGEST_NAME)}: {outcome}")
            taken += folder.finish(name)
    tell(f"{taken} mails read" + (f", {stayed} stay" if stayed else ""))
    return not stayed


@dataclass
class _Intake:
    """Takes reports, one after another, into an open database."""

    reporting: Sequence[Reporting]
    notices: Notices
    store: Store
    secret: bytes

    def read(self, raw: bytes, recipient: str) -> Report | None:
        return next(
            (report for channel in self.reporting if (report := channel.report(raw, recipient)) is not None), None
        )

    async def take(self, report: Report | None) -> str:
        """Do what a report asks for, and say what that was."""
        if report is None or nothing_to_do(report):
            return nothing_to_do(report)
        taken = await take_report(self.store, self.secret, report)
        if taken is None:
            return f"no address of this Paperwire is named: ignored ({report.reason})"
        if taken.paused:
            self.notices.closed(taken.place, taken.paused)
        return _outcome(report, taken.place.address, taken.paused or taken.place.paused)


def _outcome(report: Report, address: str, paused: str) -> str:
    if report.outcome == "left":
        return f"{address} is unsubscribed: {report.reason}"
    return f"{address} is paused: {paused}" if paused else f"{address} goes on: {report.reason}"


@asynccontextmanager
async def _intake(settings: Settings) -> AsyncIterator[_Intake]:
    """The database and channels, ready to take reports; raises ConfigError, StoreError."""
    now = opening.clock()
    async with AsyncExitStack() as stack:
        channels = opening.channels_of(settings, now)
        for channel in channels.values():
            stack.push_async_callback(channel.close)
        reporting = [channel for channel in channels.values() if isinstance(channel, Reporting)]
        if not reporting:
            raise ConfigError("no channel is on whose messages could come back")
        async with opening.opened(settings, now, write=False):
            pass  # a pipe in a wrong folder makes no new database
        store = await stack.enter_async_context(opening.opened(settings, now, write=True))
        secret = opening.secret_key(settings, store)
        notices = Notices(store, channels, leave=partial(leave_button, secret, settings.public_url))
        stack.push_async_callback(notices.shut_down, within=_LAST_WORDS)
        yield _Intake(reporting, notices, store, secret)


@dataclass(frozen=True, slots=True)
class Maildir:
    """The new mails of a maildir, each named by its file."""

    folder: Path

    @classmethod
    def of(cls, folder: Path) -> Maildir:
        """The maildir in `folder`; raises ConfigError if there is none that can be read and written."""
        try:
            os.scandir(folder / "new").close()
            (folder / "cur").mkdir(exist_ok=True)
        except OSError as error:
            raise ConfigError(f"no maildir at {folder}: {error.strerror}") from None
        return cls(folder)

    def names(self) -> list[str]:
        """The files in `new`, in the order of their names; those with a dot in front are not mails yet."""
        return sorted(path.name for path in (self.folder / "new").iterdir() if not path.name.startswith("."))

    def read(self, name: str) -> bytes | None:
        """The first part of a mail, as much as is read of one; None if another process took it. Raises OSError."""
        try:
            # Opened without waiting: a pipe that lies there has no end.
            handle = os.open(self.folder / "new" / name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(0, "it is no file")
        with os.fdopen(handle, "rb") as file:
            return file.read(LONGEST_MAIL)

    def finish(self, name: str) -> bool:
        """Move a mail to `cur`; False if another process did."""
        read = name if ":2," in name else name + _SEEN
        try:
            (self.folder / "new" / name).rename(self.folder / "cur" / read)
        except FileNotFoundError:
            return False
        return True
