"""`/mutes` and the Mute button: authors, categories and subscriptions that a place gets no papers of."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from paperwire.commands.context import Chat, Command, only_managers_line, say
from paperwire.core.messages.message import Button, Span
from paperwire.core.papers.categories import is_category
from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.subscription import ACCEPTANCES, MuteKind
from paperwire.core.text.clean import clean
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.papers.papers import stored
from paperwire.services.people import only_managers
from paperwire.services.places.places import mute, mutes_here, subscriptions_to_mute, unmute
from paperwire.services.typed import StaleButton, action_number
from paperwire.texts import gettext_noop

SPEC = CommandSpec(
    "mutes",
    gettext_noop("What is muted here, to unmute it"),
    topic="settings",
    examples=(
        ("/mutes", gettext_noop("authors, categories and subscriptions that are muted")),
        ("/subscriptions 2 pause", gettext_noop("stops one subscription instead")),
    ),
)

_AUTHORS = 3
_CATEGORIES = 3
_SUBSCRIPTIONS = 3
_SHOWN = 20
_LONGEST_LABEL = 60


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
    head = (Span(texts.gettext("Muted here"), "bold"),)
    if not request.may_change:
        return say(head, *(f"• {name}" for _, name in mutes[:_SHOWN]), only_managers_line(texts))
    labels = [(texts.gettext("Unmute %(name)s", name=name), mute.number) for mute, name in mutes[:_SHOWN]]
    rows = [[Button(label[:_LONGEST_LABEL], f"lift:{number}")] for label, number in labels]
    return say(head, buttons=rows)


async def choose(context: Chat, request: Request, part: str) -> Reply:
    """What of a paper to mute here: `mute:PAPER` shows its authors, categories and the subscriptions it matches."""
    only_managers(request)
    texts = request.texts
    paper = await stored(context, part)
    number = paper.number
    rows = [
        [Button(texts.gettext("Author %(name)s", name=clean(name, 40)), _action(number, "author", position, name))]
        for position, name in enumerate(paper.authors[:_AUTHORS])
    ]
    categories = [(which, name) for which, name in enumerate(paper.categories) if is_category(name)][:_CATEGORIES]
    rows.append([Button(clean(name, 20), _action(number, "category", which, name)) for which, name in categories])
    for each in (await subscriptions_to_mute(context, request, paper))[:_SUBSCRIPTIONS]:
        label = texts.gettext("Subscription %(name)s", name=clean(each.name or each.text, 40))
        rows.append([Button(label, f"muted:{number}:subscription:{each.number}")])
    rows.append([Button(texts.gettext("Acceptances of saved and watched papers"), f"muted:{number}:accepted:0")])
    return say(texts.gettext("What should be muted here?"), buttons=rows)


async def press_mute(context: Chat, request: Request, part: str) -> Reply:
    """Mute it: `muted:PAPER:author:POSITION:TAG`, `muted:PAPER:category:POSITION:TAG`, `muted:PAPER:subscription:N`.

    Or `muted:PAPER:accepted:0`, which is about all papers that are saved or watched.
    """
    only_managers(request)
    texts = request.texts
    number, kind, which, tag = (*part.split(":", 3), "", "", "")[:4]
    if kind == "subscription":
        which = str((await people.seen(context, request, which)).number)
    target = _target(await stored(context, number), kind, action_number(which), tag)
    muted, name, is_new = await mute(context, request, *target)
    if not is_new:
        return say(texts.gettext("Already muted here: %(name)s", name=name), edit=True)
    return say(
        texts.gettext("Muted here: %(name)s", name=name),
        buttons=[[Button(texts.gettext("Undo"), f"lift:{muted.number}")]],
        edit=True,
    )


def _target(paper: Paper, word: str, which: int, tag: str) -> tuple[MuteKind, str]:
    if word == "subscription":
        return "subscription", str(which)
    if word == ACCEPTANCES[0]:
        return ACCEPTANCES
    if word == "author":
        return "author", _name_at(paper.authors, which, tag)
    if word == "category":
        return "category", _name_at(paper.categories, which, tag)
    raise StaleButton


def _name_at(names: Sequence[str], which: int, tag: str) -> str:
    """The name that a button says; its position may be another's since a new version of the paper.

    Raises StaleButton if it is gone. Buttons of earlier versions have no tag.
    """
    tagged = [name for name in names if _tag(name) == tag] if tag else list(names[which : which + 1])
    if not tagged:
        raise StaleButton
    return tagged[0]


def _action(paper: int, kind: str, position: int, name: str) -> str:
    return f"muted:{paper}:{kind}:{position}:{_tag(name)}"


def _tag(name: str) -> str:
    """Tells the names of one paper apart, in the few bytes that an action has room for."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


async def press_unmute(context: Chat, request: Request, part: str) -> Reply:
    """Send its papers here again: `lift:MUTE`."""
    await unmute(context, request, part)
    return say(request.texts.gettext("Unmuted."), edit=True)


COMMANDS = (Command(SPEC, answer, {"mute": choose, "muted": press_mute, "lift": press_unmute}),)
