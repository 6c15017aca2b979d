"""`/subscribe`: new papers that match a query are sent from now on; the answer shows what to expect."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from paperwire.commands import opt_in
from paperwire.commands.buttons import offered
from paperwire.commands.context import Chat, Command, say
from paperwire.commands.occasions import removal
from paperwire.commands.preview import once_read, rate_message
from paperwire.commands.queries import QUERY
from paperwire.commands.search import found_items
from paperwire.commands.suggestions import suggestion_lines, suggestion_rows
from paperwire.core.matching.occasions import ARRIVAL
from paperwire.core.messages.closed import pause_reason
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.search.rated import Rated
from paperwire.ports.requests import Argument, CommandSpec, Question, Reply, Request, Update
from paperwire.services import people
from paperwire.services.opt_in import USUAL, Wish
from paperwire.services.people import only_managers
from paperwire.services.search import preview
from paperwire.services.subscriptions import DEFAULT, EXAMPLE, Subscribed, Wanted, read_wanted, subscribe
from paperwire.services.suggest import suggested
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.expectations import expectations
from paperwire.wording.preview import follows_line, preview_lines
from paperwire.wording.subscribed import route_line

SPEC = CommandSpec(
    "subscribe",
    gettext_noop("Get each new paper that matches a query, here"),
    (replace(QUERY, required=False),),
    (
        Argument(
            "to",
            gettext_noop("where to: a channel or chat where you and this bot may write, or CHANNEL:ADDRESS"),
            required=False,
            kind="place",
        ),
        Argument("name", gettext_noop("a name for this subscription"), required=False),
        Argument(
            "when",
            gettext_noop("instant, daily 8am, weekdays 7:30, weekly mon 08:00 or monthly 1 08:00"),
            required=False,
            completes="cadence",
        ),
        Argument("occasions", gettext_noop("arrival, versions or withdrawn, several with commas"), required=False),
        Argument("role", gettext_noop("a role of this server that each alert mentions"), required=False, kind="role"),
    ),
    who="manager",
)


async def answer(context: Chat, request: Request) -> Reply:
    """`/subscribe QUERY`; without a query it asks for one."""
    wish = read_wanted(request.args, request.options, request.texts)
    if not wish.text:
        return _ask(request, request.texts)
    return await _done(context, request, wish)


async def _done(context: Chat, request: Request, wanted: Wanted) -> Reply:
    """Subscribe and say so; Undo of what was there before only takes back what was changed of it.

    What is to go to another account's address waits for its reader to confirm it.
    """
    try:
        result = await subscribe(context, request, wanted)
    except people.Unconfirmed as refused:
        occasions = tuple(sorted(wanted.occasions or ARRIVAL))
        wish = Wish(text=wanted.text, cadence=wanted.cadence or USUAL, zone=context.zone, occasions=occasions)
        return await opt_in.ask_from_chat(context, request, refused.place, wish)
    return await subscribed(context, request, result, undo=_way_back(result))


def _way_back(result: Subscribed) -> str | None:
    """The action that takes back what was changed of a subscription that was there; empty where nothing was.

    None where no button can: a name or a role.
    """
    now, before = result.subscription, result.before
    if before is None:
        return ""
    if added := now.occasions - before.occasions:
        return removal(now.number, added)
    if now.cadence != before.cadence:
        return f"when:{now.number}:{before.cadence or DEFAULT}"
    if before.paused:
        return f"off:{now.number}"
    return "" if (now.name, now.mention) == (before.name, before.mention) else None


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The button under a query and its options: `add:QUERY`."""
    only_managers(request)
    wish = read_wanted(offered(context, part), {}, request.texts)
    return await _done(context, request, wish)


