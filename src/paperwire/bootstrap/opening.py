"""The clock, the database and the key that signs links: what every command begins with."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import structlog

from paperwire import config
from paperwire.config import Settings
from paperwire.errors import ConfigError, StoreError, StoreLocked, StoreUnreachable
from paperwire.network import Network
from paperwire.pipeline.backups import copy_before_migration, label_of
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.directories import Directories
from paperwire.pipeline.nearness import Nearness
from paperwire.ports.channels import Channel
from paperwire.ports.encoders import Encoder
from paperwire.ports.options import NetworkOptions, Now
from paperwire.ports.requests import Feature
from paperwire.services.access import Access
from paperwire.services.context import Context
from paperwire.services.running.health import ProcessState
from paperwire.store.unit import HEAD, Store
from paperwire.worker import owner as owners
from paperwire.worker.clocks import SteadyClock

NEW_ZONE = "UTC"
"""The time zone of new places, until it is set there."""
_KEY_FILE = "secret.key"
_KEY_BYTES = 32
_USUAL_POLL = 900.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds between two looks for a database that does not answer
_log = structlog.get_logger(__name__)


def clock() -> SteadyClock:
    """The one clock: the machine's, or one that starts at `PAPERWIRE_NOW` and runs from there.

    Where a database is written to, it goes on from what that has seen (`opened`).

    Raises:
        ConfigError: `PAPERWIRE_NOW` is not an instant such as 2026-01-05T07:59:50Z.
    """
    start = os.environ.get("PAPERWIRE_NOW")
    if not start:
        return SteadyClock(lambda: datetime.now(UTC))
    begins = None
    with suppress(ValueError):
        begins = datetime.fromisoformat(start)
    if begins is None or begins.tzinfo is None:
        raise ConfigError(f"PAPERWIRE_NOW is {start!r}; it takes an instant with a zone, such as 2026-01-05T07:59:50Z")
    offset = begins.astimezone(UTC) - datetime.now(UTC)
    return SteadyClock(lambda: datetime.now(UTC) + offset)


def database(settings: Settings, now: Now, *, write: bool = True, name: str = "paperwire") -> Store:
    """The database of the settings, not yet touched; raises ConfigError if its address is that of none we know."""
    setting = f"setting {config.named('database.url', settings.file)}"
    return database_at(settings.database.url.get_secret_value(), now, setting, write=write, name=name)


def database_at(url: str, now: Now, origin: str, *, write: bool = True, name: str = "paperwire") -> Store:
    """The same for an address from another `origin`, which the error names."""
    try:
        return Store.open(url, now=now, readonly=not write, name=name)
    except StoreError as error:
        raise ConfigError(f"{origin}: {error}") from None


@asynccontextmanager
async def opened(  # noqa: PLR0913 -- what is to be done with a database, each named
    settings: Settings,
    now: SteadyClock,
    *,
    write: bool,
    service: bool = False,
    patiently: bool = False,
    while_running: bool = False,
    name: str = "paperwire",
) -> AsyncIterator[Store]:
    """The database, ready for use: with `write` its schema is this program's, which is brought up to date if need be.

    On SQLite that is done by a `service`, of which one runs at a time, or while none runs; others may write at the same
    time. With `write`, `now` does not begin before what the database has seen: what was subscribed to before a restart
    is older than what is announced after it, even if the clock was set back meanwhile. `patiently` waits for a
    PostgreSQL server that does not answer yet, and leaves the index of words to `Store.renew_words`; `while_running` is
    for a change of its schema next to other processes, and `name` is what it calls this one.

    Raises:
        ConfigError: the address is that of no database we know.
        StoreLocked: another process runs the service, and this one is to do so or would have to change the schema;
            on PostgreSQL other processes run, and this one would.
        StoreOutdated: it is to be read only, and its schema is not this program's.
        StoreUnsupported: its schema can't become this program's.
    """
    store = database(settings, now, write=write, name=name)
    try:
        if patiently and store.file is None:
            await _until_it_answers(store)
        if write:
            if service or not await store.is_current():
                await _bring_up_to_date(settings, store, now, while_running=while_running, words=not patiently)
            if not service:
                store.unlock_service()
            await _follow(store, now)
        else:
            await store.check_schema()
        yield store
    finally:
        await store.close()


async def _follow(store: Store, now: SteadyClock) -> None:
    """Let the clock not begin before what the database has seen."""
    async with store.read() as unit:
        if (seen := await unit.settings.last_instant()) is not None:
            now.not_before(seen)


async def _bring_up_to_date(settings: Settings, store: Store, now: Now, *, while_running: bool, words: bool) -> None:
    """Migrate as the one service, after a copy; raises StoreError, StoreLocked among them."""
    store.lock_service()
    if not while_running:
        await _refuse_while_running(store)
    await _copy_if_older(settings, store, now)
    await store.migrate(words=words)


async def _refuse_while_running(store: Store) -> None:
    """Raise StoreLocked if others use a PostgreSQL database that a migration is about to change."""
    if store.file is not None or await store.revision() is None or await store.is_current():
        return
    async with store.read() as unit:
        alive = await unit.leases.alive()
    running = [
        owners.described(owner) + (f" ({', '.join(roles)})" if roles else "")
        for owner, roles in alive.items()
        if not owners.is_dead(owner)
    ]
    if running:
        raise StoreLocked(
            f"the database {store.where} has to be migrated, and others run on it: {'; '.join(running)}."
            " Stop them first; one that was killed counts for half a minute."
            " `paperwire migrate --while-running` doesn't wait for them"
        )


async def _copy_if_older(settings: Settings, store: Store, now: Now) -> None:
    """Copy a SQLite database that a migration is about to change; raises StoreError if that can't be done."""
    if store.file is None or not store.file.exists() or (revision := await store.revision()) in {None, HEAD}:
        return
    named = settings.backup.folder
    folder = named if named is not None and named.is_dir() else store.folder
    label = copies_label(settings, store.folder)
    copy = await copy_before_migration(store, copied_key(settings, store), folder, label, str(revision), now())
    _log.info("copied the database before its migration", file=str(copy.absolute()), schema=revision)


