"""Reading sources: pages and cursors together, parts apart, and patience with what fails."""

from datetime import date, timedelta

import pytest
from pipeline_world import Scripted
from structlog.testing import capture_logs

from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused, StoreError
from paperwire.pipeline.ingest import BACKFILL, Collected, overdue_since, pause_after
from paperwire.ports.sources import SourceState


async def state(stages, part="all"):
    async with stages.store.read() as unit:
        return await unit.sources.get("arxiv", part)


async def papers(stages):
    async with stages.store.read() as unit:
        return (await unit.papers.counts()).papers


async def test_a_page_and_its_cursor_are_kept_together(stages):
    stages.source.says["all"] += [stages.page("One", "Two", cursor="1"), stages.page("Three", cursor="2")]
    assert await stages.collector.poll() == Collected(papers=3, events=3)
    kept = await state(stages)
    assert (kept.cursor, kept.first_done, kept.failures, kept.ok_at) == ("2", True, 0, stages.clock())
    assert await papers(stages) == 3


async def test_a_reading_that_breaks_off_keeps_what_came_before(stages):
    stages.source.says["all"] += [
        stages.page("One", cursor="1"),
        SourceError("cut off"),
        stages.page("Two", cursor="2"),
    ]
    assert await stages.collector.poll() == Collected(papers=1, events=1, failed=1)
    kept = await state(stages)
    assert (kept.cursor, kept.first_done, kept.failures, kept.error) == ("1", False, 1, "cut off")
    stages.clock.advance(minutes=1)
    assert await stages.collector.poll() == Collected(papers=1, events=1)
    assert stages.source.asked == [("all", ""), ("all", "1")]
    kept = await state(stages)
    assert (kept.cursor, kept.first_done, kept.failures, kept.error) == ("2", True, 0, "")


async def test_a_page_that_cannot_be_stored_moves_no_cursor(stages, monkeypatch):
    stages.source.says["all"].append(stages.page("One", cursor="1"))
    full = StoreError("disk full")

    async def refuse(_self, _state):
        raise full

    with monkeypatch.context() as broken:
        broken.setattr("paperwire.store.sources.SourceStates.save", refuse)
        with pytest.raises(StoreError, match="disk full"):
            await stages.collector.poll()
    assert await papers(stages) == 0
    assert (await state(stages)).cursor == ""


async def test_one_part_that_fails_leaves_the_others_alone(stages):
    stages.source = Scripted("bad", "odd", "good")
    stages.begin()
    stages.source.says["bad"].append(SourceGarbled("an HTML page"))
    stages.source.says["odd"].append(KeyError("canary"))
    stages.source.says["good"].append(stages.page("One"))
    with capture_logs() as logs:
        assert await stages.collector.poll() == Collected(papers=1, events=1, failed=2)
    failed = [(line["log_level"], line["part"]) for line in logs if line["event"] == "source failed"]
    assert failed == [("warning", "bad"), ("error", "odd")]
    assert "KeyError" in (await state(stages, "odd")).error
    assert "canary" not in (await state(stages, "odd")).error
    assert not await stages.collector.has_begun()
    stages.clock.advance(minutes=1)
    with capture_logs() as logs:
        assert await stages.collector.poll() == Collected()
    assert [line["event"] for line in logs] == ["source works again"]
    assert await stages.collector.has_begun()


async def test_an_outage_is_one_line_an_hour_and_one_at_its_end(stages):
    stages.source = Scripted("one", "two")
    stages.begin()
    with capture_logs() as logs:
        for _ in range(8):
            for says in stages.source.says.values():
                says.append(SourceGarbled("an HTML page"))
            await stages.collector.poll()
            stages.clock.advance(minutes=20)
        for says in stages.source.says.values():
            says.clear()
        stages.clock.advance(hours=1)
        await stages.collector.poll()
    warned = [line["part"] for line in logs if line["log_level"] == "warning"]
    assert len(warned) == 3
    assert [line["event"] for line in logs if line["log_level"] == "info"] == ["source works again"]


async def test_what_is_not_due_is_left_alone_unless_somebody_asks(stages):
    await stages.collector.poll()
    await stages.collector.poll()
    assert len(stages.source.asked) == 1
    await stages.collector.poll(early=True)
    assert len(stages.source.asked) == 2
    stages.clock.advance(minutes=17)
    await stages.collector.poll()
    assert len(stages.source.asked) == 3


async def test_what_another_process_just_read_is_left_alone_by_a_clock_that_is_behind(stages):
    await stages.collector.poll()
    stages.clock.advance(seconds=-5)
    await stages.collector.poll()
    assert len(stages.source.asked) == 1


