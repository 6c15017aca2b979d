"""Time zones: as people type them after a time, and the question for theirs, asked where none is known."""

from __future__ import annotations

from collections.abc import Sequence

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from paperwire.commands.context import Chat, say
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC, known_zone, zone_name
from paperwire.core.text.clean import clean
from paperwire.ports.requests import Reply, Request
from paperwire.services import people, places
from paperwire.services.people import only_managers
from paperwire.services.zones import COMMON_ZONES, read_zone
from paperwire.texts import Texts
from paperwire.wording.times import local

_OFFERED = 8
_FEW_ZONES = 2
"""Maximum zones offered of a country; of more, only those that many people live in."""
_PER_ROW = 2


def zone_question(place: StoredPlace, request: Request, texts: Texts) -> tuple[str, Sequence[Sequence[Button]]]:
    """What to add, with its buttons, to times in a zone that was not chosen there or is no longer known; else empty."""
    if known_zone(place.zone) is None:
        text = texts.gettext(
            "The time zone %(zone)s doesn't exist any more. Times are in UTC until you choose another:",
            zone=clean(place.zone, 40),
        )
    elif place.zone == "UTC":
        text = texts.gettext(
            "Times are in UTC. Choose your time zone, or add it to the command, such as Europe/Berlin:"
        )
    else:
        return "", ()
    buttons = [Button(name.replace("_", " "), f"zone:{name}") for name in _offered(request.locale)]
    buttons.append(Button("UTC", f"zone:{CHOSEN_UTC}"))
    return text, [buttons[start : start + _PER_ROW] for start in range(0, len(buttons), _PER_ROW)]


def _offered(locale: str) -> list[str]:
    """The zones of the reader's country, if their language tells it and they are few, and those of many people."""
    try:
        own = Locale.parse(get_global("likely_subtags").get(locale.replace("-", "_"), locale.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        own = Locale("en")
    zones = get_global("territory_zones").get(own.territory or "", [])
    few = zones if len(zones) <= _FEW_ZONES else []  # of many, the first in the alphabet help no one
    return [*dict.fromkeys([*few, *COMMON_ZONES])][:_OFFERED]


async def choose_zone(context: Chat, request: Request, part: str) -> Reply:
    """Set the time zone of a place: `zone:Europe/Berlin`. New places of this person have it from the start."""
    only_managers(request)
    texts = request.texts
    zone = part if part == CHOSEN_UTC else read_zone(part, texts)
    place = await places.update(context, request, zone=zone)
    async with context.store.write() as unit:
        person = await people.person(context, unit, request)
        await unit.people.set_zone(person.number, zone)
    shown = local(context.now(), place.zone, texts)
    return say(texts.gettext("Time zone: %(zone)s. It is %(now)s.", zone=zone_name(zone), now=shown), edit=True)
