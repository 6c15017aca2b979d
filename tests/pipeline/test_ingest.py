"""Reading sources: pages and cursors together, parts apart, and patience with what fails."""

from datetime import date, timedelta

import pytest
from pipeline_world import Scripted
from structlog.testing import capture_logs

from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused, StoreError
from paperwire.pipeline.ingest import BACKFILL, Collected, overdue_since, pause_after
from paperwire.ports.sources import SourceState


async def state(scene, part="all"):
    async with scene.store.read() as unit:
        return await unit.sources.get("arxiv", part)


async def papers(scene):
    async with scene.store.read() as unit:
        return (await unit.papers.counts()).papers


async def test_a_page_and_its_cursor_are_kept_together(scene):
    scene.source.says["all"] += [scene.page("One", "Two", cursor="1"), scene.page("Three", cursor="2")]
    assert await scene.collector.poll() == Collected(papers=3, events=3)
    kept = await state(scene)
    assert (kept.cursor, kept.first_done, kept.failures, kept.ok_at) == ("2", True, 0, scene.clock())
    assert await papers(scene) == 3


async def test_a_reading_that_breaks_off_keeps_what_came_before(scene):
    scene.source.says["all"] += [scene.page("One", cursor="1"), SourceError("cut off"), scene.page("Two", cursor="2")]
    assert await scene.collector.poll() == Collected(papers=1, events=1, failed=1)
    kept = await state(scene)
    assert (kept.cursor, kept.first_done, kept.failures, kept.error) == ("1", False, 1, "cut off")
    scene.clock.advance(minutes=1)
    assert await scene.collector.poll() == Collected(papers=1, events=1)
    assert scene.source.asked == [("all", ""), ("all", "1")]
    kept = await state(scene)
    assert (kept.cursor, kept.first_done, kept.failures, kept.error) == ("2", True, 0, "")


async def test_a_page_that_cannot_be_stored_moves_no_cursor(scene, monkeypatch):
    scene.source.says["all"].append(scene.page("One", cursor="1"))
    full = StoreError("disk full")

    async def refuse(_self, _state):
        raise full

    with monkeypatch.context() as broken:
        broken.setattr("paperwire.store.sources.SourceStates.save", refuse)
        with pytest.raises(StoreError, match="disk full"):
            await scene.collector.poll()
    assert await papers(scene) == 0
    assert (await state(scene)).cursor == ""


async def test_one_part_that_fails_leaves_the_others_alone(scene):
    scene.source = Scripted("bad", "odd", "good")
    scene.begin()
    scene.source.says["bad"].append(SourceGarbled("an HTML page"))
    scene.source.says["odd"].append(KeyError("canary"))
    scene.source.says["good"].append(scene.page("One"))
    with capture_logs() as logs:
        assert await scene.collector.poll() == Collected(papers=1, events=1, failed=2)
    failed = [(line["log_level"], line["part"]) for line in logs if line["event"] == "source failed"]
    assert failed == [("warning", "bad"), ("error", "odd")]
    assert "KeyError" in (await state(scene, "odd")).error
    assert "canary" not in (await state(scene, "odd")).error
    assert not await scene.collector.has_begun()
    scene.clock.advance(minutes=1)
    with capture_logs() as logs:
        assert await scene.collector.poll() == Collected()
    assert [line["event"] for line in logs] == ["source works again"] * 2
    assert await scene.collector.has_begun()


async def test_what_is_not_due_is_left_alone_unless_somebody_asks(scene):
    await scene.collector.poll()
    await scene.collector.poll()
    assert len(scene.source.asked) == 1
    await scene.collector.poll(early=True)
    assert len(scene.source.asked) == 2
    scene.clock.advance(minutes=17)
    await scene.collector.poll()
    assert len(scene.source.asked) == 3


async def test_what_another_process_just_read_is_left_alone_by_a_clock_that_is_behind(scene):
    await scene.collector.poll()
    scene.clock.advance(seconds=-5)
    await scene.collector.poll()
    assert len(scene.source.asked) == 1


async def test_what_backs_off_is_left_alone_even_then(scene):
    scene.source.says["all"].append(SourceRefused("403"))
    await scene.collector.poll()
    await scene.collector.poll(early=True)
    assert len(scene.source.asked) == 1


