"""`/subscribe`: new papers that match a query are sent from now on; what to expect of it, and narrower queries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from paperwire.commands.buttons import back_row, in_english_row, offered, offset_pager
from paperwire.commands.context import QUERY, Chat, Command, explained, say
from paperwire.commands.papers.papers import not_subscribed
from paperwire.commands.papers.preview import offer_instead, once_read, rate_message, suggestion_lines
from paperwire.commands.papers.search import found_items
from paperwire.commands.places.mailbox import ask_from_chat
from paperwire.commands.places.zone_question import NO_QUESTION, ZoneQuestion, ask_zone
from paperwire.commands.subscriptions.calmer import which
from paperwire.commands.subscriptions.subscription_buttons import removal, revert_action, suggestion_rows
from paperwire.commands.subscriptions.subscriptions import LONGEST_NAME, open_one
from paperwire.core.matching.occasions import ARRIVAL
from paperwire.core.messages.calmer import calmer_buttons
from paperwire.core.messages.card import list_buttons
from paperwire.core.messages.closed import pause_reason
from paperwire.core.messages.message import FIRST, Button, Line, Span, styled
from paperwire.core.papers.named import paper_named
from paperwire.core.query.language import parse
from paperwire.core.query.sentences import sentence_in
from paperwire.core.search.suggestion import Difference, Rated
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.text.clean import clean
from paperwire.ports.callers import Place
from paperwire.ports.requests import Argument, CommandSpec, Question, Reply, Request, Update
from paperwire.services import people
from paperwire.services.accounts.opt_in import USUAL, Wish, asker_of
from paperwire.services.papers.meaning import whose
from paperwire.services.papers.search import last_week, preview_if_free
from paperwire.services.papers.suggest import narrowed, suggested
from paperwire.services.people import only_managers
from paperwire.services.places.calmer import still_there
from paperwire.services.subscriptions.subscriptions import (
    EXAMPLE,
    Subscribed,
    SubscriptionDraft,
    as_now,
    edit_query,
    place_of,
    read_draft,
    subscribe,
)
from paperwire.services.subscriptions.undo import changes_of, take_back
from paperwire.services.typed import StaleButton, action_number
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.expectations import expectations
from paperwire.wording.places import place_name, route_line
from paperwire.wording.preview import follows_line, preview_lines

# Translators: of /subscribe: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "subscribe",
    gettext_noop("Get each new paper that matches a query, here"),
    (replace(QUERY, required=False),),
    (
        Argument(
            "to",
            gettext_noop("me for your private chat, a channel where you and this bot may write, or CHANNEL:ADDRESS"),
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
        Argument(
            "occasions",
            gettext_noop("arrival, versions or withdrawn, several with commas"),
            required=False,
            completes="occasions",
        ),
        Argument("role", gettext_noop("a role of this server that each alert mentions"), required=False, kind="role"),
    ),
    who="manager",
    topic="follow",
    examples=(
        ('/subscribe "graph neural" cat:cs.LG', gettext_noop("the phrase, in one category")),
        ("/subscribe lora -survey when:daily 08:00", gettext_noop("every morning, in one message")),
    ),
)
_PAGE = 5


async def answer(context: Chat, request: Request) -> Reply:
    """`/subscribe QUERY`; without a query it asks for one."""
    wish = read_draft(request.args, request.options, request.texts)
    if not wish.text:
        return _ask(request, request.texts)
    if paper_id := paper_named(wish.text):
        return await not_subscribed(context, paper_id, request.texts)
    sentence = sentence_in(wish.text)
    if sentence is not None and sentence.is_request:
        return await offer_instead(context, request, wish.text, sentence, wish.options)
    return await _done(context, request, wish)


async def _done(context: Chat, request: Request, draft: SubscriptionDraft) -> Reply:
    """Subscribe and say so; Undo of what was there before only takes back what was changed of it.

    What is to go to another account's address waits for its reader to confirm it.
    """
    try:
        result = await subscribe(context, request, draft)
    except people.Unconfirmed as refused:
        occasions = tuple(sorted(draft.occasions or ARRIVAL))
        zone, _ = await asker_of(context, request)
        wish = Wish(text=draft.text, cadence=draft.cadence or USUAL, zone=zone, occasions=occasions)
        return await ask_from_chat(context, request, refused.place, wish)
    undo, subscription = _way_back(context, result, request.texts), result.subscription
    if not Cadence.parse(subscription.cadence or result.destination.cadence).times:
        return await subscribed(context, request, result, undo=undo)
    place, asks = await ask_zone(context, request, result.destination, str(subscription.number))
    return await subscribed(context, request, replace(result, destination=place), undo=undo, asks=asks)


def _way_back(context: Chat, result: Subscribed, texts: Texts) -> str | None:
    """The action that takes back what was changed of a subscription that was there; empty for a new one.

    None where nothing was changed.
    """
    before, now = result.before, result.subscription
    if before is None:
        return ""
    if changes_of(before, now).keys() == {"occasions"}:
        return removal(now.number, now.occasions - before.occasions)
    return next((button.action for button in back_row(context, before, now, texts)), None)


async def press_back(context: Chat, request: Request, part: str) -> Reply:
    """Take back what `/subscribe` changed of a subscription that was there: `back:N:CHANGES`."""
    number, _, key = part.partition(":")
    try:
        changes = json.loads(offered(context, key))
        await take_back(context, request, number, changes)
    except (AttributeError, TypeError, ValueError):  # no button of ours says so
        raise StaleButton from None
    return replace(await open_one(context, request, number), edit=True)


def _was_there(result: Subscribed, texts: Texts) -> str:
    """That a subscription was already there, and who added it; empty for a new one."""
    if result.before is None:
        return ""
    if name := clean(result.before.adder, LONGEST_NAME):
        return texts.gettext("It was already there, added by %(name)s.", name=name)
    return texts.gettext("It was already there.")


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The button under a query, with its options: `add:QUERY`."""
    wish = read_draft(offered(context, part), {}, request.texts)
    if not wish.is_personal:
        only_managers(request)
    return await _done(context, request, wish)


