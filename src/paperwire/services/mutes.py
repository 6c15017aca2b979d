"""What a place gets no papers of."""

from __future__ import annotations

from paperwire.core.subscriptions.mutes import Mute
from paperwire.errors import CommandError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.rights import only_managers
from paperwire.services.typed import action_number
from paperwire.store.unit import Unit
from paperwire.texts import Texts


async def mutes_here(context: Context, caller: Caller) -> list[Mute]:
    """What is muted in the caller's place."""
    async with context.store.read() as unit:
        place = await unit.places.destination_of(caller.place)
        return await unit.places.mutes(place.number) if place else []


async def lift(context: Context, caller: Caller, part: str) -> None:
    """Mute something no longer in the caller's place; raises CommandError if it isn't muted there."""
    only_managers(caller)
    number = action_number(part)
    async with context.store.write() as unit:
        place = await people.here(context, unit, caller)
        if number not in {mute.number for mute in await unit.places.mutes(place.number)}:
            raise CommandError(caller.texts.gettext("This isn't muted here. /mutes lists what is."))
        await unit.places.unmute(number)


async def mute_name(unit: Unit, mute: Mute, texts: Texts) -> str:
    """What is muted, as people read it."""
    if mute.kind != "subscription":
        return mute.shown
    muted = await unit.subscriptions.get(int(mute.value))
    if muted is None:
        return texts.gettext("a deleted subscription")
    return texts.gettext("subscription #%(number)s", number=muted.ordinal)
