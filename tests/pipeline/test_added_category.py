"""A category that is added to the configuration later: nothing is claimed of the days before."""

from datetime import date, timedelta

import pytest
from ledger_world import CLASSES, DAY, TwoViews, begun, page, states, use

from paperwire.core.days.batch import Batch, BatchState, Listing
from paperwire.core.days.calendar import NO_CLOSURES, slots
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.pipeline.ingest import keep
from paperwire.ports.sources import Page, SourceState

BEFORE, LAST, NEXT = date(2026, 1, 13), date(2026, 1, 14), date(2026, 1, 15)


class Growing(TwoViews):
    """A source of which other categories are followed later."""

    classes = CLASSES

    def slots(self, first, last):
        return slots(self.classes, first, last, ("rss", "oai"), NO_CLOSURES)


def follow(stages, *classes):
    """The service starts with these categories."""
    source = Growing()
    source.classes = classes
    use(stages, source)


@pytest.fixture
async def stages(stages):
    """A week after the first look, on Wednesday noon (UTC), nothing was seen of the last days."""
    stages.clock.set("2026-01-06T17:00:00Z")
    follow(stages, *CLASSES)
    await begun(stages)
    stages.clock.set("2026-01-14T12:00:00Z")
    await stages.reconciler.run()
    return stages


def of_one_view(day):
    paper = Paper(id="2601.00007", title="Paper 7", categories=("cs.LG",))
    event = Event(kind=EventKind.NEW, paper=paper, source="arxiv", day=day)
    listing = Listing(part="cs.LG", day=day, new=frozenset({paper.id}))
    return Page(part="backfill", events=(event,), cursor="1", view="oai", listings=(listing,), quiet=True)


async def test_it_is_expected_from_the_next_day_on(stages):
    follow(stages, *CLASSES, "cs.LG")
    await stages.reconciler.run()
    for day in (DAY, BEFORE, LAST):
        assert set(await states(stages, day)) == set(CLASSES), day
    stages.clock.set("2026-01-15T05:10:00Z")
    await stages.reconciler.run()
    assert await states(stages, NEXT) == dict.fromkeys((*CLASSES, "cs.LG"), BatchState.EXPECTED)


@pytest.mark.parametrize("audited", [False, True], ids=["before the days are judged", "after that"])
async def test_what_is_read_back_of_it_claims_nothing(stages, audited):
    follow(stages, *CLASSES, "cs.LG")
    if audited:
        await stages.reconciler.run()
    await keep(
        stages.store, of_one_view(LAST), SourceState(source="arxiv", part="backfill"), stages.collector._calendar
    )
    await stages.reconciler.run()
    assert (await states(stages, LAST))["cs.LG"] is BatchState.BACKFILLED


async def test_what_is_read_back_hides_no_missing_batch_of_another(stages):
    stages.clock.set("2026-01-15T05:10:00Z")
    past = [Batch(source="arxiv", part=part, day=NEXT, state=BatchState.BACKFILLED) for part in ("cs.LG", "cs.MA")]
    async with stages.store.write() as unit:
        await unit.sources.save_batches(past)
    await stages.reconciler.run()
    assert set(CLASSES) <= set(await states(stages, NEXT))


async def test_one_that_was_not_followed_for_some_days_starts_over(stages):
    follow(stages, "cs.CL")
    await stages.reconciler.run()
    stages.clock.set("2026-01-16T12:00:00Z")
    await stages.reconciler.run()
    follow(stages, *CLASSES)
    await stages.reconciler.run()
    assert set(await states(stages, LAST)) == set(CLASSES)
    for day in (NEXT, NEXT + timedelta(days=1)):
        assert set(await states(stages, day)) == {"cs.CL"}, day


async def test_a_database_that_knows_the_beginning_of_its_source_alone_is_taken_over(stages):
    async with stages.store.write() as unit:
        assert await unit.settings.get("batches of arxiv after") == "2026-01-06"
        await unit.settings.put("batches of arxiv by part after", "")
    stages.clock.set("2026-01-15T05:10:00Z")
    stages.source.says["all"].append(page("rss", 1, day=NEXT))
    await stages.collector.poll(early=True)
    assert await states(stages, NEXT) == dict.fromkeys(CLASSES, BatchState.UNCONFIRMED) | {"cs.CV": BatchState.EXPECTED}
    await stages.reconciler.run()
    async with stages.store.read() as unit:
        kept = await unit.settings.get("batches of arxiv by part after")
    assert kept == '{"cs.CL":"2026-01-06","cs.CV":"2026-01-06"}'
