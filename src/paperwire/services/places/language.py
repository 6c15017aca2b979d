"""The language that a person is answered in, and that a place gets its papers in."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from paperwire.errors import CommandError
from paperwire.languages import closest, served, tag_of
from paperwire.ports.callers import Actor, Caller
from paperwire.services import people
from paperwire.services.context import Context

C = TypeVar("C", bound=Caller)
AUTO = "auto"
"""What is chosen instead of a language, for the one that the platform reports."""


async def in_language(context: Context, caller: C) -> C:
    """The caller with the language that was chosen for a shared place, else by them.

    Where their platform reports none, the one that was reported of them before is taken.
    """
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place) if caller.place.is_shared else None
        person = await unit.people.person_of(caller.actor)
    language = (place.language if place else "") or (person.language if person else "")
    return replace(caller, language=language, locale=caller.locale or (person.locale if person else ""))


async def chosen(context: Context, caller: Caller) -> str:
    """The language that was chosen for the caller's shared place, or by them in private; empty for none."""
    if not caller.place.is_shared:
        return await chosen_by(context, caller.actor)
    async with context.store.read() as unit:
        place = await unit.places.at(caller.place)
    return place.language if place else ""


async def chosen_by(context: Context, account: Actor) -> str:
    """The language that the person with an account chose; empty for none."""
    async with context.store.read() as unit:
        person = await unit.people.person_of(account)
    return person.language if person else ""


def read_language(typed: str, caller: Caller) -> str:
    """The tag of the language that was typed, by its tag or own name, empty for `auto`; raises CommandError."""
    word, languages = typed.strip().casefold(), served()
    if word == AUTO:
        return ""
    named = [tag for tag, name in languages.items() if word == name.casefold()]
    tag = named[0] if named else tag_of(closest(word, [tag.replace("-", "_") for tag in languages]))
    if not tag:
        choices = caller.texts.listed([*languages, AUTO])
        raise CommandError(caller.texts.gettext("Use one of: %(choices)s.", choices=choices))
    return tag


async def set_language(context: Context, caller: Caller, language: str) -> Caller:
    """Choose the language of the caller's shared place, or in private their own; the caller in that language."""
    async with context.store.write() as unit:
        if caller.place.is_shared:
            place = await people.current_place(context, unit, caller)
            await unit.places.update(place.number, language=language)
        else:
            person = await people.person(context, unit, caller)
            await unit.people.set_language(person.number, language)
    return await in_language(context, replace(caller, language=""))
