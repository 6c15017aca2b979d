"""The calendar of a list's meetings, as file and by address."""

from __future__ import annotations

from datetime import timedelta

from paperwire.core.messages.message import Attachment
from paperwire.core.subscriptions.meeting import Agenda, Meeting
from paperwire.core.subscriptions.owner import Owner
from paperwire.core.subscriptions.subscription import Destination
from paperwire.core.text.clean import clean
from paperwire.core.tokens import place_token, read_place_token
from paperwire.feeds.calendar import FILE_NAME, MEDIA_TYPE, calendar
from paperwire.services.context import Context
from paperwire.texts import Texts, texts_in

PURPOSE = "calendar"
_KEPT = timedelta(days=90)
"""How long meetings stay in the calendar after their end."""
_LONGEST_NAME = 80


def calendar_file(context: Context, place: Destination, meeting: Meeting, texts: Texts) -> Attachment:
    """A meeting as a file for a calendar; a cancelled one takes it out there."""
    content = calendar([meeting], calendar_name(place, texts), context.public_url, texts)
    return Attachment(FILE_NAME, MEDIA_TYPE, content)


def calendar_name(place: Destination, texts: Texts) -> str:
    """What a place's calendar is called."""
    title = clean(place.title, _LONGEST_NAME)
    return texts.gettext("Journal club of %(place)s", place=title) if title else texts.gettext("Journal club")


async def published(context: Context, token: str) -> bytes | None:
    """What a calendar that follows an address is given; None if it isn't ours, was replaced or isn't let in."""
    known = read_place_token(context.secret_key, PURPOSE, token)
    if known is None:
        return None
    number, generation = known
    async with context.store.read() as unit:
        place, agenda = await unit.places.destination(number), await unit.meetings.agenda(number)
        if place is None or agenda is None or str(agenda.generation) != generation:
            return None
        if not await context.access.admits_owner(unit, Owner(place=number)):
            return None
        meetings = [
            await unit.meetings.with_talks(meeting)
            for meeting in await unit.meetings.ended_after(number, unit.now - _KEPT)
        ]
    texts = texts_in(place.locale)
    source = calendar_address(context, agenda)
    return calendar(meetings, calendar_name(place, texts), context.public_url, texts, source=source)


def calendar_address(context: Context, agenda: Agenda) -> str:
    """Where the calendar of a place is followed."""
    token = place_token(context.secret_key, PURPOSE, agenda.place, str(agenda.generation))
    return f"{context.public_url.rstrip('/')}/calendar/{token}.ics"
