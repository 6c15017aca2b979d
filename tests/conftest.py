"""Fixtures for every room's tests: recorded data, a clock that tests move, and a migrated store on each database."""

import asyncio
import gc
import gzip
import json
import os
import shutil
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import settings

import branch_monitor
from databases import DATABASES, POSTGRES, created, share_compiled
from emptying import empty
from paperwire import config
from paperwire.core.papers.paper import Paper
from paperwire.store.unit import Store
from plain_logs import log_plainly
from templates_shared import share_templates

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

MEMORY = "/dev/shm"  # noqa: S108 -- pytest makes folders of its own there
ROOM = 2 * 2**30
"""Bytes; the folders of passed tests go at once."""

WHOLE = {"benchmarks", "docs", "e2e"}
"""Folders of tests that coverage doesn't need: what they run, smaller tests reach."""

LONGEST = 300
"""Seconds for a test that is not plain, where the command line sets no other time-out."""

NO_PARAMETERS = SimpleNamespace(params={})

config.modules("channels")  # as at each start: a channel's file says what texts call it

# How long an example takes says nothing about the product, and where CI is set examples would be the same each time.
settings.register_profile("any machine", deadline=None, derandomize=False, max_examples=25)
settings.register_profile("slow", deadline=None, derandomize=False, max_examples=500)
settings.load_profile("any machine")


sys.modules["sniffio"] = None  # httpcore looks for it at each request on all of the long sys.path of tests: 0.3 ms
branch_monitor.install()
share_compiled()
share_templates()
log_plainly()


def pytest_configure():
    """Let temporary folders be in memory where there is room, as SQLite waits for the disk at each commit."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)
    _keep_to_one_core()


def _keep_to_one_core():
    """Let each of several test processes run on one core: it and SQLite's thread take turns, and on two cores wake
    each other, which on a virtual machine is a third of the time."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


def pytest_report_header():
    return "databases: " + (" and ".join(DATABASES) + ("" if POSTGRES else " (TEST_POSTGRES is not set)"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark what runs on PostgreSQL by its parameter, so that `-m` selects it and no name is mistaken for it.

    What runs on SQLite as it would on PostgreSQL is its twin.
    """
    for item in items:
        parameters = getattr(item, "callspec", NO_PARAMETERS).params
        if "postgresql" in parameters.values():
            item.add_marker(pytest.mark.postgresql)
        on_each = parameters.get("database"), parameters.get("new_database")
        if "sqlite" in on_each and not item.get_closest_marker("slow_on_postgresql"):
            item.add_marker(pytest.mark.twin)
        if item.path.parent.name in WHOLE or "shared_data" in item.fixturenames:
            item.add_marker(pytest.mark.whole)
        if not (config.getoption("timeout") or item.get_closest_marker("timeout")) and _is_long(item):
            item.add_marker(pytest.mark.timeout(LONGEST))
    useless = {item for item in items if _is_only_for_postgresql(item) and not item.get_closest_marker("postgresql")}
    config.hook.pytest_deselected(items=list(useless))
    items[:] = [item for item in items if item not in useless]


def pytest_collection_finish():
    """Leave thousands of collected tests out of garbage collections: a tenth of the time."""
    gc.collect()
    gc.freeze()


def _is_long(item):
    return item.get_closest_marker("whole") or item.get_closest_marker("slow")


def _is_only_for_postgresql(item):
    return item.get_closest_marker("only_on_postgresql") is not None


@pytest.fixture(scope="session")
def shared_data():
    """The folder of recorded data; tests that ask for it skip, saying so, where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the recorded data (../shared/data) is not here")
    return SHARED


@pytest.fixture(scope="session")
def real_papers(shared_data):
    """The papers of one day."""
    with gzip.open(shared_data / "arxiv_corpus" / "one_day_2025-10-01.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [a_real_paper(json.loads(line)) for line in lines]


@pytest.fixture(scope="session")
def real_days(shared_data):
    """The papers of each sixth of the days with 300 papers or more, by day."""
    folder = shared_data / "arxiv_corpus"
    counts = json.loads((folder / "papers_per_announce_day.json").read_text(encoding="utf-8"))
    days = {day: [] for day in sorted(day for day, papers in counts.items() if papers >= 300)[::6]}
    with gzip.open(folder / "arxiv_2025-09_2026-03.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["announced"] in days:
                days[row["announced"]].append(a_real_paper(row))
    return days


def a_real_paper(row):
    """A recorded paper."""
    return Paper(
        id=row["id"],
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(row["authors"]),
        categories=tuple(row["categories"]),
        comment=row.get("comment") or "",
        announced=date.fromisoformat(row["announced"]),
    )


class Clock:
    """A clock that stands still until a test moves it; call it for the present instant."""

    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at

    def set(self, text):
        """Go to an instant written as RFC 3339, e.g. `2026-01-05T08:00:00Z`."""
        self.at = datetime.fromisoformat(text).astimezone(UTC)

    def advance(self, **parts):
        """Let time pass: `advance(hours=1, seconds=5)`."""
        self.at += timedelta(**parts)


@pytest.fixture
def clock():
    return Clock(datetime(2026, 1, 5, 7, 59, 50, tzinfo=UTC))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A migrated SQLite file that tests copy, which is quicker than migrating again."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_database(worker_id):
    """A migrated PostgreSQL database of this test process's own: its URL."""
    with created(f"paperwire_test_{worker_id}_{os.getpid()}") as url:
        asyncio.run(_migrate(url))
        yield url


@pytest.fixture(params=DATABASES)
def database(request, tmp_path):
    """The URL of an empty, migrated database, on each kind in turn."""
    if request.param == "sqlite":
        file = tmp_path / "paperwire.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite+aiosqlite:///{file}"
        return
    url = request.getfixturevalue("postgres_database")
    yield url
    empty(url)


@pytest.fixture(params=DATABASES)
def new_database(request, tmp_path, worker_id):
    """The URL of a database without any table, on each kind in turn; the SQLite file is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
        return
    with created(f"paperwire_new_{worker_id}_{os.getpid()}") as url:
        yield url


@pytest.fixture
async def store(database, clock):
    """An open store on an empty, migrated database, on each kind in turn; its time is `clock`'s."""
    store = Store.open(database, now=clock)
    yield store
    await store.close()


@pytest.fixture
async def other(store, database, clock):
    """Another process on the same database; on SQLite the same one, as writers queue there."""
    if database.startswith("sqlite"):
        yield store
        return
    second = Store.open(database, now=clock)
    yield second
    await second.close()


async def _migrate(url):
    store = Store.open(url, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    await store.migrate()
    await store.close()
