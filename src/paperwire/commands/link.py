"""`/link`: make accounts on several channels one person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import Command, say, unquoted
from paperwire.core.messages.message import Button, Span
from paperwire.core.text.clean import clean
from paperwire.core.tokens import signed, unsign
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.core.subscriptions.subscription import Person
    from paperwire.ports.requests import Caller, Reply, Request
    from paperwire.store.unit import Unit

SPEC = CommandSpec(
    "link",
    gettext_noop("Link this account with yours on another channel"),
    (Argument("query", gettext_noop("the code that /link gave you on the other channel"), required=False),),
    private=True,
)
PURPOSE = "link"
LASTS = timedelta(minutes=15)


async def link_code(context: Context, caller: Caller) -> str:
    """A code that links another account with the caller's."""
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
    return signed(context.secret_key, PURPOSE, str(person.number), context.now() + LASTS)


async def answer(context: Context, request: Request) -> Reply:
    """`/link` gives a code for 15 minutes; `/link CODE` from another account links it with the first."""
    if code := unquoted(request.args):
        return await ask_to_link(context, request, code)
    texts = texts_in(request.locale)
    how = texts.gettext("To link another account with this one, send this from it within 15 minutes:")
    return say(how, (Span(f"/link {await link_code(context, request)}", "code"),), private=True)


async def ask_to_link(context: Context, caller: Caller, code: str) -> Reply:
    """Ask before linking: the code, or a link with it, may have been sent by somebody else."""
    texts = texts_in(caller.locale)
    async with context.store.read() as unit:
        first = await _person_of_code(context, unit, caller, code)
    question = (
        texts.gettext("Link this account with the account of %(name)s?", name=name)
        if (name := clean(first.name, 60))
        else texts.gettext("Link this account with another account?")
    )
    warning = texts.gettext(
        "Its user will see and can change everything you have here. Confirm only if you sent /link yourself just now."
    )
    yes = Button(texts.gettext("Yes, link them"), f"join:{code}")
    return say(question, warning, buttons=[[yes, Button(texts.gettext("No"), "join:")]], private=True)


async def press(context: Context, request: Request, part: str) -> Reply:
    """The answer to the question: `join:CODE` makes this account one more of the person who was given the code."""
    texts = texts_in(request.locale)
    if not part:
        return say(texts.gettext("Nothing was linked."), private=True, edit=True)
    async with context.store.write() as unit:
        first = await _person_of_code(context, unit, request, part)
        person = await people.person(context, unit, request)
        if first.number == person.number:
            return say(texts.gettext("This account is already linked."), private=True, edit=True)
        await unit.people.link(request.actor, first.number)
    return say(texts.gettext("Linked: both accounts are the same person now."), private=True, edit=True)


COMMAND = Command(SPEC, answer, {"join": press})


async def _person_of_code(context: Context, unit: Unit, caller: Caller, code: str) -> Person:
    number = unsign(context.secret_key, PURPOSE, code, context.now())
    person = await unit.people.get(int(number)) if number is not None else None
    if person is None:
        raise CommandError(
            texts_in(caller.locale).gettext(
                "This code isn't valid or is older than 15 minutes. Send /link from the first account for a new one."
            )
        )
    return person
