"""A batch that a paper came to by a cross-list, which the page that says so does not name."""

from datetime import UTC, date, datetime

from ledger_world import CLASSES, begun, feeds, ledger, paper, second, two_views

from paperwire.core.days.batch import Listing
from paperwire.core.days.doubt import OF_VIEWS
from paperwire.core.papers.paper import Event, EventKind
from paperwire.ports.sources import Page

THURSDAY = date(2026, 1, 8)


async def test_a_cross_list_is_added_to_what_is_known_of_its_batch(stages):
    two_views(stages)
    await begun(stages)
    await feeds(stages, arrival(paper(1), "cs.CL", date(2026, 1, 7)))
    stages.clock.set("2026-01-08T05:10:00Z")
    await feeds(stages, arrival(paper(2, classes=("cs.CV",)), "cs.CV", THURSDAY))
    before = (await ledger(stages, THURSDAY))["cs.CV"]
    assert (before.new, before.crossed, before.views["rss"].whole) == (1, 0, True)

    grown = paper(1, classes=CLASSES, version=2)
    at = datetime(2026, 1, 8, 5, 10, tzinfo=UTC)
    told = Event(kind=EventKind.REPLACED, paper=grown, source="arxiv", day=THURSDAY, at=at)
    only_one = Listing(part="cs.CL", day=THURSDAY, replaced=frozenset({f"{grown.id}v2"}))
    await feeds(stages, Page(part="all", events=(told,), cursor="3", view="rss", listings=(only_one,)))

    after = (await ledger(stages, THURSDAY))["cs.CV"]
    assert (after.new, after.crossed, after.views["rss"].whole) == (1, 1, True)


def arrival(one, part, day):
    event = Event(kind=EventKind.NEW, paper=one, source="arxiv", day=day)
    listing = Listing(part=part, day=day, new=frozenset({one.id}), whole=True)
    return Page(part="all", events=(event,), cursor="1", view="rss", listings=(listing,))


async def test_a_cross_list_that_the_second_view_cannot_date_is_confirmed_by_its_record(stages):
    """OAI-PMH says only that the record was changed that day: one of ten papers would be missing in its view."""
    two_views(stages)
    await begun(stages)
    await feeds(stages, arrival(paper(1), "cs.CL", date(2026, 1, 7)))
    stages.clock.set("2026-01-08T05:10:00Z")
    grown = paper(1, classes=CLASSES)
    crossed = Event(kind=EventKind.CROSS, paper=grown, source="arxiv", day=THURSDAY)
    shown = Listing(part="cs.CV", day=THURSDAY, crossed=frozenset({grown.id}), whole=True)
    await feeds(stages, Page(part="all", events=(crossed,), cursor="2", view="rss", listings=(shown,)))
    changed = Event(kind=EventKind.CHANGED, paper=grown, source="arxiv", at=datetime(2026, 1, 8, tzinfo=UTC))
    whole = Listing(part="cs.CV", day=THURSDAY, whole=True)
    await second(
        stages,
        Page(part="all", events=(changed,), cursor="3", view="oai"),
        Page(part="all", events=(), cursor="4", view="oai", listings=(whole,)),
    )
    batch = (await ledger(stages, THURSDAY))["cs.CV"]
    assert batch.views["oai"].arrivals == batch.views["rss"].arrivals == {grown.id}
    assert not {doubt.why for doubt in batch.doubts} & OF_VIEWS
