"""`/mutes` and the Mute button: authors, categories and subscriptions that a place gets no papers of."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import Button, Span
from paperwire.core.papers.categories import is_category
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.subscriptions.mutes import MuteKind
from paperwire.core.text.clean import clean
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.papers import stored
from paperwire.services.people import only_managers
from paperwire.services.places import lift, mute_name, mutes_here
from paperwire.services.typed import StaleButton, action_number
from paperwire.texts import gettext_noop

SPEC = CommandSpec("mutes", gettext_noop("What is muted here, to unmute it"))

_AUTHORS = 3
_CATEGORIES = 3
_SUBSCRIPTIONS = 3
_SHOWN = 20
_LONGEST_LABEL = 60


async def answer(context: Chat, request: Request) -> Reply:
    """`/mutes`: what is muted here, with a button each to unmute it."""
    texts = request.texts
    mutes = await mutes_here(context, request)
    if not mutes:
        return say(
            texts.gettext(
                "Nothing is muted here. The Mute… button under a paper mutes an author, a category or a subscription."
            )
        )
    async with context.store.read() as unit:
        names = [await mute_name(unit, mute, texts) for mute in mutes[:_SHOWN]]
    labels = [texts.gettext("Unmute %(name)s", name=name) for name in names]
    rows = [[Button(label[:_LONGEST_LABEL], f"lift:{mute.number}")] for label, mute in zip(labels, mutes, strict=False)]
    return say((Span(texts.gettext("Muted here"), "bold"),), buttons=rows)


async def choose(context: Chat, request: Request, part: str) -> Reply:
    """What of a paper to mute here: `mute:PAPER` shows its authors, categories and the subscriptions it matches."""
    only_managers(request)
    texts = request.texts
    paper = await stored(context, part)
    number = paper.number
    rows = [
        [Button(texts.gettext("Author %(name)s", name=clean(name, 40)), f"muted:{number}:author:{position}")]
        for position, name in enumerate(paper.authors[:_AUTHORS])
    ]
    categories = [(which, name) for which, name in enumerate(paper.categories) if is_category(name)][:_CATEGORIES]
    rows.append([Button(clean(name, 20), f"muted:{number}:category:{position}") for position, name in categories])
    async with context.store.read() as unit:
        subscriptions = await people.subscriptions_here(unit, request)
        near = await unit.meanings.scores_of(paper.number, [subscription.query for subscription in subscriptions])
    doc = Doc.of(paper)
    queries = [(subscription, parse(subscription.text)) for subscription in subscriptions]
    matching = [
        subscription
        for subscription, query in queries
        if query.matches(doc) and (query.like is None or subscription.query in near)
    ]
    for subscription in matching[:_SUBSCRIPTIONS]:
        label = texts.gettext("Subscription %(name)s", name=clean(subscription.name or subscription.text, 40))
        rows.append([Button(label, f"muted:{number}:subscription:{subscription.number}")])
    return say(texts.gettext("What should be muted here?"), buttons=rows)


async def mute(context: Chat, request: Request, part: str) -> Reply:
    """Mute it: `muted:PAPER:KIND:WHICH`, which is a position in the paper's list, or a subscription's number."""
    only_managers(request)
    texts = request.texts
    number, _, words = part.partition(":")
    word, _, which = words.partition(":")
    kind, value = _target(await stored(context, number), word, action_number(which))
    async with context.store.write() as unit:
        place = await people.here(context, unit, request)
        muted = await unit.places.mute(place.number, kind, value)
        name = await mute_name(unit, muted, texts)
    return say(
        texts.gettext("Muted here: %(name)s", name=name),
        buttons=[[Button(texts.gettext("Undo"), f"lift:{muted.number}")]],
        edit=True,
    )


def _target(paper: Paper, word: str, which: int) -> tuple[MuteKind, str]:
    if word == "subscription":
        return "subscription", str(which)
    if word == "author" and which < len(paper.authors):
        return "author", paper.authors[which]
    if word == "category" and which < len(paper.categories):
        return "category", paper.categories[which]
    raise StaleButton


async def unmute(context: Chat, request: Request, part: str) -> Reply:
    """Send its papers here again: `lift:MUTE`."""
    await lift(context, request, part)
    return say(request.texts.gettext("Unmuted."), edit=True)


COMMANDS = (Command(SPEC, answer, {"mute": choose, "muted": mute, "lift": unmute}),)