async def _until_it_answers(store: Store) -> None:
    pause = _FIRST_PAUSE
    while True:
        try:
            await store.version()
        except StoreUnreachable as error:
            if pause == _FIRST_PAUSE:
                _log.warning("waiting for the database", problem=str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            if pause != _FIRST_PAUSE:
                _log.info("the database answers")
            return


def secret_key(settings: Settings, store: Store) -> bytes:
    """The key that signs links: from the settings, else from the file next to the database, which is made once.

    Raises:
        ConfigError: the file cannot be written or read.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    path, problem = key_file(store), "it is empty"
    try:
        if not path.exists():
            _make_key(path)
        if key := path.read_text(encoding="utf-8").strip():
            return key.encode()
    except (OSError, UnicodeDecodeError) as error:
        problem = (isinstance(error, OSError) and error.strerror) or "it is no UTF-8 text"
    raise ConfigError(f"cannot keep the secret key in {path}: {problem}; make the folder writable or set secret_key")


def key_file(store: Store) -> Path:
    """Where a generated secret key is kept: next to a SQLite database, else in the working folder."""
    return store.folder / _KEY_FILE


def copied_key(settings: Settings, store: Store) -> Path | None:
    """The file of the key, which goes into copies of the database; None where the settings have it."""
    return key_file(store) if settings.secret_key is None else None


def copies_label(settings: Settings, folder: Path) -> str:
    """What the copies of the service with its database in `folder` have in their names."""
    if settings.secret_key is not None:
        return label_of(settings.secret_key.get_secret_value().encode())
    try:
        return label_of((folder / _KEY_FILE).read_bytes().strip())
    except OSError:  # there is none yet, nor a copy
        return label_of(b"")


def mark_file(store: Store) -> Path:
    """Where it is kept how far sending has come (`SentMark`): next to a SQLite database, else in the working folder."""
    return store.folder / (f"{store.file.name}.sent" if store.file else "paperwire.sent")


def _make_key(path: Path) -> None:
    """Write a new key, whole and on the disk or not at all; of two processes that do so at once, one is first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.touch(0o600)
    try:
        draft.write_text(secrets.token_urlsafe(_KEY_BYTES), encoding="utf-8")
        _sync(draft)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    _sync(path.absolute().parent)


def _sync(path: Path) -> None:
    """Return when the disk has a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@asynccontextmanager
async def reading(settings: Settings, *, now: SteadyClock, by_meaning: bool = False) -> AsyncIterator[Context]:
    """The context over a database that is only read: a running service may write to it meanwhile.

    With `by_meaning` there is also what finds papers so, which takes a moment to load.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened(settings, now, write=False))
        calibration = calibration_of(settings, store, now, stack) if by_meaning else None
        yield _context(settings, store, now, calibration)


