"""A command that nobody has: one file, listed among the others while a test runs."""

from dataclasses import replace

from paperwire.commands.context import Command, say
from paperwire.core.messages.message import Button
from paperwire.ports.requests import Argument, CommandSpec
from paperwire.texts import gettext_noop

SPEC = CommandSpec(
    "echo",
    gettext_noop("Repeat what was said"),
    (Argument("query", gettext_noop("anything"), choices=("hello", "goodbye")),),
)


async def answer(_context, request):
    """`/echo WORDS`."""
    again = Button(request.texts.gettext("Again"), f"echo:{request.args}")
    return say(f"You said {request.args}.", buttons=[[again]])


async def press(context, request, part):
    """Repeat it again: `echo:WORDS`."""
    return await answer(context, replace(request, args=part))


COMMANDS = (Command(SPEC, answer, {"echo": press}),)
