"""All that is stored about a person: counted, exported and deleted."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from paperwire.core.messages.message import Attachment
from paperwire.core.subscriptions.subscription import Belongings
from paperwire.ports.callers import Actor
from paperwire.store.unit import Store, Unit


async def export(store: Store, actor: Actor) -> dict[str, Any]:
    """All that is stored about the person of an account, as values that JSON takes; empty for a stranger."""
    async with store.read() as unit:
        person = await unit.people.person_of(actor)
        return await unit.people.export(person.number) if person else {}


def export_file(stored: dict[str, Any]) -> Attachment:
    content = json.dumps(stored, ensure_ascii=False, indent=2, default=str).encode()
    return Attachment("paperwire.json", "application/json", content)


async def forget(store: Store, actor: Actor) -> None:
    """Delete the person of an account, if there is one, and what is kept for the account's buttons and questions."""
    async with store.write() as unit:
        await unit.chat_memory.forget(actor)
        person = await unit.people.person_of(actor)
        if person is not None:
            await unit.people.forget(person.number)


async def belongings_of(store: Store, actor: Actor) -> Belongings | None:
    """What `forget` deletes of the person of an account and what it leaves; None for a stranger."""
    async with store.read() as unit:
        person = await unit.people.person_of(actor)
        return await belongings(unit, person.number) if person else None


async def belongings(unit: Unit, person: int) -> Belongings:
    """What is deleted of a person and what is left."""
    subscriptions = await unit.subscriptions.of_person(person)
    goes = Counter(number for subscription_there in subscriptions for number in subscription_there.destinations)
    places = [place for place in await unit.places.of_person(person) if not place.is_shared]
    watched = {place.number: len(await unit.people.watched(place.number)) for place in places}
    return Belongings(
        places=tuple((place, goes[place.number], watched[place.number]) for place in places),
        nowhere=sum(not subscription.destinations for subscription in subscriptions),
        saved=len(await unit.people.saved(person)),
        votes=await unit.lists.voted(person),
        talks=await unit.meetings.presented_by(person),
        shared=tuple(await unit.places.shared_places(person)),
    )