async def test_the_longest_unread_part_is_read_first(scene):
    """What closed the source to all is asked again behind those that were not asked."""
    scene.source = Scripted("a", "b", "c")
    scene.begin()
    closed = SourceBusy("left alone", 60.0, asked=False)
    scene.source.says["a"].append(SourceBusy("503", 60.0))
    scene.source.says["b"].append(closed)
    scene.source.says["c"].append(closed)
    await scene.collector.poll()
    assert (await state(scene, "a")).tried_at == scene.clock()
    assert (await state(scene, "b")).tried_at is None
    scene.clock.advance(seconds=61)
    await scene.collector.poll()
    assert [part for part, _ in scene.source.asked] == [*"abc", *"bca"]


async def test_a_stage_rests_until_the_next_part_is_due(scene):
    scene.source = Scripted("good", "bad")
    scene.begin()
    assert await scene.collector.rest() == timedelta(0)
    scene.source.says["bad"].append(SourceBusy("429", 60.0))
    await scene.collector.poll()
    assert await scene.collector.rest() == timedelta(seconds=60)
    scene.clock.advance(seconds=60)
    await scene.collector.poll()
    assert timedelta(minutes=12) < await scene.collector.rest() <= timedelta(minutes=16.5)


async def test_a_source_without_parts_rests_and_has_begun(scene):
    scene.source.says.clear()
    assert await scene.collector.rest() == timedelta(minutes=15)
    assert await scene.collector.has_begun()


@pytest.mark.parametrize("hours", [-24 * 365, -2, 24])
async def test_a_clock_that_is_set_again_stops_nothing(scene, hours):
    await scene.collector.poll()
    scene.clock.advance(hours=hours)
    assert await scene.collector.rest() == timedelta(0)
    await scene.collector.poll()
    assert len(scene.source.asked) == 2


async def test_a_longer_wish_of_a_source_is_kept_for_a_day_at_most(scene):
    scene.source.says["all"].append(SourceBusy("come back next month", 30 * 86400.0))
    await scene.collector.poll()
    scene.clock.advance(hours=23)
    await scene.collector.poll()
    assert len(scene.source.asked) == 1
    scene.clock.advance(hours=1)
    await scene.collector.poll()
    assert len(scene.source.asked) == 2


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
    assert pause_after(SourceBusy("x", 30, asked=False, named=False), 9, usual) == timedelta(seconds=30)
    assert pause_after(SourceRefused("x"), 1, usual) == timedelta(hours=1)


def test_a_source_read_every_second_is_tried_again_as_soon():
    assert pause_after(SourceError("x"), 1, timedelta(seconds=1)) <= timedelta(seconds=1)
    assert timedelta(seconds=2) <= pause_after(SourceError("x"), 3, timedelta(seconds=1)) <= timedelta(seconds=4)


async def test_the_first_days_are_read_back_once_and_quietly(scene):
    await scene.subscribe("1", "two")
    scene.source.past += [scene.page("One", cursor="a"), scene.page("Two", cursor="b")]
    assert await scene.collector.read_back(timedelta(days=30))
    assert scene.source.asked == [("backfill", "", date(2025, 12, 6))]
    assert await scene.collector.read_back(timedelta(days=30))
    assert len(scene.source.asked) == 1
    await scene.matching.run()
    assert await scene.owed() == 0
    assert await papers(scene) == 2


async def test_reading_back_goes_on_where_it_stopped_but_not_before_its_time(scene):
    scene.source.past += [scene.page("One", cursor="a"), SourceBusy("503", 600.0), scene.page("Two", cursor="b")]
    assert not await scene.collector.read_back(timedelta(days=30))
    assert not await scene.collector.read_back(timedelta(days=30))
    assert await scene.collector.rest_back() == timedelta(minutes=10)
    scene.clock.advance(minutes=10)
    assert await scene.collector.read_back(timedelta(days=30))
    assert [asked[1] for asked in scene.source.asked] == ["", "a"]
    assert (await state(scene, BACKFILL)).cursor == ""


