"""Cadences and quiet times through every kind of clock change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.subscriptions.cadence import Cadence, Quiet, first_slot
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC, first_instant, zone_name
from paperwire.errors import TimeError, TimeMistake

ZONES = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("posix", "right")))
zones = st.sampled_from(ZONES)
walls = st.datetimes(datetime(1990, 1, 2), datetime(2037, 12, 30)).map(  # noqa: DTZ001 -- wall times are naive
    lambda wall: wall.replace(second=0, microsecond=0)
)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


TABLE = [
    ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:00"),
    ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
    ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00"),
    ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
    ("Africa/Cairo", "2026-04-24 00:00", "2026-04-23 22:00"),
    ("Africa/Cairo", "2026-10-29 23:30", "2026-10-29 20:30"),
    ("Asia/Beirut", "2026-03-29 00:00", "2026-03-28 22:00"),
    ("America/Havana", "2026-03-08 00:00", "2026-03-08 05:00"),
    ("America/Havana", "2026-11-01 00:30", "2026-11-01 04:30"),
    ("America/Nuuk", "2026-03-28 23:30", "2026-03-29 01:00"),
    ("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15 01:30"),
    ("Africa/Casablanca", "2026-03-22 02:30", "2026-03-22 02:00"),
    ("Asia/Kathmandu", "2026-01-01 08:00", "2026-01-01 02:15"),
    ("Pacific/Kiritimati", "2026-01-01 08:00", "2025-12-31 18:00"),
]


@pytest.mark.parametrize(("zone", "wall", "expected"), TABLE)
def test_every_row_of_the_table_of_clock_changes(zone, wall, expected):
    wall = datetime.fromisoformat(wall)
    daily = Cadence((wall.time(),))
    assert first_instant(zone, wall) == utc(expected)
    assert daily.slots(zone, wall.date()) == [utc(expected)]
    assert daily.next_slot(zone, utc(expected) - timedelta(seconds=1)) == utc(expected)
    following = daily.next_slot(zone, utc(expected))
    assert following is not None
    assert following.astimezone(ZoneInfo(zone)).date() >= wall.date() + timedelta(days=1)


def test_a_date_that_a_zone_skipped_has_no_slot():
    daily = Cadence.parse("daily 08:00")
    assert daily.slots("Pacific/Apia", date(2011, 12, 30)) == []
    assert daily.next_slot("Pacific/Apia", utc("2011-12-29 20:00")) == utc("2011-12-30 18:00")  # 31st, 08:00, +14


def test_a_weekly_slot_on_a_skipped_date_waits_for_the_next_week():
    weekly = Cadence.parse("weekly fri 08:00")
    assert weekly.next_slot("Pacific/Apia", utc("2011-12-29 20:00")) == utc("2012-01-05 18:00")


@given(zones, walls)
def test_the_instant_shows_the_wall_time_or_follows_the_gap_at_once(zone, wall):
    info = ZoneInfo(zone)
    instant = first_instant(zone, wall)
    shown = instant.astimezone(info).replace(tzinfo=None)
    assert shown >= wall
    if shown > wall:  # a gap: one second earlier the clock showed less than was asked for
        assert (instant - timedelta(seconds=1)).astimezone(info).replace(tzinfo=None) < wall
    else:  # the first of two: no earlier instant of the last day shows the same
        other = wall.replace(tzinfo=info, fold=1).astimezone(UTC)
        assert instant <= other


@given(zones, walls, st.times(), st.none() | st.integers(0, 6))
def test_slots_go_forward_one_a_period_and_none_is_lost(zone, start, at, weekday):
    at = at.replace(second=0, microsecond=0, tzinfo=None)
    cadence = Cadence((at,)) if weekday is None else Cadence((at,), (weekday,))
    period = timedelta(days=1 if weekday is None else 7)
    moment = start.replace(tzinfo=UTC)
    slots = []
    for _ in range(4):
        moment = cadence.next_slot(zone, moment)
        assert moment is not None
        slots.append(moment)
    for earlier, later in pairwise(slots):
        assert period - timedelta(hours=3) <= later - earlier <= 2 * period + timedelta(hours=3)
        # Asking from anywhere in between gives the same slot: a clock that jumps back or ahead changes nothing.
        assert cadence.next_slot(zone, earlier + (later - earlier) / 2) == later


@pytest.mark.parametrize("rest", ["from Berlin", "from", "since 2026-02-30"])
def test_weeks_are_counted_from_a_date_alone(rest):
    assert Cadence.split(f"every 2 weeks mon 15:00 {rest}") == (Cadence.parse("every 2 weeks mon 15:00"), rest)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("every 2 weeks fri 08:00 from 2026-01-05", ["2026-01-09", "2026-01-23", "2026-02-06"]),
        ("every 3 weeks fri 08:00 from 2026-01-12", ["2026-01-16", "2026-02-06", "2026-02-27"]),
        ("monthly first mon 08:00", ["2026-02-02", "2026-03-02", "2026-04-06"]),
        ("monthly fourth thu 08:00", ["2026-01-22", "2026-02-26", "2026-03-26"]),
        ("monthly last sat 08:00", ["2026-01-31", "2026-02-28", "2026-03-28"]),
    ],
)
def test_weeks_apart_and_weekdays_of_the_month(text, slots):
    moment = utc("2026-01-05 09:00")
    for slot in slots:
        moment = Cadence.parse(text).next_slot("UTC", moment)
        assert moment == utc(f"{slot} 08:00")


def test_instant_has_no_slots():
    assert Cadence.parse("instant").next_slot("UTC", utc("2026-01-01 00:00")) is None


EVERY_DAY = tuple(range(7))


@pytest.mark.parametrize(
    ("text", "cadence", "canonical"),
    [
        ("instant", Cadence(), "instant"),
        ("at once", Cadence(), "instant"),
        (" Daily  7:05 ", Cadence((time(7, 5),)), "daily 07:05"),
        ("daily", Cadence((time(8),)), "daily 08:00"),
        ("8am", Cadence((time(8),)), "daily 08:00"),
        ("daily 8 PM", Cadence((time(20),)), "daily 20:00"),
        ("daily 12am and 12 p.m.", Cadence((time(0), time(12))), "daily 00:00 12:00"),
        ("every day at 18.30, 8h", Cadence((time(8), time(18, 30))), "daily 08:00 18:30"),
        ("every morning", Cadence((time(8),)), "daily 08:00"),
        ("every evening", Cadence((time(18),)), "daily 18:00"),
        ("weekdays 7:30", Cadence((time(7, 30),), EVERY_DAY[:5]), "weekdays 07:30"),
        ("every weekday 7:30", Cadence((time(7, 30),), EVERY_DAY[:5]), "weekdays 07:30"),
        ("weekly mon tue wed thu fri", Cadence((time(8),), EVERY_DAY[:5]), "weekdays 08:00"),
        ("weekly", Cadence((time(8),), (0,)), "weekly mon 08:00"),
        ("weekly 09:30", Cadence((time(9, 30),), (0,)), "weekly mon 09:30"),
        ("weekly 08:00 mon", Cadence((time(8),), (0,)), "weekly mon 08:00"),
        ("WEEKLY Thursday 23:59", Cadence((time(23, 59),), (3,)), "weekly thu 23:59"),
        ("weekly tues 00:00", Cadence((time(0),), (1,)), "weekly tue 00:00"),
        ("every monday and thursday 8am", Cadence((time(8),), (0, 3)), "weekly mon thu 08:00"),
        ("Mondays, Fri noon", Cadence((time(12),), (0, 4)), "weekly mon fri 12:00"),
        ("monthly", Cadence((time(8),), monthday=1), "monthly 1 08:00"),
        ("monthly on the 15th at 9", Cadence((time(9),), monthday=15), "monthly 15 09:00"),
        ("every month last 9am", Cadence((time(9),), monthday=31), "monthly 31 09:00"),
        ("every 2 weeks", Cadence((time(8),), (0,), weeks=2), "every 2 weeks mon 08:00"),
        ("fortnightly fri 3pm", Cadence((time(15),), (4,), weeks=2), "every 2 weeks fri 15:00"),
        ("Every other Tuesday", Cadence((time(8),), (1,), weeks=2), "every 2 weeks tue 08:00"),
        ("every second tuesday", Cadence((time(8),), (1,), weeks=2), "every 2 weeks tue 08:00"),
        ("every three weeks mon, thu", Cadence((time(8),), (0, 3), weeks=3), "every 3 weeks mon thu 08:00"),
        (
            "every 4 weeks mon 9 from 2026-12-09",
            Cadence((time(9),), (0,), weeks=4, since=date(2026, 12, 7)),
            "every 4 weeks mon 09:00 from 2026-12-07",
        ),
        ("every first monday", Cadence((time(8),), (0,), nth=1), "monthly first mon 08:00"),
        ("every second tuesday of the month", Cadence((time(8),), (1,), nth=2), "monthly second tue 08:00"),
        ("2nd tuesday 10am", Cadence((time(10),), (1,), nth=2), "monthly second tue 10:00"),
        ("monthly on the third Wed at noon", Cadence((time(12),), (2,), nth=3), "monthly third wed 12:00"),
        ("last friday of each month 16:00", Cadence((time(16),), (4,), nth=-1), "monthly last fri 16:00"),
    ],
)
def test_what_people_type_is_read_and_written_back(text, cadence, canonical):
    assert Cadence.parse(text) == cadence
    assert str(cadence) == canonical
    assert Cadence.parse(canonical) == cadence


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("every morning 9:00", "daily 09:00"),
        ("evening at 8", "daily 20:00"),
        ("8 in the evening", "daily 20:00"),
        ("9:00 morning", "daily 09:00"),
        ("afternoon 3:30", "daily 15:30"),
        ("at night 10", "daily 22:00"),
        ("2 at night", "daily 02:00"),
        ("every night", "daily 21:00"),
        ("8 every evening", "daily 20:00"),
        ("evening 20:00", "daily 20:00"),
        ("evening 12:15", "daily 00:15"),
        ("afternoon 12:30", "daily 12:30"),
        ("12 noon", "daily 12:00"),
        ("12 midnight", "daily 00:00"),
        ("12 am", "daily 00:00"),
        ("am 12:30", "daily 00:30"),
        ("morning 9am", "daily 09:00"),
        ("morning 9:00 evening 6:30", "daily 09:00 18:30"),
        ("morning, 9:30", "daily 08:00 09:30"),
        ("8:00 and evening", "daily 08:00 18:00"),
        ("daily 8 noon 18", "daily 08:00 12:00 18:00"),
        ("monthly 15 evening 7", "monthly 15 19:00"),
        ("fri 7 in the evening", "weekly fri 19:00"),
        ("monday to friday", "weekdays 08:00"),
        ("Mon-Fri 7:30", "weekdays 07:30"),
        ("from tue through thu at 9", "weekly tue wed thu 09:00"),
        ("fri – mon noon", "weekly mon fri sat sun 12:00"),
        ("every 2 weeks mon-wed 9", "every 2 weeks mon tue wed 09:00"),
    ],
)
def test_a_part_of_the_day_says_which_half_and_weekdays_have_ranges(text, canonical):
    assert str(Cadence.parse(text)) == canonical


@pytest.mark.parametrize(
    "text", ["morning 12", "morning 18:00", "evening 8am", "afternoon 9am", "night 15:00", "8pm am"]
)
def test_a_clock_time_outside_of_its_part_of_the_day_is_refused(text):
    with pytest.raises(TimeError) as caught:
        Cadence.parse(f"daily {text}")
    assert (caught.value.kind, caught.value.values) == (TimeMistake.NO_TIME, {"typed": text})


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("10 in the evening to 7 in the morning", "22:00-07:00"),
        ("from evening at 10:30 until morning", "22:30-08:00"),
        ("between 11 at night and 6am", "23:00-06:00"),
        ("midnight-noon", "00:00-12:00"),
    ],
)
def test_quiet_hours_take_parts_of_the_day(text, hours):
    assert str(Quiet.parse(text)) == hours


def test_no_range_of_weekdays_is_read_into_other_words():
    assert Cadence.split("8am sunny to monaco") == (Cadence((time(8),)), "sunny to monaco")
    assert Cadence.split("8am, New York, USA") == (Cadence((time(8),)), "New York USA")


@pytest.mark.parametrize(
    ("text", "kind", "typed"),
    [
        ("", TimeMistake.UNKNOWN, ""),
        ("hourly", TimeMistake.UNKNOWN, "hourly"),
        ("every full moon", TimeMistake.UNKNOWN, "every full moon"),
        ("instant 08:00", TimeMistake.UNKNOWN, "08:00"),
        ("weekly mom 08:00", TimeMistake.UNKNOWN, "mom 08:00"),
        ("weekly m", TimeMistake.UNKNOWN, "m"),
        ("daily at", TimeMistake.UNKNOWN, "at"),
        ("daily 24:00", TimeMistake.NO_TIME, "24:00"),
        ("daily 8:60", TimeMistake.NO_TIME, "8:60"),
        ("daily 13pm", TimeMistake.NO_TIME, "13pm"),
        ("daily 0am", TimeMistake.NO_TIME, "0am"),
        ("daily ٠٨:٠٠", TimeMistake.NO_TIME, "٠٨:٠٠"),
    ],
)
def test_what_cannot_be_read_is_named(text, kind, typed):
    with pytest.raises(TimeError) as caught:
        Cadence.parse(text)
    assert caught.value.kind == kind
    assert caught.value.values == {"typed": typed}


def test_times_a_day_are_limited():
    with pytest.raises(TimeError, match="too many times a day") as caught:
        Cadence.parse("daily 1 2 3 4 5 6 7")
    assert caught.value.values == {"limit": 6}


def test_what_stands_after_a_cadence_is_left():
    assert Cadence.split("daily 8am in New York") == (Cadence((time(8),)), "New York")
    assert Cadence.split("instant Europe/Berlin") == (Cadence(), "Europe/Berlin")
    assert Quiet.split("from 22 to 7 New York") == (Quiet(time(22), time(7)), "New York")


def test_several_times_are_slots_of_their_own_unless_a_gap_makes_them_one():
    twice = Cadence.parse("daily 02:15 02:45")
    assert twice.slots("Europe/Berlin", date(2026, 3, 28)) == [utc("2026-03-28 01:15"), utc("2026-03-28 01:45")]
    assert twice.slots("Europe/Berlin", date(2026, 3, 29)) == [utc("2026-03-29 01:00")]
    assert twice.next_slot("Europe/Berlin", utc("2026-03-28 01:15")) == utc("2026-03-28 01:45")


def test_weekdays_skip_the_weekend():
    assert Cadence.parse("weekdays 8").next_slot("UTC", utc("2026-01-09 08:00")) == utc("2026-01-12 08:00")


def test_a_month_that_is_too_short_has_its_slot_on_its_last_day():
    monthly = Cadence.parse("monthly 31 08:00")
    assert monthly.next_slot("UTC", utc("2026-01-31 08:00")) == utc("2026-02-28 08:00")
    assert monthly.next_slot("UTC", utc("2026-02-28 08:00")) == utc("2026-03-31 08:00")


def test_the_first_of_several_cadences():
    now = utc("2026-01-05 10:00")
    assert first_slot(["daily 09:00", "weekly mon 18:00", "instant"], "UTC", now) == utc("2026-01-05 18:00")
    assert first_slot(["instant"], "UTC", now) is None


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc", "", "Europe"])
def test_a_zone_that_vanished_keeps_its_digests_at_utc(zone):
    assert Cadence.parse("daily 08:00").next_slot(zone, utc("2026-01-05 07:00")) == utc("2026-01-05 08:00")
    assert Quiet.parse("22-7").until(zone, utc("2026-01-05 06:00")) == utc("2026-01-05 07:00")
    assert zone_name(zone) == "UTC"


def test_zones_are_called_by_their_names():
    assert zone_name("Europe/Berlin") == "Europe/Berlin"
    assert zone_name(CHOSEN_UTC) == "UTC"


def test_a_quiet_night_ends_in_the_morning():
    quiet = Quiet.parse("22:00-7:00")
    assert str(quiet) == "22:00-07:00"
    assert quiet.until("Europe/Berlin", utc("2026-01-05 20:59")) is None
    assert quiet.until("Europe/Berlin", utc("2026-01-05 21:00")) == utc("2026-01-06 06:00")
    assert quiet.until("Europe/Berlin", utc("2026-01-06 05:59")) == utc("2026-01-06 06:00")
    assert quiet.until("Europe/Berlin", utc("2026-01-06 06:00")) is None


def test_a_quiet_noon_is_within_one_day():
    quiet = Quiet.parse("12:00 to 13:30")
    assert quiet.until("Asia/Kathmandu", utc("2026-01-05 06:20")) == utc("2026-01-05 07:45")
    assert quiet.until("Asia/Kathmandu", utc("2026-01-05 07:45")) is None


def test_a_quiet_night_is_an_hour_shorter_in_spring():
    assert Quiet.parse("22:00-02:30").until("Europe/Berlin", utc("2026-03-29 00:30")) == utc("2026-03-29 01:00")
    assert Quiet.parse("22:00-07:00").until("Pacific/Apia", utc("2011-12-30 09:30")) == utc("2011-12-30 10:00")


@given(zones, walls, st.times(), st.times())
def test_quiet_always_ends_later_and_within_a_day_or_so(zone, wall, start, end):
    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    if start == end:
        return
    now = wall.replace(tzinfo=UTC)
    until = Quiet(start, end).until(zone, now)
    if until is not None:
        assert now < until <= now + timedelta(hours=48)
        assert Quiet(start, end).until(zone, until) is None or start == end


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("22-7", "22:00-07:00"),
        ("22:00 - 7:00", "22:00-07:00"),
        ("10pm to 7 am", "22:00-07:00"),
        ("between 22 and 7", "22:00-07:00"),
        ("midnight–noon", "00:00-12:00"),
    ],
)
def test_quiet_hours_as_people_type_them(text, canonical):
    assert str(Quiet.parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", TimeMistake.NO_HOURS),
        ("22:00", TimeMistake.NO_HOURS),
        ("22:00-25:00", TimeMistake.NO_TIME),
        ("9:00-09:00", TimeMistake.EQUAL_HOURS),
        ("22-7 and more", TimeMistake.UNKNOWN),
    ],
)
def test_wrong_quiet_hours_are_told_apart(text, kind):
    with pytest.raises(TimeError) as caught:
        Quiet.parse(text)
    assert caught.value.kind == kind
