"""`/quiet`: hours in which nothing is sent to a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import places
from paperwire.commands.context import Command, say, unquoted
from paperwire.commands.zones import read_zone, split_zone, zone_hint
from paperwire.core.subscriptions.cadence import Quiet
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports import Argument, CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.ports import Reply, Request
    from paperwire.texts import Texts

SPEC = CommandSpec(
    "quiet",
    gettext_noop("Hours in which nothing is sent here"),
    (Argument("query", gettext_noop("HH:MM-HH:MM and a time zone, or off"), required=False, completes="hours"),),
    who="manager",
)
_OFF = {"off", "none", "no"}


async def answer(context: Context, request: Request) -> Reply:
    """`/quiet [HH:MM-HH:MM [ZONE]|off]`."""
    texts = texts_in(request.locale)
    text = unquoted(request.args).replace(" - ", "-")
    if not text:
        place = await places.settings(context, request)
        how = texts.gettext("To change this: /quiet 22:00-07:00 Europe/Berlin or /quiet off")
        return say(_line(place.quiet, place.zone, texts) if place else _line("", "", texts), how)
    if text.casefold() in _OFF:
        await places.update(context, request, quiet="")
        return say(_line("", "", texts))
    typed, zone = split_zone(text, 1)
    hours = _read_hours(typed, texts)
    place = await places.update(context, request, quiet=hours, zone=read_zone(zone, texts) if zone else None)
    return say(_line(hours, place.zone, texts), zone_hint(place, zone, texts))


def _read_hours(text: str, texts: Texts) -> str:
    """Quiet hours in their canonical form (`22:00-07:00`); raises CommandError."""
    try:
        return str(Quiet.parse(text))
    except ValueError:
        typed = clean(text, 40)
        raise CommandError(
            texts.gettext('Can\'t read "%(typed)s". Use two different times, such as 22:00-07:00.', typed=typed)
        ) from None


def _line(hours: str, zone: str, texts: Texts) -> str:
    if not hours:
        return texts.gettext("No quiet hours are set here.")
    start, _, end = hours.partition("-")
    return texts.gettext(
        "Nothing is sent here from %(start)s to %(end)s (%(zone)s). What comes then is sent afterwards.",
        start=start,
        end=end,
        zone=zone,
    )


COMMAND = Command(SPEC, answer)
