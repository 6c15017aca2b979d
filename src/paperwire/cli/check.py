"""`check`: what an operator would find out the hard way otherwise, one line each."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from paperwire import config
from paperwire.bootstrap import opening
from paperwire.cli.app import AsJson, command, go, out, settings_of, show_json
from paperwire.cli.disk import ENOUGH_ROOM, LEAST_ROOM, disk_problem, room
from paperwire.cli.findings import (
    LEVELS,
    Finding,
    Level,
    backups,
    links,
    people,
    private,
    proxies,
    settings_file,
    sources,
)
from paperwire.cli.health import ask
from paperwire.config import Settings
from paperwire.core.days.batch import BatchState
from paperwire.core.health import Health
from paperwire.core.messages.message import Message, Span
from paperwire.errors import ConfigError, PaperwireError, PortInUse, SendError, StoreOutdated
from paperwire.network import Network
from paperwire.ports.callers import Actor
from paperwire.ports.channels import Advising, Channel, Limited
from paperwire.ports.options import Now
from paperwire.services.running.health import health
from paperwire.store.unit import Store
from paperwire.texts import ENGLISH
from paperwire.web.ops import ALIVE
from paperwire.web.server import bind
from paperwire.wording.days import day_line
from paperwire.wording.health import given_up_line
from paperwire.wording.times import utc
from paperwire.wording.workload import missing_line, processes_line
from paperwire.worker.clocks import SteadyClock

_LONG_KEY = 32
_FIXED_WAL = (3, 51, 3)
_LONG_WAIT = timedelta(minutes=15)
_TIMEOUT = 15.0
_LOCAL_TIMEOUT = 2.0  # seconds in which a service on this machine should answer


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
            out.print(f"{LEVELS[finding.level]:>7}  {finding.subject}: {finding.text}")
    if any(finding.level == "broken" for finding in findings):
        raise typer.Exit(1)


async def _look(settings: Settings, file: Path | None, send_test: str) -> list[Finding]:
    now = opening.clock()
    findings = [
        *settings_file(file),
        *links(settings),
        *proxies(settings),
        *people(settings),
        *sources(settings),
    ]
    findings += [finding async for finding in _database(settings, now)]
    findings += [finding async for finding in _ports(settings)]
    findings += [finding async for finding in _encoder(settings)]
    network = opening.network_by(settings.network)
    findings += [finding async for finding in _ways_out(settings, network)]
    findings += [finding async for finding in _channels(settings, network, now, send_test)]
    return findings


# --- the database and what it tells ------------------------------------------------------------------------------


async def _database(settings: Settings, now: SteadyClock) -> AsyncIterator[Finding]:
    store = opening.database(settings, now, write=False)
    try:
        copies = backups(settings, opening.copies_label(settings, store.folder), now())
        for finding in [*_folder(store), *_key(settings, store), *copies]:
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
        yield Finding("broken", "folder", f"{path} is not writable" if path.exists() else f"there is no folder {path}")
    if not unwritable:
        free, text = room(folder)
        level: Level = "ok" if free >= ENOUGH_ROOM else "warning" if free >= LEAST_ROOM else "broken"
        yield Finding(level, "disk", text)


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
        text = "set secret_key (or secret_key_file): with PostgreSQL every process must have the same"
        yield Finding("warning", "secret_key", text)
    elif file.exists():
        try:
            opening.secret_key(settings, store)
        except ConfigError as error:
            yield Finding("broken", "secret_key", str(error))
        else:
            yield private("secret_key", file, str(file))
    else:
        yield Finding("ok", "secret_key", "will be made at the first run")


async def _contents(settings: Settings, store: Store, now: SteadyClock) -> AsyncIterator[Finding]:
    await store.check_schema()
    await store.compare_schema()
    version = await store.version()
    where = f"{store.where}: {version}, schema up to date"
    yield Finding("ok", "database", where) if store.file is None else private("database", store.file, where)
    name, _, number = version.partition(" ")
    if name == "SQLite" and tuple(map(int, number.split("."))) < _FIXED_WAL:
        text = (
            f"{version}: before 3.51.3 two connections that write and checkpoint at once can "
            "damage a file; here all wait for one lock, so write to it with Paperwire alone"
        )
        yield Finding("ok", "database", text)
    async with opening.reading(settings, now=now) as context:
        health_now = await health(context, opening.watching(settings))
        health_now = replace(health_now, database_problem=await disk_problem(store, health_now))
    findings = [*_processes(health_now, now), *_sources(health_now), *_days(health_now), *_times(health_now, now)]
    for finding in findings:
        yield finding


def _processes(health_now: Health, now: Now) -> Iterator[Finding]:
    """Whether each part of the work is some process's, and nothing waits for long."""
    for role in health_now.missing:
        yield Finding("warning", role, missing_line(role, health_now, ENGLISH).removeprefix("⚠ "))
    if health_now.database_problem and not health_now.processes:  # some may run that can't report themselves
        yield Finding("warning", "processes", health_now.database_problem)
    elif not health_now.missing:
        yield Finding("ok", "processes", processes_line(health_now, ENGLISH).removeprefix("Processes: "))
    waits = (
        ("match", health_now.unmatched, health_now.unmatched_since, "to be matched"),
        ("outbox", health_now.due, health_now.due_since, "to be sent"),
    )
    for subject, count, since, what in waits:
        if since is not None and now() - since > _LONG_WAIT and subject not in health_now.missing:
            yield Finding("warning", subject, f"{count} wait {what}, the first since {utc(since)}")
    for channel in health_now.channels:
        if not channel.is_up and (channel.state or health_now.processes):  # which no probe shows
            level: Level = "broken" if "refused" in channel.state else "warning"
            yield Finding(level, channel.kind, channel.state or "no process runs this channel")


