"""The service: sources, channels, commands, pages and the worker that runs them, over an open database."""

from __future__ import annotations

import hashlib
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, MutableMapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from paperwire import __version__, config
from paperwire.bootstrap.links import digest_words
from paperwire.bootstrap.opening import (
    NEW_ZONE,
    access_of,
    calibration_of,
    channels_of,
    closures,
    copied_key,
    copies_label,
    features,
    followed,
    intervals,
    mark_file,
    needed_roles,
    network_by,
    secret_key,
)
from paperwire.bootstrap.ops import ops_pages
from paperwire.commands.answer import Commands
from paperwire.commands.context import Chat
from paperwire.commands.table import SPECS
from paperwire.config import Settings
from paperwire.core.health import StageHealth
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.errors import ConfigError
from paperwire.libraries.zotero import Zotero
from paperwire.pipeline.backups import Backups
from paperwire.pipeline.checkups import CheckupNotes
from paperwire.pipeline.clock import FutureTimes
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.details import DetailReader
from paperwire.pipeline.directories import Directories
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.gate import Sends
from paperwire.pipeline.hold import Hold, SentMark
from paperwire.pipeline.ingest import BACKFILL, Collector
from paperwire.pipeline.libraries import KeySeal, LibraryReader, LibraryReading
from paperwire.pipeline.match import Matching
from paperwire.pipeline.promises import PART as PROMISES
from paperwire.pipeline.promises import PromiseReader
from paperwire.pipeline.prune import Pruning
from paperwire.pipeline.reconcile import EXTRA_PARTS, Reconciler
from paperwire.pipeline.reports import ChannelReports
from paperwire.ports.channels import Channel, Conversation, Limited
from paperwire.ports.options import Now
from paperwire.ports.requests import available
from paperwire.ports.sources import CodeHost, Dated, Detailed
from paperwire.services.access import close_to_strangers
from paperwire.services.context import Context
from paperwire.services.running.health import ProcessState, health
from paperwire.services.subscriptions.leave import leave_button
from paperwire.sources._http import Fetcher, user_agent
from paperwire.store.pace import StorePace
from paperwire.store.unit import Store
from paperwire.worker import Parts, Worker
from paperwire.worker import owner as owners
from paperwire.worker.lease import renew_words
from paperwire.worker.presence import Presence, until_outdated
from paperwire.worker.ready import Readiness
from paperwire.worker.watch import Operators, Watch

_log = structlog.get_logger(__name__)

_SEAL = "seal of the key"
_TWO_KEYS = (
    "another Paperwire runs on this database with another secret key, so the links of one would fail at the other; "
    "set secret_key or secret_key_file to the same value for both"
)
_NO_BACKUP = "backup is off: it copies SQLite only; with PostgreSQL use pg_dump"


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
        _log.warning("the secret key is another than before", hint="earlier feed links no longer work")


@dataclass(frozen=True, kw_only=True)
class Process:
    """Everything one process needs, built and not yet running; `off` says what is off for want of a setting."""

    collectors: tuple[Collector, ...]
    matching: Matching
    worker: Worker
    off: tuple[str, ...]


@asynccontextmanager
async def service(  # noqa: PLR0913 -- what a process is built from
    settings: Settings,
    store: Store,
    *,
    now: Now,
    roles: frozenset[str],
    listening: socket.socket | None = None,
    ops: socket.socket | None = None,
    console: Channel | None = None,
) -> AsyncIterator[Process]:
    """Build a process over an open `store`; raises PaperwireError, which says which setting can't be met.

    `listening` serves the pages, `ops` what machines ask of it, `console` is the terminal as a channel.
    """
    async with AsyncExitStack() as stack:
        owner, key = await _join(settings, store, stack)
        builder = _Builder(settings=settings, store=store, now=now, roles=roles, stack=stack, owner=owner, key=key)
        yield await builder.process(listening, ops, console)


async def _join(settings: Settings, store: Store, stack: AsyncExitStack) -> tuple[str, bytes]:
    """Let other processes know of this one, on PostgreSQL with a heartbeat; returns who it is to them, and their key.

    A service of which there is one takes over from the one before it at once.
    """
    key = secret_key(settings, store)
    owner = "the one service" if store.is_service else owners.name()
    presence = None if store.file else Presence(store, owner)
    await _enter(store, key, presence)
    if presence is not None:
        await stack.enter_async_context(presence.beating())
    return owner, key


