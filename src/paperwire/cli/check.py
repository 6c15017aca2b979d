"""`check`: what an operator would find out the hard way otherwise, one line each."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
import stat
from contextlib import AsyncExitStack, closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import httpx
import typer

from paperwire import config
from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, command, go, out, settings_of, show_json
from paperwire.commands.context import utc
from paperwire.commands.health import day_line, given_up_line, health
from paperwire.commands.workload import missing_line, processes_line
from paperwire.core.address import is_loopback
from paperwire.core.days.batch import BatchState
from paperwire.core.messages.message import Message, Span
from paperwire.errors import ConfigError, PaperwireError, PortInUse, SendError, StoreOutdated
from paperwire.ports.channels import Advising, Channel
from paperwire.ports.requests import Actor
from paperwire.texts import ENGLISH
from paperwire.web.ops import ALIVE
from paperwire.web.server import bind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from paperwire.config import Settings
    from paperwire.core.health import Health
    from paperwire.ports.options import Now
    from paperwire.store.unit import Store
    from paperwire.worker.clocks import SteadyClock

Level = Literal["ok", "warning", "broken"]
_LEVELS: dict[Level, str] = {"ok": "ok", "warning": "warning", "broken": "BROKEN"}

_ROOM = 1e9
_LEAST_ROOM = 1e8
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LONG_KEY = 32
_FIXED_WAL = (3, 51, 3)
_LONG_WAIT = timedelta(minutes=15)
_PATIENCE = 15.0
_SOON = 2.0
"""Seconds in which a service on this machine should answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    subject: str
    text: str


@command("check")
def check(
    context: typer.Context,
    as_json: AsJson = False,
    send_test: Annotated[str, typer.Option("--send-test", metavar="ADDRESS", help="Also send a mail there.")] = "",
) -> None:
    settings = settings_of(context)
    file = config.find_file(context.obj["config"])
    findings = go(_look(settings, file, send_test))
    if as_json:
        show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            out.print(f"{_LEVELS[finding.level]:>7}  {finding.subject}: {finding.text}")
    if any(finding.level == "broken" for finding in findings):
        raise typer.Exit(1)


async def _look(settings: Settings, file: Path | None, send_test: str) -> list[Finding]:
    now = opening.clock()
    found = [*_settings_file(file), *_links(settings), *_proxies(settings)]
    found += [finding async for finding in _database(settings, now)]
    found += [finding async for finding in _ports(settings)]
    found += [finding async for finding in _channels(settings, now, send_test)]
    return found


# --- settings ----------------------------------------------------------------------------------------------------


def _settings_file(file: Path | None) -> Iterator[Finding]:
    variables = config.variables()
    origins = [] if file is None else [str(file)]
    if variables:
        count = ENGLISH.ngettext("%(num)s variable", "%(num)s variables", len(variables))
        origins.append(f"{count}: {', '.join(variables)}")
    text = " and ".join(origins) or "no file and no variables: everything is at its default"
    yield Finding("ok", "settings", text) if file is None else _private("settings", file, text)
    if os.environ.get("PAPERWIRE_NOW"):
        yield Finding("warning", "clock", "PAPERWIRE_NOW is set: the time is made up")


def _private(subject: str, file: Path, text: str) -> Finding:
    """Whether a file is for its owner's eyes only."""
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & _OTHERS:
        return Finding("warning", subject, f"{file} can be read by others (mode {mode:o}): chmod 600")
    return Finding("ok", subject, text)


def _links(settings: Settings) -> Iterator[Finding]:
    if not is_loopback(settings.public_url):
        yield Finding("ok", "public_url", settings.public_url)
    elif _is_for_others(settings.web.host):
        yield Finding(
            "warning",
            "public_url",
            (
                f"requests from other machines are refused (421): web.host is {settings.web.host}, "
                "but public_url is a loopback address; set public_url to the address that people use"
            ),
        )
    else:
        yield Finding("warning", "public_url", "links work only on this machine: public_url is a loopback address")
    if not settings.contact or settings.contact.endswith("@example.org"):
        yield Finding("warning", "contact", "contact is not set: arXiv cannot write to you before it blocks you")