def _sources(health_now: Health) -> Iterator[Finding]:
    if not health_now.sources:
        yield Finding("warning", "sources", "no source is on")
    for source in health_now.sources:
        if source.overdue_since is not None:
            text = f"overdue: not tried since {utc(source.overdue_since)}; is a service running that collects?"
            yield Finding("warning", source.name, text)
        elif source.error:
            next_at = utc(source.next_at) if source.next_at else "-"
            yield Finding("warning", source.name, f"{source.error}; next try {next_at}")
            for part in source.failing:
                yield Finding("warning", f"{source.name} {part.name}", part.error)
        else:
            yield Finding("ok", source.name, f"last read {utc(source.ok_at)}" if source.ok_at else "never read yet")


def _days(health_now: Health) -> Iterator[Finding]:
    for day in health_now.days:
        if day.is_doubtful and day.state is not BatchState.EXPECTED:
            yield Finding("warning", "days", day_line(day, ENGLISH))


def _times(health_now: Health, now: Now) -> Iterator[Finding]:
    read = [source.ok_at for source in health_now.sources if source.ok_at is not None]
    if read and max(read) > now() + timedelta(minutes=5):
        text = "the clock is earlier than stored times: it was set back, and what is due waits until then"
        yield Finding("broken", "clock", text)
    elif read:
        yield Finding("ok", "clock", "not earlier than stored times")
    if health_now.held_since is not None:
        text = (
            f"deliveries have been on hold since {utc(health_now.held_since)}: `paperwire outbox --release` sends them"
        )
        yield Finding("warning", "outbox", text)
    if health_now.given_up or health_now.unknown:
        about = given_up_line(health_now.given_up, health_now.unknown, ENGLISH)
        yield Finding("warning", "outbox", f"{about}: `paperwire outbox` lists them and says why")


# --- the port and the platforms ----------------------------------------------------------------------------------


async def _ports(settings: Settings) -> AsyncIterator[Finding]:
    web, ops = settings.web, settings.ops
    yield await _port(settings, "port", web.host, web.port, "web")
    if web.port and web.port == ops.port and _exclude_each_other(web.host, ops.host):
        yield Finding("broken", "ops port", f"ops.port is {ops.port} like web.port; set another one, or 0 for any")
        return
    yield await _port(settings, "ops port", ops.host, ops.port, "ops")


