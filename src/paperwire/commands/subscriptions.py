"""`/subscriptions`: the list, and one of them opened: edited, given another cadence, paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.cadences import read_cadence
from paperwire.commands.context import Command, StaleButton, action_number, is_shared, local, place_name, say, unquoted
from paperwire.commands.pages import offset_turns
from paperwire.commands.preview import preview, preview_lines
from paperwire.commands.queries import read_query
from paperwire.commands.subscribe import is_at, route_line
from paperwire.core.messages.message import Button, Span
from paperwire.ports import Argument, CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paperwire.commands.context import Context
    from paperwire.core.messages.message import Line
    from paperwire.core.subscriptions.subscription import Destination, Subscription
    from paperwire.ports import Place, Reply, Request
    from paperwire.texts import Texts

SPEC = CommandSpec(
    "subscriptions",
    gettext_noop("Your subscriptions; open one to edit, pause or delete it"),
    (
        Argument(
            "query",
            gettext_noop("a subscription's number, and its new query to change it"),
            required=False,
            completes="subscription",
        ),
    ),
)

DEFAULT = "default"
_PAGE = 10
_ROW = 4
_SHOWN_QUERY = 200
_CADENCES = {
    "instant": gettext_noop("At once"),
    "daily 08:00": gettext_noop("Every day at 08:00"),
    "daily 18:00": gettext_noop("Every day at 18:00"),
    "weekly mon 08:00": gettext_noop("Mondays at 08:00"),
    DEFAULT: gettext_noop("Same as the chat"),
}
_OCCASIONS = {
    "arrival": gettext_noop("new papers"),
    "versions": gettext_noop("new versions"),
    "withdrawn": gettext_noop("withdrawals"),
}
_TOGGLES = {
    "versions": (gettext_noop("Add new versions"), gettext_noop("Remove new versions")),
    "withdrawn": (gettext_noop("Add withdrawals"), gettext_noop("Remove withdrawals")),
}


async def answer(context: Context, request: Request) -> Reply:
    """`/subscriptions [N [NEW QUERY]]`: the list, one of them, or one of them with another query."""
    first, _, rest = unquoted(request.args).partition(" ")
    if not first:
        return await _list(context, request, 0)
    number = first.removeprefix("#")
    return await (_edit(context, request, number, rest) if rest else open_one(context, request, number))


async def turn_page(context: Context, request: Request, part: str) -> Reply:
    """Another page of the list: `subs:OFFSET`."""
    return await _list(context, request, action_number(part), edit=True)


def no_subscriptions(place: Place, texts: Texts) -> str:
    """What to do where nothing is subscribed yet."""
    if is_shared(place):
        return texts.gettext("No subscriptions here yet. Managers can add one with /subscribe and a query.")
    return texts.gettext("You have no subscriptions yet. Start with /subscribe and what interests you.")


async def _list(context: Context, request: Request, offset: int, *, edit: bool = False) -> Reply:
    texts = texts_in(request.locale)
    async with context.store.read() as unit:
        subscriptions = await people.subscriptions_here(unit, request)
        page = subscriptions[offset : offset + _PAGE]
        places = await unit.people.destinations(sorted({number for each in page for number in each.destinations}))
    if not subscriptions:
        return say(no_subscriptions(request.place, texts), edit=edit)
    lines = [_row(each, places, request.place, texts) for each in page]
    opens = [Button(texts.gettext("Open %(number)s", number=each.number), f"sub:{each.number}") for each in page]
    return say(
        (Span(texts.ngettext("%(num)s subscription", "%(num)s subscriptions", len(subscriptions)), "bold"),),
        *lines,
        foot=[texts.gettext("Open one with its button, or with /subscriptions and its number.")],
        buttons=[
            *(opens[start : start + _ROW] for start in range(0, len(opens), _ROW)),
            offset_turns("subs", offset, _PAGE, len(subscriptions), texts),
        ],
        edit=edit,
    )


def _row(subscription: Subscription, places: Mapping[int, Destination], here: Place, texts: Texts) -> Line:
    notes = [subscription.cadence] if subscription.cadence else []
    if not is_shared(here):
        others = [places[number] for number in subscription.destinations if number in places]
        notes += [place_name(place, texts) for place in others if not is_at(place, here)]
    notes += [texts.gettext("paused")] if subscription.paused else []
    line = (Span(f"#{subscription.number} "), *_title(subscription))
    return (*line, Span(f" ({', '.join(notes)})")) if notes else line


def _title(subscription: Subscription) -> Line:
    text = subscription.text
    query = Span(text if len(text) <= _SHOWN_QUERY else text[:_SHOWN_QUERY] + "…", "code")
    return (Span(f"{subscription.name}: ", "bold"), query) if subscription.name else (query,)


async def open_one(context: Context, request: Request, part: str) -> Reply:
    """One subscription with all its settings, and buttons to change it: `sub:N`."""
    texts = texts_in(request.locale)
    async with context.store.read() as unit:
        subscription = await people.seen(unit, request, part)
        places = await unit.people.destinations(subscription.destinations)
        person = await unit.people.get(subscription.person)
    began = local(subscription.began_at, person.zone if person else "UTC", texts)
    occasions = [texts.gettext(name) for key, name in _OCCASIONS.items() if key in subscription.occasions]
    number, paused = subscription.number, subscription.paused
    toggles = [
        Button(texts.gettext(labels[key in subscription.occasions]), f"also:{number}:{key}")
        for key, labels in _TOGGLES.items()
    ]
    return say(
        (Span(f"#{number} "), *_title(subscription)),
        texts.gettext("This subscription is paused.") if paused else "",
        *(route_line(subscription, place, request.place, texts) for place in places.values()),
        texts.gettext("Includes %(occasions)s.", occasions=texts.join(occasions)),
        texts.gettext("Subscribed on %(when)s.", when=began),
        buttons=[
            [Button(texts.gettext("Edit"), f"edit:{number}"), Button(texts.gettext("When…"), f"when:{number}")],
            [
                Button(texts.gettext("Resume"), f"on:{number}")
                if paused
                else Button(texts.gettext("Pause"), f"off:{number}"),
                Button(texts.gettext("Delete"), f"del:{number}"),
            ],
            toggles,
        ],
    )


async def explain_edit(context: Context, request: Request, part: str) -> Reply:
    """How to change a query, ready to copy: `edit:N`."""
    subscription = await people.changeable(context, request, part)
    return say(
        texts_in(request.locale).gettext("To change the query, send this with the new one:"),
        (Span(f"/subscriptions {subscription.number} {subscription.text}", "code"),),
    )


async def _edit(context: Context, request: Request, number: str, text: str) -> Reply:
    texts = texts_in(request.locale)
    query = read_query(text, texts)
    before = await people.changeable(context, request, number)
    async with context.store.write() as unit:
        await unit.subscriptions.edit(before.number, query=query)
    return say(
        (Span(texts.gettext("Changed:"), "bold"), Span(" "), Span(text, "code"), Span(f" (#{before.number})")),
        *preview_lines(await preview(context, query), texts),
        texts.gettext("Before: %(query)s", query=before.text),
        buttons=[
            [
                Button(texts.gettext("Delete"), f"del:{before.number}"),
                Button(texts.gettext("Open"), f"sub:{before.number}"),
            ]
        ],
    )


async def choose_cadence(context: Context, request: Request, part: str) -> Reply:
    """The cadence of a subscription: `when:N` shows the choices, `when:N:daily 08:00` takes one."""
    texts = texts_in(request.locale)
    number, _, cadence = part.partition(":")
    subscription = await people.changeable(context, request, number)
    if not cadence:
        return say(
            (Span(texts.gettext("How often should papers be sent for")), Span(" "), *_title(subscription)),
            texts.gettext("For other times: /digest for this whole chat, or when:daily 07:30 behind /subscribe"),
            buttons=[
                [Button(texts.gettext(label), f"when:{subscription.number}:{choice}")]
                for choice, label in _CADENCES.items()
            ],
        )
    chosen = "" if cadence == DEFAULT else read_cadence(cadence, texts)
    async with context.store.write() as unit:
        await unit.subscriptions.edit(subscription.number, cadence=chosen)
    label = texts.gettext(_CADENCES[cadence]) if cadence in _CADENCES else chosen
    return say((*_title(subscription), Span(f": {label}")), edit=True)


async def toggle_occasion(context: Context, request: Request, part: str) -> Reply:
    """Add or remove new versions or withdrawals: `also:N:versions`."""
    number, _, name = part.partition(":")
    if name not in _TOGGLES:
        raise StaleButton
    subscription = await people.changeable(context, request, number)
    async with context.store.write() as unit:
        await unit.subscriptions.toggle(subscription.number, name)
    return await open_one(context, request, number)


async def pause_one(context: Context, request: Request, part: str) -> Reply:
    """Send nothing of this subscription for a while: `off:N`."""
    return await _pause(context, request, part, paused=True)


async def resume_one(context: Context, request: Request, part: str) -> Reply:
    """Go on with a paused subscription: `on:N`."""
    return await _pause(context, request, part, paused=False)


async def _pause(context: Context, request: Request, part: str, *, paused: bool) -> Reply:
    subscription = await people.changeable(context, request, part)
    async with context.store.write() as unit:
        await unit.subscriptions.pause(subscription.number, paused=paused)
    return await open_one(context, request, part)


COMMAND = Command(
    SPEC,
    answer,
    {
        "sub": open_one,
        "subs": turn_page,
        "edit": explain_edit,
        "when": choose_cadence,
        "also": toggle_occasion,
        "off": pause_one,
        "on": resume_one,
    },
)
