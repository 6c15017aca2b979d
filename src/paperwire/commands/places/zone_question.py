"""The question for a chat's time zone, asked where a time is first set, and the buttons that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from paperwire.commands.buttons import in_rows
from paperwire.commands.context import Chat
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC, known_zone
from paperwire.core.text.clean import clean
from paperwire.ports.requests import Request
from paperwire.services.places.zone_choice import settle_zone
from paperwire.services.places.zones import COMMON_ZONES, zones_of

_OFFERED = 8
_PER_ROW = 2


class ZoneQuestion(NamedTuple):
    """What to ask of a place's time zone, with its buttons; empty for nothing."""

    text: str
    buttons: Sequence[Sequence[Button]]


NO_QUESTION = ZoneQuestion("", ())


async def ask_zone(
    context: Chat, request: Request, place: StoredPlace, part: str = ""
) -> tuple[StoredPlace, ZoneQuestion]:
    """The place once times were set there, and what to ask of its zone where none is known.

    `part` is the number of a subscription where the place is the one that it goes to, the name of a command whose
    answer asks, or `here` under any other answer.
    """
    place, is_asked = await settle_zone(context, request, place)
    if not is_asked:
        return place, lost_zone(place, request, part)
    text = request.texts.gettext(
        "Times are in UTC. Choose your time zone, or add it to the command, such as Europe/Berlin:"
    )
    return place, ZoneQuestion(text, zone_buttons("zone", request.locale, part))


def lost_zone(place: StoredPlace | None, request: Request, part: str) -> ZoneQuestion:
    """What to ask where a place's zone no longer exists."""
    if place is None or known_zone(place.zone) is not None or not request.may_change:
        return NO_QUESTION
    text = request.texts.gettext(
        "The time zone %(zone)s doesn't exist any more. Times are in UTC until you choose another:",
        zone=clean(place.zone, 40),
    )
    return ZoneQuestion(text, zone_buttons("zone", request.locale, part))


def zone_buttons(verb: str, locale: str, part: str = "") -> list[Sequence[Button]]:
    """The likely time zones of a language, and UTC: `VERB:Europe/Berlin`, or `VERB:ZONE:PART` with what asks."""
    end = f":{part}" if part else ""
    buttons = [Button(name.replace("_", " "), f"{verb}:{name}{end}") for name in _offered(locale)]
    buttons.append(Button("UTC", f"{verb}:{CHOSEN_UTC}{end}"))
    return in_rows(buttons, _PER_ROW)


def _offered(locale: str) -> list[str]:
    """The zones of the reader's country, if their language implies it, and those of many people."""
    return [*dict.fromkeys([*zones_of(locale), *COMMON_ZONES])][:_OFFERED]
