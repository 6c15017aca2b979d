"""When a day is called complete, what a third view decides, and days on which nothing was expected."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from ledger_world import CLASSES, DAY, HOLIDAY, begun, doubts, feeds, ledger, page, second, states, third, two_views
from structlog.testing import capture_logs

from paperwire.core.days.batch import BatchState, Listing
from paperwire.core.days.completeness import days_of
from paperwire.core.days.doubt import Doubt, Why
from paperwire.errors import SourceBusy, StoreError
from paperwire.pipeline.reconcile import Reconciler
from paperwire.texts import texts_in
from paperwire.wording.days import day_line


@pytest.fixture
def stages(stages):
    return two_views(stages)


def titles(stages, to):
    """The titles that arrived at an address, in alphabetical order."""
    return sorted(title for message in stages.post.titles(to) for title in message)


async def test_a_day_is_complete_when_both_views_agree_on_a_plausible_number(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, 2))
    assert await states(stages) == {"cs.CL": BatchState.UNCONFIRMED, "cs.CV": BatchState.EXPECTED}
    assert await doubts(stages) == [("lacks", "oai")]
    await second(stages, page("oai", 1, 2))
    assert await states(stages) == dict.fromkeys(CLASSES, BatchState.COMPLETE)
    assert await doubts(stages) == []


async def test_a_day_without_enough_days_to_compare_it_with_is_unconfirmed_and_holds_nothing_back(stages):
    await stages.reconciler.run()
    stages.clock.set("2026-01-07T05:10:00Z")
    await feeds(stages, page("rss", 1, 2))
    await second(stages, page("oai", 1, 2))
    assert await states(stages) == {"cs.CL": BatchState.UNCONFIRMED, "cs.CV": BatchState.EXPECTED}
    assert await doubts(stages) == [("history",)]
    assert stages.source.unproven[-1] == DAY  # before it was read by the second view
    stages.clock.set("2026-01-07T12:00:00Z")
    await second(stages)
    assert stages.source.unproven[-1] is None
    assert stages.source.stored == {"2601.00001"}


async def test_an_unusually_small_number_is_not_complete_and_is_one_line_in_the_log(stages):
    await begun(stages, usual=120)
    with capture_logs() as logs:
        await feeds(stages, page("rss", 1, 2))
        await second(stages, page("oai", 1, 2))
        await stages.reconciler.run()
    assert await states(stages) == {"cs.CL": BatchState.UNCONFIRMED, "cs.CV": BatchState.EXPECTED}
    assert await doubts(stages) == await doubts(stages, "cs.CV") == [("low",)]
    (line,) = [line for line in logs if line["event"] == "unusually few papers"]
    assert (line["day"], line["papers"], line["usual"]) == ("2026-01-07", 2, 120)


async def test_a_large_category_without_its_papers_is_named(stages):
    await begun(stages, usual=60)
    other = Listing(part="cs.CV", day=DAY, new=frozenset(f"2601.1{number:04}" for number in range(60)))
    with capture_logs() as logs:
        for view, read in (("rss", feeds), ("oai", second)):
            shown = page(view, 1)
            await read(stages, replace(shown, listings=(*shown.listings, other)))
    assert await states(stages) == {"cs.CL": BatchState.UNCONFIRMED, "cs.CV": BatchState.COMPLETE}
    assert await doubts(stages) == [("low",)]
    (line,) = [line for line in logs if line["event"] == "unusually few papers"]
    assert line["categories"] == ["cs.CL"]


async def test_a_batch_of_an_older_version_is_judged_by_its_evidence(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, 2))
    await second(stages, page("oai", 1, 2))
    async with stages.store.write() as unit:
        batches = await unit.sources.batches_of("arxiv", CLASSES, DAY, DAY)
        late = [batch.with_late(["2601.00002"]) if batch.part == "cs.CL" else batch for batch in batches]
        await unit.sources.save_batches([replace(batch, state=BatchState.UNCONFIRMED, doubts=()) for batch in late])
    await stages.reconciler.run()
    assert await states(stages) == {"cs.CL": BatchState.LATE, "cs.CV": BatchState.COMPLETE}


async def test_a_batch_without_doubts_is_held_against_its_evidence_before_it_is_complete(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, 2))
    await second(stages, page("oai", 3))
    differ = await doubts(stages)
    assert differ == [("differ", "rss", "oai")]
    async with stages.store.write() as unit:
        tallies = await unit.sources.tallies("arxiv", [DAY])
        outdated = [replace(one, doubts=(Doubt(why=Why.REST),)) for one in tallies if one.part == "cs.CL"]
        await unit.sources.save_tallies("arxiv", outdated)
    await stages.reconciler.run()
    assert (await states(stages))["cs.CL"] is BatchState.UNCONFIRMED
    assert await doubts(stages) == differ


async def test_silence_proves_nothing(stages):
    """The feed stays on Monday's list and OAI-PMH lacks Tuesday's papers: it was complete with 0 new."""
    await begun(stages, usual=120)
    await stages.subscribe("1", "paper", style="cards")
    await feeds(stages, page("rss", whole=(), stale=CLASSES))
    await second(stages, page("oai"))
    assert set((await states(stages)).values()) == {BatchState.EXPECTED}
    stages.clock.set("2026-01-07T15:30:00Z")
    await stages.reconciler.run()
    assert set((await states(stages)).values()) == {BatchState.UNCONFIRMED}
    assert await doubts(stages) == [("stale", "rss"), ("low",)]
    stages.clock.set("2026-01-08T12:00:00Z")
    await second(stages, page("oai", 1, 2))
    assert stages.source.unproven[-1] == DAY
    await stages.matching.run()
    await stages.deliver()
    assert titles(stages, "1") == ["Paper 1", "Paper 2"]
    assert (await ledger(stages))["cs.CL"].late == {"2601.00001", "2601.00002"}


async def test_what_the_feed_missed_is_delivered_once_and_marked_late(stages):
    await begun(stages)
    place, _ = await stages.subscribe("1", "paper", style="cards")
    await feeds(stages, page("rss", 1))
    stages.clock.set("2026-01-07T13:35:00Z")
    await second(stages, page("oai", 1, 2))
    assert (await ledger(stages))["cs.CL"].late == {"2601.00002"}
    assert await doubts(stages) == [("differ", "rss", "oai")]
    await stages.matching.run()
    await stages.deliver()
    await feeds(stages, page("rss", 1, 2))
    await second(stages, page("oai", 1, 2))
    assert await states(stages) == {"cs.CL": BatchState.LATE, "cs.CV": BatchState.COMPLETE}
    await stages.matching.run()
    await stages.deliver()
    assert sorted(stages.post.titles("1")) == [["Paper 1"], ["Paper 2"]]
    (late,) = [message.items[0] for message in stages.post.arrived["1"] if message.items[0].title == "Paper 2"]
    assert "announced Wed 7 Jan, found late" in "".join(span.text for line in late.lines for span in line)
    async with stages.store.read() as unit:
        assert await unit.outbox.due([place], 5) == {}


async def test_what_the_second_view_has_first_is_on_time(stages):
    await begun(stages)
    stages.clock.set("2026-01-07T03:35:00Z")  # 22:35 in New York, before the feeds change
    await second(stages, page("oai", 1))
    stages.clock.set("2026-01-07T05:10:00Z")
    await feeds(stages, page("rss", 1))
    await stages.reconciler.run()
    found = await ledger(stages)
    assert (found["cs.CL"].state, found["cs.CL"].late) == (BatchState.COMPLETE, frozenset())


async def test_a_stale_category_is_waited_for_until_it_changes(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, whole=("cs.CL",), stale=("cs.CV",)))
    await second(stages, page("oai", 1))
    found = await ledger(stages)
    assert (found["cs.CL"].state, found["cs.CV"].state) == (BatchState.COMPLETE, BatchState.EXPECTED)
    assert found["cs.CV"].views["rss"].stale
    stages.clock.advance(hours=6)
    await feeds(stages, page("rss"))
    await stages.reconciler.run()
    assert (await ledger(stages))["cs.CV"].state is BatchState.COMPLETE


async def test_a_day_that_no_view_showed_is_unconfirmed_and_what_the_second_brings_is_delivered(stages):
    await begun(stages, usual=12)
    await stages.subscribe("1", "paper", style="cards")
    stages.clock.set("2026-01-08T01:05:00Z")  # the next one is announced
    await stages.reconciler.run()
    assert await states(stages) == dict.fromkeys(CLASSES, BatchState.UNCONFIRMED)
    await second(stages, page("oai", *range(1, 13)))
    found = await ledger(stages)
    assert (found["cs.CL"].state, len(found["cs.CL"].late)) == (BatchState.UNCONFIRMED, 12)
    assert await doubts(stages) == [("lacks", "rss")]
    # Twenty hours after they were announced, twelve papers are no longer single messages.
    await stages.matching.run()
    await stages.deliver()
    assert [len(message.items) for message in stages.post.arrived["1"]] == [10, 2]
    assert "Wed 7 Jan" in "".join(span.text for line in stages.post.arrived["1"][0].head for span in line)


async def test_a_paper_of_weeks_ago_is_delivered_to_those_who_subscribed_before_it_was_announced(stages):
    await begun(stages)
    await stages.subscribe("1", "paper", style="cards")
    await feeds(stages, page("rss", 1))
    stages.clock.set("2026-01-28T12:00:00Z")
    await stages.subscribe("2", "paper", style="cards")
    stages.clock.set("2026-01-28T13:00:00Z")
    await second(stages, page("oai", 1, 2))
    assert stages.source.unproven[-1] == DAY
    await stages.matching.run()
    await stages.deliver()
    assert titles(stages, "1") == ["Paper 1", "Paper 2"]
    assert stages.post.titles("2") == []
    (late,) = [item for message in stages.post.arrived["1"] for item in message.items if item.title == "Paper 2"]
    assert "announced Wed 7 Jan, found late" in "".join(span.text for line in late.lines for span in line)


async def test_a_day_that_only_a_feed_lacks_which_is_gone_is_let_go_after_a_week(stages):
    """It held the cursor of the second view for thirty days."""
    await begun(stages)
    await second(stages, page("oai", 1, 2))
    stages.clock.set("2026-01-15T13:40:00Z")
    await second(stages)
    assert stages.source.unproven[-1] == DAY
    stages.clock.set("2026-01-16T13:40:00Z")
    await second(stages)
    assert stages.source.unproven[-1] > DAY
    assert await doubts(stages) == [("lacks", "rss")]


async def test_between_the_usual_times_only_what_is_urgent_is_read_again(stages):
    """A day that was never proven is weeks old: all records since then are read at the usual times alone."""
    await begun(stages)
    await feeds(stages, page("rss", 1))  # the second view never has it
    stages.clock.set("2026-01-28T13:40:00Z")
    await second(stages)
    assert stages.source.unproven[1:] == [DAY]
    stages.clock.set("2026-01-28T14:45:00Z")
    await stages.reconciler.run()
    assert stages.source.unproven[2:] == [date(2026, 1, 26)]  # Monday to Wednesday, of which nothing came
    stages.clock.set("2026-01-29T02:50:00Z")
    await stages.reconciler.run()
    assert stages.source.unproven[3:] == [DAY]


# --- the third view --------------------------------------------------------------------------------------------------


async def test_a_third_view_decides_where_the_two_disagree(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, 2, whole=("cs.CL",), stale=("cs.CV",)))
    stages.clock.set("2026-01-07T08:00:00Z")
    stages.source.third = [third(1, 2), third(part="cs.CV")]
    await second(stages, page("oai", 1))
    assert stages.source.listed == [["cs.CL", "cs.CV"]]
    assert await states(stages) == dict.fromkeys(CLASSES, BatchState.COMPLETE)
    assert set((await ledger(stages))["cs.CL"].views) == {"rss", "oai", "list"}
    async with stages.store.read() as unit:
        assert len(await unit.papers.stored(["2601.00001", "2601.00002"])) == 2


async def test_a_third_view_is_asked_once_an_hour_while_the_others_disagree(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, 2))
    await second(stages, page("oai", 1))
    assert stages.source.listed == []  # the others have not had their time
    stages.clock.set("2026-01-07T08:00:00Z")
    stages.source.third = [SourceBusy("inconsistent", 60)]
    await stages.reconciler.run()
    stages.clock.advance(minutes=15)
    await stages.reconciler.run()
    assert stages.source.listed == [["cs.CL"]]
    assert not (await stages.collector.state("third")).failures
    stages.source.third = [ValueError("garbled")]
    stages.clock.advance(minutes=50)
    await stages.reconciler.run()
    assert stages.source.listed == [["cs.CL"]] * 2
    assert await doubts(stages) == [("differ", "rss", "oai")]
    stages.clock.set("2026-01-08T04:00:00Z")  # its latest batch is the next day's
    await stages.reconciler.run()
    assert len(stages.source.listed) == 2


async def test_so_it_is_over_a_restart(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, 2))
    await second(stages, page("oai", 1))
    for minute in (0, 15, 59, 60):
        stages.clock.set("2026-01-07T08:00:00Z")
        stages.clock.advance(minutes=minute)
        stages.source.third = [third(1, 2, 3)]
        await Reconciler(stages.collector, stages.store, now=stages.clock).run()
    assert len(stages.source.listed) == 2


async def test_a_list_that_cannot_be_had_keeps_none_of_the_others_from_being_asked(stages):
    await begun(stages)
    await feeds(stages, page("rss", whole=(), stale=CLASSES))
    await second(stages, page("oai", 1))
    for hour in (8, 9, 10):
        stages.clock.set(f"2026-01-07T{hour:02}:00:00Z")
        stages.source.third = [SourceBusy("hangs", 60)]
        await stages.reconciler.run()
    assert [parts[0] for parts in stages.source.listed] == ["cs.CL", "cs.CV", "cs.CL"]


async def test_a_database_that_fails_next_to_the_third_view_is_no_matter_of_that_view(stages):
    await begun(stages)
    await feeds(stages, page("rss", 1, 2))
    await second(stages, page("oai", 1))
    stages.clock.set("2026-01-07T08:00:00Z")
    stages.source.third = [StoreError("disk full")]
    with pytest.raises(StoreError):
        await stages.reconciler.run()


# --- days that are not expected --------------------------------------------------------------------------------------


async def test_a_holiday_is_known_for_one(stages):
    stages.clock.set("2026-01-16T17:00:00Z")
    await stages.reconciler.run()
    stages.clock.set("2026-01-20T17:00:00Z")
    await stages.reconciler.run()
    assert await states(stages, HOLIDAY) == dict.fromkeys(CLASSES, BatchState.HOLIDAY)
    await second(stages, page("oai", day=HOLIDAY))
    await second(stages, page("oai", day=date(2026, 1, 24)))
    assert await states(stages, HOLIDAY) == dict.fromkeys(CLASSES, BatchState.HOLIDAY)
    assert await states(stages, date(2026, 1, 24)) == {}  # a Saturday


@pytest.mark.parametrize(
    ("day", "night"), [(HOLIDAY, "2026-01-20T05:10:00Z"), (date(2026, 1, 24), "2026-01-24T05:10:00Z")]
)
async def test_what_is_announced_on_a_day_that_was_not_expected_is_judged_and_told_as_on_any_day(stages, day, night):
    stages.clock.set("2026-01-16T17:00:00Z")
    await stages.reconciler.run()
    await stages.subscribe("1", "paper", style="cards")
    stages.source.past.append(page("oai", 2, day=day, quiet=True))
    stages.clock.set(night)
    await stages.reconciler.run()
    await stages.collector.backfill(date(2025, 12, 1))
    await feeds(stages, page("rss", 1, 2, day=day))
    await second(stages, page("oai", 1, 2, day=day))
    await stages.matching.run()
    await stages.deliver()
    assert titles(stages, "1") == ["Paper 1", "Paper 2"]
    assert await doubts(stages, "cs.CL", day) == [("history",)]
    found = await states(stages, day)
    assert found.pop("cs.CL") is BatchState.UNCONFIRMED
    assert set(found.values()) <= {BatchState.EXPECTED}
    stages.clock.advance(hours=11)
    await stages.reconciler.run()
    assert set((await states(stages, day)).values()) == {BatchState.UNCONFIRMED}


async def test_a_working_evening_without_an_announcement_is_silent_once_later_days_are_proven(stages):
    await begun(stages)
    for number in (1, 2):
        assert BatchState.SILENT not in (await states(stages)).values()
        day = DAY + timedelta(days=number)
        stages.clock.set(f"{day}T05:10:00Z")
        await feeds(stages, page("rss", number, day=day))
        stages.clock.set(f"{day}T13:35:00Z")
        await second(stages, page("oai", number, day=day))
    await stages.reconciler.run()
    assert await states(stages) == dict.fromkeys(CLASSES, BatchState.SILENT)
    assert await doubts(stages) == []
    (silent,) = [day for day in days_of((await ledger(stages)).values()) if day.day == DAY]
    assert day_line(silent, texts_in("en")) == "arxiv, Wed 7 Jan: nothing was announced that evening"
    await second(stages, page("oai"))
    assert await states(stages) == dict.fromkeys(CLASSES, BatchState.SILENT)
    await second(stages, page("oai", 7))
    assert await states(stages) == dict.fromkeys(CLASSES, BatchState.UNCONFIRMED)
