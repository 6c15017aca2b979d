"""When a day is called complete, what a third view decides, and days on which nothing was expected."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from ledger_world import CLASSES, DAY, HOLIDAY, begun, doubts, feeds, ledger, page, second, states, third, two_views
from structlog.testing import capture_logs

from paperwire.core.days.batch import BatchState, Listing
from paperwire.core.days.completeness import days_of
from paperwire.errors import SourceBusy, StoreError
from paperwire.pipeline.reconcile import Reconciler
from paperwire.texts import texts_in
from paperwire.wording.days import day_line


@pytest.fixture
def scene(scene):
    return two_views(scene)


def titles(scene, to):
    """The titles that arrived at an address, in alphabetical order."""
    return sorted(title for message in scene.post.titles(to) for title in message)


async def test_a_day_is_complete_when_both_views_agree_on_a_plausible_number(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, 2))
    assert await states(scene) == {"cs.CL": BatchState.UNCONFIRMED, "cs.CV": BatchState.EXPECTED}
    assert await doubts(scene) == [("lacks", "oai")]
    await second(scene, page("oai", 1, 2))
    assert await states(scene) == dict.fromkeys(CLASSES, BatchState.COMPLETE)
    assert await doubts(scene) == []


async def test_a_day_without_enough_days_to_compare_it_with_is_unconfirmed_and_holds_nothing_back(scene):
    await scene.reconciler.run()
    scene.clock.set("2026-01-07T05:10:00Z")
    await feeds(scene, page("rss", 1, 2))
    await second(scene, page("oai", 1, 2))
    assert await states(scene) == {"cs.CL": BatchState.UNCONFIRMED, "cs.CV": BatchState.EXPECTED}
    assert await doubts(scene) == [("history",)]
    assert scene.source.unproven[-1] == DAY  # before it was read by the second view
    scene.clock.set("2026-01-07T12:00:00Z")
    await second(scene)
    assert scene.source.unproven[-1] is None
    assert scene.source.stored == {"2601.00001"}


async def test_an_unusually_small_number_is_not_complete_and_is_one_line_in_the_log(scene):
    await begun(scene, usual=120)
    with capture_logs() as logs:
        await feeds(scene, page("rss", 1, 2))
        await second(scene, page("oai", 1, 2))
        await scene.reconciler.run()
    assert await states(scene) == {"cs.CL": BatchState.UNCONFIRMED, "cs.CV": BatchState.EXPECTED}
    assert await doubts(scene) == await doubts(scene, "cs.CV") == [("low",)]
    (line,) = [line for line in logs if line["event"] == "unusually few papers"]
    assert (line["day"], line["papers"], line["usual"]) == ("2026-01-07", 2, 120)


async def test_a_large_category_without_its_papers_is_named(scene):
    await begun(scene, usual=60)
    other = Listing(part="cs.CV", day=DAY, new=frozenset(f"2601.1{number:04}" for number in range(60)))
    with capture_logs() as logs:
        for view, read in (("rss", feeds), ("oai", second)):
            shown = page(view, 1)
            await read(scene, replace(shown, listings=(*shown.listings, other)))
    assert await states(scene) == {"cs.CL": BatchState.UNCONFIRMED, "cs.CV": BatchState.COMPLETE}
    assert await doubts(scene) == [("low",)]
    (line,) = [line for line in logs if line["event"] == "unusually few papers"]
    assert line["categories"] == ["cs.CL"]


async def test_a_batch_of_an_older_version_is_judged_by_its_evidence(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, 2))
    await second(scene, page("oai", 1, 2))
    async with scene.store.write() as unit:
        batches = await unit.sources.batches_of("arxiv", CLASSES, DAY, DAY)
        late = [batch.with_late(["2601.00002"]) if batch.part == "cs.CL" else batch for batch in batches]
        await unit.sources.save_batches([replace(batch, state=BatchState.UNCONFIRMED, doubts=()) for batch in late])
    await scene.reconciler.run()
    assert await states(scene) == {"cs.CL": BatchState.LATE, "cs.CV": BatchState.COMPLETE}


async def test_silence_proves_nothing(scene):
    """The feed stays on Monday's list and OAI-PMH lacks Tuesday's papers: it was complete with 0 new."""
    await begun(scene, usual=120)
    await scene.subscribe("1", "paper", style="cards")
    await feeds(scene, page("rss", whole=(), stale=CLASSES))
    await second(scene, page("oai"))
    assert set((await states(scene)).values()) == {BatchState.EXPECTED}
    scene.clock.set("2026-01-07T15:30:00Z")
    await scene.reconciler.run()
    assert set((await states(scene)).values()) == {BatchState.UNCONFIRMED}
    assert await doubts(scene) == [("stale", "rss"), ("low",)]
    scene.clock.set("2026-01-08T12:00:00Z")
    await second(scene, page("oai", 1, 2))
    assert scene.source.unproven[-1] == DAY
    await scene.matching.run()
    await scene.deliver()
    assert titles(scene, "1") == ["Paper 1", "Paper 2"]
    assert (await ledger(scene))["cs.CL"].late == {"2601.00001", "2601.00002"}


async def test_what_the_feed_missed_is_delivered_once_and_marked_late(scene):
    await begun(scene)
    place, _ = await scene.subscribe("1", "paper", style="cards")
    await feeds(scene, page("rss", 1))
    scene.clock.set("2026-01-07T13:35:00Z")
    await second(scene, page("oai", 1, 2))
    assert (await ledger(scene))["cs.CL"].late == {"2601.00002"}
    assert await doubts(scene) == [("differ", "rss", "oai")]
    await scene.matching.run()
    await scene.deliver()
    await feeds(scene, page("rss", 1, 2))
    await second(scene, page("oai", 1, 2))
    assert await states(scene) == {"cs.CL": BatchState.LATE, "cs.CV": BatchState.COMPLETE}
    await scene.matching.run()
    await scene.deliver()
    assert sorted(scene.post.titles("1")) == [["Paper 1"], ["Paper 2"]]
    (late,) = [message.items[0] for message in scene.post.arrived["1"] if message.items[0].title == "Paper 2"]
    assert "announced Wed 7 Jan, found late" in "".join(span.text for line in late.lines for span in line)
    async with scene.store.read() as unit:
        assert await unit.outbox.due([place], 5) == {}


async def test_what_the_second_view_has_first_is_on_time(scene):
    await begun(scene)
    scene.clock.set("2026-01-07T03:35:00Z")  # 22:35 in New York, before the feeds change
    await second(scene, page("oai", 1))
    scene.clock.set("2026-01-07T05:10:00Z")
    await feeds(scene, page("rss", 1))
    await scene.reconciler.run()
    found = await ledger(scene)
    assert (found["cs.CL"].state, found["cs.CL"].late) == (BatchState.COMPLETE, frozenset())


async def test_a_stale_category_is_waited_for_until_it_changes(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, whole=("cs.CL",), stale=("cs.CV",)))
    await second(scene, page("oai", 1))
    found = await ledger(scene)
    assert (found["cs.CL"].state, found["cs.CV"].state) == (BatchState.COMPLETE, BatchState.EXPECTED)
    assert found["cs.CV"].views["rss"].stale
    scene.clock.advance(hours=6)
    await feeds(scene, page("rss"))
    await scene.reconciler.run()
    assert (await ledger(scene))["cs.CV"].state is BatchState.COMPLETE


async def test_a_day_that_no_view_showed_is_unconfirmed_and_what_the_second_brings_is_delivered(scene):
    await begun(scene, usual=12)
    await scene.subscribe("1", "paper", style="cards")
    scene.clock.set("2026-01-08T01:05:00Z")  # the next one is announced
    await scene.reconciler.run()
    assert await states(scene) == dict.fromkeys(CLASSES, BatchState.UNCONFIRMED)
    await second(scene, page("oai", *range(1, 13)))
    found = await ledger(scene)
    assert (found["cs.CL"].state, len(found["cs.CL"].late)) == (BatchState.UNCONFIRMED, 12)
    assert await doubts(scene) == [("lacks", "rss")]
    # Twenty hours after they were announced, twelve papers are no longer single messages.
    await scene.matching.run()
    await scene.deliver()
    assert [len(message.items) for message in scene.post.arrived["1"]] == [10, 2]
    assert "Wed 7 Jan" in "".join(span.text for line in scene.post.arrived["1"][0].head for span in line)


async def test_a_paper_of_weeks_ago_is_delivered_to_those_who_subscribed_before_it_was_announced(scene):
    await begun(scene)
    await scene.subscribe("1", "paper", style="cards")
    await feeds(scene, page("rss", 1))
    scene.clock.set("2026-01-28T12:00:00Z")
    await scene.subscribe("2", "paper", style="cards")
    scene.clock.set("2026-01-28T13:00:00Z")
    await second(scene, page("oai", 1, 2))
    assert scene.source.unproven[-1] == DAY
    await scene.matching.run()
    await scene.deliver()
    assert titles(scene, "1") == ["Paper 1", "Paper 2"]
    assert scene.post.titles("2") == []
    (late,) = [item for message in scene.post.arrived["1"] for item in message.items if item.title == "Paper 2"]
    assert "announced Wed 7 Jan, found late" in "".join(span.text for line in late.lines for span in line)


async def test_a_day_that_only_a_feed_lacks_which_is_gone_is_let_go_after_a_week(scene):
    """It held the cursor of the second view for thirty days."""
    await begun(scene)
    await second(scene, page("oai", 1, 2))
    scene.clock.set("2026-01-15T13:40:00Z")
    await second(scene)
    assert scene.source.unproven[-1] == DAY
    scene.clock.set("2026-01-16T13:40:00Z")
    await second(scene)
    assert scene.source.unproven[-1] > DAY
    assert await doubts(scene) == [("lacks", "rss")]


async def test_between_the_usual_times_only_what_is_urgent_is_read_again(scene):
    """A day that was never proven is weeks old: all records since then are read at the usual times alone."""
    await begun(scene)
    await feeds(scene, page("rss", 1))  # the second view never has it
    scene.clock.set("2026-01-28T13:40:00Z")
    await second(scene)
    assert scene.source.unproven[1:] == [DAY]
    scene.clock.set("2026-01-28T14:45:00Z")
    await scene.reconciler.run()
    assert scene.source.unproven[2:] == [date(2026, 1, 26)]  # Monday to Wednesday, of which nothing came
    scene.clock.set("2026-01-29T02:50:00Z")
    await scene.reconciler.run()
    assert scene.source.unproven[3:] == [DAY]


# --- the third view --------------------------------------------------------------------------------------------------


async def test_a_third_view_decides_where_the_two_disagree(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, 2, whole=("cs.CL",), stale=("cs.CV",)))
    scene.clock.set("2026-01-07T08:00:00Z")
    scene.source.third = [third(1, 2), third(part="cs.CV")]
    await second(scene, page("oai", 1))
    assert scene.source.listed == [["cs.CL", "cs.CV"]]
    assert await states(scene) == dict.fromkeys(CLASSES, BatchState.COMPLETE)
    assert set((await ledger(scene))["cs.CL"].views) == {"rss", "oai", "list"}
    async with scene.store.read() as unit:
        assert len(await unit.papers.stored(["2601.00001", "2601.00002"])) == 2


async def test_a_third_view_is_asked_once_an_hour_while_the_others_disagree(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, 2))
    await second(scene, page("oai", 1))
    assert scene.source.listed == []  # the others have not had their time
    scene.clock.set("2026-01-07T08:00:00Z")
    scene.source.third = [SourceBusy("inconsistent", 60)]
    await scene.reconciler.run()
    scene.clock.advance(minutes=15)
    await scene.reconciler.run()
    assert scene.source.listed == [["cs.CL"]]
    assert not (await scene.collector.state("third")).failures
    scene.source.third = [ValueError("garbled")]
    scene.clock.advance(minutes=50)
    await scene.reconciler.run()
    assert scene.source.listed == [["cs.CL"]] * 2
    assert await doubts(scene) == [("differ", "rss", "oai")]
    scene.clock.set("2026-01-08T04:00:00Z")  # its latest batch is the next day's
    await scene.reconciler.run()
    assert len(scene.source.listed) == 2


async def test_so_it_is_over_a_restart(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, 2))
    await second(scene, page("oai", 1))
    for minute in (0, 15, 59, 60):
        scene.clock.set("2026-01-07T08:00:00Z")
        scene.clock.advance(minutes=minute)
        scene.source.third = [third(1, 2, 3)]
        await Reconciler(scene.collector, scene.store, now=scene.clock).run()
    assert len(scene.source.listed) == 2


async def test_a_list_that_cannot_be_had_keeps_none_of_the_others_from_being_asked(scene):
    await begun(scene)
    await feeds(scene, page("rss", whole=(), stale=CLASSES))
    await second(scene, page("oai", 1))
    for hour in (8, 9, 10):
        scene.clock.set(f"2026-01-07T{hour:02}:00:00Z")
        scene.source.third = [SourceBusy("hangs", 60)]
        await scene.reconciler.run()
    assert [parts[0] for parts in scene.source.listed] == ["cs.CL", "cs.CV", "cs.CL"]


async def test_a_database_that_fails_beside_the_third_view_is_no_matter_of_that_view(scene):
    await begun(scene)
    await feeds(scene, page("rss", 1, 2))
    await second(scene, page("oai", 1))
    scene.clock.set("2026-01-07T08:00:00Z")
    scene.source.third = [StoreError("disk full")]
    with pytest.raises(StoreError):
        await scene.reconciler.run()


# --- days that are not expected --------------------------------------------------------------------------------------


async def test_a_holiday_is_known_for_one(scene):
    scene.clock.set("2026-01-16T17:00:00Z")
    await scene.reconciler.run()
    scene.clock.set("2026-01-20T17:00:00Z")
    await scene.reconciler.run()
    assert await states(scene, HOLIDAY) == dict.fromkeys(CLASSES, BatchState.HOLIDAY)
    await second(scene, page("oai", day=HOLIDAY))
    await second(scene, page("oai", day=date(2026, 1, 24)))
    assert await states(scene, HOLIDAY) == dict.fromkeys(CLASSES, BatchState.HOLIDAY)
    assert await states(scene, date(2026, 1, 24)) == {}  # a Saturday


@pytest.mark.parametrize(
    ("day", "night"), [(HOLIDAY, "2026-01-20T05:10:00Z"), (date(2026, 1, 24), "2026-01-24T05:10:00Z")]
)
async def test_what_is_announced_on_a_day_that_was_not_expected_is_judged_and_told_as_on_any_day(scene, day, night):
    scene.clock.set("2026-01-16T17:00:00Z")
    await scene.reconciler.run()
    await scene.subscribe("1", "paper", style="cards")
    scene.source.past.append(page("oai", 2, day=day, quiet=True))
    scene.clock.set(night)
    await scene.reconciler.run()
    await scene.collector.backfill(date(2025, 12, 1))
    await feeds(scene, page("rss", 1, 2, day=day))
    await second(scene, page("oai", 1, 2, day=day))
    await scene.matching.run()
    await scene.deliver()
    assert titles(scene, "1") == ["Paper 1", "Paper 2"]
    assert await doubts(scene, "cs.CL", day) == [("history",)]
    found = await states(scene, day)
    assert found.pop("cs.CL") is BatchState.UNCONFIRMED
    assert set(found.values()) <= {BatchState.EXPECTED}
    scene.clock.advance(hours=11)
    await scene.reconciler.run()
    assert set((await states(scene, day)).values()) == {BatchState.UNCONFIRMED}


async def test_a_working_evening_without_an_announcement_is_silent_once_later_days_are_proven(scene):
    await begun(scene)
    for number in (1, 2):
        assert BatchState.SILENT not in (await states(scene)).values()
        day = DAY + timedelta(days=number)
        scene.clock.set(f"{day}T05:10:00Z")
        await feeds(scene, page("rss", number, day=day))
        scene.clock.set(f"{day}T13:35:00Z")
        await second(scene, page("oai", number, day=day))
    await scene.reconciler.run()
    assert await states(scene) == dict.fromkeys(CLASSES, BatchState.SILENT)
    assert await doubts(scene) == []
    (silent,) = [day for day in days_of((await ledger(scene)).values()) if day.day == DAY]
    assert day_line(silent, texts_in("en")) == "arxiv, Wed 7 Jan: nothing was announced that evening"
    await second(scene, page("oai"))
    assert await states(scene) == dict.fromkeys(CLASSES, BatchState.SILENT)
    await second(scene, page("oai", 7))
    assert await states(scene) == dict.fromkeys(CLASSES, BatchState.UNCONFIRMED)
