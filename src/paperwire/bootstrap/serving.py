"""The service: sources, channels, commands, pages and the worker that runs them, over an open database."""

from __future__ import annotations

import hashlib
import shutil
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from paperwire import __version__, config
from paperwire.bootstrap.opening import (
    NEW_ZONE,
    access_of,
    calibration_of,
    channels_of,
    closures,
    followed,
    intervals,
    mark_file,
    needed_roles,
    network_by,
    secret_key,
)
from paperwire.bootstrap.pages import ops_pages, pages
from paperwire.commands.answer import Commands
from paperwire.commands.context import Chat
from paperwire.commands.table import SPECS
from paperwire.config import Settings
from paperwire.core.days.calendar import why_silent
from paperwire.core.health import StageHealth
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.tokens import place_token
from paperwire.errors import ConfigError
from paperwire.libraries.zotero import Zotero
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.clock import FutureTimes
from paperwire.pipeline.deliver import Delivery, DigestWords
from paperwire.pipeline.directories import Directories
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import BACKFILL, Collector
from paperwire.pipeline.libraries import LibraryReader, LibraryReading
from paperwire.pipeline.mark import SentMark
from paperwire.pipeline.match import Matching
from paperwire.pipeline.prune import Pruning
from paperwire.pipeline.reconcile import BESIDE, Reconciler
from paperwire.pipeline.reports import ChannelReports
from paperwire.pipeline.seal import KeySeal
from paperwire.pipeline.sends import Sends
from paperwire.ports.channels import Channel, Conversation
from paperwire.ports.options import Now
from paperwire.ports.sources import Source
from paperwire.services.access import hold_strangers
from paperwire.services.context import Context
from paperwire.services.health import ProcessState, health
from paperwire.services.leave import leave_button
from paperwire.sources._http import Fetcher, user_agent
from paperwire.store.pace import StorePace
from paperwire.store.unit import Store
from paperwire.worker import Parts, Worker
from paperwire.worker import owner as owners
from paperwire.worker.presence import Presence
from paperwire.worker.ready import Readiness
from paperwire.worker.watch import Operators, Watch

_log = structlog.get_logger(__name__)

_SEAL = "seal of the key"
_TWO_KEYS = (
    "another Paperwire runs on this database with another secret key, so the links of one would fail at the other; "
    "set secret_key or secret_key_file to the same value for both"
)


async def _enter(store: Store, key: bytes, presence: Presence | None) -> None:
    """Let other processes know of this one and of its key; warns if the key is another than before.

    Raises:
        ConfigError: a process that is running has another key.
    """
    seal = hashlib.sha256(b"seal of " + key).hexdigest()
    async with store.write() as unit:
        before = await unit.settings.ensure_locked(_SEAL, seal)
        has_company = presence is not None and await presence.begin(unit)
        if before != seal and has_company:
            raise ConfigError(_TWO_KEYS)
        await unit.settings.put(_SEAL, seal)
    if before != seal:
        _log.warning("the secret key is another than before", hint="feed links given out before no longer work")


@dataclass(frozen=True, kw_only=True)
class Process:
    """Everything one process needs, built and not yet running; `off` says what is off for want of a setting."""

    collectors: tuple[Collector, ...]
    matching: Matching
    worker: Worker
    off: tuple[str, ...]


async def _join(settings: Settings, store: Store, stack: AsyncExitStack) -> tuple[str, bytes]:
    """Let other processes know of this one, on PostgreSQL with a heartbeat; returns who it is to them, and their key.

    A service of which there is one takes over from the one before it at once.
    """
    key = secret_key(settings, store)
    owner = "the one service" if store.is_service else owners.name()
    presence = None if store.file else Presence(store, owner)
    await _enter(store, key, presence)
    if presence is not None:
        await stack.enter_async_context(presence.kept())
    return owner, key