def _ask(request: Request, texts: Texts) -> Reply:
    """The question for a query; a channel, where no one can reply, reads what to post."""
    is_channel = request.place.kind == "channel" and request.actor.user_id == request.place.address
    if is_channel:
        return say(texts.gettext("Add what to look for:"), (Span(f"/subscribe {EXAMPLE}", "code"),))
    how = (
        texts.gettext("Reply to this message with it, for example:")
        if request.place.is_shared
        else texts.gettext("Send it as your next message, for example:")
    )
    reply = say(
        (Span(texts.gettext("What are you looking for?"), "bold"),),
        how,
        (Span(EXAMPLE, "code"),),
        texts.gettext("To stop, send: cancel"),
    )
    question = Question(SPEC.name, texts.gettext("What are you looking for?"), EXAMPLE, request.options)
    return replace(reply, question=question)


def _following(request: Request, result: Subscribed, texts: Texts) -> Reply:
    """The answer after following a list; stored papers give no estimate of its rate."""
    subscription = result.subscription
    head = Span(texts.gettext("Subscribed:"), "bold")
    return say(
        (head, Span(" "), Span(subscription.text, "code"), Span(f" (#{subscription.ordinal})")),
        texts.gettext("What people submit with /submit."),
        route_line(subscription, result.destination, request.place, texts),
        buttons=_buttons(result, [], "", texts),
    )


async def subscribed(context: Chat, request: Request, result: Subscribed, *, undo: str | None = "") -> Reply:
    """What a subscription is now, and what to expect of it; `undo` is the action that takes it back (None: none)."""
    texts = request.texts
    if result.preview.query.list:
        return _following(request, result, texts)
    subscription, destination, previewed = result.subscription, result.destination, result.preview
    rated = await suggested(context, previewed)
    foot: list[str | Line] = [
        *suggestion_lines(rated, texts),
        route_line(subscription, destination, request.place, texts),
    ]
    if not previewed.is_final:
        foot.append(follows_line(texts))
    foot += expectations(context.announcing(), previewed.query, subscription, destination, texts)
    if destination.paused:
        foot.append(
            texts.gettext(
                "⚠ Deliveries are paused (%(reason)s) until /resume there.",
                reason=pause_reason(destination.paused, texts),
            )
        )
    if request.place.is_shared and request.place.is_same(destination):
        foot.append(texts.gettext("Everyone here sees them. Managers can change them with /subscriptions."))
    name = f"{subscription.name}: " if subscription.name else ""
    reply = say(
        (
            Span(texts.gettext("Subscribed:"), "bold"),
            Span(f" {name}"),
            Span(subscription.text, "code"),
            Span(f" (#{subscription.ordinal})"),
        ),
        *preview_lines(previewed, texts),
        items=await found_items(context, previewed.query, previewed.samples, texts),
        foot=foot,
        buttons=[*suggestion_rows(context, rated, subscription.number, texts), *_buttons(result, rated, undo, texts)],
    )
    if previewed.is_final:
        return reply
    return replace(reply, update=partial(once_read, context, partial(_updated, context, request, result, undo)))


async def _updated(context: Chat, request: Request, before: Subscribed, undo: str | None) -> Update | None:
    """The answer once its rate is known; None if the subscription is another by now."""
    async with context.store.read() as unit:
        now = await unit.subscriptions.get(before.subscription.number)
        place = await unit.places.get(before.destination.number)
    if now is None or place is None or now.key != before.subscription.key:
        return None
    previewed = await preview(context, before.preview.query)
    reply = await subscribed(context, request, Subscribed(now, place, previewed), undo=undo)
    return Update(reply, rate_message(now.text, previewed, request.texts))


def _buttons(result: Subscribed, rated: list[Rated], undo: str | None, texts: Texts) -> list[list[Button]]:
    number, total = result.subscription.number, result.preview.total
    changes = [Button(texts.gettext("When…"), f"when:{number}")]
    if total and not rated and result.preview.query.like is None:
        changes.append(Button(texts.gettext("Narrow…"), f"narrow:{number}"))
    if undo is not None:
        changes.append(Button(texts.gettext("Undo"), undo or f"undo:{number}"))
    week = [Button(texts.gettext("Show last week's"), f"week:{number}")] if total else []
    return [week, changes]


COMMANDS = (Command(SPEC, answer, {"add": press}),)
