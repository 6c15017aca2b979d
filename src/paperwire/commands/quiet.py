"""`/quiet`: hours in which nothing is sent to a place."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.zones import zone_question
from paperwire.core.subscriptions.wallclock import zone_name
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import places
from paperwire.services.places import set_quiet
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec(
    "quiet",
    gettext_noop("Hours in which nothing is sent here"),
    (
        Argument(
            "query", gettext_noop("22:00-07:00 or 22-7, and a time zone, or off"), required=False, completes="hours"
        ),
    ),
    who="manager",
)


async def answer(context: Chat, request: Request) -> Reply:
    """`/quiet [HH:MM-HH:MM [ZONE]|off]`."""
    texts = request.texts
    text = unquoted(request.args)
    if not text:
        place = await places.settings(context, request)
        how = texts.gettext("To change this: /quiet 22:00-07:00 Europe/Berlin or /quiet off")
        question, buttons = zone_question(place, request, texts) if place and place.quiet else ("", ())
        lines = _line(place.quiet, place.zone, texts) if place else _line("", "", texts)
        return say(lines, how, question, buttons=buttons)
    place = await set_quiet(context, request, text)
    question, buttons = zone_question(place, request, texts) if place.quiet else ("", ())
    return say(_line(place.quiet, place.zone, texts), question, buttons=buttons)


def _line(hours: str, zone: str, texts: Texts) -> str:
    if not hours:
        return texts.gettext("No quiet hours are set here.")
    start, _, end = hours.partition("-")
    return texts.gettext(
        "Nothing is sent here from %(start)s to %(end)s (%(zone)s). What comes then is sent afterwards.",
        start=start,
        end=end,
        zone=zone_name(zone),
    )


COMMANDS = (Command(SPEC, answer),)
