"""The button Share here under an answer that its asker alone sees: the channel shows it to all."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import Chat, say
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.requests import Reply, Request
from paperwire.services.typed import StaleButton

_LONGEST_NAME = 60
FOR_ALL = frozenset(
    {
        "add",
        "find",
        "help",
        "look",
        "more",
        "open",
        "save",
        "share",
        "sub",
        "subs",
        "try",
        "vote",
        "week",
        "whole",
        "why",
    }
)
"""Buttons that stay under a shared message: what anyone may press, and Subscribe, which a manager may see there."""


async def press(context: Chat, request: Request, part: str) -> Reply:
    """Say who shares the message with the button: `publish:`; the channel posts both."""
    del context
    if part or request.place.chat != "server":
        raise StaleButton
    texts, problem = request.texts, request.place.problem
    if problem:
        raise CommandError(texts.gettext("Can't post here: %(problem)s.", problem=problem))
    name = clean(request.actor.name, _LONGEST_NAME)
    # Translators: under a message that a person posted for others: %(name)s is the person.
    return replace(say(texts.gettext("Shared by %(name)s", name=name)), shares=FOR_ALL)


BUTTONS = {"publish": press}
