"""Cursors of sources and what is known of announcement days."""

from dataclasses import replace
from datetime import date

from paperwire.store.sources import Batch, SourceState


async def test_a_part_that_was_never_read_has_a_fresh_state(store):
    async with store.read() as unit:
        assert await unit.sources.get("arxiv", "cs.CL") == SourceState(source="arxiv", part="cs.CL")
        assert await unit.sources.all() == []


async def test_the_last_state_counts(store, clock):
    first = SourceState(source="arxiv", part="cs.CL", cursor='{"ids": ["é"]}', next_at=clock.at)
    second = replace(first, cursor="", failures=3, ok_at=clock.at, error="503", first_done=True)
    other = SourceState(source="arxiv", part="backfill")
    async with store.write() as unit:
        for state in (first, second, other):
            await unit.sources.save(state)
    async with store.read() as unit:
        assert await unit.sources.get("arxiv", "cs.CL") == second
        assert await unit.sources.all() == [other, second]


async def test_a_cursor_is_kept_with_its_page_or_not_at_all(store):
    async def fail():
        async with store.write() as unit:
            await unit.sources.save(SourceState(source="arxiv", part="cs.CL", cursor="1"))
            raise ZeroDivisionError

    try:
        await fail()
    except ZeroDivisionError:
        async with store.read() as unit:
            assert (await unit.sources.get("arxiv", "cs.CL")).cursor == ""


async def test_batches_are_told_latest_day_first(store):
    first = Batch(source="arxiv", part="cs.CL", day=date(2026, 1, 5), state="partial", new=3, evidence={"rss": [1, 2]})
    second = replace(first, state="complete", new=5, crossed=2, replaced=1, ids_hash="abc", evidence={})
    later = replace(first, day=date(2026, 1, 6), state="holiday")
    async with store.write() as unit:
        for batch in (first, later, second):
            await unit.sources.save_batch(batch)
    async with store.read() as unit:
        assert await unit.sources.batches(date(2026, 1, 1)) == [later, second]
        assert await unit.sources.batches(date(2026, 1, 6)) == [later]
