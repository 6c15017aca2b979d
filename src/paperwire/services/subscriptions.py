"""Changes of a subscription."""

from __future__ import annotations

from paperwire.core.subscriptions.subscription import Subscription
from paperwire.errors import CommandError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.meaning import calibrate, wanted_query
from paperwire.services.queries import read_query
from paperwire.services.typed import StaleButton, action_number, read_cadence

DEFAULT = "default"
"""What a button calls the cadence of the chat."""


async def edit_query(context: Context, caller: Caller, part: str, text: str) -> tuple[Subscription, Subscription]:
    """Give a subscription another query: as it was before, and as it is now."""
    query = await wanted_query(context, caller, read_query(text, caller.texts))
    before = await people.changeable(context, caller, part)
    async with context.store.write() as unit:
        now = await unit.subscriptions.edit(before.number, query=query)
    now = not_doubled(caller, before, now)
    await calibrate(context, now)
    return before, now


def not_doubled(caller: Caller, before: Subscription, now: Subscription | None) -> Subscription:
    """The subscription after its query was changed; raises CommandError if it is gone, or another one has the query."""
    if now is None:
        raise people.no_such_subscription(caller)
    if now.number != before.number:
        raise CommandError(caller.texts.gettext("#%(number)s already has this query.", number=now.ordinal))
    return now


async def take_back_edit(context: Context, caller: Caller, part: str) -> Subscription:
    """Give a subscription back the query that it had before an edit, `N:SECOND`; as it is now."""
    number, _, second = part.partition(":")
    edited = await people.changeable(context, caller, number)
    async with context.store.write() as unit:
        now = await unit.subscriptions.undo_edit(edited.number, action_number(second))
    if now is None:
        raise StaleButton
    now = not_doubled(caller, edited, now)
    await calibrate(context, now)
    return now


async def set_cadence(context: Context, caller: Caller, part: str, cadence: str) -> str:
    """Give a subscription a cadence of its own, or DEFAULT; in its canonical form, empty for the default."""
    subscription = await people.changeable(context, caller, part)
    chosen = "" if cadence == DEFAULT else read_cadence(cadence, caller.texts)
    async with context.store.write() as unit:
        await unit.subscriptions.edit(subscription.number, cadence=chosen)
    return chosen


async def set_paused(context: Context, caller: Caller, part: str, *, paused: bool) -> None:
    """Pause a subscription, or go on with it."""
    subscription = await people.changeable(context, caller, part)
    async with context.store.write() as unit:
        await unit.subscriptions.pause(subscription.number, paused=paused)


async def unsubscribe(context: Context, caller: Caller, part: str) -> Subscription:
    """Delete a subscription; as it was."""
    subscription = await people.changeable(context, caller, part)
    async with context.store.write() as unit:
        await unit.subscriptions.delete(subscription.number)
    return subscription


async def resubscribe(context: Context, caller: Caller, part: str) -> Subscription:
    """Bring a deleted subscription back; as it is now."""
    deleted = await people.changeable(context, caller, part, deleted=True)
    async with context.store.write() as unit:
        restored = await unit.subscriptions.restore(deleted.number)
        if restored is None:
            raise people.no_such_subscription(caller)
        await people.check_number(unit, restored, context.max_subscriptions, caller.texts)
    await calibrate(context, restored)
    return restored