async def test_what_backs_off_is_left_alone_even_then(stages):
    stages.source.says["all"].append(SourceRefused("403"))
    await stages.collector.poll()
    await stages.collector.poll(early=True)
    assert len(stages.source.asked) == 1


async def test_the_longest_unread_part_is_read_first(stages):
    """What closed the source to all is asked again after those that were not asked."""
    stages.source = Scripted("a", "b", "c")
    stages.begin()
    closed = SourceBusy("left alone", 60.0, sent=False)
    stages.source.says["a"].append(SourceBusy("503", 60.0))
    stages.source.says["b"].append(closed)
    stages.source.says["c"].append(closed)
    await stages.collector.poll()
    assert (await state(stages, "a")).tried_at == stages.clock()
    assert (await state(stages, "b")).tried_at is None
    stages.clock.advance(seconds=61)
    await stages.collector.poll()
    assert [part for part, _ in stages.source.asked] == [*"abc", *"bca"]


async def test_a_stage_rests_until_the_next_part_is_due(stages):
    stages.source = Scripted("good", "bad")
    stages.begin()
    assert await stages.collector.rest() == timedelta(0)
    stages.source.says["bad"].append(SourceBusy("429", 60.0))
    await stages.collector.poll()
    assert await stages.collector.rest() == timedelta(seconds=60)
    stages.clock.advance(seconds=60)
    await stages.collector.poll()
    assert timedelta(minutes=12) < await stages.collector.rest() <= timedelta(minutes=16.5)


async def test_a_source_without_parts_rests_and_has_begun(stages):
    stages.source.says.clear()
    assert await stages.collector.rest() == timedelta(minutes=15)
    assert await stages.collector.has_begun()


@pytest.mark.parametrize("hours", [-24 * 365, -2, 24])
async def test_a_clock_that_is_set_again_stops_nothing(stages, hours):
    await stages.collector.poll()
    stages.clock.advance(hours=hours)
    assert await stages.collector.rest() == timedelta(0)
    await stages.collector.poll()
    assert len(stages.source.asked) == 2


async def test_a_longer_wish_of_a_source_is_kept_for_a_day_at_most(stages):
    stages.source.says["all"].append(SourceBusy("come back next month", 30 * 86400.0))
    await stages.collector.poll()
    stages.clock.advance(hours=23)
    await stages.collector.poll()
    assert len(stages.source.asked) == 1
    stages.clock.advance(hours=1)
    await stages.collector.poll()
    assert len(stages.source.asked) == 2


def test_patience_grows_with_failures_and_is_never_in_step():
    usual = timedelta(minutes=15)
    waits = [[pause_after(SourceError("x"), failures, usual) for _ in range(50)] for failures in (1, 2, 3, 8, 5000)]
    for failures, some in zip((1, 2, 4, 120, 120), waits, strict=True):
        longest = min(failures * timedelta(seconds=30), timedelta(hours=1))
        assert all(longest / 2 <= wait <= longest for wait in some)
        assert len(set(some)) > 1
    assert pause_after(SourceBusy("x", 7.5), 9, usual) == timedelta(seconds=7.5)
    unnamed = [pause_after(SourceBusy("x", 60, named=False), failures, usual) for failures in (1, 2, 3, 9)]
    assert unnamed == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 15)]
    assert pause_after(SourceBusy("x", 30, sent=False, named=False), 9, usual) == timedelta(seconds=30)
    assert pause_after(SourceRefused("x"), 1, usual) == timedelta(hours=1)


def test_a_source_read_every_second_is_tried_again_as_soon():
    assert pause_after(SourceError("x"), 1, timedelta(seconds=1)) <= timedelta(seconds=1)
    assert timedelta(seconds=2) <= pause_after(SourceError("x"), 3, timedelta(seconds=1)) <= timedelta(seconds=4)


async def test_the_first_days_are_read_back_once_and_quietly(stages):
    await stages.subscribe("1", "two")
    stages.source.past += [stages.page("One", cursor="a"), stages.page("Two", cursor="b")]
    assert await stages.collector.read_back(timedelta(days=30))
    assert stages.source.asked == [("backfill", "", date(2025, 12, 6))]
    assert await stages.collector.read_back(timedelta(days=30))
    assert len(stages.source.asked) == 1
    await stages.matching.run()
    assert await stages.owed() == 0
    assert await papers(stages) == 2


