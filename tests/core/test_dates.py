"""Dates that cannot be: more than a day ahead, or older than any journal."""

from datetime import UTC, date, datetime, timedelta

import pytest

from paperwire.core.days.batch import Listing
from paperwire.core.days.dates import checked, day, instant, is_possible, placed
from paperwire.core.papers.paper import Event, EventKind, Paper

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("value", "possible"),
    [
        (date(2026, 1, 6), True),
        (date(2026, 1, 7), False),
        (date(2031, 1, 1), False),
        (date.max, False),
        (date(1600, 1, 1), True),
        (date(1599, 12, 31), False),
        (date.min, False),
        (NOW + timedelta(days=1), True),
        (NOW + timedelta(days=1, seconds=1), False),
        (datetime.max.replace(tzinfo=UTC), False),
        (datetime.min.replace(tzinfo=UTC), False),
    ],
)
def test_a_date_lies_at_most_a_day_ahead(value, possible):
    assert is_possible(value, NOW) is possible


def test_an_event_with_possible_dates_stays_as_it_is():
    paper = Paper(id="2601.00001", title="T", announced=TODAY, published=NOW, updated=NOW)
    event = Event(kind=EventKind.NEW, paper=paper, source="arxiv", day=TODAY, at=NOW)
    assert checked(event, NOW) == (event, [])
    bare = Event(kind=EventKind.NEW, paper=Paper(id="2601.00001", title="T"), source="arxiv")
    assert checked(bare, NOW) == (bare, [])


def test_impossible_dates_are_refused_and_the_event_is_of_today():
    ahead, never = date(2031, 1, 1), datetime(1, 1, 1, tzinfo=UTC)
    later = datetime(2031, 1, 1, tzinfo=UTC)
    paper = Paper(id="2601.00001", title="T", announced=ahead, published=never, updated=later)
    event = Event(kind=EventKind.NEW, paper=paper, source="arxiv", day=ahead, at=later)
    after, refused = checked(event, NOW)
    assert refused == [ahead, later, never]
    assert (after.day, after.at) == (TODAY, NOW)
    assert (after.paper.announced, after.paper.published, after.paper.updated) == (None, None, None)


def test_only_the_impossible_date_is_lost():
    paper = Paper(id="2601.00001", title="T", announced=TODAY, published=NOW + timedelta(days=9), updated=NOW)
    after, refused = checked(Event(kind=EventKind.NEW, paper=paper, source="rss", day=TODAY, at=NOW), NOW)
    assert (after.paper.announced, after.paper.published, after.paper.updated) == (TODAY, None, NOW)
    assert (after.day, after.at, len(refused)) == (TODAY, NOW, 1)
    undated = Event(kind=EventKind.NEW, paper=Paper(id="x", title="T", published=paper.published), source="rss")
    assert checked(undated, NOW)[0].day is None


def test_what_is_listed_under_an_impossible_day_moves_to_today():
    ahead = date(2031, 1, 1)
    usual = Listing(part="a", day=TODAY, new=frozenset({"1"}), whole=True)
    odd = Listing(part="a", day=ahead, new=frozenset({"2"}), whole=True)
    replaced = Listing(part="a", day=ahead, replaced=frozenset({"3v2"}))
    empty = Listing(part="b", day=ahead, whole=True)
    assert placed([usual, odd, replaced, empty], NOW) == (
        usual,
        Listing(part="a", day=TODAY, new=frozenset({"2"})),
        Listing(part="a", day=TODAY, replaced=frozenset({"3v2"})),
    )


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-05T08:00:00Z", NOW),
        ("2026-01-05T10:00:00+02:00", NOW),
        ("2026-01-05T08:00:00", NOW),
        ("Mon, 05 Jan 2026 03:00:00 -0500", NOW),
        ("Mon, 05 Jan 2026 08:00:00", NOW),
        ("2031-01-01T00:00:00Z", datetime(2031, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("9999-12-31T23:59:59Z", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("soon", None),
        ("", None),
    ],
)
def test_times_as_sources_write_them(text, time):
    assert instant(text) == time


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-01-05", TODAY),
        ("1600-01-01", date(1600, 1, 1)),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("2026-02-30", None),
        ("", None),
    ],
)
def test_days_as_sources_write_them(text, found):
    assert day(text) == found
