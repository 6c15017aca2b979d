"""Settings of a place: when papers come, how they look, and what is muted there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from paperwire.core.messages.closed import is_asked_for, paused_by
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.subscriptions.cadence import Cadence, Quiet
from paperwire.core.subscriptions.subscription import (
    ACCEPTANCES,
    CODE_ARRIVALS,
    Mute,
    MuteKind,
    StoredPlace,
    Subscription,
)
from paperwire.core.text.clean import clean
from paperwire.errors import CloseReason, CommandError, SendError, TimeError
from paperwire.ports.callers import Caller, Place
from paperwire.ports.channels import Conversation
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.places.zones import read_zone
from paperwire.services.subscriptions.subscriptions import place_of
from paperwire.services.typed import action_number, read_number
from paperwire.store.unit import Unit
from paperwire.texts import Texts
from paperwire.wording.cadences import time_refusal
from paperwire.wording.places import STYLES, place_name

MOST_IN_DIGEST = 500
"""Maximum of `min` and `max`."""


class SettingsChange(NamedTuple):
    """A place before and after its settings were changed."""

    before: StoredPlace
    now: StoredPlace


class MutedHere(NamedTuple):
    """What is muted in a place, its name as people read it, and whether that is new."""

    mute: Mute
    name: str
    is_new: bool


_ANSWERS = {"yes": True, "on": True, "no": False, "off": False}
_OFF = {"off", "none", "no"}


async def pause(context: Context, caller: Caller) -> StoredPlace:
    """Pause the caller's place, unless a person did; what matches meanwhile is kept. Returns it as it was before."""
    async with context.store.write() as unit:
        place = await people.current_place(context, unit, caller)
        if not is_asked_for(place.paused):
            await unit.places.pause(place.number, paused_by(clean(caller.actor.name, 40)))
    return place


async def resume(context: Context, caller: Caller) -> StoredPlace:
    """Open the caller's place again; returns it as it was before.

    One that was closed as its owner may not use this instance is from then on the caller's, who may.
    """
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        place = await people.current_place(context, unit, caller)
        if place.paused == CloseReason.NOT_ALLOWED:
            await unit.places.give(place.number, person.number)
        await people.reopened(unit, place)
    return place


async def report(
    context: Context, reported: Place, what: str, detail: str
) -> tuple[StoredPlace | None, list[tuple[StoredPlace, CloseReason]]]:
    """Note what a channel reports of a place: `closed` and why, `open`, or `moved` and to which address.

    The place as stored before, None if it is new, and those that were open and are closed now, each with why. Where a
    whole community is closed, as when the bot is removed from a server, so are all its places.
    """
    why = CloseReason(detail) if what == "closed" and detail in frozenset(CloseReason) else CloseReason.REMOVED
    async with context.store.write() as unit:
        place = await unit.places.at(reported)
        if place is not None and what == "moved" and detail:
            await unit.places.moved(place.number, detail)
        if what != "closed":
            return place, []
        # What is closed as its owner isn't let in opens when they are; whether it takes messages then, sending shows.
        reached = {place.number: place} if place is not None else {}
        if reported.community is not None and reported.community.address == reported.address:
            reached |= {each.number: each for each in await unit.places.of_community(reported)}
        open_to_us = [each for each in reached.values() if each.paused != CloseReason.NOT_ALLOWED]
        return place, [(each, why) for each in open_to_us if await unit.places.pause(each.number, why)]


async def settings(context: Context, caller: Caller) -> StoredPlace | None:
    """The caller's place as stored, None if it is new."""
    async with context.store.read() as unit:
        return await unit.places.at(caller.place)


async def update(context: Context, caller: Caller, **changes: str | int | None) -> SettingsChange:
    """Change settings of the caller's place, but not those that are None."""
    async with context.store.write() as unit:
        place = await people.current_place(context, unit, caller)
        await unit.places.update(place.number, **{key: value for key, value in changes.items() if value is not None})
        return SettingsChange(place, await unit.places.get(place.number) or place)


async def digest_place(context: Context, caller: Caller, part: str) -> StoredPlace:
    """The caller's place or, with a subscription's number, where that goes; raises CommandError if it isn't theirs."""
    if not part:
        people.only_managers(caller)
        async with context.store.write() as unit:
            return await people.current_place(context, unit, caller)
    subscription = await people.changeable(context, caller, part)
    place = await place_of(context, caller, subscription)
    if not place.is_shared and place.owner != subscription.person:
        raise CommandError(
            caller.texts.gettext(
                "%(place)s belongs to another account, and only that account can change it.",
                place=place_name(place, caller.texts),
            )
        )
    return place


