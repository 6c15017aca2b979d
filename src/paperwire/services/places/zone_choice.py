"""The time zone of a place: asked for once, where a time is first set and none is known."""

from __future__ import annotations

from paperwire.core.subscriptions.subscription import Person, StoredPlace
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC, UNASKED
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.places.places import SettingsChange, update_at
from paperwire.store.unit import Unit


async def settle_zone(context: Context, caller: Caller, place: StoredPlace) -> tuple[StoredPlace, bool]:
    """A place in which times were set, and whether to ask for its zone: only once, and where none is known.

    It gets the zone of who sets them, or of its meetings; UTC where no one has chosen any.
    """
    if place.zone != UNASKED:
        return place, False
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        zone = await _known(unit, place, person)
        await unit.places.update(place.number, zone=zone or CHOSEN_UTC)
        return await unit.places.get(place.number) or place, not zone


async def _known(unit: Unit, place: StoredPlace, person: Person) -> str:
    agenda = await unit.meetings.agenda(place.number)
    zones = (person.zone, agenda.zone if agenda else "")
    return next((zone for zone in zones if zone not in {"", UNASKED}), "")


async def set_zone(context: Context, caller: Caller, zone: str, part: str = "") -> SettingsChange:
    """Set the time zone of the caller's place or, with a subscription's number, of where that goes.

    Returns the place before and after. New places of this person have it too and, if it is the first that they choose,
    those of their own that are in UTC.
    """
    changed = await update_at(context, caller, part, zone=zone)
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        await unit.people.set_zone(person.number, zone)
        others = await unit.places.of_person(person.number) if person.zone == UNASKED else []
        for other in others:
            if other.zone in {UNASKED, CHOSEN_UTC} and not other.is_shared:
                await unit.places.update(other.number, zone=zone)
    return changed
