"""Time zones as people type them."""

from __future__ import annotations

import difflib
from functools import cache
from zoneinfo import available_timezones

from paperwire.core.subscriptions.wallclock import CHOSEN_UTC
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.texts import Texts

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

    After words that are not `timed`, what is no zone may as well be meant for a day or a time.
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
