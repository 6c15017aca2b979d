"""`python -m benchmarks.rounds`: papers collected, matched and delivered once, in a process that was just born.

It reads what to do as JSON and prints what it took as JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from benchmarks.databases import Database
from benchmarks.frame import BenchmarkError, Context, cpu_of, most_memory
from benchmarks.platforms import TOKEN
from benchmarks.whole import Day, Nowhere, Subscribed, subscribe
from benchmarks.workload import one_day
from sqlalchemy import update

from benchmarks import databases
from paperwire import observe
from paperwire.bootstrap.limits import keep_what_is_loaded
from paperwire.core.query.language import parse
from paperwire.network import Network
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import Collector
from paperwire.pipeline.match import Matching
from paperwire.ports.options import NetworkOptions
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.database.tables.subscriptions import RouteRow

_CATEGORY = "cs.XX"
PAPERS = 10
"""How many papers a digest has."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """What to do: a day for a number of `subscriptions`, one paper or a digest of ten for each of the `places`.

    With `digests` it is the latter. `channel` is `nowhere` or a platform's name, whose address is `url`. `postgres` is
    empty for SQLite.
    """

    folder: str
    shared: str
    quick: bool
    postgres: str
    channel: str = "nowhere"
    url: str = ""
    subscriptions: int = 0
    places: int = 0
    digests: bool = False


@dataclass(frozen=True, kw_only=True)
class Took:
    """CPU seconds of each stage, the database's included, and how many messages went out in how many seconds.

    `most_mb` is the most memory that the process had.
    """

    collect: float
    match: float
    deliver: float
    seconds: float
    messages: int
    most_mb: float

    @property
    def cpu(self) -> float:
        """CPU seconds of all stages."""
        return self.collect + self.match + self.deliver


def played(what: Round) -> Took:
    """Do it in another process."""
    answer = output_of("benchmarks.rounds", json.dumps(asdict(what)))
    return Took(**json.loads(answer.splitlines()[-1]))


def output_of(module: str, text: str) -> str:
    """What a module of the benchmarks writes that is run in another process and given `text`."""
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(  # noqa: S603 -- arguments of our own
        [sys.executable, "-m", module],
        input=text,
        env={"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": "/usr/bin:/bin"},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchmarkError(f"a round failed: {done.stderr[-2000:]}")
    return done.stdout


async def _play(what: Round) -> Took:
    ctx = Context(quick=what.quick, folder=Path(what.folder), shared=Path(what.shared), postgres=what.postgres)
    papers = [replace(paper, announced=_now().date()) for paper in one_day(ctx.shared)]
    if what.places:
        papers = [replace(paper, categories=(_CATEGORY,)) for paper in papers[: PAPERS if what.digests else 1]]
    opened: AbstractAsyncContextManager[Database] = (
        databases.postgres(what.postgres, _now) if what.postgres else databases.sqlite(ctx.folder, _now)
    )
    async with opened as database, _channel(what) as channel:
        await subscribe(database, _subscribed(ctx, what), channel.kind)
        if what.digests:
            await _want_digests(database)
        await database.settle()
        keep_what_is_loaded()  # as `paperwire run` does
        return await _deliver(database, Day(papers), channel)


def _subscribed(ctx: Context, what: Round) -> Subscribed:
    if not what.places:
        return Subscribed.of(ctx, what.subscriptions)
    return Subscribed([parse(f"cat:{_CATEGORY}").dump()], [what.places], each=1)


async def _want_digests(database: Database) -> None:
    """Let each place have a digest a day, the first in an hour."""
    slot = _now().replace(second=0, microsecond=0) + timedelta(hours=1)
    async with database.store.write() as unit:
        await unit.connection.execute(update(DestinationRow).values(cadence=f"daily {slot:%H:%M}"))
        await unit.connection.execute(update(RouteRow).values(next_slot_at=slot))


async def _deliver(database: Database, source: Any, channel: Any) -> Took:
    store = database.store
    collector = Collector(source, store, every=timedelta(minutes=15), now=_now)
    matching = Matching(store, now=_now, next_slot=lambda _cadence, _zone, after: after + timedelta(days=1))
    delivery = Delivery(store, {channel.kind: channel}, owner="me", now=_now, hold=Hold(store))
    await matching.follow()
    async with _Spent(database) as collect:
        collected = await collector.poll()
    async with _Spent(database) as match:
        await matching.run()
    _Clock.ahead = timedelta(hours=1)  # when digests are due
    began = time.perf_counter()
    async with _Spent(database) as deliver:
        messages = await delivery.run(channel.kind)
    seconds = time.perf_counter() - began
    async with store.read() as unit:
        left = (await unit.ledger.counts()).owed
    if collected.failed or left or not messages:
        raise BenchmarkError(f"not everything was delivered: {collected}, {left} deliveries are left")
    most_mb = most_memory()
    spent = {"collect": collect.cpu, "match": match.cpu, "deliver": deliver.cpu}
    return Took(**spent, seconds=seconds, messages=messages, most_mb=most_mb)


class _Spent:
    """CPU seconds of a block in this process and the database's."""

    cpu = 0.0

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __aenter__(self) -> Self:
        self._before = await self._now()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cpu = await self._now() - self._before

    async def _now(self) -> float:
        return time.process_time() + sum(map(cpu_of, await self._database.servers()))


@asynccontextmanager
async def _channel(what: Round) -> AsyncIterator[Any]:
    """What takes the messages."""
    channel: Any
    network = Network(NetworkOptions())
    if what.channel == "telegram":
        from paperwire.channels.telegram.channel import TelegramChannel  # noqa: PLC0415 -- slow to import

        channel = TelegramChannel(TOKEN, network=network, now=_now, api_url=what.url)
    elif what.channel == "discord":
        from paperwire.channels.discord.channel import DiscordChannel  # noqa: PLC0415 -- the same

        channel = DiscordChannel(TOKEN, network=network, now=_now, api_url=f"{what.url}/api/v10")
    else:
        channel = Nowhere()
    try:
        yield channel
    finally:
        await channel.close()


class _Clock:
    """The one clock."""

    ahead = timedelta()


def _now() -> datetime:
    return datetime.now(UTC) + _Clock.ahead


if __name__ == "__main__":
    observe.set_up((), level="ERROR")
    print(json.dumps(asdict(asyncio.run(_play(Round(**json.load(sys.stdin)))))))
