"""`/checkup`: which subscriptions went quiet, never matched or bring too much; and the monthly note of them."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.papers.preview import suggestion_lines
from paperwire.commands.subscriptions.subscription_buttons import suggestion_rows
from paperwire.commands.subscriptions.subscriptions import choose_cadence
from paperwire.commands.subscriptions.unsubscribe import delete
from paperwire.core.messages.message import FIRST, Button, Span, styled
from paperwire.core.query.language import parse
from paperwire.errors import CommandError
from paperwire.pipeline.checkups import checkup_note
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.papers.suggest import widened
from paperwire.services.subscriptions import checkups
from paperwire.services.subscriptions.subscriptions import DEFAULT
from paperwire.services.typed import StaleButton, unquoted
from paperwire.texts import gettext_noop

# Translators: of /checkup: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "checkup",
    gettext_noop("Subscriptions that went quiet or bring too much; a note of them each month: on or off"),
    (Argument("query", gettext_noop("note: on or off, each month"), required=False),),
    who="manager",
    topic="follow",
    examples=(
        ("/checkup", gettext_noop("subscriptions that could be better, with buttons to change them")),
        ("/checkup on", gettext_noop("a note of them each month")),
    ),
)
_ON, _OFF = "on", "off"
_DAILY = "daily 08:00"


async def answer(context: Chat, request: Request) -> Reply:
    """`/checkup` looks now, `/checkup off` ends the monthly note, `/checkup on` brings it back."""
    word = unquoted(request.args).casefold()
    if word in {_ON, _OFF}:
        return await switch(context, request, word)
    if word:
        raise CommandError(request.texts.gettext("Use one of: %(choices)s.", choices=request.texts.listed([_ON, _OFF])))
    texts = request.texts
    activities, is_off = await checkups.activities_here(context, request)
    note = checkup_note(activities, context.now(), texts)
    if note is None:
        state = (
            texts.gettext("The monthly note is off. To get it: /checkup on")
            if is_off
            else texts.gettext("When one needs a change, a note comes once a month at most. To stop it: /checkup off")
        )
        return say(texts.gettext("No subscription here needs a change."), state)
    return Reply(message=note if not is_off else replace(note, buttons=note.buttons[:-1]))


async def switch(context: Chat, request: Request, part: str) -> Reply:
    """The monthly note, off or on: `checkups:off`, `checkups:on`."""
    if part not in {_ON, _OFF}:
        raise StaleButton
    people.only_managers(request)
    await checkups.switch(context, request, off=part == _OFF)
    texts = request.texts
    if part == _ON:
        return say(texts.gettext("A note comes once a month at most, when a subscription here needs a change."))
    return say(
        texts.gettext("No more notes of subscriptions that need a change."),
        buttons=[[Button(texts.gettext("Undo"), f"checkups:{_ON}")]],
    )


async def press_widen(context: Chat, request: Request, part: str) -> Reply:
    """Wider queries for a subscription, with their rates: `widen:N`."""
    texts = request.texts
    subscription = await people.changeable(context, request, part)
    rated = await widened(context, parse(subscription.text).of(subscription.person))
    if not rated:
        return say(
            texts.gettext("No wider query to suggest. Check the spelling or use fewer words:"),
            (Span(f"/subscriptions {subscription.ordinal} {subscription.text}", "code"),),
        )
    return say(
        # Translators: a heading over queries with more matches or fewer; %(query)s is the one of a subscription.
        styled(texts.gettext("Wider than %(query)s:", query=FIRST), Span(subscription.text, "code")),
        *suggestion_lines(rated, texts),
        buttons=suggestion_rows(context, rated, subscription.number, texts),
    )


async def tidy(context: Chat, request: Request, part: str) -> Reply:
    """Delete a subscription, or let it come daily, in a message of its own: `tidy:del:N`, `tidy:daily:N`."""
    what, _, number = part.partition(":")
    if what == "del":
        return replace(await delete(context, request, number), edit=False)
    if what != "daily":
        raise StaleButton
    before = await people.changeable(context, request, number)
    reply = await choose_cadence(context, request, f"{number}:{_DAILY}")
    undo = Button(request.texts.gettext("Undo"), f"when:{before.number}:{before.cadence or DEFAULT}")
    buttons = (*reply.message.buttons, (undo,))
    return replace(reply, message=replace(reply.message, buttons=buttons), edit=False)


COMMANDS = (Command(SPEC, answer, {"checkups": switch, "widen": press_widen, "tidy": tidy}),)
