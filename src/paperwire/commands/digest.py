"""`/digest`: how often papers come to a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import places
from paperwire.commands.cadences import cadence_words, read_cadence
from paperwire.commands.context import Command, local, say, unquoted
from paperwire.commands.zones import read_zone, split_zone, zone_hint
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.ports import Argument, CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.ports import Reply, Request
    from paperwire.texts import Texts

SPEC = CommandSpec(
    "digest",
    gettext_noop("How often papers come here: at once, daily or weekly"),
    (
        Argument(
            "query",
            gettext_noop("instant, daily HH:MM or weekly DAY HH:MM, and a time zone such as Europe/Berlin"),
            required=False,
            completes="time",
        ),
    ),
    who="manager",
)


async def answer(context: Context, request: Request) -> Reply:
    """`/digest [instant|daily HH:MM|weekly DAY HH:MM [ZONE]]`: this place's default cadence."""
    texts = texts_in(request.locale)
    text = unquoted(request.args)
    if not text:
        place = await places.settings(context, request)
        cadence, zone = (place.cadence, place.zone) if place else ("instant", context.zone)
        how = texts.gettext("To change this: /digest instant, /digest daily 08:00 berlin or /digest weekly mon 08:00")
        return say(_line(cadence, zone, texts), how)
    typed, zone = split_zone(text, 3)
    cadence = read_cadence(typed, texts)
    place = await places.update(context, request, cadence=cadence, zone=read_zone(zone, texts) if zone else None)
    slot = Cadence.parse(cadence).next_slot(place.zone, context.now())
    return say(
        _line(cadence, place.zone, texts),
        texts.gettext("Next digest: %(when)s", when=local(slot, place.zone, texts)) if slot else "",
        zone_hint(place, zone, texts) if slot else "",
    )


def _line(cadence: str, zone: str, texts: Texts) -> str:
    return texts.gettext("New papers come here %(when)s.", when=cadence_words(cadence, zone, texts))


COMMAND = Command(SPEC, answer)
