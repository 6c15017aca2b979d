"""Time zones as people type and choose them: by city, by abbreviation, and those of the reader's country first."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global

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
_OF_COUNTRIES = {
    "419": ("America/Mexico_City", "America/Bogota", "America/Argentina/Buenos_Aires", "America/Lima"),
    "AR": ("America/Argentina/Buenos_Aires",),
    "AU": ("Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane", "Australia/Perth"),
    "BR": ("America/Sao_Paulo", "America/Fortaleza", "America/Manaus"),
    "CA": ("America/Toronto", "America/Vancouver", "America/Edmonton", "America/Halifax"),
    "CL": ("America/Santiago",),
    "CN": ("Asia/Shanghai",),
    "DE": ("Europe/Berlin",),
    "EC": ("America/Guayaquil",),
    "ES": ("Europe/Madrid", "Atlantic/Canary"),
    "ID": ("Asia/Jakarta", "Asia/Makassar"),
    "KZ": ("Asia/Almaty",),
    "MX": ("America/Mexico_City", "America/Tijuana"),
    "MY": ("Asia/Kuala_Lumpur",),
    "NZ": ("Pacific/Auckland",),
    "PT": ("Europe/Lisbon", "Atlantic/Azores"),
    "RU": ("Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok"),
    "US": ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
}
"""Of countries with several zones those in which most people live, the largest first."""
_CENTRAL = ("Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome")
_EASTERN = ("Europe/Athens", "Europe/Helsinki", "Europe/Bucharest", "Europe/Kyiv")
_ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "cet": _CENTRAL,
    "cest": _CENTRAL,
    "mez": _CENTRAL[:1],
    "mesz": _CENTRAL[:1],
    "eet": _EASTERN,
    "eest": _EASTERN,
    "wet": ("Europe/Lisbon",),
    "west": ("Europe/Lisbon",),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "msk": ("Europe/Moscow",),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "pkt": ("Asia/Karachi",),
    "sgt": ("Asia/Singapore",),
    "hkt": ("Asia/Hong_Kong",),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "aest": ("Australia/Sydney", "Australia/Brisbane"),
    "aedt": ("Australia/Sydney",),
    "awst": ("Australia/Perth",),
    "nzst": ("Pacific/Auckland",),
    "nzdt": ("Pacific/Auckland",),
    "est": ("America/New_York", "America/Toronto", "America/Panama"),
    "edt": ("America/New_York", "America/Toronto"),
    "et": ("America/New_York",),
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Mexico_City"),
    "cdt": ("America/Chicago",),
    "ct": ("America/Chicago",),
    "mst": ("America/Denver", "America/Phoenix"),
    "mdt": ("America/Denver",),
    "mt": ("America/Denver",),
    "pst": ("America/Los_Angeles", "America/Vancouver"),
    "pdt": ("America/Los_Angeles", "America/Vancouver"),
    "pt": ("America/Los_Angeles",),
    "brt": ("America/Sao_Paulo",),
    "art": ("America/Argentina/Buenos_Aires",),
    "sast": ("Africa/Johannesburg",),
    "eat": ("Africa/Nairobi",),
    "wat": ("Africa/Lagos",),
}
"""What people write for the time of a place; where several places write the same, the one with most people first."""
_FEW = 2  # maximum zones offered of a country that isn't named above: of more, the first by name are arbitrary


class UnclearZone(CommandError):
    """What was `typed` is no zone, or the time of several; `zones` are those that may be meant."""

    def __init__(self, message: str, typed: str, zones: Sequence[str]) -> None:
        super().__init__(message)
        self.typed = typed
        self.zones = zones


@cache
def _zones() -> dict[str, str]:
    """IANA names by how people type them: whole, or the last part alone where only one zone ends so."""
    names = {name for name in available_timezones() if not name.startswith(("posix", "right", "System"))}
    by_city: dict[str, list[str]] = {}
    for name in sorted(names):
        by_city.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    cities = {city: zones[0] for city, zones in by_city.items() if len(zones) == 1}
    of_one = {short: zones[0] for short, zones in _ABBREVIATIONS.items() if len(zones) == 1}
    whole = {name.casefold(): name for name in names if name.casefold() not in _ABBREVIATIONS}
    return cities | whole | of_one | {"utc": CHOSEN_UTC}


def read_zone(text: str, texts: Texts, *, timed: bool = True) -> str:
    """The IANA time zone that is meant (`Europe/Berlin`, `berlin`, `new york`, `JST`); raises CommandError.

    After words that are not `timed`, what is no zone may also be meant as a day or a time.
    """
    typed = "_".join(text.casefold().split())
    several = _ABBREVIATIONS.get(typed, ())
    if len(several) > 1:
        # Translators: %(zones)s is a list of time zones such as America/Chicago.
        message = texts.gettext(
            '"%(typed)s" is used for several time zones: %(zones)s. Choose one.',
            typed=clean(text, 40),
            zones=texts.either(several),
        )
        raise UnclearZone(message, text, several)
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
    names = difflib.get_close_matches(typed, _zones(), n=1, cutoff=0.75)
    near = [_zones()[name] for name in names]
    hint = (
        texts.gettext("Did you mean %(zone)s?", zone=near[0])
        if near
        else texts.gettext("Use a city, such as Europe/Berlin or America/New_York.")
    )
    # Translators: %(hint)s is a sentence that says what to type.
    message = texts.gettext("%(typed)s isn't a time zone. %(hint)s", typed=clean(text, 40), hint=hint)
    raise UnclearZone(message, text, near)


def zones_like(text: str, locale: str) -> list[str]:
    """The zones that an abbreviation means, and those whose name or city begins with `text`.

    Those of the reader's country come first, then those of many people.
    """
    typed = "_".join(text.casefold().split())
    alike = sorted({zone for name, zone in _zones().items() if name.startswith(typed) or f"/{typed}" in name})
    return nearest_first([*_ABBREVIATIONS.get(typed, ()), *_much_used_first(alike)], locale)


def _much_used_first(zones: Sequence[str]) -> list[str]:
    used = {*COMMON_ZONES, *(zone for several in _OF_COUNTRIES.values() for zone in several)}
    return sorted(zones, key=lambda zone: zone not in used)


def nearest_first(zones: Sequence[str], locale: str) -> list[str]:
    """The zones, each once, with those of the reader's country first."""
    own = zones_of(locale)
    return sorted(dict.fromkeys(zones), key=lambda zone: own.index(zone) if zone in own else len(own))


def zones_of(locale: str) -> list[str]:
    """The zones of the country that a language implies, those in which most people live first."""
    try:
        reader = Locale.parse(locale.replace("-", "_"))
        if reader.territory is None:
            likely = get_global("likely_subtags")
            reader = Locale.parse(likely.get(str(reader)) or likely.get(reader.language) or str(reader))
    except (ValueError, UnknownLocaleError):
        return []
    country = reader.territory or ""
    zones: list[str] = get_global("territory_zones").get(country, [])
    return list(_OF_COUNTRIES.get(country, zones if len(zones) <= _FEW else ()))
