"""`/start`: the first words in a chat, what a link from a page brought along, and what channels report of places."""

from __future__ import annotations

from paperwire.commands.accounts.account import ask_to_link
from paperwire.commands.context import Chat, Command, say
from paperwire.commands.papers.papers import count_reaction
from paperwire.commands.papers.preview import previewed
from paperwire.commands.places.pause import back_again, paused_line, resume_row
from paperwire.core.messages.closed import is_asked_for
from paperwire.core.messages.message import Button, Span
from paperwire.errors import CommandError
from paperwire.ports.callers import Place
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.accounts.share import invited_draft
from paperwire.services.papers.meetings import leave_club
from paperwire.services.places.places import report
from paperwire.services.subscriptions.subscriptions import EXAMPLE
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop

# Translators: of /start: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "start",
    gettext_noop("What Paperwire does, and how to begin"),
    examples=(
        ("/start", gettext_noop("what comes to this chat, with an example to subscribe to")),
        ("/help", gettext_noop("all commands")),
    ),
)
_LONGEST_NAME = 20
# Translators: the end of a welcome, by where it is read; commands are never translated.
_ENDS = {
    "group": gettext_noop("To pause, send /pause. To get rid of Paperwire, remove the bot from this group."),
    "topic": gettext_noop("To pause, send /pause. To get rid of Paperwire, remove the bot from this group."),
    "channel": gettext_noop(
        "To pause, send /pause. To get rid of Paperwire, remove the bot from this channel or server."
    ),
    "thread": gettext_noop("To pause, send /pause. To get rid of Paperwire, remove the bot from this server."),
}


async def answer(context: Chat, request: Request) -> Reply:
    """`/start`, followed by what a link into the chat brought: a page's query, or a code of `/link`."""
    payload = unquoted(request.args)
    if payload and (reply := await invited(context, request, payload)) is not None:
        return reply
    if len(payload) > _LONGEST_NAME:
        return await _ask_to_link(context, request, payload)
    await people.ensure(context, request)
    return greeting(context, request.place, request.texts)


async def _ask_to_link(context: Chat, request: Request, code: str) -> Reply:
    try:
        return await ask_to_link(context, request, code)
    except CommandError:
        raise CommandError(
            request.texts.gettext(
                "This link is too old, or a part of it is missing or was changed. Open it again where you found it: the"
                " search on %(url)s, or /link on your other account (its code works for 15 minutes).",
                url=context.public_url,
            ),
            link=context.public_url,
        ) from None


def greeting(context: Chat, place: Place, texts: Texts) -> Reply:
    """The first words in a place: what comes, an example, and how to be rid of it."""
    if place.is_shared:
        lines = (
            texts.gettext(
                "New papers are posted here when they match a subscription. Managers subscribe with a query:"
            ),
            texts.gettext(_ENDS[place.kind]),
        )
    else:
        lines = (
            texts.gettext("Subscribe with a query, and new papers that match it are sent to you as they appear:"),
            texts.gettext("To pause, send /pause. To delete everything stored about you, send /forget."),
        )
    return say(
        (Span("Paperwire", "bold"),),
        lines[0],
        (Span(f"/subscribe {EXAMPLE}", "code"),),
        lines[1],
        buttons=[
            [
                Button(texts.gettext("Subscribe to this example"), context.long_texts.action("add:", EXAMPLE)),
                # Translators: a button under an example of a query.
                Button(texts.gettext("Preview it"), context.long_texts.action("try:", EXAMPLE)),
            ],
            [
                Button(texts.gettext("How to write a query"), "help:query"),
                # Translators: a button that shows the list of commands.
                Button(texts.gettext("All commands"), "help:"),
            ],
        ],
    )


# --- links from pages that bring a query along -------------------------------------------------------------------


async def invited(context: Chat, request: Request, code: str) -> Reply | None:
    """The answer to a link into a chat, with a button that subscribes; None if we didn't make it, or too long ago."""
    draft = await invited_draft(context, request, code)
    if draft is None:
        return None
    return await previewed(context, request, draft.text, invited=True, options=draft.options)


# --- what channels report of a place ----------------------------------------------------------------------------


async def place_changed(context: Chat, request: Request, part: str) -> Reply:
    """A channel saw a place close to us, open or move: `place:closed:WHY`, `place:open`, `place:moved:ADDRESS`.

    Or a reaction to a message there came or went: `place:upvoted:MESSAGE`, `place:unvoted:MESSAGE`; or a person left:
    `place:left:USER`.

    A place that is known and open isn't greeted again, whatever else changed in it.
    """
    what, _, detail = part.partition(":")
    if what in {"upvoted", "unvoted"}:
        return await count_reaction(context, request, detail, withdrawn=what == "unvoted")
    if what == "left":
        await leave_club(context, request, detail)
        return say()
    place, closed = await report(context, request.place, what, detail)
    for each, why in closed:
        context.closed(each, why)
    if what != "open":
        return say()
    if place is not None and is_asked_for(place.paused):
        return say(paused_line(place.paused, request.texts), buttons=[resume_row(request.texts)])
    back = await back_again(context, request, place.paused if place else "")
    if place is not None or back.message.head or not request.place.is_shared:
        return back
    return greeting(context, request.place, request.texts)


COMMANDS = (Command(SPEC, answer, {"place": place_changed}),)
