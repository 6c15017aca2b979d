"""Libraries whose papers join a person's saved ones: imported once, connected, and read no longer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from paperwire.core.papers.library import Reference
from paperwire.pipeline.libraries import Addition, LibraryReader, add_missing, add_stored, want
from paperwire.ports.callers import Caller
from paperwire.ports.libraries import StoredLibrary
from paperwire.services import people
from paperwire.services.context import Context


@dataclass(frozen=True, slots=True)
class Import:
    """Papers that join the saved ones: those stored are `done`; `looked_up` are asked for by each of the `steps`.

    A step yields all that has been added so far.
    """

    done: Addition
    looked_up: int
    steps: AsyncIterator[Addition]


async def import_papers(context: Context, caller: Caller, references: Sequence[Reference]) -> Import:
    """Add the papers of references to the caller's saved ones."""
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
    done = await add_stored(context.store, person.number, references)
    looked_up = await want(context.store, person.number, done.missing)
    return Import(done, looked_up, _steps(context, person.number, done))


async def _steps(context: Context, person: int, done: Addition) -> AsyncIterator[Addition]:
    async for addition in add_missing(context.store, person, done.missing, context.lookup_many):
        yield done.with_found(addition)


async def connect(context: Context, caller: Caller, reader: LibraryReader, key: str, group: str) -> StoredLibrary:
    """Have the library that a key opens, or that of a group, read daily for the caller.

    Raises LibraryRefused for a key without a right to it, LibraryError where the service can't be asked.
    """
    name = await reader.service.owner(key)
    if group:
        name = group
        await reader.service.check(name, key)
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        return await unit.libraries.put(person.number, name, reader.seal.close(key))


async def disconnect(context: Context, caller: Caller) -> bool:
    """Delete the keys of the caller's libraries, whose saved papers stay; False if none was connected."""
    async with context.store.write() as unit:
        person = await unit.people.person_of(caller.actor)
        return person is not None and bool(await unit.libraries.drop(person.number))
