"""`/digest`: when papers come to a place, and what its digests hold."""

from __future__ import annotations

from collections.abc import Mapping

from paperwire.commands import places
from paperwire.commands.cadences import cadence_words, time_refusal
from paperwire.commands.context import Command, Context, local, read_number, say, split_options
from paperwire.commands.zones import choose_zone, read_zone, zone_question
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import Destination
from paperwire.errors import CommandError, TimeError
from paperwire.ports.requests import Argument, Caller, CommandSpec, Reply, Request
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec(
    "digest",
    gettext_noop("How often papers come here: at once, or in digests at the times you choose"),
    (
        Argument(
            "query",
            gettext_noop("instant, daily 8am, weekdays 7:30, weekly mon 08:00, and a time zone"),
            required=False,
            completes="time",
        ),
    ),
    (
        Argument("min", gettext_noop("papers a digest waits for, such as 3"), required=False),
        Argument("max", gettext_noop("papers a digest lists at most, such as 20, or all"), required=False),
        Argument("empty", gettext_noop("whether to say so when there is nothing new: yes or no"), required=False),
    ),
    who="manager",
)
MOST_PAPERS = 500
"""Maximum of `min` and `max`."""
_ANSWERS = {"yes": True, "on": True, "no": False, "off": False}


async def answer(context: Context, request: Request) -> Reply:
    """`/digest [CADENCE [ZONE]] [min:3] [max:20] [empty:yes]`: this place's default cadence and its digests."""
    texts = request.texts
    text, options = split_options(request, "min", "max", "empty")
    if not text and not options:
        return await _shown(context, request, texts)
    place = await set_digest(context, request, text, options)
    slot = Cadence.parse(place.cadence).next_slot(place.zone, context.now())
    question, buttons = zone_question(place, request, texts) if slot else ("", ())
    return say(
        *_lines(place, texts),
        texts.gettext("Next digest: %(when)s", when=local(slot, place.zone, texts)) if slot else "",
        question,
        buttons=buttons,
    )


async def set_digest(context: Context, caller: Caller, when: str, options: Mapping[str, str]) -> Destination:
    """Change when papers come to the caller's place, `CADENCE [ZONE]` (empty: as before), and what digests hold.

    `options` are `min`, `max` and `empty` as typed. Returns the place as it is then; raises CommandError.
    """
    changes = read_options(options, caller.texts)
    if when:
        changes |= _read_when(when, caller.texts)
    return await places.update(context, caller, **changes)


async def _shown(context: Context, request: Request, texts: Texts) -> Reply:
    place = await places.settings(context, request)
    lines = _lines(place, texts) if place else [_line("instant", context.zone, texts)]
    timed = place is not None and bool(Cadence.parse(place.cadence).times)
    question, buttons = zone_question(place, request, texts) if place and timed else ("", ())
    how = texts.gettext(
        "To change this: /digest instant, /digest daily 8am berlin, /digest weekdays 7:30 or /digest weekly mon 08:00"
    )
    return say(*lines, how, question, buttons=buttons)


def _read_when(text: str, texts: Texts) -> dict[str, str]:
    """The cadence and the zone that were typed; raises CommandError."""
    try:
        cadence, zone = Cadence.split(text)
    except TimeError as error:
        raise time_refusal(error, texts) from None
    changes = {"cadence": str(cadence)}
    if zone:
        timed = bool(cadence.times) and any(letter.isdigit() for letter in text.removesuffix(zone))
        changes["zone"] = read_zone(zone, texts, timed=timed)
    return changes


def read_options(typed: Mapping[str, str], texts: Texts) -> dict[str, str | int | bool]:
    """What is asked of digests, by the names of a place's settings; raises CommandError."""
    changes: dict[str, str | int | bool] = {}
    for name, value in typed.items():
        word = value.strip().casefold()
        if name == "empty":
            if word not in _ANSWERS:
                raise CommandError(texts.gettext("empty: takes yes or no."))
            changes["digest_empty"] = _ANSWERS[word]
        elif name == "max" and word in {"all", "none", "off"}:
            changes["digest_max"] = 0
        else:
            changes[f"digest_{name}"] = read_number(name, value, MOST_PAPERS, texts)
    return changes


def _lines(place: Destination, texts: Texts) -> list[str]:
    lines = [_line(place.cadence, place.zone, texts)]
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


def _line(cadence: str, zone: str, texts: Texts) -> str:
    return texts.gettext("New papers come here %(when)s.", when=cadence_words(cadence, zone, texts))


COMMANDS = (Command(SPEC, answer, {"zone": choose_zone}),)
