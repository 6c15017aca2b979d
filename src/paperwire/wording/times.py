"""Instants as people read them."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_datetime

from paperwire.core.subscriptions.wallclock import clock_of, zone_name
from paperwire.texts import ENGLISH, Texts


def local(moment: datetime, zone: str, texts: Texts) -> str:
    """An instant as people of that zone read it, with the zone's name: `Wed 12 Aug 2026 07:30 Europe/Berlin`."""
    # Translators: a pattern of CLDR for a day with its year and the time: "Wed 12 Aug 2026 07:30".
    shown = format_datetime(moment.astimezone(clock_of(zone)), texts.gettext("EEE d MMM y HH:mm"), locale=texts.locale)
    return f"{shown} {zone_name(zone)}"


def utc(moment: datetime, texts: Texts = ENGLISH) -> str:
    """An instant for texts with readers in all time zones."""
    return local(moment, "UTC", texts)
