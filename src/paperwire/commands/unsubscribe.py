"""`/unsubscribe`: delete a subscription, and bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import Command, action_number, only_managers, say, unquoted
from paperwire.commands.subscriptions import no_subscriptions
from paperwire.core.messages.message import Button, Span
from paperwire.core.query.language import parse
from paperwire.errors import CommandError, QueryError
from paperwire.ports import Argument, CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperwire.commands.context import Context
    from paperwire.core.subscriptions.subscription import Subscription
    from paperwire.ports import Reply, Request

SPEC = CommandSpec(
    "unsubscribe",
    gettext_noop("Delete a subscription, by its number or its query"),
    (
        Argument(
            "query", gettext_noop("a subscription's number or its query"), required=False, completes="subscription"
        ),
    ),
    who="manager",
)

_MOST_LISTED = 10
_LABEL = 60


async def answer(context: Context, request: Request) -> Reply:
    """`/unsubscribe [N or QUERY]`: deletes one subscription; without words it lists them with buttons."""
    texts = texts_in(request.locale)
    text = unquoted(request.args)
    async with context.store.read() as unit:
        subscriptions = await people.subscriptions_here(unit, request)
    if not text:
        if not subscriptions:
            return say(no_subscriptions(request.place, texts))
        labels = ((each.number, f"#{each.number} {each.name or each.text}") for each in subscriptions[:_MOST_LISTED])
        rows = [[Button(label[:_LABEL], f"del:{number}")] for number, label in labels]
        return say(texts.gettext("Which subscription do you want to delete?"), buttons=rows)
    subscription = _named(subscriptions, text)
    if subscription is None:
        raise people.no_such_subscription(request)
    return await delete(context, request, str(subscription.number))


async def delete(context: Context, request: Request, part: str) -> Reply:
    """Delete a subscription: `undo:N`, and `del:N` from the list."""
    texts = texts_in(request.locale)
    subscription = await people.changeable(context, request, part)
    async with context.store.write() as unit:
        await unit.subscriptions.delete(subscription.number)
    return say(
        (Span(texts.gettext("Unsubscribed:"), "bold"), Span(" "), Span(subscription.text, "code")),
        buttons=[[Button(texts.gettext("Undo"), f"redo:{subscription.number}:{subscription.person}")]],
        edit=True,
    )


async def restore(context: Context, request: Request, part: str) -> Reply:
    """Bring a deleted subscription back: `redo:N:PERSON`, whose it is; anyone who may change it may do so."""
    only_managers(request)
    number, _, owner = part.partition(":")
    async with context.store.write() as unit:
        restored = await unit.subscriptions.restore(action_number(number), person=action_number(owner))
        if restored is None:
            raise people.no_such_subscription(request)
        await people.seen(unit, request, number)  # raises if it isn't theirs, which undoes this
    try:
        await people.changeable(context, request, number)
    except CommandError:
        async with context.store.write() as unit:
            await unit.subscriptions.delete(restored.number)
        raise
    texts = texts_in(request.locale)
    return say(
        (
            Span(texts.gettext("Subscribed again:"), "bold"),
            Span(" "),
            Span(restored.text, "code"),
            Span(f" (#{number})"),
        ),
        buttons=[[Button(texts.gettext("Undo"), f"undo:{number}")]],
        edit=True,
    )


def _named(subscriptions: Sequence[Subscription], text: str) -> Subscription | None:
    """The subscription with this number, else with this query in any spelling, else with this name."""
    number = text.removeprefix("#")
    try:
        key = parse(text).key
    except QueryError:
        key = ""
    for is_meant in (
        lambda each: str(each.number) == number,
        lambda each: each.key == key,
        lambda each: each.name and each.name.casefold() == text.casefold(),
    ):
        for each in filter(is_meant, subscriptions):
            return each
    return None


COMMAND = Command(SPEC, answer, {"undo": delete, "del": delete, "redo": restore})
