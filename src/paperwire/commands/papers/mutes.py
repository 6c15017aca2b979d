"""`/mutes` and the Mute button: authors, categories and subscriptions that a place gets no papers of."""

from __future__ import annotations

from paperwire.commands.buttons import offered
from paperwire.commands.context import Chat, Command, only_managers_line, say
from paperwire.core.messages.message import Button, Span
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services.papers.papers import stored
from paperwire.services.people import only_managers
from paperwire.services.places.mute_choices import (
    author_choices,
    category_choices,
    mute_again,
    mute_choice,
    other_choices,
)
from paperwire.services.places.places import mutes_here, subscriptions_to_mute, unmute
from paperwire.texts import gettext_noop

# Translators: of /mutes: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "mutes",
    gettext_noop("What is muted here, to unmute it"),
    topic="settings",
    examples=(
        ("/mutes", gettext_noop("authors, categories and subscriptions that are muted")),
        ("/subscriptions 2 pause", gettext_noop("stops one subscription instead")),
    ),
)

_SHOWN = 20
_LONGEST_LABEL = 60
_AGAIN = "again"


async def answer(context: Chat, request: Request) -> Reply:
    """`/mutes`: what is muted here, with a button each for those who may unmute it."""
    texts = request.texts
    mutes = await mutes_here(context, request)
    if not mutes:
        return say(
            texts.gettext(
                "Nothing is muted here. The Mute… button under a paper mutes an author, a category or a subscription."
            )
        )
    # Translators: a heading over what is muted in a chat.
    head = (Span(texts.gettext("Muted here"), "bold"),)
    if not request.may_change:
        return say(head, *(f"• {name}" for _, name in mutes[:_SHOWN]), only_managers_line(texts))
    # Translators: a button; %(name)s is an author, a category or a subscription.
    labels = [(texts.gettext("Unmute %(name)s", name=name), mute.number) for mute, name in mutes[:_SHOWN]]
    rows = [[Button(label[:_LONGEST_LABEL], f"lift:{number}:{_AGAIN}")] for label, number in labels]
    return say(head, buttons=rows)


async def choose(context: Chat, request: Request, part: str) -> Reply:
    """What of a paper to mute here: `mute:PAPER` shows its authors, categories and the subscriptions it matches."""
    only_managers(request)
    texts = request.texts
    paper = await stored(context, part)
    subscriptions = await subscriptions_to_mute(context, request, paper)
    rows = [
        *([author] for author in author_choices(paper, texts)),
        category_choices(paper),
        *([other] for other in other_choices(subscriptions, texts)),
    ]
    buttons = [[Button(choice.label, f"muted:{paper.number}:{choice.action}") for choice in row] for row in rows]
    return say(texts.gettext("What should be muted here?"), buttons=buttons)


async def press_mute(context: Chat, request: Request, part: str) -> Reply:
    """Mute it: `muted:PAPER:author:POSITION:TAG`, `muted:PAPER:category:POSITION:TAG`, `muted:PAPER:subscription:N`.

    Or `muted:PAPER:accepted:0` and `muted:PAPER:code:0`, which are about all papers that are saved or watched.
    `muted:again:KIND:VALUE` takes back that it was unmuted.
    """
    only_managers(request)
    texts = request.texts
    number, _, action = part.partition(":")
    if number == _AGAIN:
        kind, _, value = action.partition(":")
        muted, name, is_new = await mute_again(context, request, kind, offered(context, value))
    else:
        muted, name, is_new = await mute_choice(context, request, number, action)
    if not is_new:
        return say(texts.gettext("Already muted here: %(name)s", name=name), edit=True)
    return say(
        # Translators: %(name)s is an author, a category or a source.
        texts.gettext("Muted here: %(name)s", name=name),
        buttons=[[Button(texts.gettext("Undo"), f"lift:{muted.number}")]],
        edit=True,
    )


async def press_unmute(context: Chat, request: Request, part: str) -> Reply:
    """Send its papers here again: `lift:MUTE`, or `lift:MUTE:again` with a way back, where it isn't one itself."""
    texts = request.texts
    number, _, again = part.partition(":")
    lifted = await unmute(context, request, number)
    undo = Button(texts.gettext("Undo"), context.long_texts.action(f"muted:{_AGAIN}:{lifted.kind}:", lifted.shown))
    # Translators: the answer to a button: what was muted isn't any more.
    return say(texts.gettext("Unmuted."), buttons=[[undo]] if again else [], edit=True)


COMMANDS = (Command(SPEC, answer, {"mute": choose, "muted": press_mute, "lift": press_unmute}),)
