"""The door of the store: opening a database, bringing its schema up to date, and units of work."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import make_url, text
from sqlalchemy.exc import DatabaseError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from paperwire.errors import StoreBusy, StoreError, StoreLocked, StoreOutdated, StoreUnsupported
from paperwire.ports.options import Now
from paperwire.store.database.engine import (
    create_engines,
    create_private,
    database_file,
    explain,
    has_table,
    lock_schema,
)
from paperwire.store.database.locks import count_changes, watch_changes
from paperwire.store.database.part import Part
from paperwire.store.lanes import RETRY_AFTER, ROOMS, Searches, current_lane
from paperwire.store.lists.lists import Lists
from paperwire.store.meetings.meetings import Meetings
from paperwire.store.outbox.bounces import Bounces
from paperwire.store.outbox.digests import Digests
from paperwire.store.outbox.fanout import FanOut
from paperwire.store.outbox.given_up import GivenUp
from paperwire.store.outbox.ledger import Ledger
from paperwire.store.outbox.outbox import Outbox
from paperwire.store.outbox.prune import Prune
from paperwire.store.outbox.reminders import Reminders
from paperwire.store.papers.papers import Papers
from paperwire.store.papers.promises import Promises
from paperwire.store.people.chat_memory import ChatMemory
from paperwire.store.people.libraries import Libraries
from paperwire.store.people.opt_ins import OptIns
from paperwire.store.people.people import People
from paperwire.store.people.places import Places
from paperwire.store.people.sign_ins import SignIns
from paperwire.store.search.nearest import Nearest
from paperwire.store.search.search import Search
from paperwire.store.search.vectors import Vectors
from paperwire.store.service import ChannelStates, Leases, ServiceSettings
from paperwire.store.sources import SourceStates
from paperwire.store.subscriptions.checkups import Checkups
from paperwire.store.subscriptions.departures import Departures
from paperwire.store.subscriptions.feeds import Feeds
from paperwire.store.subscriptions.meanings import Meanings
from paperwire.store.subscriptions.routes import Routes
from paperwire.store.subscriptions.subscriptions import Subscriptions
from paperwire.store.times import Times
from paperwire.store.upgrading import is_rewritten, refuse_other_versions, rewrite_tables

P = TypeVar("P", bound="Part")

HEAD = "0034"
"""The schema this program knows: the newest revision in `migrations/versions`."""
FIRST_REVISION = "0024"
"""The oldest revision there, which a new database begins with."""
LAST_COMMIT_BEFORE = "b22aa2e23eec"
"""The commit with all revisions up to `FIRST_REVISION`, each a step of its own."""


def _part(kind: type[P]) -> cached_property[P]:
    """A part of a unit, made when it is first asked for."""
    return cached_property(lambda unit: kind(unit.connection, unit.now))


class Unit:
    """One transaction; its parts are made when first asked for and share `now`, the instant it began."""

    papers = _part(Papers)
    promises = _part(Promises)
    sources = _part(SourceStates)
    fanout = _part(FanOut)
    outbox = _part(Outbox)
    digests = _part(Digests)
    reminders = _part(Reminders)
    ledger = _part(Ledger)
    bounces = _part(Bounces)
    given_up = _part(GivenUp)
    leases = _part(Leases)
    prune = _part(Prune)
    times = _part(Times)
    people = _part(People)
    places = _part(Places)
    libraries = _part(Libraries)
    opt_ins = _part(OptIns)
    chat_memory = _part(ChatMemory)
    sign_ins = _part(SignIns)
    subscriptions = _part(Subscriptions)
    routes = _part(Routes)
    departures = _part(Departures)
    checkups = _part(Checkups)
    lists = _part(Lists)
    meetings = _part(Meetings)
    feeds = _part(Feeds)
    search = _part(Search)
    nearest = _part(Nearest)
    vectors = _part(Vectors)
    meanings = _part(Meanings)
    channels = _part(ChannelStates)
    settings = _part(ServiceSettings)

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self.connection = connection
        self.now = now


class Store:
    """One database. Reads run in parallel, on connections of the lane that asks (`lanes.py`).

    On SQLite writes queue for this process's one writing connection, and its transactions for those of other processes
    (`engine._Writer`). `file` is its file there, None on PostgreSQL; `commits` counts the units this process has kept.
    """

    def __init__(self, url: str, *, now: Now, readonly: bool, name: str) -> None:
        self.url = url
        self.readonly = readonly
        self._now = now
        self.file = database_file(url)
        self._engines = create_engines(url, readonly=readonly, name=name)
        for engine in {engines.writing for engines in self._engines.values()}:
            watch_changes(engine)
        self._searches = Searches()
        self._write_lock = asyncio.Lock()
        self.commits = 0
        self._lock_file: int | None = None

    @classmethod
    def open(cls, url: str, *, now: Now, readonly: bool = False, name: str = "paperwire") -> Self:
        """Prepare the database at `url` without touching it; raises StoreError for a kind we do not speak.

        `name` is what PostgreSQL calls this process.
        """
        return cls(url, now=now, readonly=readonly, name=name)

    @property
    def where(self) -> str:
        """The database's place, fit for a message: the file, or the URL without its password."""
        return str(self.file) if self.file else make_url(self.url).render_as_string(hide_password=True)

    @property
    def folder(self) -> Path:
        """Where files that belong to the database go: its own folder on SQLite, else the working folder."""
        return self.file.parent if self.file else Path()

    async def version(self) -> str:
        """The database's own name and version, such as `SQLite 3.51.3`."""
        async with self._transaction(self._reading) as connection:
            if self.file is None:
                return f"PostgreSQL {await connection.scalar(text('SHOW server_version'))}"
            return f"SQLite {await connection.scalar(text('SELECT sqlite_version()'))}"

    async def migrate(self, *, words: bool = True) -> None:
        """Create the database if need be and bring its schema to this program's; raises StoreError.

        Without `words` the renewal of their index, which takes minutes, is left to `renew_words`.
        """
        self._refuse_readonly()
        if self.file is not None:
            create_private(self.file)
        async with self._transaction(self._writing) as connection:
            await lock_schema(connection)
            if await self._revision(connection) != HEAD:
                from paperwire.store.migrations import upgrade  # noqa: PLC0415 -- alembic is slow to import

                await connection.run_sync(upgrade)
                await self._compare(connection)
        await rewrite_tables(lambda: self._transaction(self._writing), self._now, words=words)

    async def renew_words(self) -> None:
        """Renew the index of words if need be, at half the speed that leaves the service the other half of the time."""
        await rewrite_tables(lambda: self._transaction(self._writing), self._now, pause_factor=1.0)

    async def is_current(self) -> bool:
        """Whether the database is there, its schema is this program's and all rows are as it writes them.

        Raises StoreUnsupported.
        """
        if self.file is not None and not self.file.exists():
            return False
        async with self._transaction(self._reading) as connection:
            return await self._revision(connection) == HEAD and await is_rewritten(connection)

    async def revision(self) -> str | None:
        """The schema that the database has, None for no tables; raises StoreUnsupported."""
        async with self._transaction(self._reading) as connection:
            return await self._revision(connection)

    async def check_version(self) -> None:
        """Raise StoreUnsupported if another version has changed the schema, or renewed what this one stores."""
        async with self._transaction(self._reading) as connection:
            await self._revision(connection)
            await refuse_other_versions(connection)

    async def check_schema(self) -> None:
        """Raise StoreOutdated or StoreUnsupported unless the schema is exactly this program's."""
        if (revision := await self.revision()) != HEAD:
            raise StoreOutdated(
                f"the database {self.where} needs `paperwire migrate` (it has {revision or 'no tables'})"
            )

    async def compare_schema(self) -> None:
        """Raise StoreError unless the database has the tables, columns and indexes that its revision stands for.

        Takes some tenths of a second, most of them for the import of alembic.
        """
        async with self._transaction(self._reading) as connection:
            await self._compare(connection)

    async def _compare(self, connection: AsyncConnection) -> None:
        from paperwire.store.database.schema import differences  # noqa: PLC0415 -- alembic is slow to import

        if problems := await connection.run_sync(differences):
            raise StoreError(
                f"the database {self.where} does not have the schema {HEAD} that it claims: {'; '.join(problems)}."
                " It was made by an unreleased version; restore a backup or start with a new database"
            )

    @property
    def is_service(self) -> bool:
        """Whether this process is the one that runs the service over this SQLite file; never on PostgreSQL."""
        return self._lock_file is not None

    def lock_service(self) -> None:
        """Be the only process that runs the service over this SQLite file, until `unlock_service` or `close`.

        Others may write to the file all the same. Raises StoreLocked.
        """
        if self.file is None or self._lock_file is not None:
            return
        path = self.file.with_name(self.file.name + ".lock")
        try:
            handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise StoreLocked(f"another service (process {holder}) is already running on {self.where}") from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._lock_file = handle

    async def close(self) -> None:
        """Give back every connection and the service's lock."""
        for engines in self._engines.values():
            await engines.reading.dispose()
        # A reader that closes last can't remove SQLite's journal.
        for engines in self._engines.values():
            await engines.writing.dispose()
        self.unlock_service()

    def unlock_service(self) -> None:
        """Let another process run the service."""
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        """One consistent view; nothing it does is kept."""
        async with self._transaction(self._reading) as connection:
            yield Unit(connection, self._now())

    @asynccontextmanager
    async def search(self) -> AsyncIterator[Unit]:
        """The same for what takes long: a few at a time in each lane but the stages', and stopped after some seconds.

        Raises StoreBusy.
        """
        async with self.search_slot(), self.read() as unit:
            yield unit

    def search_slot(self) -> AbstractAsyncContextManager[None]:
        """A slot for long work on what was read, counted with the searches; a search within it takes no other."""
        return self._searches.slot()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        """One transaction, kept when the block ends well and undone when it raises."""
        self._refuse_readonly()
        lock = nullcontext() if self.file is None else self._writer()
        async with lock, self._transaction(self._writing) as connection:
            yield Unit(connection, self._now())
            await count_changes(connection)
        self.commits += 1

    @asynccontextmanager
    async def _writer(self) -> AsyncIterator[None]:
        """The lock of the one writer on SQLite; raises StoreBusy where it isn't free in the time that a lane has."""
        try:
            async with asyncio.timeout(ROOMS[current_lane()].patience):
                await self._write_lock.acquire()
        except TimeoutError:
            raise StoreBusy(f"the database {self.where} has been written for too long", after=RETRY_AFTER) from None
        try:
            yield
        finally:
            self._write_lock.release()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        if self.file is not None and not self.file.exists():
            raise StoreOutdated(
                f"there is no database {self.where} yet; `paperwire run` or `paperwire migrate` makes it"
            )
        try:
            self._searches.give_way()
            async with engine.begin() as connection:
                yield connection
                self._searches.give_way()
        except (IntegrityError, ProgrammingError):
            raise  # our mistake, not the database's
        except (DatabaseError, InterfaceError) as error:
            raise explain(error, self.where) from error
        except PoolTimeoutError as error:
            raise StoreBusy(f"all connections to the database {self.where} are in use", after=RETRY_AFTER) from error

    @property
    def _reading(self) -> AsyncEngine:
        return self._engines[current_lane()].reading

    @property
    def _writing(self) -> AsyncEngine:
        return self._engines[current_lane()].writing

    async def _revision(self, connection: AsyncConnection) -> str | None:
        """The schema that the database has, None for no tables; raises StoreUnsupported."""
        if not await has_table(connection, "alembic_version"):
            return None
        revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        if revision is None or FIRST_REVISION <= revision <= HEAD:
            return revision
        if revision > HEAD:
            raise StoreUnsupported(
                f"the database {self.where} was written by a newer Paperwire (schema {revision}, this one knows {HEAD})"
            )
        raise StoreUnsupported(
            f"the database {self.where} has schema {revision}, and this version begins with {FIRST_REVISION}: check out"
            f" commit {LAST_COMMIT_BEFORE}, run `paperwire migrate` there, then come back",
            commit=LAST_COMMIT_BEFORE,
        )

    def _refuse_readonly(self) -> None:
        if self.readonly:
            raise StoreError(f"the database {self.where} was opened to read only")