async def update_at(context: Context, caller: Caller, part: str, **changes: str | int) -> SettingsChange:
    """Change settings of the place that `digest_place` finds."""
    place = await digest_place(context, caller, part)
    async with context.store.write() as unit:
        await unit.places.update(place.number, **changes)
        return SettingsChange(place, await unit.places.get(place.number) or place)


async def set_digest(context: Context, caller: Caller, when: str, options: Mapping[str, str]) -> SettingsChange:
    """Change when papers come to the caller's place, `CADENCE [ZONE]` (empty: as before), and what digests hold.

    `options` are `min`, `max`, `empty` and `sections` as typed. Raises CommandError.
    """
    changes = read_options(options, caller.texts)
    if when:
        changes |= _read_when(when, caller.texts)
    return await update(context, caller, **changes)


def _read_when(text: str, texts: Texts) -> dict[str, str]:
    """The cadence and the zone that were typed; raises CommandError."""
    try:
        text = texts.time_in_english(text)
        cadence, zone = Cadence.split(text)
    except TimeError as error:
        raise time_refusal(error, texts) from None
    changes = {"cadence": str(cadence)}
    if zone:
        timed = bool(cadence.times) and any(letter.isdigit() for letter in text.removesuffix(zone))
        changes["zone"] = read_zone(zone, texts, timed=timed)
    return changes


def read_options(typed: Mapping[str, str], texts: Texts) -> dict[str, str | int | bool]:
    """What is asked of digests, by the names of a place's settings; raises CommandError."""
    changes: dict[str, str | int | bool] = {}
    for name, value in typed.items():
        word = value.strip().casefold()
        if name in {"empty", "sections"}:
            word = texts.word_in_english(word)
            if word not in _ANSWERS:
                # Translators: %(option)s is the name of an option, which is never translated.
                raise CommandError(texts.gettext("%(option)s: takes yes or no.", option=name))
            changes[f"digest_{name}"] = _ANSWERS[word]
        elif name == "max" and word in {"all", "none", "off"}:
            changes["digest_max"] = 0
        else:
            changes[f"digest_{name}"] = read_number(name, value, MOST_IN_DIGEST, texts)
    return changes


async def set_quiet(context: Context, caller: Caller, typed: str) -> SettingsChange:
    """Set the quiet hours of the caller's place, `HH:MM-HH:MM [ZONE]` or `off`; raises CommandError."""
    typed = caller.texts.time_in_english(typed)
    if typed.casefold() in _OFF:
        return await update(context, caller, quiet="")
    try:
        hours, zone = Quiet.split(typed)
    except TimeError as error:
        raise time_refusal(error, caller.texts) from None
    return await update(context, caller, quiet=str(hours), zone=read_zone(zone, caller.texts) if zone else None)


async def set_style(context: Context, caller: Caller, style: str) -> SettingsChange:
    """Set how papers look in the caller's place, a word of STYLES; raises CommandError."""
    if style not in STYLES:
        raise CommandError(caller.texts.gettext("Use one of: %(choices)s.", choices=caller.texts.listed(STYLES)))
    return await update(context, caller, style=style)


async def set_threads(context: Context, caller: Caller, word: str) -> SettingsChange:
    """Have each announcement in the caller's place open a thread, `on` or `off`; raises CommandError."""
    texts = caller.texts
    if word not in {"on", "off"}:
        raise CommandError(texts.gettext("threads takes on or off."))
    if word == "on" and not can_open_threads(context, caller.place):
        raise CommandError(
            texts.gettext("Threads can't be opened here, only in text channels of servers and in groups with topics.")
        )
    return await update(context, caller, threads="on" if word == "on" else "")


def can_open_threads(context: Context, place: Place) -> bool:
    """Whether a place is of a kind where messages can open threads."""
    channel = context.channels.get(place.channel)
    return isinstance(channel, Conversation) and place.kind in channel.threaded


# --- what is muted -----------------------------------------------------------------------------------------------


