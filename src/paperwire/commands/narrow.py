"""The buttons of a new subscription: its matches of the last week, narrower queries, and the change to one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from paperwire.commands.buttons import turns
from paperwire.commands.context import Chat, say
from paperwire.commands.search import found_items
from paperwire.commands.subscribe import subscribed
from paperwire.commands.subscriptions import revert_action
from paperwire.commands.suggestions import suggestion_lines, suggestion_rows
from paperwire.core.messages.card import list_buttons
from paperwire.core.messages.message import Span
from paperwire.core.query.language import parse
from paperwire.ports.requests import Reply, Request
from paperwire.services import people
from paperwire.services.meaning import calibrate, wanted_query
from paperwire.services.queries import read_query
from paperwire.services.search import preview_if_free, search
from paperwire.services.subscriptions import Subscribed, not_doubled
from paperwire.services.suggest import narrowed
from paperwire.services.typed import StaleButton, action_number

_PAGE = 5
_LAST = timedelta(days=6)


async def last_week(context: Chat, request: Request, part: str) -> Reply:
    """What a subscription matches in the last seven days: `week:N` in a new message, `week:N:OFFSET` turns pages."""
    texts = request.texts
    number, _, typed_offset = part.partition(":")
    offset = action_number(typed_offset or "0")
    subscription = await people.seen(context, request, number)
    async with context.store.read() as unit:
        until = await unit.papers.latest_day()
        if until is None:
            raise StaleButton
    query = parse(subscription.text).of(subscription.person)
    results = await search(
        context.store, context.calibration, query, order="date", since=until - _LAST, limit=_PAGE, offset=offset
    )
    if not results.total:
        return say(texts.gettext("No match in the last 7 days."))
    earlier = f"week:{number}:{max(offset - _PAGE, 0)}" if offset else ""
    later = f"week:{number}:{offset + _PAGE}" if offset + _PAGE < results.total else ""
    count = texts.ngettext("%(num)s match in the last 7 days", "%(num)s matches in the last 7 days", results.total)
    return say(
        (Span(count, "bold"), Span(f" {texts.gettext('for')} "), Span(subscription.text, "code")),
        items=await found_items(context, query, results.papers, texts),
        buttons=[*list_buttons(results.papers, offset + 1), turns(earlier, later, texts)],
        edit=bool(typed_offset),
    )


async def narrow(context: Chat, request: Request, part: str) -> Reply:
    """Narrower queries for a subscription, with their rates: `narrow:N`."""
    texts = request.texts
    subscription = await people.changeable(context, request, part)
    rated = await narrowed(context, parse(subscription.text).of(subscription.person))
    if not rated:
        return say(
            texts.gettext('No narrower query to suggest. Add a word, a "phrase" or cat: with this:'),
            (Span(f"/subscriptions {subscription.ordinal} {subscription.text}", "code"),),
        )
    return say(
        (Span(texts.gettext("Narrower than")), Span(" "), Span(subscription.text, "code"), Span(":")),
        *suggestion_lines(rated, texts),
        buttons=suggestion_rows(context, rated, subscription.number, texts),
    )


async def swap(context: Chat, request: Request, part: str) -> Reply:
    """Give a subscription another query: `swap:N:QUERY`; its Undo gives it back the one before."""
    number, _, text_key = part.partition(":")
    text = context.recent.text(text_key)
    if not text:
        raise StaleButton
    before = await people.changeable(context, request, number)
    query = await wanted_query(context, request, read_query(text, request.texts))
    async with context.store.write() as unit:
        edited = await unit.subscriptions.edit(before.number, query=query)
        places = await unit.places.get_many(before.destinations)
    after = not_doubled(request, before, edited)
    await calibrate(context, after)
    place_here = next((place for place in places.values() if request.place.is_same(place)), None)
    destination = place_here or next(iter(places.values()))
    undo = revert_action(after)
    result = Subscribed(after, destination, await preview_if_free(context, query))
    return replace(await subscribed(context, request, result, undo=undo), edit=True)


BUTTONS = {"week": last_week, "narrow": narrow, "swap": swap}
