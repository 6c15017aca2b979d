"""The batches of a day, added up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from paperwire.core.days.batch import Batch, BatchState, Listing
from paperwire.core.days.completeness import days_of
from paperwire.core.days.doubt import Doubt, Why

DAY = date(2026, 1, 7)
BATCH = Batch(source="arxiv", part="cs.CL", day=DAY)
MORNING = datetime(2026, 1, 7, 13, tzinfo=UTC)


def ids(*numbers):
    return frozenset(f"2601.{number:05}" for number in numbers)


def shown(batch, view, *numbers, **more):
    return batch.with_listing(view, Listing(part="cs.CL", day=DAY, new=ids(*numbers), **more), MORNING)


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        (["complete", "complete"], "complete"),
        (["complete", "late"], "late"),
        (["complete", "expected"], "unconfirmed"),
        (["backfilled", "expected"], "expected"),
        (["expected", "expected"], "expected"),
        (["late", "unconfirmed"], "unconfirmed"),
        (["backfilled", "complete"], "complete"),
        (["holiday", "holiday"], "holiday"),
    ],
)
def test_a_day_is_as_good_as_its_worst_part(states, whole):
    batches = [replace(BATCH, part=f"p{number}", state=BatchState(state)) for number, state in enumerate(states)]
    (day,) = days_of(batches)
    assert day.state is BatchState(whole)
    assert len(day.unproven) == sum(state in {"expected", "unconfirmed"} for state in states)


@pytest.mark.parametrize(
    ("whys", "doubtful", "thin"),
    [
        ([], False, False),
        ([Why.HISTORY], False, False),
        ([Why.HISTORY, Why.STALE], True, False),
        ([Why.LOW], True, True),
        ([Why.HIGH], True, False),
    ],
)
def test_a_day_says_whether_something_is_wrong_with_it(whys, doubtful, thin):
    doubts = tuple(Doubt(why=why) for why in whys)
    unconfirmed = replace(BATCH, part="a", state=BatchState.UNCONFIRMED, doubts=doubts)
    (day,) = days_of([unconfirmed, replace(BATCH, part="b", state=BatchState.COMPLETE)])
    assert (day.is_doubtful, day.is_thin) == (doubtful, thin)
    assert [(batch.part, batch.doubts) for batch in day.unproven] == [("a", doubts)]


def test_a_paper_in_two_categories_counts_once_in_its_day():
    cl = shown(BATCH, "rss", 1, 2, crossed=ids(3)).with_late(["2601.00002"])
    cv = replace(BATCH, part="cs.CV").with_listing("rss", Listing(part="cs.CV", day=DAY, crossed=ids(1, 3)), MORNING)
    other = replace(BATCH, source="huggingface", part="daily", day=DAY - timedelta(days=1))
    last, first = days_of([cl, cv]), days_of([other, cl, cv])
    assert [(day.source, day.new, day.crossed, day.late) for day in last] == [("arxiv", 2, 1, 1)]
    assert [day.source for day in first] == ["arxiv", "huggingface"]
    (summed,) = days_of([replace(cl, new=2, ids_known=False), replace(cv, crossed=2)])
    assert (summed.new, summed.crossed) == (2, 3)


def test_days_are_told_from_the_latest_on():
    batches = [replace(BATCH, day=DAY + timedelta(days=number)) for number in (0, 2, 1)]
    assert [day.day.day for day in days_of(batches)] == [9, 8, 7]