@dataclass(frozen=True, kw_only=True)
class _Builder:
    """Makes the parts of one process; `stack` closes them, and `owner` is who it is to other processes."""

    settings: Settings
    store: Store
    now: Now
    roles: frozenset[str]
    stack: AsyncExitStack
    owner: str
    key: bytes

    async def process(
        self, listening: socket.socket | None, ops: socket.socket | None, console: Channel | None
    ) -> Process:
        settings, store, roles, troubles = self.settings, self.store, self.roles, dict[str, StageHealth]()
        collectors, unread = await self._collectors()
        channels, off = self._channels(console)
        readiness = Readiness(store, collectors, roles, troubles)
        conversations = _conversations(channels, roles, console)
        channels_here = channels if "deliver" in roles else {channel.kind: channel for channel in conversations}
        sends, mark = Sends(self.now), SentMark(store, mark_file(store))
        state = ProcessState(
            owner=self.owner,
            started_at=self.now(),
            troubles=troubles,
            database_problem=readiness.database_problem,
            channel_state=sends.state,
            elsewhere=frozenset(channels) - frozenset(channels_here),
            needed=needed_roles(settings),
        )
        reports = ChannelReports(store, channels_here, owner=self.owner, now=self.now, roles=roles, state=sends.state)
        self.stack.push_async_callback(reports.end)
        delivery = await self._delivery(channels, mark, sends)
        chat = self._chat(collectors, channels, delivery)
        site = None if listening is None else await self._pages(chat, state, readiness, listening)
        parts = replace(
            self._parts(chat, collectors, delivery, mark, reports),
            troubles=troubles,
            conversations=conversations,
            serve=site,
            ops=ops_pages(chat, state, readiness, ops) if ops is not None else None,
            watch=_watch(chat, state, settings.ops.operators),
            outdated=partial(until_outdated, store) if store.file is None else None,
            backups=_backups(settings, store, self.now, troubles),
        )
        off = (*off, _NO_BACKUP) if settings.backup.folder and store.file is None else off
        return Process(collectors=collectors, matching=parts.matching, worker=Worker(parts), off=(*unread, *off))

    async def _collectors(self) -> tuple[tuple[Collector, ...], tuple[str, ...]]:
        """What reads each source that is on, and a sentence for each that lacks a key.

        Where it reads, no part that was taken out of the settings counts as failing any more.
        """
        settings, every = self.settings, intervals(self.settings)
        agent = user_agent(__version__, settings.public_url, settings.contact)
        pace = StorePace(self.store.write, owner=self.owner)
        fetcher = Fetcher(network=network_by(settings.network), user_agent=agent, pace=pace, now=self.now)
        self.stack.push_async_callback(fetcher.close)
        collectors, off = list[Collector](), list[str]()
        for name, options in settings.enabled("sources").items():
            if missing := options.missing():
                off.append(f"{name} is off: sources.{name}.{missing} is not set")
                continue
            build = config.modules("sources")[name].build
            source = build(options, fetcher=fetcher, now=self.now, public_url=settings.public_url)
            collectors.append(Collector(source, self.store, every=every[name], now=self.now))
        if "collect" in self.roles and collectors:
            async with self.store.write() as unit:
                for collector in collectors:
                    await unit.sources.retire(
                        collector.name, {*collector.source.parts(), BACKFILL, PROMISES, *EXTRA_PARTS}
                    )
        return tuple(collectors), tuple(off)

    def _channels(self, console: Channel | None) -> tuple[dict[str, Channel], tuple[str, ...]]:
        """The channels that are on, and a sentence for each that has a section and is off for want of a key."""
        channels: dict[str, Channel] = {} if console is None else {console.kind: console}
        channels |= channels_of(self.settings, self.now)
        for channel in channels.values():
            self.stack.push_async_callback(channel.close)
        written = self.settings.channels.model_fields_set
        lacking = {name: key for name, key in self.settings.lacking("channels").items() if name in written}
        return channels, tuple(f"{name} is off: channels.{name}.{key} is not set" for name, key in lacking.items())

    async def _delivery(self, channels: Mapping[str, Channel], mark: SentMark, sends: Sends) -> Delivery:
        """The outbox's other end, ready to begin where processes that died have left off."""
        settings, store, key = self.settings, self.store, self.key
        hold, url = Hold(store), settings.public_url
        if store.is_service or store.file is None:  # a command next to a running service sends nothing
            await mark.hold_if_older(hold)
            await close_to_strangers(store, access_of(settings, key))
        delivery = Delivery(
            store,
            channels,
            owner=self.owner,
            now=self.now,
            hold=hold,
            leave=partial(leave_button, key, url),
            words=digest_words(settings, key),
            public_list=settings.lists.public,
            sends=sends,
        )
        await delivery.begin()
        self.stack.push_async_callback(delivery.shut_down)
        return delivery

    def _chat(self, collectors: Sequence[Collector], channels: Mapping[str, Channel], delivery: Delivery) -> Chat:
        settings, store, key = self.settings, self.store, self.key
        directories = Directories([collector.source for collector in collectors])
        agent = user_agent(__version__, settings.public_url, settings.contact)
        zotero = Zotero(settings.library.zotero_url, network=network_by(settings.network), agent=agent)
        self.stack.push_async_callback(zotero.close)
        return Chat(
            store=store,
            secret_key=key,
            public_url=settings.public_url,
            followed=followed(settings),
            channels=channels,
            lookup=directories.lookup,
            lookup_many=directories.lookup_many,
            now=self.now,
            sources=intervals(settings),
            closures=closures(settings),
            access=access_of(settings, key),
            max_subscriptions=settings.people.max_subscriptions,
            zone=NEW_ZONE,
            down_until=delivery.down_until,
            public_list=settings.lists.public,
            calibration=calibration_of(settings, store, self.now, self.stack),
            libraries=LibraryReader(
                store=store, service=zotero, seal=KeySeal(key), lookup_many=directories.lookup_many, now=self.now
            ),
            closed=delivery.notices.closed,
            specs=SPECS,
            features=features(settings, channels, self.roles, is_alone=store.file is not None),
        )

    async def _pages(
        self, chat: Chat, state: ProcessState, readiness: Readiness, listening: socket.socket
    ) -> Callable[[], Coroutine[Any, Any, None]]:
        from paperwire.bootstrap.pages import pages  # noqa: PLC0415 -- 15 MB that no other role needs

        return await pages(self.settings, chat, state, readiness, listening, stack=self.stack)

    def _parts(
        self,
        chat: Chat,
        collectors: Sequence[Collector],
        delivery: Delivery,
        mark: SentMark,
        reports: ChannelReports,
    ) -> Parts:
        """What the worker sets in motion, without what depends on what it listens on."""
        store, now, calibration = self.store, self.now, chat.calibration
        return Parts(
            store=store,
            collectors=collectors,
            reconcilers=[
                Reconciler(collector, store, now=now) for collector in collectors if isinstance(collector.source, Dated)
            ],
            details=[
                *(DetailReader(collector) for collector in collectors if isinstance(collector.source, Detailed)),
                *(PromiseReader(host, store, now=now) for host in collectors if isinstance(host.source, CodeHost)),
            ],
            matching=Matching(store, now=now, next_slot=_next_slot, calibration=calibration),
            encoding=Encoding(store, calibration.encoder, calibration) if calibration is not None else None,
            delivery=delivery,
            libraries=LibraryReading(reader=chat.libraries, tell=delivery.notices.tell),
            pruning=Pruning(store, chat.access.admits_place),
            checkups=CheckupNotes(store, chat.channels, down_until=chat.down_until),
            future_times=FutureTimes(store, next_slot=_next_slot),
            mark=mark,
            renewing=partial(renew_words, store, self.owner),
            channels=chat.channels,
            specs=available(chat.specs, chat.features),
            handler=Commands(chat).handle,
            reports=reports,
            roles=self.roles,
            owner=self.owner,
            now=now,
        )


