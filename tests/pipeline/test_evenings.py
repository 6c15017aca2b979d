"""Random evenings of many small categories: none is complete that two views have not shown in whole."""

from datetime import timedelta
from random import Random

import pytest
from ledger_world import DAY, TwoViews, ledger, use

from paperwire.core.days.batch import PROVEN, Batch, BatchState, Listing
from paperwire.core.days.calendar import NO_CLOSURES, slots
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import SourceBusy, SourceError
from paperwire.pipeline.reconcile import PART
from paperwire.ports.sources import Page

SMALL = tuple(f"math.X{letter}" for letter in "ABCDEFGHIJKLMNOPQRST")
CATEGORIES = ("cs.CL", *SMALL)
USUAL = 45
"""Papers of the one large category, without which the number of the whole day isn't plausible."""
EVENINGS = 500
"""Of 21 categories each, which are read well, partly, stale or not at all apart from each other: 10,500 in all."""


class Sky(TwoViews):
    """arXiv with many small categories."""

    def slots(self, first, last):
        return slots(CATEGORIES, first, last, ("rss", "oai"), NO_CLOSURES)


def paper(paper_id, category):
    return Paper(id=paper_id, title=paper_id, categories=(category,), announced=DAY)


class Evening:
    """What arXiv announced, what its views showed of it so far, and chance."""

    def __init__(self, stages, seed):
        self.stages = stages
        self.chance = Random(seed)
        self.papers = {
            name: [f"2601.{place:02}{number:03}" for number in range(self.chance.choice([0, 0, 1, 2, 5]))]
            for place, name in enumerate(CATEGORIES)
        }
        self.papers["cs.CL"] = [f"2601.99{number:03}" for number in range(USUAL)]
        self.whole = {name: {} for name in CATEGORIES}

    def page(self, view):
        """What a view shows now: of each category all, less than that or an older list."""
        listings, shown = [], {}
        for name, ids in self.papers.items():
            how = self.chance.choice(["all", "all", "all", "none", "some", "stale", "absent"])
            if how == "absent":
                continue
            seen = {"all": ids, "some": ids[:-1]}.get(how, [])
            is_whole = how == "all" or (how == "none" and view == "oai")
            listings.append(
                Listing(part=name, day=DAY, new=frozenset(seen), whole=is_whole, stale=how == "stale" and view == "rss")
            )
            shown[name] = (frozenset(seen), is_whole)
        events = tuple(
            Event(
                kind=EventKind.NEW,
                paper=Paper(id=one, title=one, categories=(name,), announced=DAY),
                source="arxiv",
                day=DAY,
            )
            for name, (seen, _) in shown.items()
            for one in sorted(seen)
        )
        for name, (seen, is_whole) in shown.items():
            before = self.whole[name].get(view)
            if is_whole or before is not None:
                self.whole[name][view] = (before or frozenset()) | seen
        return Page(part="all", events=events, cursor="1", view=view, listings=tuple(listings))

    async def feed(self):
        await self.poll(self.page("rss"))

    async def no_feed(self):
        await self.poll(SourceBusy("arxiv.org asks us to wait", 60.0, named=True))

    async def poll(self, answer):
        self.stages.source.says["all"].append(answer)
        await self.stages.collector.postpone("all", self.stages.clock())
        await self.stages.collector.poll()

    async def second(self):
        self.stages.source.second.append(self.page("oai"))
        await self.stages.collector.postpone(PART, self.stages.clock())
        await self.stages.reconciler.run()

    async def no_second(self):
        self.stages.source.second.append(SourceError("no answer"))
        await self.stages.collector.postpone(PART, self.stages.clock())
        await self.stages.reconciler.run()

    async def judge(self):
        await self.stages.reconciler.run()

    async def later(self):
        self.stages.clock.advance(minutes=self.chance.randrange(5, 600))

    async def holds(self):
        """Nothing is complete without two whole views, nor while a paper that they showed is not stored."""
        found = await ledger(self.stages)
        for name, batch in found.items():
            if batch.state in PROVEN:
                views = self.whole[name]
                assert len(views) >= 2, (name, batch, views)
                ids = sorted(frozenset().union(*views.values()))
                async with self.stages.store.read() as unit:
                    assert await unit.papers.stored(ids) == frozenset(ids), (name, batch)
        return sum(batch.state in PROVEN for batch in found.values())


async def began(stages):
    """The service runs since Tuesday; on the Wednesdays before there were as many papers as usual."""
    stages.clock.set("2026-01-06T17:00:00Z")
    use(stages, Sky())
    past = []
    for number in range(1, 5):
        day = DAY - timedelta(weeks=number)
        for name in CATEGORIES:
            ids = frozenset(f"{day:%y%m}.{one:05}" for one in range(USUAL if name == "cs.CL" else number % 2))
            batch = Batch(source="arxiv", part=name, day=day, state=BatchState.BACKFILLED)
            past.append(batch.with_listing("oai", Listing(part=name, day=day, new=ids), stages.clock()))
    async with stages.store.write() as unit:
        await unit.sources.save_batches(past)
    await stages.reconciler.run()
    stages.clock.set("2026-01-07T01:05:00Z")


async def lived(stages, seed):
    """An evening in which anything happens in any order; how many categories are complete at its end."""
    await began(stages)
    evening = Evening(stages, seed)
    steps = [evening.feed, evening.no_feed, evening.second, evening.no_second, evening.judge, evening.later]
    proven = 0
    for _ in range(evening.chance.randrange(8, 16)):
        await evening.chance.choice(steps)()
        await evening.judge()
        proven = await evening.holds()
    return proven


@pytest.mark.parametrize(("seed", "proven"), [(0, 1), (1, 2), (2, 7), (3, 0), (9, 8)])
async def test_of_an_evening_nothing_is_complete_that_two_views_have_not_shown(stages, seed, proven):
    """What is complete at the end of each evening is fixed: else nothing might be, and nothing be shown."""
    assert await lived(stages, seed) == proven


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(EVENINGS))
async def test_of_many_evenings_too(stages, seed):
    await lived(stages, 1_000 + seed)
