"""People themselves: everything kept about them as a file, deleting it, and joining accounts of several channels."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.desk import say, unquoted
from paperwire.core.messages.message import Attachment, Button, Span
from paperwire.core.text.clean import clean
from paperwire.core.tokens import signed, unsign
from paperwire.errors import CommandError
from paperwire.wording import commands as words

if TYPE_CHECKING:
    from paperwire.commands.desk import Desk
    from paperwire.ports import Reply, Request

LINK = "link"
LINK_LASTS = timedelta(minutes=15)
_YES = "yes"


async def answer_export(desk: Desk, request: Request) -> Reply:
    """`/export`: all that is stored about the actor, as JSON."""
    async with desk.store.read() as unit:
        person = await unit.people.person_of(request.actor)
        if person is None:
            return say(words.NOTHING_STORED, private=True)
        known = await unit.people.export(person.number)
    content = json.dumps(known, ensure_ascii=False, indent=2, default=str).encode()
    return say(words.EXPORTED, files=[Attachment("paperwire.json", "application/json", content)], private=True)


async def answer_forget(desk: Desk, request: Request) -> Reply:
    """`/forget`: asks first."""
    async with desk.store.read() as unit:
        person = await unit.people.person_of(request.actor)
        if person is None:
            return say(words.NOTHING_STORED, private=True)
        count = len(await unit.subscriptions.of_person(person.number))
    buttons = [[Button(words.FORGET_ME, f"forget:{_YES}"), Button(words.KEEP_ME, "forget:no")]]
    return say(words.forget_what(count), buttons=buttons, private=True)


async def press_forget(desk: Desk, request: Request, part: str) -> Reply:
    """The answer to the question: `forget:yes` deletes at once."""
    if part != _YES:
        return say(words.NOT_FORGOTTEN, private=True, edit=True)
    async with desk.store.write() as unit:
        person = await unit.people.person_of(request.actor)
        if person is not None:
            await unit.people.forget(person.number)
    return say(words.FORGOTTEN, private=True, edit=True)


async def answer_link(desk: Desk, request: Request) -> Reply:
    """`/link` gives a code for 15 minutes; `/link CODE` from another account joins it to the first."""
    code = unquoted(request.args)
    if code:
        return await ask_to_join(desk, code)
    async with desk.store.write() as unit:
        person = await people.person(desk, unit, request)
    code = signed(desk.secret_key, LINK, str(person.number), desk.now() + LINK_LASTS)
    return say(words.LINK_HOW, (Span(f"/link {code}", "code"),), private=True)


async def ask_to_join(desk: Desk, code: str) -> Reply:
    """Ask before joining: a code, or a link with one, may have been sent by somebody else."""
    async with desk.store.read() as unit:
        first = await unit.people.get(_person_in(desk, code))
    if first is None:
        raise CommandError(words.BAD_CODE)
    buttons = [[Button(words.JOIN, f"join:{code}"), Button(words.KEEP_APART, "join:")]]
    return say(words.join_whom(clean(first.name, 60)), buttons=buttons, private=True)


async def press_join(desk: Desk, request: Request, part: str) -> Reply:
    """Make this account one more of the person who was given the code: `join:CODE`."""
    if not part:
        return say(words.KEPT_APART, private=True, edit=True)
    number = _person_in(desk, part)
    async with desk.store.write() as unit:
        first = await unit.people.get(number)
        if first is None:
            raise CommandError(words.BAD_CODE)
        here = await people.person(desk, unit, request)
        if first.number == here.number:
            return say(words.ALREADY_LINKED, private=True, edit=True)
        await unit.people.link(request.actor, first.number)
    return say(words.LINKED, private=True, edit=True)


def _person_in(desk: Desk, code: str) -> int:
    value = unsign(desk.secret_key, LINK, code, desk.now())
    if value is None:
        raise CommandError(words.BAD_CODE)
    return int(value)