@asynccontextmanager
async def service(  # noqa: PLR0913  what a process is built from
    settings: Settings,
    store: Store,
    *,
    now: Now,
    roles: frozenset[str],
    listening: socket.socket | None = None,
    ops: socket.socket | None = None,
    console: Channel | None = None,
) -> AsyncIterator[Process]:
    """Build a process over an open `store`; raises PaperwireError, which says what of the settings cannot be had.

    `listening` serves the pages, `ops` what machines ask of it, `console` is the terminal as a channel.
    """
    async with AsyncExitStack() as stack:
        owner, key = await _join(settings, store, stack)
        sources, unread = _sources(settings, store, owner, now, stack)
        channels, off = _channels(settings, now, console, stack)
        collectors, troubles = await _collectors(store, sources, roles, now), dict[str, StageHealth]()
        readiness = Readiness(store, collectors, roles, troubles)
        conversations = _conversations(channels, roles, console)
        here = channels if "deliver" in roles else {channel.kind: channel for channel in conversations}
        sends, mark = Sends(now), SentMark(store, mark_file(store))
        elsewhere = frozenset(channels) - frozenset(here)
        state = _state(settings, owner, readiness, sends, elsewhere, now)
        reports = _reports(store, here, state, roles, stack, now)
        delivery = await _delivery(settings, store, key, channels, owner, mark, sends, stack, now)
        chat = _chat(settings, store, key, [one for one, _ in sources], channels, delivery, stack, now)
        parts = replace(
            _parts(chat, state, collectors, delivery, mark, reports, roles, troubles),
            conversations=conversations,
            encoding=_encoding(store, chat.calibration),
            serve=await pages(settings, chat, state, readiness, listening) if listening is not None else None,
            ops=ops_pages(chat, state, readiness, ops) if ops is not None else None,
            watch=_watch(chat, state, settings.ops.operators),
        )
        yield Process(collectors=collectors, matching=parts.matching, worker=Worker(parts), off=(*unread, *off))


def _state(  # noqa: PLR0913, PLR0917  what a process knows of itself
    settings: Settings, owner: str, readiness: Readiness, sends: Sends, elsewhere: frozenset[str], now: Now
) -> ProcessState:
    return ProcessState(
        owner=owner,
        started_at=now(),
        troubles=readiness.troubles,
        database_problem=readiness.database_problem,
        channel_state=sends.state,
        elsewhere=elsewhere,
        needed=needed_roles(settings),
    )


def _reports(  # noqa: PLR0913, PLR0917  what is reported, and by whom
    store: Store,
    here: Mapping[str, Channel],
    state: ProcessState,
    roles: frozenset[str],
    stack: AsyncExitStack,
    now: Now,
) -> ChannelReports:
    """What tells other processes how the channels of this one are."""
    reports = ChannelReports(store, here, owner=state.owner, now=now, roles=roles, state=state.channel_state)
    stack.push_async_callback(reports.end)
    return reports


def _encoding(store: Store, calibration: Calibration | None) -> Encoding | None:
    return None if calibration is None else Encoding(store, calibration.encoder, calibration)


async def _collectors(
    store: Store, sources: list[tuple[Source, float]], roles: frozenset[str], now: Now
) -> tuple[Collector, ...]:
    """What reads each source; where it does, no part that was taken out of the settings counts as failing any more."""
    collectors = tuple(Collector(one, store, every=timedelta(seconds=every), now=now) for one, every in sources)
    if "collect" in roles and collectors:
        async with store.write() as unit:
            for one in collectors:
                await unit.sources.retire(one.name, {*one.source.parts(), BACKFILL, *BESIDE})
    return collectors


def _libraries(  # noqa: PLR0913, PLR0917  what a reader is made of
    settings: Settings, store: Store, key: bytes, directories: Directories, stack: AsyncExitStack, now: Now
) -> LibraryReader:
    """What reads people's libraries."""
    agent = user_agent(__version__, settings.public_url, settings.contact)
    zotero = Zotero(settings.library.zotero_url, network=network_by(settings.network), agent=agent)
    stack.push_async_callback(zotero.close)
    return LibraryReader(store=store, service=zotero, seal=KeySeal(key), lookup_many=directories.many, now=now)


def _conversations(
    channels: Mapping[str, Channel], roles: frozenset[str], console: Channel | None
) -> tuple[Conversation, ...]:
    """The channels that this process listens on: by its roles, and its own terminal."""
    known = config.roles()
    return tuple(
        channel
        for kind, channel in channels.items()
        if isinstance(channel, Conversation) and (channel is console or known.get(kind) in roles)
    )


def _parts(  # noqa: PLR0913, PLR0917  what a worker is made of
    chat: Chat,
    state: ProcessState,
    collectors: tuple[Collector, ...],
    delivery: Delivery,
    mark: SentMark,
    reports: ChannelReports,
    roles: frozenset[str],
    troubles: dict[str, StageHealth],
) -> Parts:
    """What the worker sets in motion, without conversations and the ports it listens on."""
    store, now = chat.store, chat.now
    commands = Commands(chat)
    return Parts(
        store=store,
        collectors=collectors,
        reconcilers=[Reconciler(one, store, now=now) for one in collectors if Reconciler.is_for(one)],
        matching=Matching(store, now=now, next_slot=_next_slot, calibration=chat.calibration),
        delivery=delivery,
        libraries=LibraryReading(reader=chat.libraries, tell=delivery.notices.tell),
        pruning=Pruning(store, chat.access.admits_place),
        future_times=FutureTimes(store, next_slot=_next_slot),
        mark=mark,
        channels=chat.channels,
        specs=chat.specs,
        handler=commands.handle,
        reports=reports,
        roles=roles,
        owner=state.owner,
        now=now,
        troubles=troubles,
    )