def _ask(request: Request, texts: Texts) -> Reply:
    """The question for a query; a channel, whose posts get no replies, reads what to post."""
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
    question = Question(
        SPEC.name,
        texts.gettext("What are you looking for?"),
        EXAMPLE,
        request.options,
        explanation=explained(
            texts.gettext(
                'Words that papers must have, a "phrase", cat:cs.CL for a category, au:name for an author, -word to '
                "leave papers with it out, or OR between two words for either."
            )
        ),
    )
    return replace(reply, question=question)


def _head(result: Subscribed, texts: Texts) -> Line:
    subscription = result.subscription
    query = Span(subscription.text, "code")
    name = (Span(f"{subscription.name}: "), query) if subscription.name else query
    # Translators: %(subscription)s is its name and query, %(number)s its number.
    text = texts.gettext("Subscribed: %(subscription)s (#%(number)s)", subscription=FIRST, number=subscription.ordinal)
    return styled(text, name, style="bold")


def _following(request: Request, result: Subscribed, undo: str | None, asks: ZoneQuestion) -> Reply:
    """The answer after following a list; stored papers give no estimate of its rate."""
    texts, subscription = request.texts, result.subscription
    return say(
        _head(result, texts),
        _was_there(result, texts),
        texts.gettext("Papers that people submit with /submit."),
        route_line(subscription, result.destination, request.place, texts),
        asks.text,
        buttons=[*_buttons(result, [], undo, texts), *asks.buttons],
    )


async def subscribed(
    context: Chat, request: Request, result: Subscribed, *, undo: str | None = "", asks: ZoneQuestion = NO_QUESTION
) -> Reply:
    """What a subscription is now, to expect of it, and `asks` of the zone; `undo` takes it back (None: none does)."""
    texts = request.texts
    if result.preview.query.list:
        return _aside(_following(request, result, undo, asks), request, result.destination)
    subscription, previewed = result.subscription, result.preview
    rated = await suggested(context, previewed)
    reply = say(
        _head(result, texts),
        _was_there(result, texts),
        *preview_lines(previewed, texts),
        items=await found_items(context, previewed.query, previewed.samples, texts),
        foot=[*suggestion_lines(rated, texts), *_where_and_when(context, request.place, result, texts), asks.text],
        buttons=[
            in_english_row(
                context, f"swap:{subscription.number}", subscription.text, texts, [each.text for each in rated]
            )
            if previewed.finds_nothing
            else [],
            *suggestion_rows(context, rated, subscription.number, texts),
            *_buttons(result, rated, undo, texts),
            *asks.buttons,
        ],
    )
    reply = _aside(reply, request, result.destination)
    if previewed.is_final:
        return reply
    return replace(reply, update=partial(once_read, context, partial(_updated, context, request, result, undo, asks)))


def _aside(reply: Reply, request: Request, destination: StoredPlace) -> Reply:
    """The answer in a group to who subscribed their private chat, which no button in the group may change."""
    if not request.place.is_shared or destination.kind != "private":
        return reply
    return replace(reply, message=replace(reply.message, buttons=()), aside=True)


def _where_and_when(context: Chat, place: Place, result: Subscribed, texts: Texts) -> list[str]:
    """Where papers go and when, what else to expect, and who sees and changes them."""
    subscription, destination = result.subscription, result.destination
    lines = [route_line(subscription, destination, place, texts)]
    if not result.preview.is_final:
        lines.append(follows_line(texts))
    lines += expectations(context.announcing(), result.preview.query, subscription, destination, texts)
    if destination.paused:
        lines.append(_paused_line(destination, place, texts))
    if place.is_shared and place.is_same(destination):
        lines.append(texts.gettext("Everyone here sees them. Managers can change them with /subscriptions."))
    return lines


