"""Cursors of sources and what is known of announcement days."""

from dataclasses import replace
from datetime import UTC, date, datetime

from paperwire.core.days.batch import Batch, BatchState, Listing
from paperwire.core.days.doubt import Doubt, Why
from paperwire.core.days.proof import Tally
from paperwire.ports.sources import SourceState


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


async def test_a_part_that_nobody_reads_any_more_keeps_its_cursor_and_is_no_trouble(store, clock):
    failing = SourceState(
        source="rss", part="one", cursor="7", next_at=clock.at, failures=3, ok_at=clock.at, error="404", first_done=True
    )
    unread = replace(failing, part="two", first_done=False)
    kept = replace(failing, part="three")
    elsewhere = replace(failing, source="arxiv")
    async with store.write() as unit:
        for state in (failing, unread, kept, elsewhere):
            await unit.sources.save(state)
        await unit.sources.retire("rss", ["three", "backfill"])
    async with store.read() as unit:
        retired = replace(failing, next_at=None, failures=0, error="")
        assert await unit.sources.all() == [elsewhere, retired, kept]


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


DAY = date(2026, 1, 5)


def _batch(day=5, part="cs.CL", state="unconfirmed", *numbers):
    batch = Batch(source="arxiv", part=part, day=date(2026, 1, day), state=BatchState(state))
    ids = frozenset(f"2601.{number:05}" for number in numbers)
    shown = Listing(part=part, day=batch.day, new=ids, replaced=frozenset({"2512.00001v2"}), whole=True)
    return batch.with_listing("rss", shown, datetime(2026, 1, day, 5, tzinfo=UTC))


async def test_batches_are_told_latest_day_first(store):
    first, later = _batch(5, "cs.CL", "unconfirmed", 1, 2), _batch(6, "cs.CL", "holiday")
    second = _batch(5, "cs.CL", "late", 1, 2, 3).with_late(["2601.00003"])
    async with store.write() as unit:
        await unit.sources.save_batches([first, later])
        await unit.sources.save_batches([second])
        await unit.sources.save_batches([])
    async with store.read() as unit:
        assert await unit.sources.batches(date(2026, 1, 1)) == [later, second]
        assert await unit.sources.batches(date(2026, 1, 6)) == [later]
        assert await unit.sources.batch_counts("arxiv", date(2026, 1, 6)) == {date(2026, 1, 6): 1}


async def test_batches_of_some_parts_and_days_and_those_that_are_open(store):
    batches = [_batch(day, part) for day in (5, 6, 7) for part in ("cs.CL", "cs.CV")]
    done = replace(_batch(8, "cs.CL"), state=BatchState.COMPLETE)
    other = replace(_batch(6, "daily"), source="huggingface")
    async with store.write() as unit:
        await unit.sources.save_batches([*batches, done, other])
    async with store.read() as unit:
        some = await unit.sources.batches_of("arxiv", ["cs.CL"], date(2026, 1, 6), date(2026, 1, 7))
        assert [(batch.part, batch.day.day) for batch in some] == [("cs.CL", 7), ("cs.CL", 6)]
        assert await unit.sources.open_days("arxiv", date(2026, 1, 6)) == {date(2026, 1, 6), date(2026, 1, 7)}


async def test_tallies_say_where_batches_stand_without_their_evidence(store):
    lacks = (Doubt(why=Why.LACKS, views=("oai",)), Doubt(why=Why.LOW, count=2, usual=60, whole=True))
    batches = [replace(_batch(5, "cs.CL", "unconfirmed", 1, 2), doubts=lacks), _batch(6, "cs.CL", "holiday")]
    other = replace(_batch(5, "daily", "unconfirmed", 1), source="huggingface", doubts=(Doubt(why=Why.ALONE),))
    async with store.write() as unit:
        await unit.sources.save_batches([*batches, other])
        first, second = sorted(await unit.sources.tallies("arxiv", [DAY, date(2026, 1, 6)]), key=lambda one: one.day)
        assert first == Tally(part="cs.CL", day=DAY, state=BatchState.UNCONFIRMED, count=2, doubts=lacks)
        assert (second.state, second.doubts) == (BatchState.HOLIDAY, ())
        assert await unit.sources.doubtful_days(DAY) == [("arxiv", 1, 1), ("huggingface", 0, 0)]
        await unit.sources.save_tallies("arxiv", [replace(first, state=BatchState.COMPLETE, doubts=())])
        await unit.sources.save_tallies("arxiv", [])
        (after,) = await unit.sources.batches_of("arxiv", ["cs.CL"], DAY, DAY)
        assert after == replace(batches[0], state=BatchState.COMPLETE, doubts=())
        assert await unit.sources.doubtful_days(DAY) == [("arxiv", 0, 0), ("huggingface", 0, 0)]


async def test_ids_of_long_ago_are_forgotten_a_few_at_a_time(store):
    async with store.write() as unit:
        await unit.sources.save_batches([_batch(day, "cs.CL", "complete", 1, 2) for day in (5, 6, 7)])
        assert await unit.sources.forget_ids(date(2026, 1, 7), 1) == 1
        assert await unit.sources.forget_ids(date(2026, 1, 7), 5) == 1
        assert await unit.sources.forget_ids(date(2026, 1, 7), 5) == 0
        kept = await unit.sources.batches(date(2026, 1, 1))
    assert [(batch.new, batch.ids_known, len(batch.arrivals)) for batch in kept] == [
        (2, True, 2),
        (2, False, 0),
        (2, False, 0),
    ]