@asynccontextmanager
async def writing(settings: Settings, *, now: SteadyClock) -> AsyncIterator[Context]:
    """The context with its channels over a database that is written to, as next to a running service."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened(settings, now, write=True))
        channels = channels_of(settings, now)
        for channel in channels.values():
            stack.push_async_callback(channel.close)
        context = _context(settings, store, now, calibration_of(settings, store, now, stack))
        key = secret_key(settings, store)
        yield replace(context, channels=channels, secret_key=key, access=access_of(settings, key))


def _context(settings: Settings, store: Store, now: Now, calibration: Calibration | None) -> Context:
    """What services work with where no source and no channel is asked."""
    return Context(
        store=store,
        secret_key=b"",
        public_url=settings.public_url,
        followed=followed(settings),
        channels={},
        lookup=Directories(()).lookup,
        lookup_many=Directories(()).lookup_many,
        now=now,
        sources=intervals(settings),
        closures=closures(settings),
        access=access_of(settings, b""),
        max_subscriptions=settings.people.max_subscriptions,
        zone=NEW_ZONE,
        down_until=lambda _channel: None,
        public_list=settings.lists.public,
        calibration=calibration,
    )


def watching(settings: Settings) -> ProcessState:
    """What a command that only reads knows of itself: other processes do all the work."""

    async def no_problem() -> str:
        return ""

    return ProcessState(
        owner="",
        started_at=None,
        troubles={},
        database_problem=no_problem,
        channel_state=lambda channel: channel.state(),
        elsewhere=frozenset(settings.enabled("channels")) - frozenset(settings.lacking("channels")),
        needed=needed_roles(settings),
    )


def calibration_of(settings: Settings, store: Store, now: Now, stack: AsyncExitStack) -> Calibration | None:
    """What finds papers by meaning, and what subscriptions by meaning ask for; None where no encoder is on."""
    encoder = encoder_of(settings)
    if encoder is None:
        return None
    stack.push_async_callback(encoder.close)
    second = None if settings.meaning.encoder == config.BUILT_IN else encoder_of(settings, config.BUILT_IN)
    return Calibration(store, Nearness(store, encoder, second), now=now)


@cache
def network_by(options: NetworkOptions) -> Network:
    """The way out by these settings, one for all that goes out; raises ConfigError."""
    return Network(options)


def channels_of(settings: Settings, now: Now) -> dict[str, Channel]:
    """The channels that are on and lack no key, by kind."""
    network, lacking = network_by(settings.network), settings.lacking("channels")
    on = {name: options for name, options in settings.enabled("channels").items() if name not in lacking}
    return {
        name: config.modules("channels")[name].build(options, network=network, now=now, public_url=settings.public_url)
        for name, options in on.items()
    }


def features(
    settings: Settings, channels: Mapping[str, Channel], roles: AbstractSet[str], *, is_alone: bool
) -> frozenset[Feature]:
    """What this instance has of all that commands need.

    A process that is the only one of its database knows whether there are pages; next to others they are assumed.
    """
    on: dict[Feature, bool] = {
        "mail": any(channel.naming == "verified" for channel in channels.values()),
        "pages": "web" in roles or not is_alone,
        "public list": settings.lists.public,
    }
    return frozenset(feature for feature, is_on in on.items() if is_on)


def encoder_of(settings: Settings, name: str = "") -> Encoder | None:
    """The encoder of the settings or of a name, or None where it is off; raises ConfigError if it cannot be built."""
    if settings.meaning.encoder == config.OFF:
        return None
    encoder: Encoder = config.modules("encoders")[name or settings.meaning.encoder].build(
        settings.meaning, network=network_by(settings.network)
    )
    return encoder


def intervals(settings: Settings) -> dict[str, timedelta]:
    """The time between two looks at each source that is on, by name."""
    on = {name: options for name, options in settings.enabled("sources").items() if not options.missing()}
    return {name: timedelta(seconds=getattr(options, "every", _USUAL_POLL)) for name, options in on.items()}


def access_of(settings: Settings, key: bytes) -> Access:
    """Who may use this instance; operators always may."""
    people = settings.people
    names = (*people.allowed, *settings.ops.operators) if people.allowed else ()
    return Access(names=names, ask=people.ask, secret_key=key)


def needed_roles(settings: Settings) -> frozenset[str]:
    """The roles without which something that the settings ask for doesn't happen."""
    channels = settings.enabled("channels").keys() - settings.lacking("channels").keys()
    listening = {role for kind, role in config.roles().items() if kind in channels}
    return frozenset(
        {"match", *listening, *(["collect"] if intervals(settings) else []), *(["deliver"] if channels else [])}
    )


def followed(settings: Settings) -> tuple[str, ...]:
    """The arXiv categories that are collected."""
    arxiv = settings.enabled("sources").get("arxiv")
    return tuple(getattr(arxiv, "categories", ()))


def closures(settings: Settings) -> frozenset[date]:
    """The New York evenings on which arXiv is not expected to announce anything, besides its holidays."""
    arxiv = settings.enabled("sources").get("arxiv")
    return frozenset(getattr(arxiv, "closures", ()))
