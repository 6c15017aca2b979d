"""Leaving: the link in each message, its undo for a week, and reports of mail that came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paperwire.core.address import is_loopback
from paperwire.core.bounces.report import Report
from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import Departure, StoredPlace, Subscription
from paperwire.core.tokens import number_token, read_number_token
from paperwire.errors import CloseReason
from paperwire.ports.callers import Actor
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.papers.meaning import calibrate
from paperwire.store.unit import Store
from paperwire.texts import texts_in

PURPOSE = "place"


@dataclass(frozen=True, slots=True)
class Leaving:
    """The place of a link to leave, the subscriptions that go there, and what was ended in the last week."""

    place: StoredPlace
    subscriptions: Sequence[Subscription]
    departures: Sequence[Departure] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """The place of a report as it was before, and why the report paused it just now; empty if it did not."""

    place: StoredPlace
    paused: str


def leave_button(secret: bytes, public_url: str, place: StoredPlace) -> Button | None:
    """The way out that messages to a place show; None where people leave by a command or by closing the chat."""
    if place.kind not in {"mailbox", "address"}:
        return None
    url = f"{public_url.rstrip('/')}/u/{number_token(secret, PURPOSE, place.number)}"
    texts = texts_in(place.locale)
    if is_loopback(public_url):
        return Button(texts.gettext("Unsubscribe (works only on the machine where Paperwire runs)"), url=url)
    return Button(texts.gettext("Unsubscribe, or stop a part of this"), url=url)


async def leaving(store: Store, secret: bytes, token: str) -> Leaving | None:
    """What a link to leave is about, with nothing changed; None if it isn't ours or the place is forgotten."""
    number = read_number_token(secret, PURPOSE, token)
    if number is None:
        return None
    async with store.read() as unit:
        place = await unit.places.get(number)
        subscriptions = await unit.subscriptions.of_place(number)
        departures = await unit.departures.of_place(number)
    return None if place is None else Leaving(place, subscriptions, departures)


async def leave(store: Store, place: StoredPlace, *, only: int | None = None) -> None:
    """End the subscriptions that go to a place and close it, or end `only` one there; twice is once.

    For a week `departures.bring_back` undoes it.
    """
    async with store.write() as unit:
        await unit.departures.lock()
        subscriptions = await unit.subscriptions.of_place(place.number)
        ended = [subscription for subscription in subscriptions if only in {None, subscription.number}]
        current = await unit.places.get(place.number) or place
        closes = only is None and not is_left(current)
        numbers = [subscription.number for subscription in ended]
        await unit.departures.add(place.number, numbers, closed=closes, paused=current.paused if closes else "")
        for subscription in ended:
            if subscription.destinations == (place.number,):
                await unit.subscriptions.delete(subscription.number)
            else:
                await unit.routes.end(subscription.number, place.number)
        if only is None:
            await unit.places.pause(place.number, _left(place))


def _left(place: StoredPlace) -> str:
    """What is stored of a place whose reader left."""
    # Translators: who paused a place: stands where a reason would.
    return texts_in(place.locale).gettext("unsubscribed")


def is_left(place: StoredPlace) -> bool:
    """Whether a place is closed because its reader left."""
    return place.paused in {_left(place), "unsubscribed"}


async def take_report(store: Store, secret: bytes, report: Report) -> Taken | None:
    """Do what a report asks for: close its place, count it, or end what goes there; None if no name in it is ours."""
    for name in report.names:
        leaving_place = await leaving(store, secret, name)
        if leaving_place is None:
            continue
        place, why = leaving_place.place, ""
        if report.outcome == "left":
            await leave(store, place)
        elif report.outcome in {"closed", "soft"} and not place.paused:
            async with store.write() as unit:
                counts = report.outcome == "soft"
                reason = await unit.bounces.count(place.number, report.reason) if counts else report.reason
                why = reason if reason and await unit.places.pause(place.number, reason) else ""
        return Taken(place, why)
    return None


# --- undone within a week ----------------------------------------------------------------------------------------


async def bring_back(context: Context, place: StoredPlace, second: int) -> bool:
    """Undo what was ended at a place at that second; False if there is nothing of it to bring back, or no more.

    Raises CommandError where the place may not use this instance any more.
    """
    async with context.store.write() as unit:
        if not await context.access.admits_place(unit, place):
            account = Actor(channel=place.channel, user_id=place.address)
            raise context.access.refusal(account, texts_in(place.locale))
        await unit.departures.lock()
        departures = await unit.departures.of_place(place.number)
        departure = next((candidate for candidate in departures if candidate.second == second), None)
        if departure is None:
            return False
        subscriptions = [await unit.subscriptions.restore(number) for number in departure.deleted]
        restored = [subscription for subscription in subscriptions if subscription is not None]
        for subscription in restored:
            await people.check_number(unit, subscription, context.max_subscriptions, texts_in(place.locale))
        for number in departure.diverted:
            await unit.routes.lead(number, place.number)
        now = await unit.places.get(place.number) or place
        if departure.closed and is_left(now):
            if departure.paused and departure.paused != CloseReason.NOT_ALLOWED:  # it may now
                await unit.places.pause(place.number, departure.paused)
            else:
                await people.reopened(unit, now)
        await unit.departures.forget(place.number, departure)
    for subscription in restored:
        await calibrate(context, subscription)
    return True
