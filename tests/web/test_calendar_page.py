"""The calendar of a place's meetings over HTTP: for whoever has its address, and cheap to follow."""

from dataclasses import replace

import pytest
from icalendar import Calendar

from chats import chat_of
from meeting_world import JournalClub
from paperwire.services.papers.meetings import calendar_address


@pytest.fixture
def context(store, clock):
    async def nothing(_asked):
        return None

    return chat_of(
        store=store,
        secret_key=b"k" * 32,
        public_url="https://papers.example.org",
        followed=(),
        channels={},
        lookup=nothing,
        lookup_many=nothing,
        now=clock,
    )


@pytest.fixture
def deps(deps, context):
    return replace(deps, context=context)


@pytest.fixture
async def club(store, clock):
    club = JournalClub(store, clock)
    await club.open()
    await club.vote("Graphs", "Heat")
    return club


async def path_of(club, context):
    async with club.store.read() as unit:
        return calendar_address(context, await unit.meetings.agenda(club.place)).removeprefix(context.public_url)


async def test_a_calendar_is_served_and_followed(web, club, context):
    await club.sets()
    path = await path_of(club, context)
    answer = await web.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert answer.headers["x-robots-tag"] == "noindex"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["summary"] == "Journal club of Vision lab"
    same = await web.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert same.status_code == 304
    await club.claim(int((await club.agenda()).number), "Heat")
    changed = await web.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert changed.status_code == 200
    assert b"presented by Eve" in changed.content.replace(b"\r\n ", b"")


@pytest.mark.parametrize("token", ["x", "A" * 60])
async def test_a_forged_address_is_not_there(web, club, token):
    await club.sets()
    answer = await web.get(f"/calendar/{token}.ics", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "No calendar has this address." in answer.text


async def test_the_address_of_a_place_that_is_gone_leads_nowhere(web, club, context):
    await club.sets()
    path, gone = await path_of(club, context), club.place
    await club.open(address="-100200")
    async with club.store.write() as unit:
        await unit.places.moved(gone, "-100200")
        assert await unit.places.get(gone) is None
    assert (await web.get(path)).status_code == 404
