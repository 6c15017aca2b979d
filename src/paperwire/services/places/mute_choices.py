"""What of a paper can be muted: its first authors and categories, subscriptions that it matches, later facts."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple, get_args

from paperwire.core.papers.categories import is_category
from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.subscription import ACCEPTANCES, CODE_ARRIVALS, MuteKind, Subscription
from paperwire.core.text.clean import clean
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.papers.papers import stored
from paperwire.services.places.places import MutedHere, mute
from paperwire.services.typed import StaleButton, action_number
from paperwire.texts import Texts

_AUTHORS = _CATEGORIES = _SUBSCRIPTIONS = 3
_LONGEST_NAME, _LONGEST_CATEGORY = 40, 20


class MuteChoice(NamedTuple):
    """What a button says that mutes something, and the end of its action: `KIND:WHICH` or `KIND:POSITION:TAG`."""

    label: str
    action: str


def author_choices(paper: Paper, texts: Texts) -> list[MuteChoice]:
    return [
        # Translators: a button that mutes an author.
        MuteChoice(texts.gettext("Author %(name)s", name=clean(name, _LONGEST_NAME)), _named("author", position, name))
        for position, name in enumerate(paper.authors[:_AUTHORS])
    ]


def category_choices(paper: Paper) -> list[MuteChoice]:
    categories = [(which, name) for which, name in enumerate(paper.categories) if is_category(name)][:_CATEGORIES]
    return [MuteChoice(clean(name, _LONGEST_CATEGORY), _named("category", which, name)) for which, name in categories]


def other_choices(subscriptions: Sequence[Subscription], texts: Texts) -> list[MuteChoice]:
    """The first of the subscriptions that a paper matches, all acceptances and all code."""
    return [
        *(
            MuteChoice(
                texts.gettext("Subscription %(name)s", name=clean(each.name or each.text, _LONGEST_NAME)),
                f"subscription:{each.number}",
            )
            for each in subscriptions[:_SUBSCRIPTIONS]
        ),
        MuteChoice(texts.gettext("Acceptances of saved and watched papers"), f"{ACCEPTANCES[0]}:0"),
        MuteChoice(texts.gettext("Code of saved and watched papers"), f"{CODE_ARRIVALS[0]}:0"),
    ]


async def mute_choice(context: Context, caller: Caller, paper: str, action: str) -> MutedHere:
    """Mute in the caller's place what a choice says of the paper with this number; raises CommandError."""
    kind, which, tag = (*action.split(":", 2), "", "")[:3]
    if kind == "subscription":
        which = str((await people.seen(context, caller, which)).number)
    return await mute(context, caller, *_target(await stored(context, paper), kind, action_number(which), tag))


async def mute_again(context: Context, caller: Caller, kind: str, value: str) -> MutedHere:
    """Mute in the caller's place what was unmuted there; raises CommandError."""
    kinds: dict[str, MuteKind] = {each: each for each in get_args(MuteKind)}
    if kind not in kinds:
        raise StaleButton
    if kind == "subscription":
        value = str((await people.seen(context, caller, value)).number)
    return await mute(context, caller, kinds[kind], value)


def _target(paper: Paper, word: str, which: int, tag: str) -> tuple[MuteKind, str]:
    if word == "subscription":
        return "subscription", str(which)
    if word == ACCEPTANCES[0]:
        return ACCEPTANCES
    if word == CODE_ARRIVALS[0]:
        return CODE_ARRIVALS
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


def _named(kind: str, position: int, name: str) -> str:
    return f"{kind}:{position}:{_tag(name)}"


def _tag(name: str) -> str:
    """Tells the names of one paper apart, in the few bytes that an action has room for."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
