"""`/digest`: when papers come to a place, and what its digests hold."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say, split_options
from paperwire.commands.zones import choose_zone, zone_question
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import places
from paperwire.services.places import set_digest
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import cadence_words
from paperwire.wording.times import local

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


async def answer(context: Chat, request: Request) -> Reply:
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


async def _shown(context: Chat, request: Request, texts: Texts) -> Reply:
    place = await places.settings(context, request)
    lines = _lines(place, texts) if place else [_line("instant", context.zone, texts)]
    timed = place is not None and bool(Cadence.parse(place.cadence).times)
    question, buttons = zone_question(place, request, texts) if place and timed else ("", ())
    how = texts.gettext(
        "To change this: /digest instant, /digest daily 8am berlin, /digest weekdays 7:30 or /digest weekly mon 08:00"
    )
    return say(*lines, how, question, buttons=buttons)


def _lines(place: StoredPlace, texts: Texts) -> list[str]:
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
