"""What `check` finds, and what it finds in the settings alone."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from paperwire import config
from paperwire.channels.console import ConsoleChannel
from paperwire.config import Settings
from paperwire.core.address import is_loopback
from paperwire.pipeline.backups import latest_copy
from paperwire.texts import ENGLISH
from paperwire.wording.times import utc

Level = Literal["ok", "warning", "broken"]
LEVELS: dict[Level, str] = {"ok": "ok", "warning": "warning", "broken": "BROKEN"}
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    subject: str
    text: str


def settings_file(file: Path | None) -> Iterator[Finding]:
    variables = config.variables()
    origins = [] if file is None else [str(file)]
    if variables:
        count = ENGLISH.ngettext("%(num)s variable", "%(num)s variables", len(variables))
        origins.append(f"{count}: {', '.join(variables)}")
    text = " and ".join(origins) or "no file and no variables: everything is at its default"
    yield Finding("ok", "settings", text) if file is None else private("settings", file, text)
    if os.environ.get("PAPERWIRE_NOW"):
        yield Finding("warning", "clock", "PAPERWIRE_NOW is set: the time is made up")


def private(subject: str, file: Path, text: str) -> Finding:
    """Whether a file is for its owner's eyes only."""
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & _OTHERS:
        return Finding("warning", subject, f"{file} can be read by others (mode {mode:o}): chmod 600")
    return Finding("ok", subject, text)


def links(settings: Settings) -> Iterator[Finding]:
    """Whether the links that people get work for them."""
    if not is_loopback(settings.public_url):
        yield Finding("ok", "public_url", settings.public_url)
    elif _is_for_others(settings.web.host):
        text = (
            f"requests from other machines are refused (421): web.host is {settings.web.host}, "
            "but public_url is a loopback address; set public_url to the address that people use"
        )
        yield Finding("warning", "public_url", text)
    else:
        yield Finding("warning", "public_url", "links work only on this machine: public_url is a loopback address")
    if not settings.contact or settings.contact.endswith("@example.org"):
        yield Finding("warning", "contact", "contact is not set: arXiv cannot write to you before it blocks you")


def proxies(settings: Settings) -> Iterator[Finding]:
    """Whether a web server that passes requests on, as it must here, is trusted to say who asks."""
    web = settings.web
    if not web.trusted_proxies and not is_loopback(settings.public_url) and not _is_for_others(web.host):
        text = (
            f"all visitors of {settings.public_url} count as one client: set web.trusted_proxies to the address of the "
            'web server that passes requests on, such as ["127.0.0.1"], and let it send X-Forwarded-For'
        )
        yield Finding("warning", "trusted_proxies", text)


def people(settings: Settings) -> Iterator[Finding]:
    """Who may use it, and who is notified of trouble."""
    allowed, operators = settings.people.allowed, settings.ops.operators
    kinds = "|".join([*config.modules("channels"), ConsoleChannel.kind])
    for name in allowed:
        if not re.match(rf"({kinds})(-server|-group)?:", name):
            yield Finding("warning", "people", f"{name} in people.allowed lets no one in: no channel is called that")
    if not allowed:
        yield Finding("ok", "people", "open to all: anyone who finds the bot or the pages may use it (people.allowed)")
    elif settings.people.ask:
        names = ENGLISH.ngettext("%(num)s name", "%(num)s names", len(allowed))
        yield Finding("ok", "people", f"{names} in people.allowed, and operators, may use it")
    else:
        yield Finding("warning", "people", "people.ask is not set: those who aren't let in aren't told whom to ask")
    on = settings.enabled("channels").keys() - settings.lacking("channels").keys()
    for name in operators:
        if (kind := name.partition(":")[0]) not in on:
            yield Finding("warning", "operators", f"{name} can't be notified of trouble: {kind} is off")
    if not operators:
        yield Finding("ok", "operators", "none: trouble is in status, check and metrics alone (ops.operators)")
    elif len({name.partition(":")[0] for name in operators}) == 1:
        kind = operators[0].partition(":")[0]
        yield Finding("warning", "operators", f"all of them are on {kind}: trouble with {kind} can't be reported there")
    else:
        yield Finding("ok", "operators", ", ".join(operators))


def sources(settings: Settings) -> Iterator[Finding]:
    """Sources that are on and lack what they read."""
    for name, options in settings.enabled("sources").items():
        if missing := options.missing():
            yield Finding("warning", name, f"off: sources.{name}.{missing} is not set")
        values = [value for value in options.model_dump().values() if isinstance(value, tuple)]
        for path in (path for value in values for path in value if isinstance(path, Path) and not path.is_file()):
            yield Finding("warning", name, f"there is no file {path}")


def backups(settings: Settings, label: str, now: datetime) -> Iterator[Finding]:
    """Whether the database is copied, with a `label` in the names of copies, and where that could fail."""
    options, is_file = settings.backup, settings.database.url.get_secret_value().startswith("sqlite")
    folder = options.folder
    if folder is None:
        text = "no copies of the database are made: set backup.folder" if is_file else "pg_dump makes them"
        yield Finding("ok", "backup", text)
    elif not is_file:
        yield Finding("warning", "backup", "backup.folder copies SQLite only: use pg_dump with PostgreSQL")
    elif not folder.is_dir():
        yield Finding("warning", "backup", f"the folder {folder} isn't there")
    elif not os.access(folder, os.W_OK):
        yield Finding("warning", "backup", f"{folder} is not writable")
    elif (last := latest_copy(folder, label, now)) is None:
        yield Finding("ok", "backup", f"no copy in {folder} yet")
    else:
        is_late = now - last > timedelta(seconds=2 * options.every)
        yield Finding("warning" if is_late else "ok", "backup", f"last copy in {folder}: {utc(last)}")


def _is_for_others(host: str) -> bool:
    """Whether other machines may reach what listens on `host`."""
    return not is_loopback(f"//[{host}]" if ":" in host else f"//{host}")
