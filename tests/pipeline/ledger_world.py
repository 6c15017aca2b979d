"""A source with announcement feeds, a second and a third view, for tests of the ledger of batches."""

from dataclasses import replace
from datetime import date, timedelta

from pipeline_world import Scripted

from paperwire.core.days.batch import Batch, BatchState, Listing
from paperwire.core.days.calendar import NO_CLOSURES, slots
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.pipeline.reconcile import PART, Reconciler
from paperwire.ports.sources import Page, TimeOfDay

DAY, HOLIDAY = date(2026, 1, 7), date(2026, 1, 20)
CLASSES = ("cs.CL", "cs.CV")


class TwoViews(Scripted):
    """A source with announcement feeds, a second and a third view; `knows` is what a look-up finds.

    `unproven` are the first days not proven that it was told, `listed` the parts that the third view was asked for.
    """

    def __init__(self):
        super().__init__("all")
        self.second = []
        self.third = []
        self.unproven = []
        self.stored = []
        self.listed = []
        self.knows = {}
        self.looked_up = []

    def slots(self, first, last):
        return slots(CLASSES, first, last, ("rss", "oai"), NO_CLOSURES)

    async def reconcile(self, cursor, *, unproven, stored):
        self.asked.append((PART, cursor))
        self.unproven.append(unproven)
        self.stored = await stored(["2601.00001", "2601.00099"])
        for page in [self.second.pop(0) for _ in range(len(self.second))]:
            if isinstance(page, Exception):
                raise page
            yield page

    def read_back(self, since, cursor, *, first_look):
        self.first_look = first_look
        return self.backfill(since, cursor)

    async def third_view(self, parts):
        self.listed.append(list(parts))
        for page in [self.third.pop(0) for _ in range(len(self.third))]:
            if isinstance(page, Exception):
                raise page
            yield page

    def checks(self):
        return [TimeOfDay(8, 0), TimeOfDay(20, 0)]

    async def lookup_many(self, ids):
        self.looked_up.append(tuple(ids))
        return {one: self.knows[one] for one in ids if one in self.knows}


def two_views(stages):
    """The stages on a Tuesday noon in New York, with a source of two views and a third."""
    stages.clock.set("2026-01-06T17:00:00Z")
    return use(stages, TwoViews())


def use(stages, source):
    """Let the stages work on another source."""
    stages.source = source
    stages.begin()
    stages.reconciler = Reconciler(stages.collector, stages.store, now=stages.clock)
    return stages


def paper(number, *, classes=("cs.CL",), **about):
    return Paper(id=f"2601.{number:05}", title=f"Paper {number}", categories=classes, announced=DAY, **about)


def page(view, *numbers, day=DAY, part="all", whole=CLASSES, stale=(), quiet=False, kind=EventKind.NEW, **about):
    """Papers of cs.CL as one view shows them, and which lists it shows in whole."""
    ids = frozenset(f"2601.{number:05}" for number in numbers)
    listings = [Listing(part="cs.CL", day=day, new=ids)] if ids else []
    listings += [Listing(part=name, day=day, whole=name in whole, stale=name in stale) for name in CLASSES]
    events = tuple(
        Event(kind=kind, paper=replace(paper(number, **about), announced=day), source="arxiv", day=day)
        for number in numbers
    )
    return Page(part=part, events=events, cursor="1", view=view, listings=tuple(listings), quiet=quiet)


async def feeds(stages, *pages):
    stages.source.says["all"] += pages
    await stages.collector.poll(early=True)


async def second(stages, *pages):
    """The second view is read at once."""
    stages.source.second += pages
    await stages.collector.postpone(PART, stages.clock())
    return await stages.reconciler.run()


async def ledger(stages, day=DAY):
    async with stages.store.read() as unit:
        return {batch.part: batch for batch in await unit.sources.batches(day) if batch.day == day}


async def begun(stages, usual=2):
    """The service runs since Tuesday; the four Wednesdays before had `usual` papers in cs.CL and none in cs.CV."""
    past = []
    for day in (DAY - timedelta(weeks=number) for number in range(1, 5)):
        ids = frozenset(f"{day:%y%m}.{number:05}" for number in range(usual))
        shown = Listing(part="cs.CL", day=day, new=ids)
        batch = Batch(source="arxiv", part="cs.CL", day=day, state=BatchState.BACKFILLED)
        past.append(batch.with_listing("oai", shown, stages.clock()))
        past.append(Batch(source="arxiv", part="cs.CV", day=day, state=BatchState.BACKFILLED))
    async with stages.store.write() as unit:
        await unit.sources.save_batches(past)
    await stages.reconciler.run()
    stages.clock.set("2026-01-07T05:10:00Z")


async def states(stages, day=DAY):
    return {part: batch.state for part, batch in (await ledger(stages, day)).items()}


async def doubts(stages, part="cs.CL", day=DAY):
    batch = (await ledger(stages, day))[part]
    return [(doubt.why.value, *doubt.views) for doubt in batch.doubts]


def third(*numbers, part="cs.CL", day=DAY):
    ids = frozenset(f"2601.{number:05}" for number in numbers)
    return Page(
        part="third", events=(), cursor="", view="list", listings=(Listing(part=part, day=day, new=ids, whole=True),)
    )
