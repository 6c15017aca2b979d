"""`/forget`: delete everything stored about a person, after a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands.context import Command, say
from paperwire.core.messages.message import Button
from paperwire.ports import CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.ports import Actor, Reply, Request
    from paperwire.store.unit import Store

SPEC = CommandSpec("forget", gettext_noop("Delete everything stored about you"), private=True)
_YES = "yes"


async def forget(store: Store, actor: Actor) -> None:
    """Delete the person of an account, if there is one."""
    async with store.write() as unit:
        person = await unit.people.person_of(actor)
        if person is not None:
            await unit.people.forget(person.number)


async def answer(context: Context, request: Request) -> Reply:
    """`/forget`: asks first."""
    texts = texts_in(request.locale)
    async with context.store.read() as unit:
        person = await unit.people.person_of(request.actor)
        if person is None:
            return say(texts.gettext("Nothing is stored about you."), private=True)
        count = len(await unit.subscriptions.of_person(person.number))
    question = texts.ngettext(
        "Delete everything stored about you: %(num)s subscription, saved papers, feeds and settings?"
        " This can't be undone.",
        "Delete everything stored about you: %(num)s subscriptions, saved papers, feeds and settings?"
        " This can't be undone.",
        count,
    )
    yes = Button(texts.gettext("Yes, delete everything"), f"forget:{_YES}")
    return say(question, buttons=[[yes, Button(texts.gettext("No"), "forget:no")]], private=True)


async def press(context: Context, request: Request, part: str) -> Reply:
    """The answer to the question: `forget:yes` deletes at once."""
    texts = texts_in(request.locale)
    if part != _YES:
        return say(texts.gettext("Nothing was deleted."), private=True, edit=True)
    await forget(context.store, request.actor)
    return say(texts.gettext("Everything about you has been deleted."), private=True, edit=True)


COMMAND = Command(SPEC, answer, {"forget": press})