def _paused_line(destination: StoredPlace, place: Place, texts: Texts) -> str:
    reason = pause_reason(destination.paused, texts)
    if place.is_same(destination):
        return texts.gettext("⚠ Deliveries are paused here (%(reason)s) until /resume.", reason=reason)
    return texts.gettext(
        "⚠ Deliveries to %(place)s are paused (%(reason)s) until /resume there.",
        place=place_name(destination, texts),
        reason=reason,
    )


async def _updated(
    context: Chat, request: Request, before: Subscribed, undo: str | None, asks: ZoneQuestion
) -> Update | None:
    """The answer once its rate is known; None if the subscription is another by now."""
    current = await as_now(context, before)
    if current is None:
        return None
    reply = await subscribed(context, request, current, undo=undo, asks=asks)
    return Update(reply, rate_message(current.subscription.text, current.preview, request.texts))


def _buttons(result: Subscribed, rated: list[Rated], undo: str | None, texts: Texts) -> list[Sequence[Button]]:
    number, total = result.subscription.number, result.preview.total
    changes = [Button(texts.gettext("When…"), f"when:{number}")]
    back = [] if undo is None else [Button(texts.gettext("Undo"), undo or f"undo:{number}")]
    week = [Button(texts.gettext("Show last week's"), f"week:{number}")] if total else []
    if result.preview.is_flood:
        return [*calmer_buttons([number], texts), [*changes, *back], week]
    if (
        total
        and all(each.suggestion.change is Difference.OTHER_FORM for each in rated)
        and result.preview.query.like is None
    ):
        changes.append(Button(texts.gettext("Narrow…"), f"narrow:{number}"))
    return [week, [*changes, *back]]


# --- the buttons of a subscription: its last week, narrower queries, and the change to one -----------------------


async def press_week(context: Chat, request: Request, part: str) -> Reply:
    """What a subscription matches in the last seven days: `week:N` in a new message, `week:N:OFFSET` turns pages."""
    texts = request.texts
    number, _, page = part.partition(":")
    offset = action_number(page or "0")
    subscription = await people.seen(context, request, number)
    query = parse(subscription.text).of(subscription.person)
    matches = await last_week(context, query, _PAGE, offset)
    if matches is None:
        raise StaleButton
    if not matches.total:
        return say(texts.gettext("No match in the last 7 days."))
    # Translators: a heading over papers; %(query)s is the query of a subscription.
    count = texts.ngettext(
        "%(num)s match in the last 7 days for %(query)s",
        "%(num)s matches in the last 7 days for %(query)s",
        matches.total,
        query=FIRST,
    )
    return say(
        styled(count, Span(subscription.text, "code"), style="bold"),
        items=await found_items(context, query, matches.papers, texts),
        buttons=[
            *list_buttons(matches.papers, offset + 1),
            offset_pager(f"week:{number}", offset, _PAGE, matches.total, texts),
        ],
        edit=bool(page),
    )


async def press_narrow(context: Chat, request: Request, part: str) -> Reply:
    """Narrower queries for a subscription, with their rates, or its query to edit: `narrow:N`, `narrow:N,M` asks."""
    texts = request.texts
    subscriptions = await still_there(context, request, part)
    if len(subscriptions) > 1:
        return which(texts.gettext("Which subscription should be narrower?"), subscriptions, "narrow", texts)
    (subscription,) = subscriptions
    edit = [Button(texts.gettext("Edit"), f"edit:{subscription.number}")]
    rated = await narrowed(context, parse(subscription.text).of(subscription.person))
    if not rated:
        return say(
            texts.gettext('No narrower query to suggest. Add a word, a "phrase" or cat: with this:'),
            (Span(f"/subscriptions {subscription.ordinal} {subscription.text}", "code"),),
            buttons=[edit],
        )
    return say(
        # Translators: a heading over queries with fewer matches than that of a subscription.
        styled(texts.gettext("Narrower than %(query)s:", query=FIRST), Span(subscription.text, "code")),
        *suggestion_lines(rated, texts),
        buttons=[*suggestion_rows(context, rated, subscription.number, texts), edit],
    )


async def swap(context: Chat, request: Request, part: str) -> Reply:
    """Give a subscription another query: `swap:N:QUERY`; its Undo gives it back the one before."""
    number, _, key = part.partition(":")
    text = context.long_texts.text(key)
    if not text:
        raise StaleButton
    _, after = await edit_query(context, request, number, text)
    query = await whose(context, request, parse(after.text))
    result = Subscribed(after, await place_of(context, request, after), await preview_if_free(context, query))
    return replace(await subscribed(context, request, result, undo=revert_action(after)), edit=True)


def _is_personal(request: Request) -> bool:
    return read_draft(request.args, request.options, request.texts).is_personal


COMMANDS = (
    Command(
        SPEC,
        answer,
        {"add": press, "week": press_week, "narrow": press_narrow, "swap": swap, "back": press_back},
        _is_personal,
    ),
)
