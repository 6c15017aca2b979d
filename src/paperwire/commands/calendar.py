"""The calendar of a place's meetings: as a file, and at an address that calendars follow."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import Chat, say
from paperwire.core.messages.message import Button, Span
from paperwire.core.subscriptions.meeting import Agenda
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.ports.requests import Reply, Request
from paperwire.services import people
from paperwire.services.meetings import calendar_address, calendar_name
from paperwire.services.typed import StaleButton, action_number
from paperwire.store.unit import Unit
from paperwire.wording.links import only_here


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The address of this place's calendar: `agenda:calendar:PLACE`; `agenda:newcalendar:PLACE` replaces it."""
    verb, _, number = part.partition(":")
    if verb == "newcalendar":
        return await _renewed(context, request, number)
    if verb != "calendar":
        raise StaleButton
    async with context.store.read() as unit:
        place = await unit.places.at(request.place)
        if place is None or place.number != action_number(number):
            raise StaleButton
        agenda = await _agenda(unit, place.number)
    return _answer(context, request, place, agenda)


async def _renewed(context: Chat, request: Request, number: str) -> Reply:
    place = await people.managed(context, request, number)
    async with context.store.write() as unit:
        agenda = await _agenda(unit, place.number)
        agenda = replace(agenda, generation=agenda.generation + 1)
        await unit.meetings.put_agenda(agenda)
    return replace(_answer(context, request, place, agenda), edit=True)


async def _agenda(unit: Unit, place: int) -> Agenda:
    agenda = await unit.meetings.agenda(place)
    if agenda is None:
        raise StaleButton
    return agenda


def _answer(context: Chat, request: Request, place: StoredPlace, agenda: Agenda) -> Reply:
    texts = request.texts
    address = calendar_address(context, agenda)
    return say(
        (Span(calendar_name(place, texts), "bold"),),
        texts.gettext("Subscribe to this address in your calendar. Changes of date, papers and presenters follow."),
        (Span(address, url=address),),
        texts.gettext("Anyone with this address can read the calendar, so keep it to yourself."),
        only_here(context.public_url, 2, texts),
        buttons=[[Button(texts.gettext("New address"), f"agenda:newcalendar:{place.number}")]],
        private=True,
    )
