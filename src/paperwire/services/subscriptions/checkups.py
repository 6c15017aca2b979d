"""Subscriptions that need a change: looked up now, and the monthly note of them turned off and on."""

from __future__ import annotations

from paperwire.core.subscriptions.checkup import Activity
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context


async def activities_here(context: Context, caller: Caller) -> tuple[list[Activity], bool]:
    """What the subscriptions that go to the caller's place brought, and whether the note is off there."""
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place)
        if place is None:
            return [], False
        activities = await unit.checkups.activity([place.number])
        return activities[place.number], await unit.checkups.is_off(place.number)


async def switch(context: Context, caller: Caller, *, off: bool) -> None:
    """Send the caller's place no more notes, or again."""
    async with context.store.write() as unit:
        place = await people.current_place(context, unit, caller)
        await unit.checkups.switch(place.number, off=off)
