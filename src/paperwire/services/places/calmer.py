"""Fewer messages from subscriptions that bring many papers: once a day, only the best, or muted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from paperwire.core.messages.calmer import BEST
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import Mute, StoredPlace, Subscription
from paperwire.errors import CommandError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.places.former import former_settings, restore_settings
from paperwire.services.places.places import SettingsChange, mute
from paperwire.services.subscriptions.subscriptions import place_of
from paperwire.services.subscriptions.undo import changes_of, take_back
from paperwire.store.unit import Unit
from paperwire.wording.places import place_name

DAILY = "daily 08:00"


async def still_there(context: Context, caller: Caller, part: str) -> list[Subscription]:
    """Those of the subscriptions `N,M` that are still there, which the caller has to manage; raises CommandError."""
    people.only_managers(caller)
    subscriptions = []
    for number in part.split(","):
        with suppress(people.NoSubscription):
            subscriptions.append(await people.changeable(context, caller, number))
    if not subscriptions:
        raise CommandError(
            caller.texts.gettext("The subscription that brought these papers was deleted, so no more will come.")
        )
    return subscriptions


class Calmed(NamedTuple):
    """A subscription that was made calmer, where it goes, and what was changed: [before, now] by names of settings."""

    subscription: Subscription
    place: StoredPlace
    changes: dict[str, list[Any]]


async def calm(context: Context, caller: Caller, part: str, *, best: bool) -> list[Calmed]:
    """Let subscriptions `N,M` come once a day, with only the `best` in a digest.

    What comes in a digest already, or in one of few papers, stays as it is.
    """
    subscriptions = await still_there(context, caller, part)
    places = [await place_of(context, caller, subscription) for subscription in subscriptions]
    async with context.store.write() as unit:
        return [
            await _calmed(unit, subscription, place, best=best)
            for subscription, place in zip(subscriptions, places, strict=True)
        ]


async def _calmed(unit: Unit, subscription: Subscription, place: StoredPlace, *, best: bool) -> Calmed:
    if not Cadence.parse(subscription.cadence or place.cadence).times:
        cadence = "" if Cadence.parse(place.cadence).times else DAILY
        await unit.subscriptions.edit(subscription.number, cadence=cadence)
    is_theirs = place.is_shared or place.owner == subscription.person
    if best and is_theirs and not 0 < place.digest_max <= BEST:
        await unit.places.update(place.number, digest_max=BEST)
    now = await unit.subscriptions.get(subscription.number) or subscription
    place_now = await unit.places.get(place.number) or place
    return Calmed(now, place_now, changes_of(subscription, now) | former_settings(SettingsChange(place, place_now)))


async def disturb(context: Context, caller: Caller, changes: Mapping[str, Mapping[str, list[Any]]]) -> None:
    """Take back what `calm` changed, by numbers of subscriptions, except for what was changed again since.

    Raises CommandError and, for what no button says, StaleButton.
    """
    await still_there(context, caller, ",".join(changes))
    for number, changed in changes.items():
        with suppress(people.NoSubscription):
            await take_back(context, caller, number, {name: changed[name] for name in changed if name == "cadence"})
            limits = {name: changed[name] for name in changed if name == "digest_max"}
            if limits:
                await restore_settings(context, caller, number, limits)


async def mute_subscription(context: Context, caller: Caller, subscription: Subscription) -> tuple[Mute, str, bool]:
    """Mute a subscription where it is asked, as `mute` does; raises CommandError if its papers go elsewhere."""
    place = await place_of(context, caller, subscription)
    if not caller.place.is_same(place):
        raise CommandError(
            caller.texts.gettext(
                "These papers go to %(place)s. To pause them: /subscriptions %(number)s pause",
                place=place_name(place, caller.texts),
                number=subscription.ordinal,
            )
        )
    return await mute(context, caller, "subscription", str(subscription.number))
