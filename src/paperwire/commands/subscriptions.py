"""The list of subscriptions, and one of them opened: edited, given another cadence, paused, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.desk import (
    action_number,
    is_shared,
    local,
    only_managers,
    place_name,
    read_query,
    say,
    unquoted,
)
from paperwire.commands.previewing import preview, preview_lines
from paperwire.commands.subscribing import OCCASIONS, read_cadence, unsubscribed
from paperwire.core.messages.message import Button, Span
from paperwire.core.query.language import parse
from paperwire.errors import CommandError, QueryError
from paperwire.wording import commands as command_words
from paperwire.wording import subscribing as words

if TYPE_CHECKING:
    from paperwire.commands.desk import Desk
    from paperwire.core.messages.message import Line
    from paperwire.core.subscriptions.subscription import Subscription
    from paperwire.ports import Reply, Request
    from paperwire.store.unit import Unit

_PAGE = 10
_ROW = 4
_SHOWN_QUERY = 200
_OPTIONAL = tuple(name for name in OCCASIONS if name != "arrival")
DEFAULT = "default"
_CHOICES = ("instant", "daily 08:00", "daily 18:00", "weekly mon 08:00", DEFAULT)


async def answer_list(desk: Desk, request: Request) -> Reply:
    """`/subscriptions [N [NEW QUERY]]`: the list, one of them, or one of them with another query."""
    first, _, rest = unquoted(request.args).partition(" ")
    if not first:
        return await _list(desk, request, 0)
    number = first.removeprefix("#")
    if not rest:
        return await open_one(desk, request, number)
    return await _edit(desk, request, number, rest)


async def turn_list(desk: Desk, request: Request, part: str) -> Reply:
    """Another page of the list: `subs:OFFSET`."""
    return await _list(desk, request, action_number(part), edit=True)


async def _list(desk: Desk, request: Request, offset: int, *, edit: bool = False) -> Reply:
    async with desk.store.read() as unit:
        found = await people.subscriptions_here(unit, request)
        page = found[offset : offset + _PAGE]
        lines = [await _row(unit, request, one) for one in page]
    if not found:
        return say(words.NO_SUBSCRIPTIONS_HERE if is_shared(request.place) else words.NO_SUBSCRIPTIONS, edit=edit)
    turns = []
    if offset:
        turns.append(Button(command_words.EARLIER_PAGE, f"subs:{max(offset - _PAGE, 0)}"))
    if offset + _PAGE < len(found):
        turns.append(Button(command_words.NEXT_PAGE, f"subs:{offset + _PAGE}"))
    opens = [Button(words.open_number(one.number), f"sub:{one.number}") for one in page]
    return say(
        (Span(words.subscriptions(len(found)), "bold"),),
        *lines,
        foot=[words.OPEN_ONE],
        buttons=[*(opens[start : start + _ROW] for start in range(0, len(opens), _ROW)), turns],
        edit=edit,
    )


async def _row(unit: Unit, request: Request, one: Subscription) -> Line:
    notes = [one.cadence] if one.cadence else []
    if not is_shared(request.place):
        places = [await unit.people.destination(number) for number in one.destinations]
        notes += [
            place_name(place)
            for place in places
            if place and (place.channel, place.address) != (request.place.channel, request.place.address)
        ]
    notes += [words.PAUSED] if one.paused else []
    line = (Span(f"#{one.number} "), *_titled(one))
    return (*line, Span(words.notes(notes))) if notes else line


def _titled(one: Subscription) -> Line:
    query = Span(one.text if len(one.text) <= _SHOWN_QUERY else one.text[:_SHOWN_QUERY] + "…", "code")
    return (Span(f"{one.name}: ", "bold"), query) if one.name else (query,)


async def open_one(desk: Desk, request: Request, part: str) -> Reply:
    """One subscription with all it wants, and buttons to change it: `sub:N`."""
    async with desk.store.read() as unit:
        one = await people.seen(unit, request, part)
        places = [place for number in one.destinations if (place := await unit.people.destination(number))]
        person = await unit.people.get(one.person)
    cadences = sorted({one.cadence or place.cadence for place in places})
    number = one.number
    toggle = Button(words.RESUME, f"on:{number}") if one.paused else Button(words.PAUSE, f"off:{number}")
    return say(
        (Span(f"#{number} "), *_titled(one)),
        words.PAUSED_LINE if one.paused else "",
        words.goes_to([place_name(place) for place in places], cadences),
        words.tells_of(sorted(one.occasions)),
        words.began(local(one.began_at, person.zone if person else "UTC")),
        buttons=[
            [Button(words.EDIT, f"edit:{number}"), Button(words.WHEN, f"when:{number}")],
            [toggle, Button(words.DELETE, f"del:{number}")],
            [Button(words.toggle(name, on=name in one.occasions), f"also:{number}:{name}") for name in _OPTIONAL],
        ],
    )


async def explain_edit(desk: Desk, request: Request, part: str) -> Reply:
    """How to change a query, ready to copy: `edit:N`."""
    one = await people.changeable(desk, request, part)
    return say(words.EDIT_BY_TYPING, (Span(f"/subscriptions {one.number} {one.text}", "code"),))


async def _edit(desk: Desk, request: Request, number: str, text: str) -> Reply:
    query = read_query(text)
    one = await people.changeable(desk, request, number)
    async with desk.store.write() as unit:
        await unit.subscriptions.edit(one.number, query=query)
    found = await preview(desk, query)
    return say(
        (Span(words.CHANGED, "bold"), Span(text, "code"), Span(f" (#{one.number})")),
        *preview_lines(found),
        words.instead_of(one.text),
        buttons=[[Button(words.DELETE, f"del:{one.number}"), Button(words.OPEN, f"sub:{one.number}")]],
    )


async def choose_cadence(desk: Desk, request: Request, part: str) -> Reply:
    """Which cadence a subscription is to have: `when:N` shows the choices, `when:N:daily 08:00` takes one."""
    number, _, cadence = part.partition(":")
    one = await people.changeable(desk, request, number)
    if not cadence:
        rows = [[Button(words.cadence(choice), f"when:{one.number}:{choice}")] for choice in _CHOICES]
        return say((Span(words.WHICH_CADENCE), *_titled(one)), words.OTHER_TIMES, buttons=rows)
    async with desk.store.write() as unit:
        await unit.subscriptions.edit(one.number, cadence="" if cadence == DEFAULT else read_cadence(cadence))
    return say((*_titled(one), Span(words.now_comes(cadence))), edit=True)


async def toggle_occasion(desk: Desk, request: Request, part: str) -> Reply:
    """Whether to hear of new versions or withdrawals too: `also:N:versions`."""
    number, _, name = part.partition(":")
    if name not in _OPTIONAL:
        raise CommandError(command_words.OLD_BUTTON)
    one = await people.changeable(desk, request, number)
    async with desk.store.write() as unit:
        await unit.subscriptions.toggle(one.number, name)
    return await open_one(desk, request, number)


async def pause_one(desk: Desk, request: Request, part: str) -> Reply:
    """Say nothing of this subscription's papers for a while: `off:N`."""
    return await _pause(desk, request, part, paused=True)