def _proxies(settings: Settings) -> Iterator[Finding]:
    """Whether a web server that passes requests on, as it must here, is trusted to say who asks."""
    web = settings.web
    if not web.trusted_proxies and not is_loopback(settings.public_url) and not _is_for_others(web.host):
        yield Finding(
            "warning",
            "trusted_proxies",
            f"all visitors of {settings.public_url} count as one client: set web.trusted_proxies to the address of the "
            'web server that passes requests on, such as ["127.0.0.1"], and let it send X-Forwarded-For',
        )


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
            yield Finding("ok", "database", "none yet; `paperwire run` makes it")
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
        yield Finding("broken", "folder", f"{path} is not writable")
    if not unwritable:
        free = shutil.disk_usage(folder).free
        level: Level = "ok" if free >= _ROOM else "warning" if free >= _LEAST_ROOM else "broken"
        yield Finding(level, "disk", f"{free / 1000000000.0:,.1f} GB free in {folder}")


def _key(settings: Settings, store: Store) -> Iterator[Finding]:
    file = opening.key_file(store)
    if settings.secret_key is not None:
        short = len(settings.secret_key.get_secret_value()) < _LONG_KEY
        yield Finding(
            "warning" if short else "ok",
            "secret_key",
            "is shorter than 32 characters: it could be guessed from a feed link" if short else "set",
        )
    elif store.file is None:
        yield Finding(
            "warning",
            "secret_key",
            ("set secret_key (or secret_key_file): with PostgreSQL every process must have the same"),
        )
    elif file.exists():
        yield _private("secret_key", file, str(file))
    else:
        yield Finding("ok", "secret_key", "will be made at the first run")


async def _contents(settings: Settings, store: Store, now: SteadyClock) -> AsyncIterator[Finding]:
    await store.check_schema()
    await store.compare_schema()
    version = await store.version()
    where = f"{store.where}: {version}, schema up to date"
    yield Finding("ok", "database", where) if store.file is None else _private("database", store.file, where)
    name, _, number = version.partition(" ")
    if name == "SQLite" and tuple(map(int, number.split("."))) < _FIXED_WAL:
        yield Finding(
            "ok",
            "database",
            f"{version}: before 3.51.3 two connections that write and checkpoint at once can "
            "damage a file; here all wait for one lock, so write to it with Paperwire alone",
        )
    async with opening.reading(settings, now=now) as context:
        fares = await health(context)
    found = [*_processes(fares, now), *_sources(fares), *_days(fares), *_times(fares, now), *_refusals(fares)]
    for finding in found:
        yield finding


def _processes(fares: Health, now: Now) -> Iterator[Finding]:
    """Whether each part of the work is some process's, and nothing waits for long."""
    for role in fares.missing:
        yield Finding("warning", role, missing_line(role, fares, ENGLISH).removeprefix("⚠ "))
    if not fares.missing:
        yield Finding("ok", "processes", processes_line(fares, ENGLISH).removeprefix("Processes: "))
    waits = (
        ("match", fares.unmatched, fares.unmatched_since, "to be matched"),
        ("outbox", fares.due, fares.due_since, "to be sent"),
    )
    for subject, count, since, what in waits:
        if since is not None and now() - since > _LONG_WAIT and subject not in fares.missing:
            yield Finding("warning", subject, f"{count} wait {what}, the first since {utc(since)}")
    for channel in fares.channels:
        if fares.processes and not channel.is_up:
            yield Finding("warning", channel.kind, channel.state or "no process runs this channel")


def _sources(fares: Health) -> Iterator[Finding]:
    if not fares.sources:
        yield Finding("warning", "sources", "no source is on")
    for source in fares.sources:
        if source.overdue_since is not None:
            yield Finding(
                "warning",
                source.name,
                (f"overdue: not tried since {utc(source.overdue_since)}; is a service running that collects?"),
            )
        elif source.error:
            next_at = utc(source.next_at) if source.next_at else "-"
            yield Finding("warning", source.name, f"{source.error}; next try {next_at}")
        else:
            yield Finding("ok", source.name, f"last read {utc(source.ok_at)}" if source.ok_at else "never read yet")


