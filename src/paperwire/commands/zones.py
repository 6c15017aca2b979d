"""Time zones as people type them, behind a time or hours."""

from __future__ import annotations

import difflib
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from paperwire.core.subscriptions.cadence import WEEKDAYS
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError

if TYPE_CHECKING:
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.texts import Texts


@cache
def _zones() -> dict[str, str]:
    """IANA names by how people type them: whole, or the last part alone where only one zone ends so."""
    names = {name for name in available_timezones() if not name.startswith(("posix", "right", "System"))}
    by_city: dict[str, list[str]] = {}
    for name in sorted(names):
        by_city.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    cities = {city: zones[0] for city, zones in by_city.items() if len(zones) == 1}
    return cities | {name.casefold(): name for name in names}


def read_zone(text: str, texts: Texts) -> str:
    """The IANA time zone that is meant (`Europe/Berlin`, `berlin`, `new york`); raises CommandError."""
    typed = "_".join(text.casefold().split())
    if zone := _zones().get(typed):
        return zone
    near = difflib.get_close_matches(typed, _zones(), n=1, cutoff=0.6)
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


def split_zone(text: str, times: int) -> tuple[str, str]:
    """The words of a cadence or of quiet hours, at most `times` of them, and the zone that follows, if any."""
    parts = text.split()
    size = min(times, len(parts))
    weekly = parts[0].casefold() == "weekly"
    while (
        size > 1 and ":" not in parts[size - 1] and not (weekly and size == 2 and parts[1][:3].casefold() in WEEKDAYS)
    ):
        size -= 1
    return " ".join(parts[:size]), " ".join(parts[size:])


def zone_hint(place: Destination, zone: str, texts: Texts) -> str:
    """What to add where times are UTC because no zone was typed, else empty."""
    if zone or place.zone != "UTC":
        return ""
    return texts.gettext("Times are in UTC. To use your time zone, add it, such as Europe/Berlin.")
