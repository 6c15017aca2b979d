"""`/unsubmit`: take a paper off the list of a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands.context import Command, say
from paperwire.commands.lists import is_nobody, known_list, worded
from paperwire.commands.papers import stored
from paperwire.commands.submit import PAPER, one_paper, their_submission
from paperwire.core.messages.card import shown_title
from paperwire.errors import CommandError
from paperwire.ports.requests import CommandSpec
from paperwire.store.tables.lists import PUBLIC
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.ports.requests import Reply, Request
    from paperwire.texts import Texts

SPEC = CommandSpec("unsubmit", gettext_noop("Take a paper off the list here"), (PAPER,))

_REMOVED = {
    "": gettext_noop("Removed from the list: %(title)s"),
    "server": gettext_noop("Removed from this server's list: %(title)s"),
    "group": gettext_noop("Removed from this group's list: %(title)s"),
}


async def answer(context: Context, request: Request) -> Reply:
    """`/unsubmit PAPER`."""
    texts = texts_in(request.locale)
    paper = await one_paper(context, request.args, texts)
    return await _remove(context, request, paper.number, texts)


async def remove(context: Context, request: Request, part: str) -> Reply:
    """Take a paper off the list: `unsubmit:PAPER`."""
    paper = await stored(context, part)
    return await _remove(context, request, paper.number, texts_in(request.locale))


async def _remove(context: Context, request: Request, number: int, texts: Texts) -> Reply:
    """The submitter may remove what they submitted, a manager what anyone did on the list of their place."""
    async with context.store.write() as unit:
        await unit.lists.hold_all()
        of_list = await known_list(context, unit, request)
        person = await unit.people.person_of(request.actor)
        submission = await their_submission(unit, of_list, number, texts)
        is_own = person is not None and submission.person == person.number and not is_nobody(request)
        manages = submission.list != PUBLIC and request.can_manage
        if not is_own and not manages:
            raise CommandError(texts.gettext("Only its submitter and managers can take a paper off the list."))
        await unit.lists.remove(submission.list, number, for_good=not is_own)
        if is_own and person is not None:
            await unit.lists.withdraw(submission.list, person.number, number)
    title = shown_title(submission.paper, texts)
    return say(texts.gettext(worded(request.place, _REMOVED), title=title), edit=True)


COMMAND = Command(SPEC, answer, {"unsubmit": remove})
