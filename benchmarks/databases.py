"""Databases to measure on: made for one run, thrown away after it, and the CPU that they cost."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from benchmarks.frame import cpu_of
from psycopg import sql
from sqlalchemy import make_url, text

from paperwire.ports.options import Now
from paperwire.store.unit import Store, Unit

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
"""Time stands still in these databases, unless they are made with another clock."""


def _standing() -> datetime:
    return NOW


@dataclass
class Database:
    """An open, migrated, empty store; `kind` is `SQLite` or `PostgreSQL`.

    `longest` is the most seconds that a transaction of `write` took, `longest_cpu` the most CPU seconds.
    """

    kind: str
    store: Store
    server: str = ""
    longest: float = 0.0
    longest_cpu: float = 0.0
    _pids: list[int] = field(default_factory=list)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        began, cpu = time.perf_counter(), self.cpu()
        async with self.store.write() as unit:
            yield unit
        self.longest = max(self.longest, time.perf_counter() - began)
        self.longest_cpu = max(self.longest_cpu, self.cpu() - cpu)

    def cpu(self) -> float:
        """CPU seconds of this process and of the server's processes that serve it (as of the last `settle`)."""
        return time.process_time() + sum(map(cpu_of, self._pids))

    async def settle(self) -> None:
        """What comes before a measurement: what autovacuum does in the background, and who serves us."""
        self.longest = self.longest_cpu = 0.0
        async with self.store.write() as unit:
            await unit.connection.execute(text("ANALYZE"))
        if self.server:
            ours = make_url(self.server).set(database=make_url(self.store.url).database)
            with psycopg.connect(ours.render_as_string(hide_password=False), autocommit=True) as db:
                db.execute("VACUUM ANALYZE")
        self._pids = await self.servers()

    async def servers(self) -> list[int]:
        """The server's processes that serve this database now."""
        if not self.server:
            return []
        name = make_url(self.store.url).database
        with psycopg.connect(self.server, autocommit=True) as db:
            others = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            return [pid for (pid,) in db.execute(others, [name])]


@asynccontextmanager
async def sqlite(folder: Path, now: Now = _standing) -> AsyncIterator[Database]:
    file = folder / "benchmark.db"
    store = Store.open(f"sqlite+aiosqlite:///{file}", now=now)
    try:
        await store.migrate()
        yield Database("SQLite", store)
    finally:
        await store.close()
        _remove(folder)


def _remove(folder: Path) -> None:
    for left in folder.glob("benchmark.db*"):
        left.unlink()


@asynccontextmanager
async def postgres(server: str, now: Now = _standing) -> AsyncIterator[Database]:
    """A database of our own on `server` (an address as `[database] url` takes it), gone afterwards."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"paperwire_benchmark_{os.getpid()}"
    admin = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with temporary(admin, name):
        ours = url.set(database=name).render_as_string(hide_password=False)
        store = Store.open(ours, now=now)
        try:
            await store.migrate()
            yield Database("PostgreSQL", store, admin)
        finally:
            await store.close()


@contextmanager
def temporary(admin: str, name: str) -> Iterator[str]:
    """An empty database of that name on the server of `admin`, gone afterwards; its address for psycopg."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield make_url(admin).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def whose_cpu_we_see(server: str) -> str:
    """The address of a PostgreSQL server for psycopg, or empty if there is none whose CPU seconds we can read."""
    if not server:
        return ""
    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(url, connect_timeout=5) as db:
            name = Path(f"/proc/{db.info.backend_pid}/comm").read_text(encoding="utf-8")
    except (psycopg.OperationalError, OSError):
        return ""
    return url if name.startswith("postgres") else ""


def server_about(server: str) -> str:
    if not server:
        return "no PostgreSQL whose CPU we could see"
    with psycopg.connect(server) as db:
        settings = [db.execute(f"SHOW {name}").fetchone() for name in ("server_version", "shared_buffers")]
    version, buffers = (str(row[0]) if row else "?" for row in settings)
    return f"PostgreSQL {version.split()[0]} on the same machine with shared_buffers = {buffers}"
