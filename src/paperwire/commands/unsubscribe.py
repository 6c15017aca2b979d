"""`/unsubscribe`: delete a subscription, and bring it back."""

from __future__ import annotations

from paperwire.commands.buttons import page_of
from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import Button, Span
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.people import only_managers
from paperwire.services.subscriptions import resubscribe, unsubscribe
from paperwire.services.typed import action_number, unquoted
from paperwire.texts import gettext_noop
from paperwire.wording.subscribed import no_subscriptions

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

_LABEL = 60


async def answer(context: Chat, request: Request) -> Reply:
    """`/unsubscribe [N or QUERY]`: deletes one subscription; without words it lists them with buttons."""
    text = unquoted(request.args)
    if not text:
        return await _list(context, request, 0)
    subscription = await people.named(context, request, text)
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
    page, turns = page_of(subscriptions, "unsubs", offset, texts)
    labels = ((each.number, f"#{each.ordinal} {each.name or each.text}") for each in page)
    rows = [[Button(label[:_LABEL], f"del:{number}")] for number, label in labels]
    return say(
        texts.gettext("Which subscription do you want to delete?"),
        buttons=[*rows, turns],
        edit=edit,
    )


async def delete(context: Chat, request: Request, part: str) -> Reply:
    """Delete a subscription: `undo:N`, and `del:N` from the list."""
    subscription = await unsubscribe(context, request, part)
    return say(
        (Span(request.texts.gettext("Unsubscribed:"), "bold"), Span(" "), Span(subscription.text, "code")),
        buttons=[[Button(request.texts.gettext("Undo"), f"redo:{subscription.number}")]],
        edit=True,
    )


async def restore(context: Chat, request: Request, part: str) -> Reply:
    """Bring a deleted subscription back: `redo:N`; buttons of earlier versions add whose it was."""
    number, _, _ = part.partition(":")
    restored = await resubscribe(context, request, number)
    return say(
        (
            Span(request.texts.gettext("Subscribed again:"), "bold"),
            Span(" "),
            Span(restored.text, "code"),
            Span(f" (#{restored.ordinal})"),
        ),
        buttons=[[Button(request.texts.gettext("Undo"), f"undo:{restored.number}")]],
        edit=True,
    )


COMMANDS = (Command(SPEC, answer, {"undo": delete, "del": delete, "unsubs": turn_page, "redo": restore}),)
