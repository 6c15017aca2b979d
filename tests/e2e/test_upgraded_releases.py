"""A database of each release is upgraded: all in it is kept, what was sent isn't sent again, what is owed is sent."""

import gzip

import pytest
import released
from sqlalchemy import text

from paperwire.store.unit import Store
from servers.ntfy import NtfyServer

RELEASES = sorted({file.name.rsplit(".", 3)[0] for file in released.FOLDER.iterdir()})


@pytest.fixture(params=RELEASES)
async def released_before(request, new_database, tmp_path):
    """An installation of today's version over the database of a release."""
    kind = "sqlite" if new_database.startswith("sqlite") else "postgresql"
    file = released.FOLDER / f"{request.param}.{kind}.sql.gz"
    released.load(new_database, gzip.decompress(file.read_bytes()).decode())
    async with NtfyServer() as ntfy:
        yield released.Installation(tmp_path, new_database, ntfy)


def sent_to(ntfy, topic):
    """The papers that a topic got."""
    shown = "".join(ntfy.texts(topic))
    papers = released.BEFORE | released.SENT | released.OWED | released.NEW
    return {number for number, title in papers.items() if title in shown}


async def rows(url, clock, query):
    store = Store.open(url, now=clock)
    async with store.read() as unit:
        fetched = (await unit.connection.execute(text(query))).all()
    await store.close()
    return sorted(map(tuple, fetched))


@pytest.mark.whole
async def test_a_release_is_upgraded_and_goes_on(released_before, clock):
    here, before = released_before, released.BEFORE | released.SENT | released.OWED
    await here.run("2026-01-06T14:00:00Z", "migrate")
    subscribed = await rows(here.url, clock, "SELECT text, cadence FROM subscription")
    assert subscribed == [("diffusion", ""), ("words", "daily 08:00")]
    assert {number for (number,) in await rows(here.url, clock, "SELECT id FROM paper")} == before.keys()
    owed = "SELECT p.id, d.settled_at IS NULL FROM delivery d JOIN paper p ON p.number = d.paper"
    assert await rows(here.url, clock, owed) == [("2601.00003", False), ("2601.00004", True)]

    here.publish(before | released.NEW)
    await here.run("2026-01-07T14:00:00Z", "run", "--once")
    assert sent_to(here.ntfy, released.AT_ONCE) == released.NEW.keys()
    assert sent_to(here.ntfy, released.DAILY) == released.OWED.keys()
    assert {number for (number,) in await rows(here.url, clock, "SELECT id FROM paper")} == (
        before | released.NEW
    ).keys()
    owed = await rows(here.url, clock, "SELECT COUNT(*) FROM delivery WHERE settled_at IS NULL")
    assert owed == [(0,)]
