"""`check`: what an operator would find out the hard way otherwise, one line each."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import stat
from contextlib import AsyncExitStack, closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import httpx
import typer

from paperwire import config
from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, app, go, out, settings_of, show_json
from paperwire.commands.desk import utc
from paperwire.commands.status import day_line, given_up_line, health
from paperwire.core.address import is_loopback
from paperwire.core.days.batch import State
from paperwire.errors import ConfigError, PaperwireError, PortInUse, SendError, StoreOutdated
from paperwire.web.ops import ALIVE
from paperwire.web.server import bind
from paperwire.wording import check as wording
from paperwire.wording import cli as cli_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from paperwire.config import Settings
    from paperwire.core.health import Health
    from paperwire.ports import Channel, Now
    from paperwire.store.unit import Store
    from paperwire.worker.clocks import SteadyClock

Level = Literal["ok", "warning", "broken"]

_ROOM = 1e9
_LEAST_ROOM = 1e8
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LONG_KEY = 32
_FIXED_WAL = (3, 51, 3)
_PATIENCE = 15.0
_SOON = 2.0
"""Seconds in which a service on this machine should answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    subject: str
    text: str


@app.command(help=cli_words.CHECK)
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Look at everything."""
    settings = settings_of(context)
    file = config.find_file(context.obj["config"])
    findings = go(_look(settings, file))
    if as_json:
        show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            out.print(f"{wording.WORDS[finding.level]:>7}  {finding.subject}: {finding.text}")
    if any(finding.level == "broken" for finding in findings):
        raise typer.Exit(1)


async def _look(settings: Settings, file: Path | None) -> list[Finding]:
    now = opening.clock()
    found = [*_settings_file(file), *_links(settings)]
    found += [finding async for finding in _database(settings, now)]
    found += [finding async for finding in _ports(settings)]
    found += [finding async for finding in _channels(settings, now)]
    return found


# --- settings ----------------------------------------------------------------------------------------------------


def _settings_file(file: Path | None) -> Iterator[Finding]:
    text = wording.settings_at("" if file is None else str(file), config.variables())
    yield Finding("ok", "settings", text) if file is None else _private("settings", file, text)
    if os.environ.get("PAPERWIRE_NOW"):
        yield Finding("warning", "clock", wording.MADE_UP_TIME)


def _private(subject: str, file: Path, text: str) -> Finding:
    """Whether a file is for its owner's eyes only."""
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & _OTHERS:
        return Finding("warning", subject, wording.readable_by_others(str(file), mode))
    return Finding("ok", subject, text)


def _links(settings: Settings) -> Iterator[Finding]:
    if not is_loopback(settings.public_url):
        yield Finding("ok", "public_url", settings.public_url)
    elif _is_for_others(settings.web.host):
        yield Finding("warning", "public_url", wording.others_are_refused(settings.web.host))
    else:
        yield Finding("warning", "public_url", wording.LOOPBACK)
    if not settings.contact or settings.contact.endswith("@example.org"):
        yield Finding("warning", "contact", wording.NO_CONTACT)


def _is_for_others(host: str) -> bool:
    """Whether other machines may reach what listens on `host`."""
    return not is_loopback(f"//[{host}]" if ":" in host else f"//{host}")


# --- the database and what it tells ------------------------------------------------------------------------------


async def _database(settings: Settings, now: SteadyClock) -> AsyncIterator[Finding]:
    store = opening.database(settings, now, write=False)
    try:
        for finding in [*_folder(store), *_key(settings, store)]:
            yield finding
        if store.file is not None and not store.file.exists():
            yield Finding("ok", "database", wording.NO_DATABASE_YET)
            return
        try:
            async for finding in _contents(settings, store, now):
                yield finding
        except StoreOutdated as error:
            yield Finding("warning", "database", str(error))
        except PaperwireError as error:
            yield Finding("broken", "database", str(error))
    finally:
        await store.close()


def _folder(store: Store) -> Iterator[Finding]:
    """Where the database's file, its journal and the key are written."""
    folder = store.folder.absolute()
    written = [folder, *([store.file] if store.file is not None and store.file.exists() else [])]
    unwritable = [path for path in written if not os.access(path, os.W_OK)]
    for path in unwritable:
        yield Finding("broken", "folder", wording.not_writable(str(path)))
    if not unwritable:
        free = shutil.disk_usage(folder).free
        level: Level = "ok" if free >= _ROOM else "warning" if free >= _LEAST_ROOM else "broken"
        yield Finding(level, "disk", wording.disk(str(folder), free))


def _key(settings: Settings, store: Store) -> Iterator[Finding]:
    file = opening.key_file(store)
    if settings.secret_key is not None:
        short = len(settings.secret_key.get_secret_value()) < _LONG_KEY
        yield Finding("warning" if short else "ok", "secret_key", wording.SHORT_KEY if short else wording.KEY_OK)
    elif store.file is None:
        yield Finding("warning", "secret_key", wording.KEY_APART)
    elif file.exists():
        yield _private("secret_key", file, str(file))
    else:
        yield Finding("ok", "secret_key", wording.NO_KEY_YET)


