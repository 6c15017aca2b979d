"""PostgreSQL through PgBouncer in transaction mode, as many run it: Debian's own, on a port of its own."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from databases import POSTGRES, created
from paperwire.core.query.language import parse
from paperwire.errors import StoreError
from paperwire.store.unit import Store
from servers.loopback import free_port
from store.papers_world import a_paper, record, said

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PATIENCE = 30.0

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not here")]

SETTINGS = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listening}
auth_type = any
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = options
unix_socket_dir =
"""


@contextmanager
def pgbouncer(url):
    """A PgBouncer before the server of `url`; its own address of that database."""
    there, listening = make_url(url), free_port()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        settings = Path(folder) / "pgbouncer.ini"
        settings.write_text(
            SETTINGS.format(host=there.host, port=there.port or 5432, user=there.username, listening=listening)
        )
        as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
        with subprocess.Popen([PROGRAM, "-q", *as_user, settings]) as process:
            try:
                yield there.set(host="127.0.0.1", port=listening).render_as_string(hide_password=False)
            finally:
                process.terminate()


async def until_open(url):
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", make_url(url).port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


@pytest.fixture
async def pooled(worker_id):
    """The address of a database through PgBouncer."""
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES is not set")
    with created(f"paperwire_pooled_{worker_id}_{os.getpid()}") as url, pgbouncer(url) as through:
        await until_open(through)
        yield through


def opened(url, **options):
    return Store.open(url, now=lambda: datetime.now(UTC), **options)


async def test_a_database_is_made_filled_and_read_by_many_at_once(pooled):
    store = opened(pooled)
    await store.migrate()
    await store.compare_schema()

    async def write(number):
        async with store.write() as unit:
            await unit.settings.put(f"key {number}", str(number))
        async with store.read() as unit:
            return await unit.settings.get(f"key {number}")

    for _ in range(3):  # often enough for statements to be prepared
        assert await asyncio.gather(*map(write, range(20))) == [str(number) for number in range(20)]
    await record(store, said(a_paper(title="Diffusion models")))
    async with store.search() as unit:
        assert (await unit.search.search(parse("diffusion"))).total == 1
    await store.close()


async def test_who_only_reads_cannot_write_and_leaves_others_able_to(pooled):
    writer, reader = opened(pooled), opened(pooled, readonly=True)
    await writer.migrate()
    for number in range(8):
        async with reader.read() as unit:
            assert await unit.connection.scalar(text("SHOW transaction_read_only")) == "on"
        with pytest.raises(StoreError, match="read-only"):
            async with reader.read() as unit:
                await unit.settings.put("key", "forbidden")
        async with writer.write() as unit:
            await unit.settings.put("key", str(number))
    await asyncio.gather(reader.close(), writer.close())


async def test_the_server_shows_which_process_a_transaction_is_of(pooled):
    stores = [opened(pooled, name=f"paperwire {role}") for role in ("collect,match", "web")]
    await stores[0].migrate()
    for store, name in zip(stores, ("paperwire collect,match", "paperwire web"), strict=True):
        async with store.read() as unit:
            assert await unit.connection.scalar(text("SHOW application_name")) == name
        await store.close()
