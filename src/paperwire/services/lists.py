"""The list of the asking place: that of a shared place's community or its own, elsewhere the public one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.core.query.terms.on_list import HERE, OPEN
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.subscriptions.wallclock import clock_of
from paperwire.errors import CommandError
from paperwire.ports.callers import Caller, Place
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.store.unit import Unit
from paperwire.texts import Texts


@dataclass(frozen=True, slots=True)
class PaperList:
    """A list by its number; `place` is the shared one where it was asked for, None for the public list."""

    number: int
    place: StoredPlace | None = None


async def settle(context: Context, place: Place) -> None:
    """Let a stored place have the list of its community once its channel tells which that is."""
    if place.community is None:
        return
    async with context.store.read() as unit:
        stored = await unit.places.at(place)
    if stored is not None and stored.community != place.community.address:
        async with context.store.write() as unit:
            await unit.places.join_community(stored.number, place.community.address)


async def list_here(context: Context, unit: Unit, caller: Caller) -> PaperList:
    """The list of the caller's place, stored if it is new; needs a writing unit; raises CommandError for none."""
    if caller.place.is_shared:
        place = await people.here(context, unit, caller)
        return PaperList(await unit.lists.lock(place.number), place)
    _check_public(context, caller)
    return PaperList(PUBLIC)


async def known_list(context: Context, unit: Unit, caller: Caller) -> int | None:
    """The number of the same, None for a shared place that is new: nothing is on its list."""
    if caller.place.is_shared:
        return await unit.places.list_of(caller.place)
    _check_public(context, caller)
    return PUBLIC


def _check_public(context: Context, caller: Caller) -> None:
    if not context.public_list:
        raise CommandError(
            caller.texts.gettext("There is no public list here. Use this in a group or channel: it has its own.")
        )


def check_followed(context: Context, query: Query, place: Place, texts: Texts) -> None:
    """Raise CommandError if a query asks for a list that there isn't at this place."""
    if query.list == HERE and not place.is_shared:
        raise CommandError(texts.gettext("A private chat has no list. Follow list:public."))
    if query.list == OPEN and not context.public_list:
        raise CommandError(texts.gettext("There is no public list here. A group or channel follows its own: list:here"))


def is_votable(context: Context, caller: Caller) -> bool:
    """Whether papers can be voted for where the caller is."""
    return caller.place.is_shared or context.public_list


async def votes_here(context: Context, caller: Caller, papers: Sequence[Paper]) -> dict[int, int] | None:
    """The votes of papers on the list of the caller's place, by number; None where no one can vote."""
    if not is_votable(context, caller):
        return None
    async with context.store.read() as unit:
        of_list = await known_list(context, unit, caller)
        return {} if of_list is None else await unit.lists.votes(of_list, [paper.number for paper in papers])


def today(context: Context, of_list: PaperList) -> date:
    """The day of what is submitted to a list now, by the clock of where that is."""
    zone = of_list.place.zone if of_list.place else context.zone
    return context.now().astimezone(clock_of(zone)).date()


def is_anonymous(caller: Caller) -> bool:
    """Whether the shared place itself speaks, as with posts of a channel and administrators who stay anonymous."""
    place = caller.place
    return place.is_shared and caller.actor.user_id in {place.address, place.address.partition("/")[0]}
