"""Meetings as a calendar that other programs read and follow (RFC 5545 and 7986)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.core.messages.agenda import presenter_name
from paperwire.core.messages.card import shown_title
from paperwire.core.papers.identity import page_url
from paperwire.core.subscriptions.meeting import Meeting, Talk
from paperwire.core.text.clean import clean, safe_url
from paperwire.texts import Texts

if TYPE_CHECKING:  # nothing here needs the library at run time
    from icalendar import Event

MEDIA_TYPE = "text/calendar"
FILE_NAME = "journal-club.ics"
_PRODUCT = "-//Paperwire//Paperwire//EN"
_LONGEST_NAME = 100
_REFRESH_INTERVAL = timedelta(hours=1)


def calendar(meetings: Sequence[Meeting], name: str, url: str, texts: Texts, *, source: str = "") -> bytes:
    """A calendar of meetings, called `name`, whose events lead to `url`; `source` is the address to follow it at.

    Without a source it is a file of its own: one of nothing but cancelled meetings tells a calendar to take them out.
    """
    from icalendar import Calendar, vText  # noqa: PLC0415 -- takes 3 MB, and few ask for a calendar

    name = clean(name, _LONGEST_NAME)
    whole = Calendar()
    whole.add("prodid", _PRODUCT)
    whole.add("version", "2.0")
    cancels = not source and bool(meetings) and all(meeting.is_cancelled for meeting in meetings)
    whole.add("method", "CANCEL" if cancels else "PUBLISH")
    whole.add("name", vText(name))
    whole.add("x-wr-calname", vText(name))  # what most programs read instead
    if source:
        whole.add("source", source, parameters={"VALUE": "URI"})
        whole.add("url", source)
        whole.add("refresh-interval", _REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
    for meeting in meetings:
        whole.add_component(_event(meeting, name, url, texts))
    return bytes(whole.to_ical())


def _event(meeting: Meeting, name: str, url: str, texts: Texts) -> Event:
    from icalendar import Event  # noqa: PLC0415 -- the same

    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", meeting.changed_at)
    event.add("last-modified", meeting.changed_at)
    event.add("dtstart", meeting.begins_at)  # in UTC, which needs no rules of zones: each reader's clock shows it
    event.add("dtend", meeting.ends_at)
    event.add("summary", name)
    event.add("description", "\n".join(_description(meeting, texts)))
    event.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    event.add("url", url)
    return event


def _description(meeting: Meeting, texts: Texts) -> list[str]:
    """The papers, with who presents them and where they are."""
    if not meeting.talks:
        return [texts.gettext("The papers haven't been chosen yet.")]
    notes = [meeting.notes] if meeting.notes else []
    return [*(line for number, talk in enumerate(meeting.talks, 1) for line in _lines(number, talk, texts)), *notes]


def _lines(number: int, talk: Talk, texts: Texts) -> list[str]:
    name = presenter_name(talk, texts)
    presented = (
        texts.gettext("presented by %(name)s", name=name) if talk.presenter else texts.gettext("no presenter yet")
    )
    lines = [f"{texts.number(number)}. {shown_title(talk.paper, texts)} ({presented})", safe_url(page_url(talk.paper))]
    return [line for line in lines if line]
