"""`/unsubscribe`: delete a subscription, and bring it back."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from paperwire.commands.buttons import page_of
from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import FIRST, Button, Span, styled
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.people import only_managers
from paperwire.services.subscriptions.subscriptions import resubscribe, unsubscribe
from paperwire.services.typed import action_number, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.places import no_subscriptions

# Translators: of /unsubscribe: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "unsubscribe",
    gettext_noop("Delete a subscription, by its number or its query"),
    (
        Argument(
            "query",
            gettext_noop("subscription: its number or its query"),
            required=False,
            completes="subscription",
        ),
    ),
    who="manager",
    topic="follow",
    examples=(
        ("/unsubscribe 2", gettext_noop("deletes number 2")),
        ("/unsubscribe lora", gettext_noop("deletes the subscription with this query")),
    ),
)

_LABEL = 60
_WORD = re.compile(r"\w{3,}")
_NEAR = 0.6
_MOST_NEAR = 3


async def answer(context: Chat, request: Request) -> Reply:
    """`/unsubscribe [N or QUERY]`: deletes one subscription; without words it lists them with buttons."""
    text = unquoted(request.args)
    if not text:
        return await _list(context, request, 0)
    try:
        subscription = await people.named(context, request, text)
    except people.NotSubscribed:
        return await offer_nearest(context, request, text)
    return await delete(context, request, str(subscription.number))


async def turn_page(context: Chat, request: Request, part: str) -> Reply:
    """Another page of the list: `unsubs:OFFSET`."""
    only_managers(request)
    return await _list(context, request, action_number(part), edit=True)


async def _list(context: Chat, request: Request, offset: int, *, edit: bool = False) -> Reply:
    texts = request.texts
    subscriptions = await people.subscriptions_here(context, request)
    if not subscriptions:
        return say(no_subscriptions(request.place, texts), edit=edit)
    page, pager = page_of(subscriptions, "unsubs", offset, texts)
    return say(
        texts.gettext("Which subscription do you want to delete?"),
        buttons=[*deletions(page), pager],
        edit=edit,
    )


def deletions(subscriptions: Sequence[Subscription]) -> list[list[Button]]:
    """A row each with a button that unsubscribes."""
    labels = ((each.number, f"#{each.ordinal} {each.name or each.text}") for each in subscriptions)
    return [[Button(label[:_LABEL], f"del:{number}")] for number, label in labels]


async def offer_nearest(context: Chat, request: Request, text: str) -> Reply:
    """The answer to a query that isn't subscribed here: the nearest ones that are, or all."""
    only_managers(request)
    texts = request.texts
    subscriptions = await people.subscriptions_here(context, request)
    refused = str(people.not_subscribed(request, text))
    if not subscriptions:
        return say(refused, no_subscriptions(request.place, texts), aside=True)
    near = _nearest(text, subscriptions)
    page, pager = (near, []) if near else page_of(subscriptions, "unsubs", 0, texts)
    return say(
        refused,
        _which(len(near), len(page), texts),
        buttons=[*deletions(page), pager],
        aside=True,
    )


def _which(near: int, shown: int, texts: Texts) -> str:
    """What to say over the buttons of subscriptions, of which `near` are like what was typed."""
    if near == 1:
        return texts.gettext("Did you mean this one?")
    if shown == 1:
        return texts.gettext("The only subscription here is:")
    return texts.gettext("Which one do you want to delete?")


def _nearest(text: str, subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """The subscriptions whose query or name is most like a text or has a word of it, the nearest first."""

    def likeness(each: Subscription) -> float:
        names = [name.casefold() for name in (each.text, each.name) if name]
        has_word = any(words & set(_WORD.findall(name)) for name in names)
        return max(*(difflib.SequenceMatcher(None, folded, name).ratio() for name in names), has_word * _NEAR)

    folded = text.casefold()
    words = set(_WORD.findall(folded))
    ranked = sorted(((likeness(each), each) for each in subscriptions), key=lambda pair: -pair[0])
    return [each for near, each in ranked if near >= _NEAR][:_MOST_NEAR]


async def delete(context: Chat, request: Request, part: str) -> Reply:
    """Delete a subscription: `undo:N`, and `del:N` from the list."""
    subscription = await unsubscribe(context, request, part)
    texts = request.texts
    return say(
        # Translators: the answer to a button or command: %(query)s is that of a subscription, %(number)s its number.
        styled(texts.gettext("Unsubscribed: %(query)s", query=FIRST), Span(subscription.text, "code"), style="bold"),
        buttons=[[Button(texts.gettext("Undo"), f"redo:{subscription.number}")]],
        edit=True,
    )


async def restore(context: Chat, request: Request, part: str) -> Reply:
    """Bring a deleted subscription back: `redo:N`; buttons of earlier versions add whose it was."""
    texts = request.texts
    restored, is_new = await resubscribe(context, request, part.partition(":")[0])
    number = restored.ordinal
    head = (
        # Translators: the answer to a button or command: %(query)s is that of a subscription, %(number)s its number.
        texts.gettext("Subscribed again: %(query)s (#%(number)s)", query=FIRST, number=number)
        if is_new
        else texts.gettext("Already subscribed again: %(query)s (#%(number)s)", query=FIRST, number=number)
    )
    return say(
        styled(head, Span(restored.text, "code"), style="bold"),
        buttons=[[Button(texts.gettext("Undo"), f"undo:{restored.number}")]] if is_new else [],
        edit=True,
    )


COMMANDS = (Command(SPEC, answer, {"undo": delete, "del": delete, "unsubs": turn_page, "redo": restore}),)
