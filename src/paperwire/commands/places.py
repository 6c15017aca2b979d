"""How a place wants its papers: how often, in which hours, in what form, without what, or not at all for now."""

from __future__ import annotations

import difflib
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from paperwire.commands import people
from paperwire.commands.desk import action_number, is_shared, local, only_managers, say, unquoted
from paperwire.commands.searching import stored
from paperwire.core.messages.message import Button, Span
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.subscriptions.cadence import WEEKDAYS, Cadence, Quiet
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.wording import commands as command_words
from paperwire.wording import help as help_words
from paperwire.wording import places as words
from paperwire.wording import subscribing as subscribing_words

if TYPE_CHECKING:
    from paperwire.commands.desk import Desk
    from paperwire.core.papers.paper import Paper
    from paperwire.core.subscriptions.mutes import MuteKind
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.ports import Reply, Request

_OFF = {"off", "none", "no"}
_AUTHORS = 3
_CLASSES = 3
_SUBSCRIPTIONS = 3


@cache
def _zones() -> dict[str, str]:
    """IANA names by how people type them: whole, or by their last part alone where that says enough."""
    names = {name for name in available_timezones() if not name.startswith(("posix", "right", "System"))}
    by_city: dict[str, list[str]] = {}
    for name in sorted(names):
        by_city.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    cities = {city: found[0] for city, found in by_city.items() if len(found) == 1}
    return cities | {name.casefold(): name for name in names}


def read_zone(text: str) -> str:
    """The IANA time zone that is meant (`Europe/Berlin`, `berlin`, `new york`); raises CommandError."""
    typed = "_".join(text.casefold().split())
    if found := _zones().get(typed):
        return found
    near = difflib.get_close_matches(typed, _zones(), n=1, cutoff=0.6)
    raise CommandError(words.no_zone(clean(text, 40), _zones()[near[0]] if near else ""))


def _split_zone(text: str, times: int) -> tuple[str, str]:
    """The words of a cadence or a quiet time, at most `times` of them, and the zone that follows, if any."""
    parts = text.split()
    size = min(times, len(parts))
    weekly = parts[0].casefold() == "weekly"
    while (
        size > 1 and ":" not in parts[size - 1] and not (weekly and size == 2 and parts[1][:3].casefold() in WEEKDAYS)
    ):
        size -= 1
    return " ".join(parts[:size]), " ".join(parts[size:])


async def answer_digest(desk: Desk, request: Request) -> Reply:
    """`/digest [instant|daily HH:MM|weekly DAY HH:MM [ZONE]]`: this place's default cadence."""
    text = unquoted(request.args)
    if not text:
        async with desk.store.read() as unit:
            place = await unit.people.destination_of(request.place)
        if place is None:
            return say(words.place_cadence("instant", desk.zone), words.HOW_DIGEST)
        return say(words.place_cadence(place.cadence, place.zone), words.HOW_DIGEST)
    typed, zone = _split_zone(text, 3)
    try:
        cadence = Cadence.parse(typed)
    except ValueError as error:
        raise CommandError(str(error)) from None
    place = await _update(desk, request, cadence=str(cadence), zone=read_zone(zone) if zone else None)
    slot = cadence.next_slot(place.zone, desk.now())
    return say(
        words.place_cadence(place.cadence, place.zone),
        words.next_digest(local(slot, place.zone)) if slot else "",
        words.NAME_A_ZONE if slot and place.zone == "UTC" and not zone else "",
    )


async def answer_quiet(desk: Desk, request: Request) -> Reply:
    """`/quiet HH:MM-HH:MM [ZONE]|off`: hours in which nothing is sent here."""
    text = unquoted(request.args).replace(" - ", "-")
    if not text:
        async with desk.store.read() as unit:
            place = await unit.people.destination_of(request.place)
        return say(words.quiet(place.quiet if place else "", place.zone if place else desk.zone), words.HOW_QUIET)
    if text.casefold() in _OFF:
        place = await _update(desk, request, quiet="")
        return say(words.quiet("", place.zone))
    typed, zone = _split_zone(text, 1)
    try:
        quiet = Quiet.parse(typed)
    except ValueError as error:
        raise CommandError(str(error)) from None
    place = await _update(desk, request, quiet=str(quiet), zone=read_zone(zone) if zone else None)
    return say(words.quiet(place.quiet, place.zone), words.NAME_A_ZONE if place.zone == "UTC" and not zone else "")


async def answer_style(desk: Desk, request: Request) -> Reply:
    """`/style [auto|cards|list]`."""
    style = unquoted(request.args).casefold()
    if not style:
        async with desk.store.read() as unit:
            place = await unit.people.destination_of(request.place)
        return say(words.style(place.style if place else "auto"), words.HOW_STYLE)
    if style not in help_words.STYLES:
        raise CommandError(command_words.one_of(help_words.STYLES))
    return say(words.style((await _update(desk, request, style=style)).style))


async def _update(desk: Desk, request: Request, **changes: str | None) -> Destination:
    async with desk.store.write() as unit:
        place = await people.here(desk, unit, request)
        await unit.people.update_destination(
            place.number, **{key: value for key, value in changes.items() if value is not None}
        )
        return await unit.people.destination(place.number) or place