def _conversations(
    channels: Mapping[str, Channel], roles: frozenset[str], console: Channel | None
) -> tuple[Conversation, ...]:
    """The channels that this process listens on: by its roles, and its own terminal."""
    role_of = config.roles()
    return tuple(
        channel
        for kind, channel in channels.items()
        if isinstance(channel, Conversation) and (channel is console or role_of.get(kind) in roles)
    )


def _next_slot(cadence: str, zone: str, after: datetime) -> datetime | None:
    return Cadence.parse(cadence).next_slot(zone, after)


def _backups(settings: Settings, store: Store, now: Now, troubles: MutableMapping[str, StageHealth]) -> Backups | None:
    """What copies the database; None where no folder is named, and where this process isn't its service."""
    options = settings.backup
    if options.folder is None or not store.is_service:
        return None
    return Backups(
        store=store,
        key=copied_key(settings, store),
        folder=options.folder,
        label=copies_label(settings, store.folder),
        every=timedelta(seconds=options.every),
        keep=options.keep,
        now=now,
        troubles=troubles,
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
        limits=partial(_limits, context.channels),
        owner=state.owner,
        now=context.now,
    )


def _limits(channels: Mapping[str, Channel]) -> dict[str, str]:
    """The limits of platforms that this process knows to be near, as troubles."""
    limited = {kind: channel.near_limit() for kind, channel in channels.items() if isinstance(channel, Limited)}
    return {f"limit of {kind}": text for kind, text in limited.items() if text}
