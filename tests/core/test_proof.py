"""When two views agree, when a number is plausible, and what that proves of a day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from paperwire.core.days.batch import BatchState, daily_slots
from paperwire.core.days.calendar import NO_CLOSURES, slots
from paperwire.core.days.doubt import Doubt, Why, agree, doubts_about, dump, load
from paperwire.core.days.proof import History, Tally, judged

DAY = date(2026, 3, 4)  # a Wednesday without holidays on those before it
(SLOT,) = slots(("cs.CL", "cs.HC"), DAY, DAY, ("rss", "oai"), NO_CLOSURES)
NIGHT, MORNING = SLOT.usual_at, SLOT.shown_by
LACKS, REST = Doubt(why=Why.LACKS, views=("oai",)), Doubt(why=Why.REST)
WHOLE_HISTORY = Doubt(why=Why.HISTORY, whole=True)


def ids(*numbers):
    return frozenset(f"2603.{number:05}" for number in numbers)


# --- agreement -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "lacking", "agreed"),
    [(10, 0, True), (10, 1, False), (49, 1, False), (50, 1, True), (99, 2, False), (100, 2, True), (0, 0, True)],
)
def test_neither_view_may_lack_over_two_in_a_hundred_of_the_others(size, lacking, agreed):
    whole, part = ids(*range(size)), ids(*range(lacking, size))
    assert agree(whole, part) is agree(part, whole) is agreed


def test_a_paper_too_many_on_each_side_counts_on_each_side():
    assert agree(ids(*range(50)), ids(*range(1, 51)))
    assert not agree(ids(*range(50)), ids(*range(2, 52)))
    assert not agree(ids(), ids(1))


def test_any_two_of_three_views_that_agree_are_enough():
    views = ("rss", "oai")
    shown = {"rss": ids(*range(20)), "oai": ids(*range(9))}
    assert doubts_about(views, shown, {}) == (Doubt(why=Why.DIFFER, views=("rss", "oai"), count=11),)
    assert doubts_about(views, shown | {"list": ids(*range(20))}, {}) == ()
    assert doubts_about(views, {"oai": ids(1), "list": ids(1)}, {"rss": Why.STALE}) == ()
    assert doubts_about(views, {"list": ids(1)}, {"rss": Why.STALE}) == (
        Doubt(why=Why.STALE, views=("rss",)),
        Doubt(why=Why.LACKS, views=("oai",)),
    )


def test_of_views_that_all_differ_the_nearest_are_named():
    shown = {"rss": ids(*range(20)), "oai": ids(), "list": ids(*range(19))}
    assert doubts_about(("rss", "oai"), shown, {}) == (Doubt(why=Why.DIFFER, views=("rss", "list"), count=1),)


def test_doubts_come_back_as_they_went():
    doubts = (
        Doubt(why=Why.DIFFER, views=("rss", "oai"), count=12),
        Doubt(why=Why.LOW, count=3, usual=61.5, whole=True),
        Doubt(why=Why.ALONE),
    )
    assert load(dump(doubts)) == doubts
    assert (dump(()), load("")) == ("", ())
    assert [doubt.is_harmless for doubt in doubts] == [False, False, True]


# --- numbers ---------------------------------------------------------------------------------------------------------


def past(*counts, part="cs.CL", state=BatchState.COMPLETE):
    """The same weekdays before, the latest first."""
    return [
        Tally(part=part, day=DAY - timedelta(weeks=number), state=state, count=count)
        for number, count in enumerate(counts, 1)
    ]


def today(count, part="cs.CL", *doubts, state=BatchState.UNCONFIRMED):
    return Tally(part=part, day=DAY, state=state, count=count, doubts=doubts or (REST,))


@pytest.mark.parametrize(
    ("count", "why"), [(19, Why.LOW), (20, None), (60, None), (180, None), (181, Why.HIGH), (0, Why.LOW)]
)
def test_a_number_is_plausible_from_a_third_to_three_times_the_median(count, why):
    history = History(past(50, 60, 70, 60, 61, 59, 1, 900), DAY)
    of_all, own = history.doubt_of_all([today(count)]), history.doubt_of(today(count))
    assert (own and own.why) == (of_all and of_all.why) == why
    if why:
        assert own == Doubt(why=why, count=count, usual=60)
        assert of_all == replace(own, whole=True)


def test_only_the_last_eight_of_the_same_weekday_count():
    others = [replace(one, day=one.day - timedelta(days=1)) for one in past(9, 9, 9, 9)]
    history = History([*others, *past(*[60] * 8, *[9] * 8), today(9)], DAY)
    assert history.doubt_of(today(59)) is None
    assert history.doubt_of(today(19)) == Doubt(why=Why.LOW, count=19, usual=60)


def test_a_small_category_needs_agreement_only():
    assert History(past(39, 39, 39, 39), DAY).doubt_of(today(0)) is None
    assert History(past(40, 40, 40, 40), DAY).doubt_of(today(0)).why is Why.LOW


@pytest.mark.parametrize("count", [1, 900])
def test_a_small_source_needs_agreement_only(count):
    assert History(past(39, 39, 39, 39), DAY).doubt_of_all([today(count)]) is None


def test_a_small_source_that_had_papers_on_each_day_is_not_complete_without_any():
    assert History(past(3, 2, 1, 5), DAY).doubt_of_all([today(0)]) == Doubt(why=Why.LOW, usual=2.5, whole=True)
    assert History(past(3, 2, 0, 5), DAY).doubt_of_all([today(0)]) is None


def test_three_days_are_not_enough_history():
    history = History(past(60, 60, 60), DAY)
    assert history.doubt_of(today(60)) == Doubt(why=Why.HISTORY)
    assert history.doubt_of_all([today(60)]) == WHOLE_HISTORY


def test_a_category_that_is_new_here_is_left_out_of_the_whole():
    history = History(past(60, 60, 60, 60), DAY)
    assert history.doubt_of_all([today(60), today(900, "cs.HC")]) is None
    assert history.doubt_of(today(900, "cs.HC")) == Doubt(why=Why.HISTORY)


@pytest.mark.parametrize("state", [BatchState.LATE, BatchState.COMPLETE])
def test_a_day_on_which_nothing_came_counts_if_that_was_proven(state):
    history = History([*past(0, 0, 0, state=state), *past(0, 0, 0, 8, part="cs.HC", state=state)], DAY)
    assert history.doubt_of(today(0, "cs.HC")) is None


@pytest.mark.parametrize("state", [BatchState.BACKFILLED, BatchState.SILENT, BatchState.UNCONFIRMED])
def test_mere_silence_is_no_day_to_compare_with(state):
    """It counted as usual, and a source that has papers every day was complete without any."""
    history = History([*past(3, 2, 4, 5), *past(*[0] * 8, state=state)[4:]], DAY)
    assert history.doubt_of_all([today(0)]) == Doubt(why=Why.LOW, usual=3.5, whole=True)


def test_days_of_silence_alone_are_no_history():
    history = History(past(*[0] * 8, state=BatchState.BACKFILLED), DAY)
    assert history.doubt_of_all([today(0)]) == WHOLE_HISTORY
    holidays = History([*past(60, 60, 60), *past(0, 0, 0, 0, state=BatchState.HOLIDAY)[3:]], DAY)
    assert holidays.doubt_of(today(60)) == Doubt(why=Why.HISTORY)


# --- a day -----------------------------------------------------------------------------------------------------------

HISTORY = History([*past(60, 60, 60, 60), *past(3, 3, 3, 3, part="cs.HC")], DAY)


def judge(*tallies, at=MORNING, history=HISTORY, slot=SLOT, read_at=None):
    return [(one.state, one.doubts) for one in judged(tallies, slot, history, at, read_at or {})]


def test_views_that_agree_on_a_plausible_number_prove_a_day():
    assert judge(today(60), today(0, "cs.HC"), at=NIGHT) == [(BatchState.COMPLETE, ())] * 2


def test_what_is_settled_stays_so():
    late, before = today(60, state=BatchState.LATE), today(0, "cs.HC", state=BatchState.BACKFILLED)
    assert judge(late, before) == [(BatchState.LATE, (REST,)), (BatchState.BACKFILLED, (REST,))]


def test_a_category_that_agrees_waits_for_the_others_before_its_day_is_called_thin():
    cl, hc = today(0, "cs.CL", LACKS, state=BatchState.EXPECTED), today(3, "cs.HC")
    assert judge(cl, hc, at=NIGHT) == [(BatchState.EXPECTED, (LACKS,)), (BatchState.UNCONFIRMED, (REST,))]
    thin = Doubt(why=Why.LOW, count=3, usual=63, whole=True)
    own = Doubt(why=Why.LOW, count=0, usual=60)
    read = {"cs-1": NIGHT}
    assert judge(cl, hc, read_at=read) == [
        (BatchState.UNCONFIRMED, (LACKS, thin, own)),
        (BatchState.UNCONFIRMED, (thin,)),
    ]


@pytest.mark.parametrize("read_at", [{}, {"cs-1": NIGHT - timedelta(hours=1)}])
def test_a_day_of_which_nothing_could_be_read_yet_is_not_called_thin(read_at):
    cl, hc = today(0, "cs.CL", LACKS, state=BatchState.EXPECTED), today(3, "cs.HC")
    assert judge(cl, hc, read_at=read_at) == [(BatchState.UNCONFIRMED, (LACKS,)), (BatchState.UNCONFIRMED, (REST,))]


def test_two_empty_views_prove_nothing_where_papers_are_usual():
    (_, few), (_, small) = judge(today(0), today(0, "cs.HC"), at=NIGHT)
    assert [doubt.why for doubt in few] == [Why.LOW, Why.LOW]
    assert small == (Doubt(why=Why.LOW, count=0, usual=63, whole=True),)


def test_without_history_a_day_that_agrees_stays_unconfirmed_and_need_not_be_read_again():
    ((state, doubts),) = judge(today(60), history=History([], DAY))
    assert (state, doubts) == (BatchState.UNCONFIRMED, (WHOLE_HISTORY,))
    assert not replace(today(60), doubts=doubts).is_unproven
    assert today(60).is_unproven
    assert not today(60, "cs.CL", LACKS, state=BatchState.COMPLETE).is_unproven


def test_the_one_category_of_a_source_is_not_said_twice():
    ((_, doubts),) = judge(today(2), history=History(past(60, 60, 60, 60), DAY))
    assert doubts == (Doubt(why=Why.LOW, count=2, usual=60, whole=True),)


def test_a_holiday_on_which_something_came_is_judged_as_any_day():
    (slot,) = slots(("cs.CL", "cs.HC"), DAY, DAY, ("rss", "oai"), NO_CLOSURES)
    slot = replace(slot, holiday="Thanksgiving")
    nothing = [today(0, part, state=BatchState.EXPECTED) for part in ("cs.CL", "cs.HC")]
    assert judge(*nothing, slot=slot) == [(BatchState.HOLIDAY, ())] * 2
    settled = [replace(one, state=BatchState.HOLIDAY, doubts=()) for one in nothing]
    assert judge(*settled, slot=slot) == [(BatchState.HOLIDAY, ())] * 2
    assert judge(today(60), today(2, "cs.HC"), slot=slot) == [(BatchState.COMPLETE, ())] * 2


# --- one view --------------------------------------------------------------------------------------------------------

(ALONE_SLOT,) = daily_slots(("cs.CL",), DAY, DAY, closes=timedelta(days=1), due=timedelta(days=2))
CLOSED = ALONE_SLOT.closes_at


@pytest.mark.parametrize(
    ("count", "read_at", "state", "whys"),
    [
        (60, CLOSED - timedelta(seconds=1), BatchState.UNCONFIRMED, [Why.OPEN]),
        (60, None, BatchState.UNCONFIRMED, [Why.OPEN]),
        (60, CLOSED, BatchState.UNCONFIRMED, [Why.ALONE]),
        (5, CLOSED, BatchState.UNCONFIRMED, [Why.LOW, Why.ALONE]),
    ],
)
def test_one_view_confirms_nothing(count, read_at, state, whys):
    read = {"cs.CL": read_at} if read_at else {}
    history = History(past(60, 60, 60, 60), DAY)
    ((found, doubts),) = judge(today(count), slot=ALONE_SLOT, read_at=read, history=history)
    assert (found, [doubt.why for doubt in doubts]) == (state, whys)


def test_one_view_of_which_nothing_was_read_is_expected_until_its_time_has_passed():
    nothing = today(0, state=BatchState.EXPECTED)
    assert judge(nothing, slot=ALONE_SLOT, at=CLOSED)[0][0] is BatchState.EXPECTED
    assert judge(nothing, slot=ALONE_SLOT, at=ALONE_SLOT.shown_by)[0][0] is BatchState.UNCONFIRMED
    assert judge(replace(nothing, state=BatchState.BACKFILLED), slot=ALONE_SLOT)[0][0] is BatchState.BACKFILLED
    unknown = History([], DAY)
    read = {"cs.CL": datetime(2026, 3, 6, tzinfo=UTC)}
    assert judge(today(5), slot=ALONE_SLOT, history=unknown, read_at=read)[0][1] == (Doubt(why=Why.ALONE),)