async def _contents(settings: Settings, store: Store, now: SteadyClock) -> AsyncIterator[Finding]:
    await store.check_schema()
    await store.compare_schema()
    version = await store.version()
    where = wording.database(store.where, version, wording.SCHEMA_OK)
    yield Finding("ok", "database", where) if store.file is None else _private("database", store.file, where)
    name, _, number = version.partition(" ")
    if name == "SQLite" and tuple(map(int, number.split("."))) < _FIXED_WAL:
        yield Finding("ok", "database", wording.wal(version))
    async with opening.reading(settings, now=now) as desk:
        fares = await health(desk)
    for finding in [*_sources(fares), *_days(fares), *_times(fares, now)]:
        yield finding


def _sources(fares: Health) -> Iterator[Finding]:
    if not fares.sources:
        yield Finding("warning", "sources", wording.NO_SOURCE)
    for source in fares.sources:
        if source.overdue_since is not None:
            yield Finding("warning", source.name, wording.overdue(utc(source.overdue_since)))
        elif source.error:
            next_at = utc(source.next_at) if source.next_at else "-"
            yield Finding("warning", source.name, wording.source_fails(source.error, next_at))
        else:
            yield Finding(
                "ok", source.name, wording.source_read(utc(source.ok_at)) if source.ok_at else wording.NEVER_READ
            )


def _days(fares: Health) -> Iterator[Finding]:
    for day in fares.days:
        if day.is_doubtful and day.state is not State.EXPECTED:
            yield Finding("warning", "days", day_line(day))


def _times(fares: Health, now: Now) -> Iterator[Finding]:
    read = [source.ok_at for source in fares.sources if source.ok_at is not None]
    if read and max(read) > now() + timedelta(minutes=5):
        yield Finding("broken", "clock", wording.CLOCK_BACK)
    elif read:
        yield Finding("ok", "clock", wording.CLOCK_OK)
    if fares.held_since is not None:
        yield Finding("warning", "outbox", wording.held(utc(fares.held_since)))
    if fares.given_up or fares.unknown:
        about = given_up_line(fares.given_up, fares.unknown)
        yield Finding("warning", "outbox", f"{about}: `paperwire outbox` lists them and says why")


# --- the port and the platforms ----------------------------------------------------------------------------------


async def _ports(settings: Settings) -> AsyncIterator[Finding]:
    web, ops = settings.web, settings.ops
    yield await _port(settings, "port", web.host, web.port, "web")
    yield await _port(settings, "ops port", ops.host, ops.port, "ops")


async def _port(settings: Settings, subject: str, host: str, port: int, section: str) -> Finding:
    """Whether a service could listen there; it cannot go without the pages, but without the ops port it can."""
    where = f"{host}:{port}"
    try:
        with closing(bind(host, port, section)):
            return Finding("ok", subject, wording.port_free(where))
    except PortInUse as error:
        taken: Level = "broken" if section == "web" else "warning"
        if not await _is_paperwire(host, port):
            return Finding(taken, subject, str(error))
        if _writes(settings):
            return Finding("ok", subject, wording.service_answers(where))
        return Finding(taken, subject, wording.other_service(where))
    except ConfigError as error:
        return Finding("broken", subject, str(error))


async def _is_paperwire(host: str, port: int) -> bool:
    """Whether what listens there answers as a process of ours does."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- asked, not listened on
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_SOON) as client:
            answer = await client.get(httpx.URL(scheme="http", host=here, port=port, path="/healthz"))
    except httpx.HTTPError:
        return False
    return answer.text == ALIVE


def _writes(settings: Settings) -> bool:
    """Whether a service writes to this SQLite database now. To PostgreSQL several may."""
    store = opening.database(settings, opening.clock(), write=False)
    if store.file is None:
        return True
    try:
        with store.file.with_name(f"{store.file.name}.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


async def _channels(settings: Settings, now: Now) -> AsyncIterator[Finding]:
    wanted = settings.enabled("channels")
    if not wanted:
        yield Finding("warning", "channels", wording.NO_CHANNEL)
    for name, options in wanted.items():
        if missing := options.missing():
            yield Finding("warning", name, wording.is_off(f"channels.{name}.{missing}"))
            continue
        module = config.modules("channels")[name]
        async with AsyncExitStack() as stack:
            channel = module.build(options, now=now, public_url=settings.public_url)
            stack.push_async_callback(channel.close)
            yield await _token(name, channel)


async def _token(name: str, channel: Channel) -> Finding:
    """Whether the platform lets us in."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await channel.probe()
    except SendError as error:
        return Finding("broken", name, str(error))
    except TimeoutError:
        return Finding("broken", name, wording.NO_ANSWER)
    return Finding("ok", name, wording.ANSWERS if channel.shared_service else wording.NOTHING_TO_ASK)
