"""arXiv's evenings: the schedule of its page of availability, daylight saving, holidays."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.days import calendar

NEW_YORK = ZoneInfo("America/New_York")


def ny(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("submitted", "announced", "day"),
    [
        # The five rows of the schedule, at their edges; 2026-03-02 is a Monday.
        ("2026-03-02T14:00", "2026-03-03T20:00", "2026-03-04"),
        ("2026-03-03T13:59", "2026-03-03T20:00", "2026-03-04"),
        ("2026-03-03T14:00", "2026-03-04T20:00", "2026-03-05"),
        ("2026-03-04T14:00", "2026-03-05T20:00", "2026-03-06"),
        ("2026-03-05T14:00", "2026-03-08T20:00", "2026-03-09"),
        ("2026-03-06T13:59", "2026-03-08T20:00", "2026-03-09"),
        ("2026-03-06T14:00", "2026-03-09T20:00", "2026-03-10"),
        ("2026-03-08T12:00", "2026-03-09T20:00", "2026-03-10"),
        ("2026-03-09T13:59", "2026-03-09T20:00", "2026-03-10"),
        # Thanksgiving Thursday: Wednesday's papers come that evening, Thursday's on Sunday with Friday's.
        ("2026-11-25T10:00", "2026-11-25T20:00", "2026-11-26"),
        ("2026-11-25T15:00", "2026-11-29T20:00", "2026-11-30"),
        ("2026-11-27T10:00", "2026-11-29T20:00", "2026-11-30"),
        # Labor Day Monday: a day later.
        ("2026-09-05T10:00", "2026-09-08T20:00", "2026-09-09"),
        # The end of the year: 29 and 31 December, 1 January 2027 is not known yet.
        ("2026-12-28T15:00", "2026-12-30T20:00", "2026-12-31"),
        ("2026-12-30T15:00", "2027-01-03T20:00", "2027-01-04"),
    ],
)
def test_what_comes_in_is_announced_by_the_schedule(submitted, announced, day):
    found = calendar.announcement_day(ny(submitted), calendar.NO_CLOSURES)
    assert found == date.fromisoformat(day)
    assert calendar.announced_at(found) == ny(announced)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-04-17T00:00:19", "2026-04-17"),  # a feed built on Friday just after midnight
        ("2026-04-16T19:59", "2026-04-16"),
        ("2026-04-16T20:00", "2026-04-17"),
        ("2026-04-18T12:00", "2026-04-17"),  # Saturday and Sunday still show Friday's
        ("2026-04-19T19:59", "2026-04-17"),
        ("2026-04-19T20:00", "2026-04-20"),
        ("2026-01-19T21:00", "2026-01-19"),  # Martin Luther King Day: no batch of the 20th
        ("2026-01-20T21:00", "2026-01-21"),
    ],
)
def test_the_current_batch(at, day):
    assert calendar.current_day(ny(at), calendar.NO_CLOSURES) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("after", "coming"),
    [
        ("2026-04-16T19:59:59", "2026-04-16T20:00"),
        ("2026-04-16T20:00", "2026-04-19T20:00"),
        ("2026-04-18T03:00", "2026-04-19T20:00"),
        ("2026-11-26T12:00", "2026-11-29T20:00"),
        ("2026-03-07T12:00", "2026-03-08T20:00"),  # the night the clocks go forward
        ("2026-10-31T12:00", "2026-11-01T20:00"),  # and back
    ],
)
def test_the_next_announcement(after, coming):
    assert calendar.next_announcement(ny(after), calendar.NO_CLOSURES) == ny(coming)


def test_the_evening_is_new_yorks_in_summer_and_winter():
    assert calendar.announced_at(date(2026, 7, 8)) == datetime(2026, 7, 8, 0, tzinfo=UTC)
    assert calendar.announced_at(date(2026, 12, 9)) == datetime(2026, 12, 9, 1, tzinfo=UTC)


def test_the_holidays_of_2026_are_those_that_arxiv_lists():
    days = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
    listed = [day.strftime("%m-%d") for day in days if calendar.is_holiday(day, calendar.NO_CLOSURES)]
    assert listed == ["01-01", "01-19", "06-19", "07-03", "09-07", "11-26", "12-25", "12-29", "12-31"]
    assert calendar.is_holiday(date(2026, 11, 26), calendar.NO_CLOSURES) == "Thanksgiving"
    assert calendar.is_listed(2026)
    assert not calendar.is_listed(2031)


def test_days_that_have_a_batch():
    # Monday is Labor Day: its evening is empty, so there is no batch of Tuesday.
    assert calendar.days_between(date(2026, 9, 4), date(2026, 9, 10), calendar.NO_CLOSURES) == (
        date(2026, 9, 4),
        date(2026, 9, 7),
        date(2026, 9, 9),
        date(2026, 9, 10),
    )
    assert calendar.days_between(date(2026, 9, 5), date(2026, 9, 4), calendar.NO_CLOSURES) == ()


@pytest.mark.parametrize(
    ("year", "holidays"),
    [
        (2024, ["01-15", "05-22", "06-19", "07-04", "09-02", "11-28", "12-25", "12-26", "12-31"]),
        (2025, ["01-01", "01-20", "06-19", "07-06", "09-01", "11-27", "12-25", "12-30"]),
    ],
)
def test_the_holidays_of_a_year_are_those_that_arxiv_listed(year, holidays):
    days = [date(year, 1, 1) + timedelta(n) for n in range(366)]
    listed = [
        day.strftime("%m-%d") for day in days if day.year == year and calendar.is_holiday(day, calendar.NO_CLOSURES)
    ]
    assert listed == holidays
    assert calendar.is_listed(year)


def test_closures_join_the_holidays_and_the_weekends_stay():
    closures = frozenset({date(2026, 9, 8), date(2026, 9, 11)})
    assert calendar.is_holiday(date(2026, 9, 8), closures) == "closed"
    assert calendar.is_holiday(date(2026, 9, 7), closures) == "Labor Day"
    assert calendar.is_holiday(date(2026, 9, 8), calendar.NO_CLOSURES) is None
    # Tuesday evening is closed after Labor Day: what came in since Friday is of Thursday.
    assert not calendar.has_batch(date(2026, 9, 9), closures)
    assert calendar.announcement_day(ny("2026-09-05T10:00"), closures) == date(2026, 9, 10)
    assert calendar.current_day(ny("2026-09-08T21:00"), closures) == date(2026, 9, 7)
    assert calendar.listed_day(ny("2026-09-09T12:00"), closures) == date(2026, 9, 7)
    assert calendar.next_announcement(ny("2026-09-08T12:00"), closures) == ny("2026-09-09T20:00")
    assert calendar.days_between(date(2026, 9, 7), date(2026, 9, 10), closures) == (
        date(2026, 9, 7),
        date(2026, 9, 10),
    )
    slots = calendar.slots(["cs.CL"], date(2026, 9, 8), date(2026, 9, 10), ("rss", "oai"), closures)
    assert [slot.holiday for slot in slots] == ["Labor Day", "closed", ""]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-26T19:59", "2026-11-26"),
        ("2026-11-26T20:00", "2026-11-27"),  # Thanksgiving: not expected, but possible
        ("2026-11-28T12:00", "2026-11-28"),
    ],
)
def test_the_last_day_that_can_be_out(at, day):
    assert calendar.latest_day(ny(at)) == date.fromisoformat(day)


instants = st.datetimes(datetime(2023, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone


@given(instants)
def test_a_paper_is_announced_after_it_came_in_and_within_days(submitted):
    day = calendar.announcement_day(submitted, calendar.NO_CLOSURES)
    wait = calendar.announced_at(day) - submitted
    assert timedelta(hours=6) - timedelta(hours=1) <= wait <= timedelta(days=7)
    assert calendar.has_batch(day, calendar.NO_CLOSURES)


@given(instants, instants)
def test_later_papers_are_never_announced_earlier(one, other):
    earlier, later = (calendar.announcement_day(at, calendar.NO_CLOSURES) for at in sorted((one, other)))
    assert earlier <= later


@given(instants)
def test_the_next_announcement_begins_the_next_current_day(at):
    coming = calendar.next_announcement(at, calendar.NO_CLOSURES)
    assert coming > at
    assert calendar.current_day(at, calendar.NO_CLOSURES) < calendar.current_day(coming, calendar.NO_CLOSURES)
    assert calendar.announced_at(calendar.current_day(coming, calendar.NO_CLOSURES)) == coming
    assert calendar.announced_at(calendar.current_day(at, calendar.NO_CLOSURES)) <= at


def test_a_batch_is_harvested_two_hours_and_a_half_after_its_announcement():
    assert calendar.harvested_at(date(2026, 1, 6)) == calendar.announced_at(date(2026, 1, 6)) + timedelta(hours=2.5)


def test_the_feeds_show_the_last_day_that_has_a_batch_and_change_at_midnight_in_new_york():
    assert calendar.listed_day(ny("2026-01-06 00:00"), calendar.NO_CLOSURES) == date(2026, 1, 6)
    assert calendar.listed_day(ny("2026-01-05 23:59"), calendar.NO_CLOSURES) == date(2026, 1, 5)
    assert calendar.listed_day(ny("2026-01-10 12:00"), calendar.NO_CLOSURES) == date(2026, 1, 9)
    assert calendar.listed_day(ny("2026-01-11 23:00"), calendar.NO_CLOSURES) == date(2026, 1, 9)


@pytest.mark.parametrize(
    ("day", "reason"),
    [(date(2026, 11, 27), "Thanksgiving"), (date(2026, 10, 17), "weekend"), (date(2026, 10, 20), "closed")],
)
def test_a_day_without_batch_has_its_reason(day, reason):
    assert calendar.why_no_batch(day).startswith(reason)


def test_the_outlook_of_an_evening_names_its_holiday_and_the_next_announcement():
    working = calendar.outlook(datetime(2026, 10, 20, 20, tzinfo=UTC), calendar.NO_CLOSURES)
    assert (working.tonight, working.holiday, working.next.date()) == (True, "", date(2026, 10, 20))
    feast = calendar.outlook(datetime(2026, 11, 26, 20, tzinfo=UTC), calendar.NO_CLOSURES)
    assert (feast.tonight, bool(feast.holiday)) == (False, True)
    friday = calendar.outlook(datetime(2026, 10, 23, 20, tzinfo=UTC), calendar.NO_CLOSURES)
    assert (friday.tonight, friday.holiday, friday.next.date()) == (False, "", date(2026, 10, 25))


@pytest.mark.parametrize(
    ("at", "shown", "skipped"),
    [
        ("2026-03-02T10:00", "2026-03-03T00:00", ()),
        ("2026-03-06T00:30", "2026-03-09T00:00", ()),  # Friday's are shown
        ("2026-11-25T21:00", "2026-11-26T00:00", ()),
        ("2026-11-26T09:00", "2026-11-30T00:00", ("2026-11-26",)),  # Thanksgiving
        ("2026-12-29T09:00", "2026-12-31T00:00", ("2026-12-29",)),
    ],
)
def test_the_feeds_change_at_midnight_after_an_announcement(at, shown, skipped):
    found, evenings = calendar.next_shown(ny(at), calendar.NO_CLOSURES)
    assert found == ny(shown)
    assert [evening.isoformat() for evening in evenings] == list(skipped)


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        ("2026-01-05T08:00", "2026-01-06T08:00", ""),
        ("2026-01-05T08:00", "2026-01-05T09:00", ""),
        ("2026-01-19T08:00", "2026-01-20T08:00", "Martin Luther King Day"),
        ("2026-01-23T08:00", "2026-01-25T08:00", "weekend"),
        ("2026-01-18T08:00", "2026-01-20T08:00", ""),
        ("2026-02-04T08:00", "2026-02-05T08:00", "closed"),
    ],
)
def test_why_nothing_was_announced_in_a_window(since, until, reason):
    instants = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (since, until)]
    assert calendar.why_silent(*instants, frozenset({date(2026, 2, 4)})) == reason