async def _delivery(  # noqa: PLR0913, PLR0917  what delivers
    settings: Settings,
    store: Store,
    key: bytes,
    channels: Mapping[str, Channel],
    owner: str,
    mark: SentMark,
    sends: Sends,
    stack: AsyncExitStack,
    now: Now,
) -> Delivery:
    """The outbox's other end, ready to begin where processes that died have left off."""
    hold, url = Hold(store), settings.public_url
    if store.is_service or store.file is None:  # a command beside a service sends nothing
        await mark.hold_if_older(hold)
        await hold_strangers(store, access_of(settings, key))
    words = DigestWords(page=partial(_digest_page, key, url), silence=partial(_silence, settings))
    delivery = Delivery(
        store,
        channels,
        owner=owner,
        now=now,
        hold=hold,
        leave=partial(leave_button, key, url),
        words=words,
        public_list=settings.lists.public,
        sends=sends,
        account_url=f"{url.rstrip('/')}/me",
    )
    await delivery.begin()
    stack.push_async_callback(delivery.shut_down)
    return delivery


def _digest_page(key: bytes, public_url: str, place: int, slot: str) -> str:
    return f"{public_url.rstrip('/')}/digests/{place_token(key, 'digest', place, slot)}"


def _silence(settings: Settings, since: datetime, until: datetime) -> str:
    return why_silent(since, until, closures(settings)) if "arxiv" in intervals(settings) else ""


def _next_slot(cadence: str, zone: str, after: datetime) -> datetime | None:
    return Cadence.parse(cadence).next_slot(zone, after)


def _sources(
    settings: Settings, store: Store, owner: str, now: Now, stack: AsyncExitStack
) -> tuple[list[tuple[Source, float]], tuple[str, ...]]:
    """Each source that is on, with the seconds between two looks at it; and a sentence for each that misses a key."""
    agent = user_agent(__version__, settings.public_url, settings.contact)
    pace = StorePace(store.write, owner=owner)
    fetcher = Fetcher(network=network_by(settings.network), user_agent=agent, pace=pace, now=now)
    stack.push_async_callback(fetcher.close)
    built: list[tuple[Source, float]] = []
    off: list[str] = []
    for name, options in settings.enabled("sources").items():
        if missing := options.missing():
            off.append(f"{name} is off: sources.{name}.{missing} is not set")
            continue
        build = config.modules("sources")[name].build
        source = build(options, fetcher=fetcher, now=now, public_url=settings.public_url)
        built.append((source, intervals(settings)[name].total_seconds()))
    return built, tuple(off)


def _channels(
    settings: Settings, now: Now, console: Channel | None, stack: AsyncExitStack
) -> tuple[dict[str, Channel], tuple[str, ...]]:
    """The channels that are on, and a sentence for each that is off for want of a key."""
    channels: dict[str, Channel] = {} if console is None else {console.kind: console}
    channels |= channels_of(settings, now)
    for channel in channels.values():
        stack.push_async_callback(channel.close)
    lacking = settings.lacking("channels")
    return channels, tuple(f"{name} is off: channels.{name}.{key} is not set" for name, key in lacking.items())


def _chat(  # noqa: PLR0913, PLR0917  what commands and pages work with
    settings: Settings,
    store: Store,
    key: bytes,
    sources: Sequence[Source],
    channels: Mapping[str, Channel],
    delivery: Delivery,
    stack: AsyncExitStack,
    now: Now,
) -> Chat:
    directories = Directories(sources)
    return Chat(
        store=store,
        secret_key=key,
        public_url=settings.public_url,
        followed=followed(settings),
        channels=channels,
        lookup=directories.one,
        lookup_many=directories.many,
        now=now,
        sources=intervals(settings),
        closures=closures(settings),
        access=access_of(settings, key),
        max_subscriptions=settings.people.max_subscriptions,
        zone=NEW_ZONE,
        down_until=delivery.down_until,
        public_list=settings.lists.public,
        calibration=calibration_of(settings, store, now, stack),
        libraries=_libraries(settings, store, key, directories, stack, now),
        closed=delivery.notices.closed,
        specs=SPECS,
    )


def _watch(context: Context, state: ProcessState, operators: tuple[str, ...]) -> Watch | None:
    """What tells operators of trouble; None where none are named."""
    if not operators:
        return None
    store = context.store
    return Watch(
        store,
        Operators(operators, context.channels, context.now),
        health=partial(health, context, state),
        free=lambda: shutil.disk_usage(store.folder).free if store.file is not None else None,
        owner=state.owner,
        now=context.now,
    )
