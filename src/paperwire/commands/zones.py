"""Time zones: as people type them behind a time, and the question which one is theirs, asked where none is known."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from paperwire.commands import people, places
from paperwire.commands.context import Context, local, only_managers, say
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import Destination
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC, known_zone, zone_name
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.requests import Reply, Request
from paperwire.texts import Texts

_OFFERED = 8
_FEW = 2
"""Maximum zones offered of a country; of more, only those that many people live in."""
_PER_ROW = 2
COMMON_ZONES = (
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
)


@cache
def _zones() -> dict[str, str]:
    """IANA names by how people type them: whole, or the last part alone where only one zone ends so."""
    names = {name for name in available_timezones() if not name.startswith(("posix", "right", "System"))}
    by_city: dict[str, list[str]] = {}
    for name in sorted(names):
        by_city.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    cities = {city: zones[0] for city, zones in by_city.items() if len(zones) == 1}
    return cities | {name.casefold(): name for name in names} | {"utc": CHOSEN_UTC}


def read_zone(text: str, texts: Texts, *, timed: bool = True) -> str:
    """The IANA time zone that is meant (`Europe/Berlin`, `berlin`, `new york`); raises CommandError.

    Behind words that are not `timed`, what is no zone may as well be meant for a day or a time.
    """
    typed = "_".join(text.casefold().split())
    if zone := _zones().get(typed):
        return zone
    if not timed and "/" not in typed:
        raise CommandError(
            texts.gettext(
                'Can\'t read "%(typed)s". Use a day such as mon, a time such as 08:00, or a time zone such as '
                "Europe/Berlin.",
                typed=clean(text, 40),
            )
        )
    near = difflib.get_close_matches(typed, _zones(), n=1, cutoff=0.75)
    hint = (
        texts.gettext("Did you mean %(zone)s?", zone=_zones()[near[0]])
        if near
        else texts.gettext("Use a city, such as Europe/Berlin or America/New_York.")
    )
    raise CommandError(texts.gettext("%(typed)s isn't a time zone. %(hint)s", typed=clean(text, 40), hint=hint))


def zones_like(text: str) -> list[str]:
    """The zones whose name or city begins with `text`, in order."""
    typed = "_".join(text.casefold().split())
    return sorted({zone for name, zone in _zones().items() if name.startswith(typed) or f"/{typed}" in name})


def zone_question(place: Destination, request: Request, texts: Texts) -> tuple[str, Sequence[Sequence[Button]]]:
    """What to add, with its buttons, to times in a zone that nobody chose or that is not known any more; else empty."""
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
    few = zones if len(zones) <= _FEW else []  # of many, the first in the alphabet are nobody's
    return [*dict.fromkeys([*few, *COMMON_ZONES])][:_OFFERED]


async def choose_zone(context: Context, request: Request, part: str) -> Reply:
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