async def resume_one(desk: Desk, request: Request, part: str) -> Reply:
    """Go on with a paused subscription: `on:N`."""
    return await _pause(desk, request, part, paused=False)


async def _pause(desk: Desk, request: Request, part: str, *, paused: bool) -> Reply:
    one = await people.changeable(desk, request, part)
    async with desk.store.write() as unit:
        await unit.subscriptions.pause(one.number, paused=paused)
    return await open_one(desk, request, part)


async def answer_unsubscribe(desk: Desk, request: Request) -> Reply:
    """`/unsubscribe [N or QUERY]`: ends one subscription; without words it lists them with buttons."""
    only_managers(request)
    text = unquoted(request.args)
    async with desk.store.read() as unit:
        found = await people.subscriptions_here(unit, request)
    if not text:
        if not found:
            return say(words.NO_SUBSCRIPTIONS_HERE if is_shared(request.place) else words.NO_SUBSCRIPTIONS)
        rows = [[Button(words.delete(one.number, one.name or one.text), f"del:{one.number}")] for one in found[:_PAGE]]
        return say(words.WHICH_TO_END, buttons=rows)
    one = _named(found, text)
    if one is None:
        raise CommandError(words.NO_SUCH_SUBSCRIPTION)
    await people.changeable(desk, request, str(one.number))
    async with desk.store.write() as unit:
        await unit.subscriptions.delete(one.number)
    return unsubscribed(one)


def _named(found: list[Subscription], text: str) -> Subscription | None:
    """The subscription of this number, else of this query in any spelling, else of this name."""
    for one in found:
        if text.removeprefix("#") == str(one.number):
            return one
    try:
        key = parse(text).key
    except QueryError:
        key = ""
    return next((one for one in found if one.key == key), None) or next(
        (one for one in found if one.name and one.name.casefold() == text.casefold()), None
    )