async def test_that_the_first_days_are_being_read_is_stored_before_their_first_page(scene, monkeypatch):
    async def backfill(since, cursor):
        begun.append(await state(scene, BACKFILL))
        yield scene.page("One", cursor="a")

    begun = []
    monkeypatch.setattr(scene.source, "backfill", backfill)
    assert await scene.collector.read_back(timedelta(days=30))
    assert [(one.tried_at, one.first_done) for one in begun] == [(scene.clock(), False)]


async def test_whoever_reads_back_by_hand_hears_of_each_page(scene):
    told = []
    scene.source.past += [scene.page("One"), scene.page("Two", "Three"), ValueError("odd")]
    brought = await scene.collector.backfill(date(2026, 1, 1), told.append)
    assert told == [Collected(1, 1), Collected(3, 3)]
    assert brought == Collected(3, 3, failed=1)


async def test_a_database_that_fails_while_reading_back_is_no_fault_of_the_source(scene, monkeypatch):
    async def refuse(*_, **__):
        raise StoreError("disk full")

    scene.source.past.append(scene.page("One"))
    monkeypatch.setattr("paperwire.store.papers.papers.Papers.record", refuse)
    with pytest.raises(StoreError):
        await scene.collector.read_back(timedelta(days=30))
    assert (await state(scene, BACKFILL)).failures == 0


# --- overdue -----------------------------------------------------------------------------------------------------


async def test_a_source_is_overdue_when_nobody_tried_it_for_three_intervals(scene):
    assert await scene.collector.overdue_since() is None  # never tried: its first run is not over
    await scene.collector.poll()
    began = scene.clock()
    assert (await state(scene)).tried_at == began
    scene.clock.advance(minutes=45)
    assert await scene.collector.overdue_since() is None
    scene.clock.advance(minutes=5)
    assert await scene.collector.overdue_since() == began
    await scene.collector.poll()
    assert await scene.collector.overdue_since() is None


async def test_a_source_that_fails_is_not_overdue(scene):
    scene.source.says["all"].append(SourceRefused("403"))
    await scene.collector.poll()
    scene.clock.advance(minutes=80)
    assert await scene.collector.overdue_since() is None  # an hour of patience, and not yet two intervals more
    scene.clock.advance(minutes=20)
    assert await scene.collector.overdue_since() == scene.clock() - timedelta(minutes=100)


async def test_other_processes_see_that_a_source_is_being_tried(scene):
    await scene.collector.poll()
    scene.clock.advance(hours=5)
    seen = []

    async def fetch(part, cursor):
        seen.append((await state(scene, part)).tried_at == scene.clock())
        seen.append(await scene.collector.overdue_since())
        scene.clock.advance(minutes=9)  # it answers slowly
        seen.append(await scene.collector.overdue_since())
        scene.clock.advance(hours=1)  # it hangs
        seen.append(await scene.collector.overdue_since())
        return
        yield

    scene.source.fetch = fetch
    began = scene.clock()
    await scene.collector.poll()
    assert seen == [True, None, None, began]
    assert await scene.collector.overdue_since() is None


async def test_of_a_state_that_an_older_version_stored_the_last_success_counts(scene):
    long_ago = scene.clock() - timedelta(hours=1)
    old = SourceState(source="arxiv", part="all", ok_at=long_ago, next_at=long_ago, first_done=True)
    assert overdue_since([old], timedelta(minutes=15), scene.clock()) == long_ago
    assert overdue_since([], timedelta(minutes=15), scene.clock()) is None


# --- the log -----------------------------------------------------------------------------------------------------


async def test_an_announcement_is_one_line_whatever_parts_it_came_in(scene):
    scene.source = Scripted("cs", "math")
    scene.begin()
    scene.source.says["cs"] += [scene.page("One", "Two"), scene.page("Three")]
    scene.source.says["math"].append(scene.page("Four"))
    with capture_logs() as logs:
        await scene.collector.poll()
        scene.clock.advance(hours=1)
        await scene.collector.poll()  # nothing new
    (line,) = logs
    assert line.pop("seconds") >= 0
    assert line == {
        "event": "announcement collected", "log_level": "info", "source": "arxiv", "day": "2026-01-05", "papers": 4,
        "new": 4,
    }  # fmt: skip
