"""`/digest` and `/quiet`: when papers come to a place, what digests hold, quiet hours and the time zone."""

from __future__ import annotations

from collections.abc import Sequence

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from paperwire.commands.buttons import in_rows
from paperwire.commands.context import Chat, Command, only_managers_line, say, split_options
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC, known_zone, zone_name
from paperwire.core.text.clean import clean
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import places
from paperwire.services.people import only_managers
from paperwire.services.places import set_digest, set_quiet
from paperwire.services.typed import COMMON_ZONES, read_zone, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import cadence_words
from paperwire.wording.times import local

DIGEST = CommandSpec(
    "digest",
    gettext_noop("How often papers come here: at once, or in digests at the times you choose"),
    (
        Argument(
            "query",
            gettext_noop("when: instant, daily 8am, weekdays 7:30, weekly mon 08:00, and a time zone"),
            required=False,
            completes="time",
        ),
    ),
    (
        Argument("min", gettext_noop("papers a digest waits for, such as 3"), required=False),
        Argument("max", gettext_noop("papers a digest lists at most, such as 20, or all"), required=False),
        Argument(
            "empty",
            gettext_noop("whether to say so when there is nothing new"),
            required=False,
            choices=("yes", "no"),
        ),
    ),
    who="viewer",
    topic="settings",
    examples=(
        ("/digest daily 08:00 Europe/Berlin", gettext_noop("one message every morning")),
        ("/digest weekly mon 08:00 min:3", gettext_noop("on Mondays, if there are three papers or more")),
    ),
)
QUIET = CommandSpec(
    "quiet",
    gettext_noop("Hours in which nothing is sent here"),
    (
        Argument(
            "query",
            gettext_noop("hours: 22:00-07:00 or 22-7, and a time zone, or off"),
            required=False,
            completes="hours",
        ),
    ),
    who="viewer",
    topic="settings",
    examples=(
        ("/quiet 22:00-07:00 Europe/Berlin", gettext_noop("nothing at night")),
        ("/quiet off", gettext_noop("at any hour again")),
    ),
)
_OFFERED = 8
_FEW_ZONES = 2
"""Maximum zones offered of a country; of more, only those that many people live in."""
_PER_ROW = 2


async def answer_digest(context: Chat, request: Request) -> Reply:
    """`/digest [CADENCE [ZONE]] [min:3] [max:20] [empty:yes]`: this place's default cadence and its digests."""
    texts = request.texts
    text, options = split_options(request, "min", "max", "empty")
    if not text and not options:
        return await _shown_digest(context, request, texts)
    place = await set_digest(context, request, text, options)
    slot = Cadence.parse(place.cadence).next_slot(place.zone, context.now())
    question, buttons = zone_question(place, request, texts) if slot else ("", ())
    return say(
        *_digest_lines(place, texts),
        texts.gettext("Next digest: %(when)s", when=local(slot, place.zone, texts)) if slot else "",
        question,
        buttons=buttons,
    )


async def _shown_digest(context: Chat, request: Request, texts: Texts) -> Reply:
    place = await places.settings(context, request)
    lines = _digest_lines(place, texts) if place else [_digest_line("instant", context.zone, texts)]
    timed = place is not None and bool(Cadence.parse(place.cadence).times)
    question, buttons = zone_question(place, request, texts) if place and timed else ("", ())
    how = texts.gettext(
        "To change this: /digest instant, /digest daily 8am berlin, /digest weekdays 7:30 or /digest weekly mon 08:00"
    )
    return say(*lines, how if request.may_change else only_managers_line(texts), question, buttons=buttons)


def _digest_lines(place: StoredPlace, texts: Texts) -> list[str]:
    lines = [_digest_line(place.cadence, place.zone, texts)]
    if place.digest_min > 1:
        lines.append(
            texts.gettext("A digest waits until it has %(num)s papers.", num=texts.number(place.digest_min)),
        )
    if place.digest_max:
        lines.append(
            texts.gettext(
                "A digest lists %(num)s papers at most, and links the others.", num=texts.number(place.digest_max)
            )
        )
    if place.digest_empty:
        lines.append(texts.gettext("When there is nothing new, a digest says so."))
    return lines


def _digest_line(cadence: str, zone: str, texts: Texts) -> str:
    return texts.gettext("New papers come here %(when)s.", when=cadence_words(cadence, zone, texts))


# --- /quiet ------------------------------------------------------------------------------------------------------


async def answer_quiet(context: Chat, request: Request) -> Reply:
    """`/quiet [HH:MM-HH:MM [ZONE]|off]`."""
    texts = request.texts
    text = unquoted(request.args)
    if not text:
        place = await places.settings(context, request)
        how = texts.gettext("To change this: /quiet 22:00-07:00 Europe/Berlin or /quiet off")
        question, buttons = zone_question(place, request, texts) if place and place.quiet else ("", ())
        lines = _quiet_line(place.quiet, place.zone, texts) if place else _quiet_line("", "", texts)
        return say(lines, how if request.may_change else only_managers_line(texts), question, buttons=buttons)
    place = await set_quiet(context, request, text)
    question, buttons = zone_question(place, request, texts) if place.quiet else ("", ())
    return say(_quiet_line(place.quiet, place.zone, texts), question, buttons=buttons)


def _quiet_line(hours: str, zone: str, texts: Texts) -> str:
    if not hours:
        return texts.gettext("No quiet hours are set here.")
    start, _, end = hours.partition("-")
    return texts.gettext(
        "Nothing is sent here from %(start)s to %(end)s (%(zone)s). What comes then is sent afterwards.",
        start=start,
        end=end,
        zone=zone_name(zone),
    )


# --- the time zone, asked for where none is known ----------------------------------------------------------------


def zone_question(place: StoredPlace, request: Request, texts: Texts) -> tuple[str, Sequence[Sequence[Button]]]:
    """What to add, with its buttons, to times in a zone that wasn't chosen or no longer exists; else empty.

    Those who may not change it aren't asked.
    """
    if not request.may_change:
        return "", ()
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
    return text, in_rows(buttons, _PER_ROW)


def _offered(locale: str) -> list[str]:
    """The zones of the reader's country, if their language implies it and they are few, and those of many people."""
    try:
        own = Locale.parse(get_global("likely_subtags").get(locale.replace("-", "_"), locale.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        own = Locale("en")
    zones = get_global("territory_zones").get(own.territory or "", [])
    few = zones if len(zones) <= _FEW_ZONES else []  # of many, the first in the alphabet are arbitrary
    return [*dict.fromkeys([*few, *COMMON_ZONES])][:_OFFERED]


async def choose_zone(context: Chat, request: Request, part: str) -> Reply:
    """Set the time zone of a place: `zone:Europe/Berlin`. New places of this person have it from the start."""
    only_managers(request)
    texts = request.texts
    zone = part if part == CHOSEN_UTC else read_zone(part, texts)
    place = await places.set_zone(context, request, zone)
    shown = local(context.now(), place.zone, texts)
    return say(texts.gettext("Time zone: %(zone)s. It is %(now)s.", zone=zone_name(zone), now=shown), edit=True)


COMMANDS = (Command(DIGEST, answer_digest, {"zone": choose_zone}), Command(QUIET, answer_quiet))
