"""The mark of what was sent tells a database that is older, and nothing else."""

import pytest
from structlog.testing import capture_logs

from paperwire.pipeline.hold import Hold, SentMark
from paperwire.store.unit import Store


@pytest.fixture
def file(tmp_path):
    return tmp_path / "paperwire.db.sent"


async def start(store, file):
    """What a process does that starts; whether deliveries are on hold then."""
    await SentMark(store, file).hold_if_older(Hold(store))
    return await Hold(store).since() is not None


async def marked(store):
    async with store.read() as unit:
        return await unit.settings.get("sent mark")


async def put(store, mark):
    async with store.write() as unit:
        await unit.settings.put("sent mark", mark)


async def test_an_older_copy_starts_on_hold_once_and_says_why(store, clock, file):
    assert not await start(store, file)
    mark = SentMark(store, file)
    await mark.advance()
    copy = await marked(store)
    clock.advance(minutes=1)
    await mark.advance()
    latest = await marked(store)
    assert not await start(store, file)
    await put(store, copy)
    with capture_logs() as logs:
        assert await start(store, file)
    (line,) = logs
    assert line["event"] == "deliveries are on hold"
    assert line["problem"] == "the database is older than what was last sent from it"
    assert line["last_sent"] == "2026-01-05T08:00:50Z"
    await Hold(store).end()
    assert not await start(store, file)
    assert await marked(store) == latest


async def test_a_copy_made_before_anything_was_sent(store, file):
    await start(store, file)
    copy = await marked(store)
    await SentMark(store, file).advance()
    await put(store, copy)
    assert await start(store, file)


async def test_a_database_that_is_ahead_of_its_file_goes_on(store, file):
    """A process that was killed had written to the database alone."""
    mark = SentMark(store, file)
    await mark.advance()
    before = file.read_text()
    await mark.advance()
    file.write_text(before)
    assert not await start(store, file)


async def test_a_new_database_next_to_an_old_file_goes_on(store, file):
    await SentMark(store, file).advance()
    await put(store, "another 0")
    assert not await start(store, file)


@pytest.mark.parametrize("text", ["", "x", "a b\n2026-01-05T08:00:50+00:00\n", "a 1\nyesterday\n", "\xff"])
async def test_a_file_that_cannot_be_read_means_nothing(store, file, text):
    await start(store, file)
    file.write_bytes(text.encode("latin-1"))
    assert not await start(store, file)


async def test_a_folder_that_refuses_is_said(store, tmp_path):
    with capture_logs() as logs:
        await SentMark(store, tmp_path / "gone" / "paperwire.db.sent").advance()
    assert [line["event"] for line in logs] == ["the mark of what was sent was not written"]
    assert (await marked(store)).endswith(" 1")


async def test_two_processes_share_the_mark(store, database, clock, tmp_path):
    other = Store.open(database, now=clock)
    files = [tmp_path / name / "paperwire.sent" for name in "ab"]
    try:
        for one, its_file in zip((store, other), files, strict=True):
            its_file.parent.mkdir()
            await SentMark(one, its_file).advance()
        assert not await start(store, files[0])
        assert not await start(other, files[1])
    finally:
        await other.close()