async def test_reading_back_goes_on_where_it_stopped_but_not_before_its_time(stages):
    stages.source.past += [stages.page("One", cursor="a"), SourceBusy("503", 600.0), stages.page("Two", cursor="b")]
    assert not await stages.collector.read_back(timedelta(days=30))
    assert not await stages.collector.read_back(timedelta(days=30))
    assert await stages.collector.rest_of(BACKFILL) == timedelta(minutes=10)
    stages.clock.advance(minutes=10)
    assert await stages.collector.read_back(timedelta(days=30))
    assert [asked[1] for asked in stages.source.asked] == ["", "a"]
    assert (await state(stages, BACKFILL)).cursor == ""


async def test_that_the_first_days_are_being_read_is_stored_before_their_first_page(stages, monkeypatch):
    async def backfill(since, cursor):
        begun.append(await state(stages, BACKFILL))
        yield stages.page("One", cursor="a")

    begun = []
    monkeypatch.setattr(stages.source, "backfill", backfill)
    assert await stages.collector.read_back(timedelta(days=30))
    assert [(one.tried_at, one.first_done) for one in begun] == [(stages.clock(), False)]


async def test_whoever_reads_back_by_hand_hears_of_each_page(stages):
    told = []
    stages.source.past += [stages.page("One"), stages.page("Two", "Three"), ValueError("odd")]
    brought = await stages.collector.backfill(date(2026, 1, 1), told.append)
    assert told == [Collected(1, 1), Collected(3, 3)]
    assert brought == Collected(3, 3, failed=1)


async def test_a_database_that_fails_while_reading_back_is_no_fault_of_the_source(stages, monkeypatch):
    async def refuse(*_, **__):
        raise StoreError("disk full")

    stages.source.past.append(stages.page("One"))
    monkeypatch.setattr("paperwire.store.papers.papers.Papers.record", refuse)
    with pytest.raises(StoreError):
        await stages.collector.read_back(timedelta(days=30))
    assert (await state(stages, BACKFILL)).failures == 0


# --- overdue -----------------------------------------------------------------------------------------------------


async def test_a_source_is_overdue_when_nobody_tried_it_for_three_intervals(stages):
    assert await stages.collector.overdue_since() is None  # never tried: its first run is not over
    await stages.collector.poll()
    began = stages.clock()
    assert (await state(stages)).tried_at == began
    stages.clock.advance(minutes=45)
    assert await stages.collector.overdue_since() is None
    stages.clock.advance(minutes=5)
    assert await stages.collector.overdue_since() == began
    await stages.collector.poll()
    assert await stages.collector.overdue_since() is None


async def test_a_source_that_fails_is_not_overdue(stages):
    stages.source.says["all"].append(SourceRefused("403"))
    await stages.collector.poll()
    stages.clock.advance(minutes=80)
    assert await stages.collector.overdue_since() is None  # an hour of patience, and not yet two intervals more
    stages.clock.advance(minutes=20)
    assert await stages.collector.overdue_since() == stages.clock() - timedelta(minutes=100)


async def test_other_processes_see_that_a_source_is_being_tried(stages):
    await stages.collector.poll()
    stages.clock.advance(hours=5)
    seen = []

    async def fetch(part, cursor):
        seen.append((await state(stages, part)).tried_at == stages.clock())
        seen.append(await stages.collector.overdue_since())
        stages.clock.advance(minutes=9)  # it answers slowly
        seen.append(await stages.collector.overdue_since())
        stages.clock.advance(hours=1)  # it hangs
        seen.append(await stages.collector.overdue_since())
        return
        yield

    stages.source.fetch = fetch
    began = stages.clock()
    await stages.collector.poll()
    assert seen == [True, None, None, began]
    assert await stages.collector.overdue_since() is None


async def test_of_a_state_that_an_older_version_stored_the_last_success_counts(stages):
    long_ago = stages.clock() - timedelta(hours=1)
    old = SourceState(source="arxiv", part="all", ok_at=long_ago, next_at=long_ago, first_done=True)
    assert overdue_since([old], timedelta(minutes=15), stages.clock()) == long_ago
    assert overdue_since([], timedelta(minutes=15), stages.clock()) is None


# --- the log -----------------------------------------------------------------------------------------------------


async def test_an_announcement_is_one_line_whatever_parts_it_came_in(stages):
    stages.source = Scripted("cs", "math")
    stages.begin()
    stages.source.says["cs"] += [stages.page("One", "Two"), stages.page("Three")]
    stages.source.says["math"].append(stages.page("Four"))
    with capture_logs() as logs:
        await stages.collector.poll()
        stages.clock.advance(hours=1)
        await stages.collector.poll()  # nothing new
    (line,) = logs
    assert line.pop("seconds") >= 0
    assert line == {
        "event": "announcement collected", "log_level": "info", "source": "arxiv", "day": "2026-01-05", "papers": 4,
        "new": 4,
    }  # fmt: skip