def _refusals(fares: Health) -> Iterator[Finding]:
    """What the running service reports of channels that let us in and take no messages, which no probe shows."""
    for channel in fares.channels:
        if "refused" in channel.state:
            yield Finding("broken", channel.kind, channel.state)


def _days(fares: Health) -> Iterator[Finding]:
    for day in fares.days:
        if day.is_doubtful and day.state is not BatchState.EXPECTED:
            yield Finding("warning", "days", day_line(day, ENGLISH))


def _times(fares: Health, now: Now) -> Iterator[Finding]:
    read = [source.ok_at for source in fares.sources if source.ok_at is not None]
    if read and max(read) > now() + timedelta(minutes=5):
        yield Finding(
            "broken",
            "clock",
            ("the clock is behind times that are stored: it was set back, and what is due waits until then"),
        )
    elif read:
        yield Finding("ok", "clock", "not behind the times that are stored")
    if fares.held_since is not None:
        yield Finding(
            "warning",
            "outbox",
            f"deliveries have been on hold since {utc(fares.held_since)}: `paperwire outbox --release` sends them",
        )
    if fares.given_up or fares.unknown:
        about = given_up_line(fares.given_up, fares.unknown, ENGLISH)
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
            return Finding("ok", subject, f"{where} is free")
    except PortInUse as error:
        taken: Level = "broken" if section == "web" else "warning"
        if not await _is_paperwire(host, port):
            return Finding(taken, subject, str(error))
        if _writes(settings):
            return Finding("ok", subject, f"a Paperwire service answers on {where}")
        return Finding(taken, subject, f"another Paperwire service answers on {where}: none writes to this database")
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


async def _channels(settings: Settings, now: Now, send_test: str) -> AsyncIterator[Finding]:
    wanted = settings.enabled("channels")
    if not wanted:
        yield Finding("warning", "channels", "no channel is on: people can follow feeds and pages only")
    tested = False
    for name, options in wanted.items():
        if missing := options.missing():
            yield Finding("warning", name, f"off: channels.{name}.{missing} is not set")
            continue
        module = config.modules("channels")[name]
        async with AsyncExitStack() as stack:
            channel = module.build(options, now=now, public_url=settings.public_url)
            stack.push_async_callback(channel.close)
            yield await _token(name, channel)
            for advice in channel.advice() if isinstance(channel, Advising) else ():
                yield Finding("warning", name, advice)
            if send_test and channel.naming == "verified":
                tested = True
                yield await _test_message(name, channel, send_test, now)
    if send_test and not tested:
        yield Finding("broken", "send-test", "no channel is on that sends mail")


async def _test_message(name: str, channel: Channel, address: str, now: Now) -> Finding:
    head = (Span("A test of Paperwire", "bold"),)
    line = (Span(f"Sent by `paperwire check --send-test` at {utc(now())}. It arrived, so papers will."),)
    try:
        async with asyncio.timeout(3 * _PATIENCE):
            place, _ = await channel.inspect(address, Actor(channel="", user_id=""))
            receipt = await channel.send(place.address, Message(head=(head, line), key=secrets.token_hex(12)))
    except SendError as error:
        return Finding("broken", name, f"no test reaches {address}: {error}")
    except TimeoutError:
        return Finding("broken", name, f"no test reaches {address}: no answer in time")
    return Finding("ok", name, f"a test was handed over for {place.address} as {receipt.message_id}")


async def _token(name: str, channel: Channel) -> Finding:
    """Whether the platform lets us in."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await channel.probe()
    except SendError as error:
        return Finding("broken", name, str(error))
    except TimeoutError:
        return Finding("broken", name, "no answer in time")
    return Finding(
        "ok",
        name,
        "answers and lets us in" if channel.shared_service else "on; addresses are tried when something is sent",
    )
