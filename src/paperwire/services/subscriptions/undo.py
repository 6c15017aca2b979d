"""Takes back what a command changed of a subscription that was there before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paperwire.core.subscriptions.subscription import Subscription
from paperwire.core.text.clean import clean
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.subscriptions.subscriptions import NAME_LIMIT, ROLE
from paperwire.services.typed import StaleButton, read_cadence


def changes_of(before: Subscription, now: Subscription) -> dict[str, list[Any]]:
    """What a command changed of a subscription: [before, now] by the names of its settings."""
    changes: dict[str, list[Any]] = {
        name: [getattr(before, name), getattr(now, name)]
        for name in ("cadence", "name", "mention", "paused")
        if getattr(before, name) != getattr(now, name)
    }
    if before.occasions != now.occasions:
        changes["occasions"] = [sorted(before.occasions), sorted(now.occasions)]
    return changes


async def take_back(context: Context, caller: Caller, part: str, changes: Mapping[str, list[Any]]) -> None:
    """Take back what a command changed of a subscription, except for what was changed again since."""
    subscription = await people.changeable(context, caller, part)
    undone = {name: before for name, (before, now) in changes.items() if getattr(subscription, name, None) == now}
    former, occasions = (frozenset(names) for names in changes.get("occasions", ((), ())))
    async with context.store.write() as unit:
        await unit.subscriptions.edit(
            subscription.number,
            cadence=read_cadence(undone["cadence"], caller.texts) if undone.get("cadence") else undone.get("cadence"),
            name=clean(undone["name"], NAME_LIMIT) if "name" in undone else None,
            mention=_role_of(undone["mention"]) if "mention" in undone else None,
        )
        await unit.subscriptions.exclude(subscription.number, occasions - former)
        if undone.get("paused"):
            await unit.subscriptions.pause(subscription.number, paused=True)


def _role_of(text: str) -> str:
    """What a button says of a role; raises StaleButton for what no button says."""
    if text and not ROLE.fullmatch(text):
        raise StaleButton
    return text
