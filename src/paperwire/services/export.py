"""All that is stored about a person, as values and as a file."""

from __future__ import annotations

import json
from typing import Any

from paperwire.core.messages.message import Attachment
from paperwire.ports.callers import Actor
from paperwire.store.unit import Store


async def export(store: Store, actor: Actor) -> dict[str, Any]:
    """All that is stored about the person of an account, as values that JSON takes; empty for a stranger."""
    async with store.read() as unit:
        person = await unit.people.person_of(actor)
        return await unit.people.export(person.number) if person else {}


def export_file(stored: dict[str, Any]) -> Attachment:
    """What is stored about a person as a file."""
    content = json.dumps(stored, ensure_ascii=False, indent=2, default=str).encode()
    return Attachment("paperwire.json", "application/json", content)
