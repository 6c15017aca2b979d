"""`/forget`: delete everything stored about a person, after a question that names it."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import Button
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services.belongings import belongings, forget
from paperwire.texts import gettext_noop
from paperwire.wording.belongings import belonging_lines

SPEC = CommandSpec("forget", gettext_noop("Delete everything stored about you"), private=True)
_YES = "yes"


async def answer(context: Chat, request: Request) -> Reply:
    """`/forget`: names what is deleted and what stays, and asks first."""
    texts = request.texts
    async with context.store.read() as unit:
        person = await unit.people.person_of(request.actor)
        lines = belonging_lines(await belongings(unit, person.number), texts) if person else []
    if person is None:
        await forget(context.store, request.actor)  # what is kept for buttons
        return say(texts.gettext("Nothing is stored about you."), private=True)
    question = texts.gettext("Delete everything stored about you? This can't be undone.")
    yes = Button(texts.gettext("Yes, delete everything"), f"forget:{_YES}")
    return say(question, *lines, buttons=[[yes, Button(texts.gettext("No"), "forget:no")]], private=True)


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The answer to the question: `forget:yes` deletes at once."""
    if part != _YES:
        return say(request.texts.gettext("Nothing was deleted."), private=True, edit=True)
    await forget(context.store, request.actor)
    return say(request.texts.gettext("Everything about you has been deleted."), private=True, edit=True)


COMMANDS = (Command(SPEC, answer, {"forget": press}),)
