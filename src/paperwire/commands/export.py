"""`/export`: everything stored about a person, as a file."""

from __future__ import annotations

import json
from typing import Any

from paperwire.commands.context import Command, Context, say
from paperwire.core.messages.message import Attachment
from paperwire.ports.requests import Actor, CommandSpec, Reply, Request
from paperwire.store.unit import Store
from paperwire.texts import gettext_noop

SPEC = CommandSpec("export", gettext_noop("Everything stored about you, as a file"), private=True)


async def export(store: Store, actor: Actor) -> dict[str, Any]:
    """All that is stored about the person of an account, as values that JSON takes; empty for a stranger."""
    async with store.read() as unit:
        person = await unit.people.person_of(actor)
        return await unit.people.export(person.number) if person else {}


async def answer(context: Context, request: Request) -> Reply:
    """`/export`."""
    stored = await export(context.store, request.actor)
    if not stored:
        return say(request.texts.gettext("Nothing is stored about you."), private=True)
    return say(request.texts.gettext("Everything stored about you:"), files=[export_file(stored)], private=True)


def export_file(stored: dict[str, Any]) -> Attachment:
    """What is stored about a person as a file."""
    content = json.dumps(stored, ensure_ascii=False, indent=2, default=str).encode()
    return Attachment("paperwire.json", "application/json", content)


COMMANDS = (Command(SPEC, answer),)