async def answer_pause(desk: Desk, request: Request) -> Reply:
    """`/pause`: nothing is sent here until `/resume`."""
    async with desk.store.write() as unit:
        place = await people.here(desk, unit, request)
        await unit.people.pause(place.number, words.paused_by(clean(request.actor.name, 40)))
    return say(words.PLACE_PAUSED, buttons=[[Button(subscribing_words.RESUME, "resume:")]])


async def answer_resume(desk: Desk, request: Request) -> Reply:
    """`/resume`: papers come here again, those that were missed first."""
    if request.place.problem:
        raise CommandError(
            words.cannot_write_there(request.place.title or subscribing_words.HERE, request.place.problem)
        )
    async with desk.store.write() as unit:
        place = await people.here(desk, unit, request)
        await people.reopened(unit, place)
    return say(words.PLACE_RESUMED if place.paused else words.PLACE_WAS_OPEN)


async def press_resume(desk: Desk, request: Request, part: str) -> Reply:
    """The button under a pause: `resume:`."""
    del part
    only_managers(request)
    return await answer_resume(desk, request)


# --- mutes -------------------------------------------------------------------------------------------------------


async def answer_mutes(desk: Desk, request: Request) -> Reply:
    """`/mutes`: what is muted here, with a button each to lift it."""
    async with desk.store.read() as unit:
        place = await unit.people.destination_of(request.place)
        mutes = await unit.people.mutes(place.number) if place else []
    if not mutes:
        return say(words.NO_MUTES)
    rows = [[Button(words.lift(words.mute_name(mute.kind, mute.value)), f"lift:{mute.number}")] for mute in mutes[:20]]
    return say((Span(words.MUTED_HERE, "bold"),), buttons=rows)


async def choose_mute(desk: Desk, request: Request, part: str) -> Reply:
    """What of a paper to mute here: `mute:PAPER` shows its authors, classes and the subscriptions that found it."""
    only_managers(request)
    paper = await stored(desk, part)
    number = paper.number
    rows = [
        [Button(words.mute_author(clean(name, 40)), f"muted:{number}:author:{place}")]
        for place, name in enumerate(paper.authors[:_AUTHORS])
    ]
    classes = paper.categories[:_CLASSES]
    rows.append([Button(clean(name, 20), f"muted:{number}:category:{place}") for place, name in enumerate(classes)])
    async with desk.store.read() as unit:
        found = await people.subscriptions_here(unit, request)
    doc = Doc.of(paper)
    hits = [one for one in found if parse(one.text).matches(doc)][:_SUBSCRIPTIONS]
    rows += [
        [Button(words.mute_subscription(clean(one.name or one.text, 40)), f"muted:{number}:subscription:{one.number}")]
        for one in hits
    ]
    return say(words.WHAT_TO_MUTE, buttons=rows)


async def mute(desk: Desk, request: Request, part: str) -> Reply:
    """Mute it: `muted:PAPER:KIND:WHICH`, which an author's or a class's place in its list, or a subscription."""
    only_managers(request)
    number, _, rest = part.partition(":")
    word, _, which = rest.partition(":")
    kind, value = _muted_value(await stored(desk, number), word, action_number(which))
    async with desk.store.write() as unit:
        place = await people.here(desk, unit, request)
        made = await unit.people.mute(place.number, kind, value)
    name = words.mute_name(kind, value)
    return say(words.muted(name), buttons=[[Button(command_words.UNDO, f"lift:{made.number}")]], edit=True)


def _muted_value(paper: Paper, word: str, which: int) -> tuple[MuteKind, str]:
    if word == "subscription":
        return "subscription", str(which)
    if word == "author" and which < len(paper.authors):
        return "author", paper.authors[which]
    if word == "category" and which < len(paper.categories):
        return "category", paper.categories[which]
    raise CommandError(command_words.OLD_BUTTON)


async def lift(desk: Desk, request: Request, part: str) -> Reply:
    """Hear of it again: `lift:MUTE`."""
    only_managers(request)
    number = action_number(part)
    async with desk.store.write() as unit:
        place = await people.here(desk, unit, request)
        if number not in {mute.number for mute in await unit.people.mutes(place.number)}:
            raise CommandError(words.NO_SUCH_MUTE)
        await unit.people.unmute(number)
    return say(words.LIFTED, edit=True)


# --- what channels tell of a place -------------------------------------------------------------------------------


async def place_changed(desk: Desk, request: Request, part: str) -> Reply:
    """A channel saw a place close to us, open again or move: `place:closed`, `place:open`, `place:moved:ADDRESS`."""
    what, _, address = part.partition(":")
    async with desk.store.write() as unit:
        place = await unit.people.destination_of(request.place)
        closed = place is not None and what == "closed" and not place.paused
        if place is not None and closed:
            await unit.people.pause(place.number, words.CLOSED_TO_US)
        if place is not None and what == "moved" and address:
            await unit.outbox.moved(place.number, address)
    if place is not None and closed:
        desk.closed(place, words.CLOSED_TO_US)
    if what != "open":
        return say()
    if place is not None and place.paused:
        return say(words.BACK_AGAIN)
    return say(command_words.HELLO_ALL) if is_shared(request.place) else say()