def _exclude_each_other(host: str, other: str) -> bool:
    """Whether two can't listen at one port of these hosts, such as 0.0.0.0 and 127.0.0.1, tried at a free port."""
    try:
        with closing(bind(host, 0)) as first, closing(bind(other, first.getsockname()[1], "ops")):
            return False
    except PortInUse:
        return True
    except ConfigError:  # an address that isn't ours, which is found at its own port
        return False


async def _port(settings: Settings, subject: str, host: str, port: int, section: str) -> Finding:
    """Whether a service could listen there."""
    where = f"{host}:{port}"
    try:
        with closing(bind(host, port, section)):
            return Finding("ok", subject, f"{where} is free")
    except PortInUse as error:
        if not await _is_paperwire(host, port):
            return Finding("broken", subject, str(error))
        if _writes(settings):
            return Finding("ok", subject, f"a Paperwire service answers on {where}")
        return Finding("broken", subject, f"another Paperwire service answers on {where}: none writes to this database")
    except ConfigError as error:
        return Finding("broken", subject, str(error))


async def _is_paperwire(host: str, port: int) -> bool:
    """Whether what listens there answers as a process of ours does."""
    answer = await ask(host, port, "/healthz", _LOCAL_TIMEOUT)
    return answer is not None and answer.text == ALIVE


async def _encoder(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the encoder can be built: its packages, its files."""
    try:
        encoder = opening.encoder_of(settings)
    except ConfigError as error:
        yield Finding("broken", "meaning", str(error))
        return
    yield Finding("ok", "meaning", settings.meaning.encoder)
    if encoder is not None:
        await encoder.close()


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


async def _ways_out(settings: Settings, network: Network) -> AsyncIterator[Finding]:
    """Whether the sources can be reached by the proxy and the authorities of the settings, where there are any."""
    if network.proxy is None and settings.network.ca_file is None:
        return
    by = f" through the proxy {network.proxy_name}" if network.proxy else ""
    values = (value for options in settings.enabled("sources").values() for value in options.model_dump().values())
    addresses = {urlsplit(url)._replace(path="", query="").geturl() for url in values if str(url).startswith("http")}
    for url in sorted(addresses):
        if problem := await network.reach(url):
            yield Finding("broken", "network", f"{url} can't be reached{by}: {problem}")
        else:
            yield Finding("ok", "network", f"{url} is reached{by}")


async def _channels(settings: Settings, network: Network, now: Now, send_test: str) -> AsyncIterator[Finding]:
    enabled = settings.enabled("channels")
    if not enabled:
        yield Finding("warning", "channels", "no channel is on: people can follow feeds and pages only")
    tested = False
    for name, options in enabled.items():
        if missing := options.missing():
            yield Finding("warning", name, f"off: channels.{name}.{missing} is not set")
            continue
        module = config.modules("channels")[name]
        async with AsyncExitStack() as stack:
            channel = module.build(options, network=network, now=now, public_url=settings.public_url)
            stack.push_async_callback(channel.close)
            yield await _token(name, channel)
            for advice in channel.advice() if isinstance(channel, Advising) else ():
                yield Finding("warning", name, advice)
            if isinstance(channel, Limited) and (text := channel.near_limit()):
                yield Finding("warning", name, text)
            if send_test and channel.naming == "verified":
                tested = True
                yield await _test_message(name, channel, send_test, now)
    if send_test and not tested:
        yield Finding("broken", "send-test", "no channel is on that sends mail")


async def _test_message(name: str, channel: Channel, address: str, now: Now) -> Finding:
    head = (Span("A test of Paperwire", "bold"),)
    line = (Span(f"Sent by `paperwire check --send-test` at {utc(now())}. It arrived, so papers will."),)
    try:
        async with asyncio.timeout(3 * _TIMEOUT):
            place, _ = await channel.inspect(address, Actor(channel="", user_id=""))
            receipt = await channel.send(place.address, Message(head=(head, line), key=secrets.token_hex(12)))
    except SendError as error:
        return Finding("broken", name, f"no test reaches {address}: {error}")
    except TimeoutError:
        return Finding("broken", name, f"no test reaches {address}: no answer in time")
    return Finding("ok", name, f"a test was handed over for {place.address} as {receipt.message_id}")


async def _token(name: str, channel: Channel) -> Finding:
    try:
        async with asyncio.timeout(_TIMEOUT):
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
