"""Meetings as a calendar: what a calendar's own library reads of it, and that no text breaks out of its field."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.meeting import Meeting, Talk
from paperwire.feeds.calendar import calendar
from paperwire.texts import ENGLISH

URL = "https://papers.example.org/"
SOURCE = "https://papers.example.org/calendar/abc.ics"
PAPER = Paper(id="2601.00001", number=7, title="Graphs of graphs", announced=datetime(2026, 1, 5, tzinfo=UTC).date())
MEETING = Meeting(
    number=3,
    place=1,
    begins_at=datetime(2026, 1, 9, 14, tzinfo=UTC),
    ends_at=datetime(2026, 1, 9, 15, tzinfo=UTC),
    zone="Europe/Berlin",
    uid="0b9d4a52-6a0e-4a41-9b7e-0d6c7c5f3a11",
    sequence=4,
    changed_at=datetime(2026, 1, 6, 8, 30, 5, tzinfo=UTC),
    is_frozen=True,
    talks=(Talk(paper=PAPER, votes=3, presenter=5, name="Eve"), Talk(paper=replace(PAPER, id="2601.00002", number=8))),
)


def written(*meetings, name="Journal club of Vision lab", source=""):
    return calendar(meetings or (MEETING,), name, URL, ENGLISH, source=source)


def read(content):
    whole = Calendar.from_ical(content)
    assert whole.errors == []
    return whole, whole.walk("VEVENT")


def test_a_meeting_has_what_a_calendar_needs():
    whole, (event,) = read(written())
    assert (whole["version"], whole["method"], whole["name"]) == ("2.0", "PUBLISH", "Journal club of Vision lab")
    assert (event["uid"], event["sequence"], event["status"]) == (MEETING.uid, 4, "CONFIRMED")
    assert (event.start, event.end) == (MEETING.begins_at, MEETING.ends_at)
    assert b"DTSTART:20260109T140000Z\r\n" in written()
    assert event.stamp == MEETING.changed_at
    assert event["url"] == URL
    assert event["summary"] == "Journal club of Vision lab"
    assert event["description"].split("\n") == [
        "1. Graphs of graphs (presented by Eve)",
        "https://arxiv.org/abs/2601.00001",
        "2. Graphs of graphs (no presenter yet)",
        "https://arxiv.org/abs/2601.00002",
    ]


def test_a_calendar_that_is_followed_says_where_and_how_often():
    whole, _ = read(written(source=SOURCE))
    assert (str(whole["source"]), str(whole["url"])) == (SOURCE, SOURCE)
    assert whole["refresh-interval"].dt == timedelta(hours=1)
    assert whole["method"] == "PUBLISH"


def test_a_cancelled_meeting_is_taken_out_by_a_file_and_marked_where_calendars_follow():
    cancelled = replace(MEETING, is_cancelled=True, sequence=5)
    for source, method in (("", "CANCEL"), (SOURCE, "PUBLISH")):
        whole, (event,) = read(written(cancelled, source=source))
        assert (whole["method"], event["status"], event["sequence"]) == (method, "CANCELLED", 5)
        assert event["uid"] == MEETING.uid


def test_a_calendar_may_be_empty():
    whole, events = read(calendar([], "Journal club", URL, ENGLISH, source=SOURCE))
    assert (whole["method"], events) == ("PUBLISH", [])


def test_a_meeting_may_have_no_papers_yet():
    _, (event,) = read(written(replace(MEETING, talks=())))
    assert event["description"] == "The papers haven't been chosen yet."


def test_the_same_meeting_is_the_same_file():
    assert written(source=SOURCE) == written(source=SOURCE)


HOSTILE = [
    "One\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Two",
    "a;b,c\\d\\n:e \"f\" 'g'",
    "<b>bold</b> [link](https://evil.example) @everyone",
    "x" * 2000,
    "長い題名" * 500,
    "\u202eright to left\u0000",
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_breaks_out_of_its_field(text):
    talk = Talk(paper=replace(PAPER, title=text, url="javascript:alert(1)"), presenter=5, name=text)
    content = written(replace(MEETING, talks=(talk,)), name=f"Club {text[:90]}")
    _, (event,) = read(content)
    assert event["description"].startswith("1. ")
    assert event["description"].count("\n") <= 1
    assert "\n" not in event["summary"] or "\r" not in event["summary"]
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert not any(b"\n" in line or b"\r" in line or b"\0" in line for line in lines)
    assert sum(line == b"BEGIN:VEVENT" for line in lines) == 1