async def mutes_here(context: Context, caller: Caller) -> list[tuple[Mute, str]]:
    """What is muted in the caller's place, each with its name as people read it."""
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place)
        mutes = await unit.places.mutes(place.number) if place else []
        return [(mute, await _mute_name(unit, mute, caller.texts)) for mute in mutes]


async def muted_here(context: Context, caller: Caller) -> frozenset[int]:
    """The numbers of the subscriptions that are muted in the caller's place."""
    return frozenset(int(mute.value) for mute, _ in await mutes_here(context, caller) if mute.kind == "subscription")


async def _mute_name(unit: Unit, mute: Mute, texts: Texts) -> str:
    if (mute.kind, mute.value) == ACCEPTANCES:
        return texts.gettext("acceptances of saved and watched papers")
    if (mute.kind, mute.value) == CODE_ARRIVALS:
        return texts.gettext("code of saved and watched papers")
    if mute.kind != "subscription":
        return mute.shown
    muted = await unit.subscriptions.get(int(mute.value))
    if muted is None:
        return texts.gettext("a deleted subscription")
    # Translators: what is called so where a subscription has no name: within sentences.
    return texts.gettext("subscription #%(number)s", number=muted.ordinal)


async def subscriptions_to_mute(context: Context, caller: Caller, paper: Paper) -> list[Subscription]:
    subscriptions = await people.subscriptions_here(context, caller)
    async with context.store.read() as unit:
        near = await unit.meanings.scores_of(paper.number, [each.query for each in subscriptions])
    doc = Doc.of(paper)
    queries = [(each, parse(each.text)) for each in subscriptions]
    return [each for each, query in queries if query.matches(doc) and (query.like is None or each.query in near)]


async def mute(context: Context, caller: Caller, kind: MuteKind, value: str) -> MutedHere:
    """Send nothing of an author, a category or a subscription to the caller's place."""
    people.only_managers(caller)
    async with context.store.write() as unit:
        place = await people.current_place(context, unit, caller)
        before = {mute.number for mute in await unit.places.mutes(place.number)}
        muted = await unit.places.mute(place.number, kind, value)
        return MutedHere(muted, await _mute_name(unit, muted, caller.texts), muted.number not in before)


async def unmute(context: Context, caller: Caller, part: str) -> Mute:
    """Mute something no longer in the caller's place; raises CommandError if it isn't muted there."""
    people.only_managers(caller)
    number = action_number(part)
    async with context.store.write() as unit:
        place = await people.current_place(context, unit, caller)
        mutes = {mute.number: mute for mute in await unit.places.mutes(place.number)}
        if number not in mutes:
            raise CommandError(caller.texts.gettext("This isn't muted here. /mutes lists what is."))
        await unit.places.unmute(number)
        return mutes[number]


class Returned(NamedTuple):
    """How many chats are open again, and how many are not: the caller doesn't manage them or the bot can't post."""

    opened: int
    left: int


async def closed_by_removal(context: Context, caller: Caller) -> list[StoredPlace]:
    """The places of the caller's community that were closed with it, oldest first; none that a person paused."""
    async with context.store.read() as unit:
        places = await unit.places.of_community(caller.place)
    return [place for place in places if place.paused == CloseReason.REMOVED]


async def others_closed(context: Context, caller: Caller) -> list[StoredPlace]:
    """Those of them that are not where the caller is."""
    return [place for place in await closed_by_removal(context, caller) if not caller.place.is_same(place)]


async def reopen_all(context: Context, caller: Caller) -> Returned:
    """Open what was closed with the caller's community and they manage now; what was missed is sent first."""
    people.only_managers(caller)
    places = await closed_by_removal(context, caller)
    numbers = [place.number for place in places if await _may_reopen(context, caller, place)]
    async with context.store.write() as unit:
        current = await unit.places.get_many(numbers)
        closed = [place for _, place in sorted(current.items()) if place.paused == CloseReason.REMOVED]
        for place in closed:
            await people.reopened(unit, place)
    return Returned(len(closed), len(places) - len(numbers))


async def _may_reopen(context: Context, caller: Caller, stored: StoredPlace) -> bool:
    """Whether the caller manages a place and the bot may post there, as its platform says now."""
    if caller.place.is_same(stored):
        return not caller.place.problem
    try:
        place, manages = await context.channels[stored.channel].inspect(stored.address, caller.actor)
    except SendError:
        return False
    return manages and not place.problem
