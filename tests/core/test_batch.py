"""What the views of a batch prove, and how days are added up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from paperwire.core.days.batch import (
    Batch,
    BatchState,
    Listing,
    daily_slots,
    listings_of,
)
from paperwire.core.days.calendar import NO_CLOSURES, slots
from paperwire.core.days.doubt import Doubt, Why
from paperwire.core.days.placement import confirmed, crossed_over, settled_in_place
from paperwire.core.papers.paper import Event, EventKind, Paper

DAY = date(2026, 1, 7)
(SLOT,) = slots(("cs.CL",), DAY, DAY, ("rss", "oai"), NO_CLOSURES)
BATCH = Batch(source="arxiv", part="cs.CL", day=DAY)
MORNING = datetime(2026, 1, 7, 13, tzinfo=UTC)


def ids(*numbers):
    return frozenset(f"2601.{number:05}" for number in numbers)


def listing(*numbers, **more):
    return Listing(part="cs.CL", day=DAY, new=ids(*numbers), **more)


def shown(batch, view, *numbers, at=MORNING, **more):
    return batch.with_listing(view, listing(*numbers, **more), at)


def weighed(batch, at=MORNING, *, owed=True):
    return batch.weighed(SLOT, at, owed=owed)


def missing(batch):
    return [(doubt.why, doubt.views, doubt.count) for doubt in batch.doubts]


def test_arxivs_day_begins_at_eight_in_the_evening_before():
    assert SLOT.announced_at == datetime(2026, 1, 7, 1, tzinfo=UTC)
    assert SLOT.usual_at == datetime(2026, 1, 7, 5, tzinfo=UTC)
    assert SLOT.due_at == datetime(2026, 1, 8, 1, tzinfo=UTC)
    assert (SLOT.holiday, SLOT.views) == ("", ("rss", "oai"))


def test_working_days_have_batches_and_a_holiday_says_why_there_is_none():
    week = slots(("cs.CL",), date(2026, 1, 17), date(2026, 1, 21), ("rss", "oai"), NO_CLOSURES)
    assert [(slot.day.day, bool(slot.holiday)) for slot in week] == [(19, False), (20, True), (21, False)]


def test_a_list_that_is_cut_is_not_held_against_another():
    cut = shown(shown(BATCH, "rss", 1, 2, cut=True), "oai", *range(9), whole=True)
    assert missing(weighed(cut)) == [("cut", ("rss",), 0)]
    assert cut.with_evidence(cut.evidence()).views == cut.views
    assert not cut.has_missed(SLOT, "2601.00008", "oai", MORNING)
    assert weighed(shown(cut, "list", *range(9), whole=True)).doubts == (Doubt(why=Why.REST),)
    assert not shown(cut, "rss", *range(9), whole=True).views["rss"].cut


def test_what_no_view_or_one_view_shows_is_in_doubt():
    fresh = weighed(BATCH)
    assert (fresh.state, missing(fresh)) == (BatchState.EXPECTED, [("lacks", ("rss",), 0), ("lacks", ("oai",), 0)])
    assert fresh.is_open
    assert weighed(BATCH, SLOT.shown_by).state is BatchState.UNCONFIRMED
    batch = weighed(shown(BATCH, "rss", 1, 2, whole=True))
    assert (batch.state, missing(batch)) == (BatchState.UNCONFIRMED, [("lacks", ("oai",), 0)])


def test_both_views_whole_and_alike_wait_for_the_rest_of_the_day():
    batch = weighed(shown(shown(BATCH, "rss", 1, 2, whole=True), "oai", 1, 2, whole=True))
    assert (batch.state, missing(batch)) == (BatchState.UNCONFIRMED, [("rest", (), 0)])
    assert (batch.new, batch.crossed, batch.replaced) == (2, 0, 0)


def test_what_is_known_of_the_number_stays_until_the_day_is_judged_again():
    low = Doubt(why=Why.LOW, count=2, usual=60)
    batch = weighed(replace(shown(BATCH, "rss", 1, 2, whole=True), doubts=(low,)))
    assert [doubt.why for doubt in batch.doubts] == [Why.LACKS, Why.LOW]
    assert weighed(shown(batch, "oai", 1, 2, whole=True)).doubts == (low,)


def test_what_was_found_late_makes_a_complete_batch_late():
    batch = shown(shown(BATCH, "rss", 1, whole=True), "oai", 1, whole=True)
    batch = weighed(replace(batch, state=BatchState.COMPLETE))
    assert batch.state is BatchState.COMPLETE
    assert not batch.is_open
    later = weighed(shown(batch, "oai", 2).with_late(["2601.00002"]))
    assert (later.state, later.new, later.late) == (BatchState.LATE, 2, ids(2))
    assert weighed(later.with_late(["2601.00002"])) == later


def test_a_stale_view_says_so_until_it_changes():
    batch = weighed(shown(shown(BATCH, "rss", stale=True), "oai", 1, 2, whole=True))
    assert batch.views["rss"].stale
    assert missing(batch) == [("stale", ("rss",), 0)]
    fresh = shown(batch, "rss", 1, 2, whole=True)
    assert not fresh.views["rss"].stale
    assert missing(weighed(fresh)) == [("rest", (), 0)]
    # The old list, shown again for a moment, changes nothing.
    assert not shown(fresh, "rss", stale=True).views["rss"].stale


def test_a_day_before_the_first_look_claims_nothing():
    batch = weighed(shown(shown(BATCH, "rss", 1, whole=True), "oai", 1, whole=True), owed=False)
    assert (batch.state, batch.doubts, batch.is_open) == (BatchState.BACKFILLED, (), False)


def test_views_that_differ_say_by_how_much():
    batch = weighed(shown(shown(BATCH, "rss", *range(20), whole=True), "oai", *range(9), whole=True))
    assert missing(batch) == [("differ", ("rss", "oai"), 11)]


def test_a_third_view_judges_and_brings_nothing():
    stale = shown(shown(BATCH, "rss", stale=True), "oai", *range(9), whole=True)
    batch = weighed(shown(stale, "list", *range(12), whole=True))
    assert missing(batch) == [("stale", ("rss",), 0), ("differ", ("oai", "list"), 3)]
    assert (batch.new, len(batch.arrivals)) == (9, 9)
    assert batch.has_missed(SLOT, "2601.00011", "oai", SLOT.due_at)
    assert missing(weighed(shown(batch, "oai", *range(12)))) == [("rest", (), 0)]
    assert weighed(shown(BATCH, "list", 1)).state is BatchState.UNCONFIRMED


def test_a_holiday_is_one_unless_something_came():
    (slot,) = slots(("cs.CL",), date(2026, 1, 20), date(2026, 1, 20), ("rss", "oai"), NO_CLOSURES)
    batch = replace(BATCH, day=slot.day).weighed(slot, slot.due_at, owed=True)
    assert (batch.state, batch.is_open) == (BatchState.HOLIDAY, False)
    came = batch.with_listing("rss", replace(listing(1, whole=True), day=slot.day), MORNING)
    assert came.weighed(slot, slot.announced_at, owed=True).state is BatchState.UNCONFIRMED
    # Where other categories had some, what this one lacks is in doubt as on any day.
    doubted = replace(batch, state=BatchState.EXPECTED, doubts=(Doubt(why=Why.LACKS, views=("rss",)),))
    assert doubted.weighed(slot, slot.announced_at, owed=True).state is BatchState.EXPECTED


def test_a_list_of_the_day_before_is_no_failure_before_the_feeds_change():
    stale = shown(BATCH, "rss", stale=True)
    evening, night = (stale.weighed(SLOT, at, owed=True) for at in (SLOT.announced_at, SLOT.usual_at))
    assert (evening.state, missing(evening)) == (BatchState.EXPECTED, [("early", (), 0)])
    assert missing(night)[0] == ("stale", ("rss",), 0)


def test_what_one_view_shows_waits_for_the_end_of_its_day():
    (slot,) = daily_slots(("daily",), DAY, DAY, closes=timedelta(days=1), due=timedelta(days=2))
    batch = Batch(source="huggingface", part="daily", day=DAY).weighed(slot, slot.announced_at, owed=True)
    assert (batch.state, missing(batch)) == (BatchState.EXPECTED, [("open", (), 0)])
    alone = (Doubt(why=Why.ALONE),)
    assert replace(batch, doubts=alone).weighed(slot, slot.due_at, owed=True).doubts == alone


def test_a_paper_is_missed_where_a_whole_list_lacks_it_or_the_day_is_overdue():
    batch = shown(BATCH, "rss", 1)
    assert not batch.has_missed(SLOT, "2601.00002", "oai", MORNING)
    batch = shown(batch, "rss", whole=True)
    assert batch.has_missed(SLOT, "2601.00002", "oai", MORNING)
    assert not batch.has_missed(SLOT, "2601.00001", "oai", MORNING)
    assert not batch.has_missed(SLOT, "2601.00002", "rss", MORNING)
    assert batch.has_missed(SLOT, "2601.00002", "rss", SLOT.due_at)
    assert not batch.has_missed(SLOT, "2601.00001", "oai", SLOT.due_at)


def test_a_view_moves_only_when_it_shows_something_new():
    batch = shown(BATCH, "rss", 1, crossed=ids(2), replaced=frozenset({"2512.00001v2"}))
    assert shown(batch, "rss", 1, at=MORNING + timedelta(hours=1)) is batch
    more = shown(batch, "rss", 2, at=MORNING + timedelta(hours=1))
    assert (more.new, more.crossed, more.replaced) == (2, 0, 1)
    assert more.views["rss"].at == MORNING + timedelta(hours=1)
    assert more.ids_hash != batch.ids_hash


def test_a_paper_new_in_one_view_and_crossed_in_another_counts_once():
    batch = shown(shown(BATCH, "rss", crossed=ids(1)), "oai", 1)
    assert (batch.new, batch.crossed, batch.arrivals) == (1, 0, ids(1))


def test_equal_sets_of_ids_have_equal_hashes_whoever_showed_them():
    one = shown(shown(BATCH, "rss", 1), "oai", 2)
    two = shown(BATCH, "oai", 2, 1)
    assert one.ids_hash == two.ids_hash != shown(BATCH, "rss", 1).ids_hash


def test_evidence_comes_back_as_it_went():
    batch = shown(shown(BATCH, "rss", 1, whole=True), "oai", 2, stale=True).with_late(["2601.00002"])
    assert replace(batch, views={}, late=frozenset()).with_evidence(batch.evidence()) == batch
    assert BATCH.with_evidence({}) == BATCH
    assert shown(BATCH, "rss") is BATCH


def test_ids_can_be_forgotten_and_counts_stay():
    batch = shown(BATCH, "rss", 1, 2, whole=True).without_ids()
    assert (batch.new, batch.ids_known, batch.arrivals) == (2, False, frozenset())
    assert shown(batch, "rss", 3) is batch


def event(kind, number=1, *, version=1, day=DAY):
    paper = Paper(id=f"2601.{number:05}", title="T", version=version)
    return Event(kind=EventKind(kind), paper=paper, source="arxiv", day=day)


def test_events_make_listings():
    rows = [
        ("cs.CL", event("new")),
        ("cs.CV", event("cross")),
        ("cs.CL", event("replaced", 2, version=3)),
        ("cs.CL", event("withdrawn", 3, version=2)),
        ("cs.CL", event("listed", 4)),
        ("cs.CL", event("score", 5)),
        ("cs.CL", event("changed", 6, day=None)),
    ]
    one, other = listings_of(rows)
    assert one == listing(1, 4, replaced=frozenset({"2601.00002v3", "2601.00003v2"}))
    assert other == Listing(part="cs.CV", day=DAY, crossed=ids(1))


def test_a_guessed_day_gives_way_to_the_one_that_the_other_view_shows():
    before = BATCH.with_listing("rss", listing(1, crossed=ids(2)), MORNING)
    mine = before.with_listing("oai", listing(9), MORNING)
    guess = replace(listing(1, 3, 9, crossed=ids(2)), day=DAY + timedelta(days=1), whole=True)
    here, *moved = settled_in_place([guess], [mine], "oai")
    assert here == replace(guess, new=ids(3), crossed=frozenset())
    assert moved == [listing(1, 9, crossed=ids(2))]
    # Another view knows better than this one did before.
    later = replace(BATCH, day=DAY + timedelta(days=2)).with_listing("rss", listing(9), MORNING)
    *_, moved = settled_in_place([replace(guess, new=ids(9), crossed=frozenset())], [later, mine], "oai")
    assert moved == replace(listing(9), day=later.day)


def test_a_record_that_was_changed_on_the_day_of_a_cross_list_confirms_it():
    feed = shown(BATCH, "rss", 1, crossed=ids(2))
    known = {("cs.CL", DAY): feed.with_listing("oai", listing(crossed=ids(3)), MORNING)}
    before = DAY - timedelta(days=1)
    touched = [
        ("2601.00002", ("cs.CL", "cs.CV"), DAY),
        ("2601.00001", ("cs.CL",), DAY),  # which is new there
        ("2601.00002", ("cs.CL",), before),
        ("2601.00003", ("cs.CL",), DAY),  # of which no other view says so
    ]
    assert confirmed(touched, known, "oai") == (listing(crossed=ids(2)),)


def test_a_paper_that_came_to_a_class_later_stands_on_that_day_there():
    later = DAY + timedelta(days=5)
    crossed = {"2601.00001": (frozenset({"cs.CV"}), later)}
    listings = [listing(1, 2), Listing(part="cs.CV", day=DAY, crossed=ids(1, 3), whole=True)]
    assert crossed_over(listings, crossed) == (
        listings[0],
        replace(listings[1], crossed=ids(3)),
        Listing(part="cs.CV", day=later, crossed=ids(1)),
    )
    assert crossed_over([], crossed) == (Listing(part="cs.CV", day=later, crossed=ids(1)),)


def test_an_overdue_paper_that_was_only_read_back_is_late():
    read_back, overdue = shown(BATCH, "oai", 1), SLOT.due_at
    assert not read_back.has_missed(SLOT, "2601.00001", "rss", overdue)
    assert read_back.has_missed(SLOT, "2601.00001", "rss", overdue, unreported=ids(1))
    both = shown(read_back, "rss", 1, whole=True)
    assert not both.has_missed(SLOT, "2601.00001", "oai", MORNING, unreported=ids(1))
