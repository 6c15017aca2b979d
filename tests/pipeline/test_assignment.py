"""The day of each paper of a page is decided once, from values alone."""

from datetime import timedelta

from ledger_world import CLASSES, DAY, TwoViews, page

from paperwire.core.days.batch import Batch, Listing
from paperwire.pipeline.days.assignment import assign_days
from paperwire.pipeline.days.calendar import Calendar

BEFORE, NEXT = DAY - timedelta(days=1), DAY + timedelta(days=1)


def ids(*numbers):
    return frozenset(f"2601.{number:05}" for number in numbers)


def known(clock, **shown):
    """Batches of cs.CL, for each view by day the papers that it has shown."""
    batches = {}
    for view, days in shown.items():
        for day, numbers in days.items():
            batch = batches.get(("cs.CL", day)) or Batch(source="arxiv", part="cs.CL", day=day)
            listing = Listing(part="cs.CL", day=day, new=ids(*numbers), whole=view == "rss")
            batches["cs.CL", day] = batch.with_listing(view, listing, clock())
    return batches


def assigned(clock, shown, batches=None, **stored_on):
    stored = {f"2601.{number[1:]}": day for number, day in stored_on.items()}
    return assign_days(shown, batches or {}, Calendar(TwoViews()), stored_on=stored, now=clock())


def test_papers_of_an_announced_list_stay_on_its_day(clock):
    shown = page("rss", 1, 2)
    days = assigned(clock, shown, known(clock, oai={DAY: [1, 2]}), n00001=DAY)
    assert days.listings == shown.listings
    assert (days.moved, days.stored, days.redated) == ({}, (), {})


def test_a_list_that_is_still_the_one_before_goes_to_its_own_day(clock):
    days = assigned(clock, page("rss", 1, 2), known(clock, oai={BEFORE: [1, 2]}))
    assert days.moved == dict.fromkeys(ids(1, 2), BEFORE)
    placed = [(one.day, one.new, one.stale) for one in days.listings if one.part == "cs.CL"]
    assert [one for one in placed if one[1] or one[2]] == [
        (BEFORE, ids(1, 2), False),
        (DAY, frozenset(), True),
    ]


def test_a_paper_whose_day_was_a_guess_goes_to_the_one_that_is_stated(clock):
    days = assigned(clock, page("rss", 3, 4, 5, day=NEXT), known(clock, oai={DAY: [1, 3]}), n00003=DAY)
    assert [(set(papers), *between) for papers, *between in days.stored] == [(set(ids(3)), DAY, NEXT)]
    assert {key[1]: batch.views["oai"].new for key, batch in days.redated.items()} == {DAY: ids(1), NEXT: ids(3)}


def test_a_view_that_guesses_follows_the_one_that_states(clock):
    days = assigned(clock, page("oai", 1, 2, day=DAY), known(clock, rss={NEXT: [2]}))
    assert days.moved == dict.fromkeys(ids(2), NEXT)
    assert {one.day: one.new for one in days.listings if one.new} == {DAY: ids(1), NEXT: ids(2)}
    assert {one.part for one in days.listings} == set(CLASSES)
