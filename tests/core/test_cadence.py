"""Cadences and quiet times through every kind of clock change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.subscriptions.cadence import Cadence, Quiet, first_instant

ZONES = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("posix", "right")))
zones = st.sampled_from(ZONES)
walls = st.datetimes(datetime(1990, 1, 2), datetime(2037, 12, 30)).map(  # noqa: DTZ001 - wall times are naive
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
    daily = Cadence("daily", wall.time())
    assert first_instant(zone, wall) == utc(expected)
    assert daily.slot(zone, wall.date()) == utc(expected)
    assert daily.next_slot(zone, utc(expected) - timedelta(seconds=1)) == utc(expected)
    following = daily.next_slot(zone, utc(expected))
    assert following is not None
    assert following.astimezone(ZoneInfo(zone)).date() >= wall.date() + timedelta(days=1)


def test_a_date_that_a_zone_skipped_has_no_slot():
    daily = Cadence.parse("daily 08:00")
    assert daily.slot("Pacific/Apia", date(2011, 12, 30)) is None
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
    cadence = Cadence("daily", at) if weekday is None else Cadence("weekly", at, weekday)
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


def test_instant_has_no_slots():
    assert Cadence.parse("instant").next_slot("UTC", utc("2026-01-01 00:00")) is None


@pytest.mark.parametrize(
    ("text", "cadence"),
    [
        ("instant", Cadence()),
        (" Daily  7:05 ", Cadence("daily", time(7, 5))),
        ("daily", Cadence("daily", time(8))),
        ("weekly", Cadence("weekly", time(8), 0)),
        ("weekly 09:30", Cadence("weekly", time(9, 30), 0)),
        ("WEEKLY Thursday 23:59", Cadence("weekly", time(23, 59), 3)),
        ("weekly tues 00:00", Cadence("weekly", time(0), 1)),
        ("weekly sun", Cadence("weekly", time(8), 6)),
    ],
)
def test_what_people_type_is_read_and_written_back(text, cadence):
    assert Cadence.parse(text) == cadence
    assert Cadence.parse(str(cadence)) == cadence


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "Say instant"),
        ("hourly", "Say instant"),
        ("instant 08:00", "Say instant"),
        ("daily 08:00 09:00", "Say instant"),
        ("weekly mon 08:00 09:00", "Say instant"),
        ("weekly 08:00 mon", "Say instant"),
        ("daily 24:00", "no time of day"),
        ("daily 8", "no time of day"),
        ("daily ٠٨:٠٠", "no time of day"),
        ("weekly mom 08:00", "no day of the week"),
        ("weekly mondays 08:00", "no day of the week"),
        ("weekly m", "no day of the week"),
    ],
)
def test_what_cannot_be_read_says_what_to_type(text, hint):
    with pytest.raises(ValueError, match=hint):
        Cadence.parse(text)


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
    ("text", "hint"),
    [("", "two times"), ("22:00", "two times"), ("22:00-25:00", "no time"), ("9:00-09:00", "must differ")],
)
def test_a_wrong_quiet_time_says_what_to_type(text, hint):
    with pytest.raises(ValueError, match=hint):
        Quiet.parse(text)
