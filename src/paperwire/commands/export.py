"""`/export`: everything stored about a person, as a file."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services.belongings import export, export_file
from paperwire.texts import gettext_noop

SPEC = CommandSpec("export", gettext_noop("Everything stored about you, as a file"), private=True)


async def answer(context: Chat, request: Request) -> Reply:
    """`/export`."""
    stored = await export(context.store, request.actor)
    if not stored:
        return say(request.texts.gettext("Nothing is stored about you."), private=True)
    return say(request.texts.gettext("Everything stored about you:"), files=[export_file(stored)], private=True)


COMMANDS = (Command(SPEC, answer),)
