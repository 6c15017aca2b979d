"""From libraries into saved papers: once by hand, or read daily from where they were left; without announcing any."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import structlog

from paperwire.core.messages.message import Message, Span
from paperwire.core.papers.library import Reference
from paperwire.core.papers.paper import Paper
from paperwire.errors import LibraryError, LibraryRefused, SourceError
from paperwire.ports.libraries import LibraryService, StoredLibrary
from paperwire.ports.options import Now
from paperwire.store.unit import Store
from paperwire.texts import Texts

if TYPE_CHECKING:  # takes 10 MB, and few instances have a library
    from cryptography.fernet import Fernet

_PURPOSE = b"paperwire keys of libraries"
_KEY_BYTES = 32


class KeySeal:
    """Encrypts and decrypts under a key that HKDF-SHA256 derives from `secret_key`."""

    def __init__(self, secret_key: bytes) -> None:
        self._secret_key = secret_key

    @cached_property
    def _fernet(self) -> Fernet:
        from cryptography.fernet import Fernet  # noqa: PLC0415 -- see above
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 -- see above
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 -- see above

        derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(self._secret_key)
        return Fernet(base64.urlsafe_b64encode(derived))

    def close(self, secret: str) -> str:
        """A secret encrypted, as text."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The secret; None if it was encrypted under another key."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 -- see above

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None


LookupMany = Callable[[Sequence[str]], Awaitable[Mapping[str, Paper]]]
Tell = Callable[[int, Callable[[Texts], Message]], Awaitable[bool]]

READ_INTERVAL = timedelta(days=1)
_RETRY = timedelta(hours=1)
_log = structlog.get_logger(__name__)

MOST_LOOKED_UP = 1_000
"""Papers of one library that sources are asked for."""
_REFERENCES_PER_QUERY = 500
_REFERENCES_PER_LOOKUP = 100


@dataclass(frozen=True, slots=True)
class LibraryMatches:
    """What of a library is stored, as papers by their references, and the references of which no paper is."""

    papers: Mapping[Reference, Paper]
    missing: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Addition:
    """How many papers of a library were added to the saved ones, how many were there, and what wasn't found."""

    added: int = 0
    there: int = 0
    missing: tuple[Reference, ...] = ()

    def with_found(self, more: Addition) -> Addition:
        """The same with what else was found."""
        return Addition(self.added + more.added, self.there + more.there, more.missing)


async def match_stored(store: Store, references: Sequence[Reference]) -> LibraryMatches:
    """Find the stored papers of references by their ids, or by title, first author and year."""
    papers: dict[Reference, Paper] = {}
    for start in range(0, len(references), _REFERENCES_PER_QUERY):
        chunk = references[start : start + _REFERENCES_PER_QUERY]
        async with store.read() as unit:
            bearers = await unit.papers.bearing(name for reference in chunk for name in reference.names)
        papers |= {reference: paper for reference in chunk if (paper := reference.found_among(bearers)) is not None}
    return LibraryMatches(papers, tuple(reference for reference in references if reference not in papers))


async def add_stored(store: Store, person: int, references: Sequence[Reference]) -> Addition:
    """Add the stored papers of a library to a person's saved ones."""
    matched = await match_stored(store, references)
    return await _save(store, person, matched.papers.values(), matched.missing)


def to_look_up(references: Iterable[Reference]) -> list[Reference]:
    """Those of these references that a source can be asked for: they name an id; at most `MOST_LOOKED_UP`."""
    return [reference for reference in references if reference.ids][:MOST_LOOKED_UP]


async def want(store: Store, person: int, references: Sequence[Reference]) -> int:
    """Keep what of these references is to be looked up, so that it outlives this process; how many they are."""
    lookups = to_look_up(references)
    async with store.write() as unit:
        await unit.libraries.want(person, {reference.ids[0] for reference in lookups})
    return len(lookups)


async def add_missing(
    store: Store, person: int, references: Sequence[Reference], lookup_many: LookupMany
) -> AsyncIterator[Addition]:
    """Ask sources for what is wanted of these references, store it without an announcement, and save it.

    Yields after each request what is added so far, with everything missing that isn't found yet. What a source that
    fails leaves missing, or a process that ends, is asked for again by `go_on`.
    """
    so_far = Addition(missing=tuple(references))
    lookups = to_look_up(references)
    for start in range(0, len(lookups), _REFERENCES_PER_LOOKUP):
        chunk = lookups[start : start + _REFERENCES_PER_LOOKUP]
        so_far = so_far.with_found(await _add_looked_up(store, person, chunk, lookup_many, so_far.missing))
        yield so_far


async def go_on(store: Store, lookup_many: LookupMany) -> int:
    """Ask sources for what they should have been asked for by now; the number of papers that were saved."""
    added = 0
    while True:
        async with store.write() as unit:
            claim = await unit.libraries.claim_lookups(_REFERENCES_PER_LOOKUP)
        if claim is None:
            return added
        person, ids = claim
        references = [Reference(ids=(paper_id,)) for paper_id in ids]
        added += (await _add_looked_up(store, person, references, lookup_many, ())).added


async def _add_looked_up(
    store: Store,
    person: int,
    references: Sequence[Reference],
    lookup_many: LookupMany,
    missing: tuple[Reference, ...],
) -> Addition:
    """Ask once, store and save what is found, and return that with the rest of what is `missing`."""
    ids = [reference.ids[0] for reference in references]
    try:
        papers = await lookup_many(ids)
    except SourceError as error:
        _log.warning("library not looked up", problem=str(error))
        return Addition(missing=missing)
    async with store.write() as unit:
        await unit.papers.add(list(papers.values()))
    matched = await match_stored(store, [reference for reference in references if reference.ids[0] in papers])
    still_missing = tuple(reference for reference in missing if reference not in matched.papers)
    addition = await _save(store, person, matched.papers.values(), still_missing)
    async with store.write() as unit:
        await unit.libraries.settle_lookups(person, ids)
    return addition


async def _save(store: Store, person: int, papers: Iterable[Paper], missing: tuple[Reference, ...]) -> Addition:
    numbers = {paper.number for paper in papers}
    async with store.write() as unit:
        if await unit.people.get(person) is None:  # forgotten meanwhile
            return Addition(missing=missing)
        added = await unit.people.save_papers(person, sorted(numbers, reverse=True))
    return Addition(added, len(numbers) - added, missing)


@dataclass(frozen=True, kw_only=True)
class LibraryReader:
    """Reads one library after the other; `lookup_many` asks sources for papers that aren't stored."""

    store: Store
    service: LibraryService
    seal: KeySeal
    lookup_many: LookupMany
    now: Now

    async def read(self, library: StoredLibrary) -> Addition:
        """Save the papers of what changed in a library, and note how far it was read.

        Raises LibraryRefused for a key that isn't valid any more, LibraryError where it can't be read now.
        """
        key = self.seal.open(library.sealed)
        if key is None:  # or it was refused before, and the process that found out could not notify the person
            raise LibraryRefused("its key was kept under another secret_key")
        changes = await self.service.changes(library.name, key, library.version)
        done = await add_stored(self.store, library.person, changes.references)
        before = done
        await want(self.store, library.person, before.missing)
        async for addition in add_missing(self.store, library.person, before.missing, self.lookup_many):
            done = before.with_found(addition)
        async with self.store.write() as unit:
            await unit.libraries.was_read(library, changes.version, self.now() + READ_INTERVAL)
        _log.info("library read", entries=len(changes.references), added=done.added)
        return done


@dataclass(frozen=True, kw_only=True)
class LibraryReading:
    """The daily job; `tell` sends a person a message, in their language, and says whether it reached them."""

    reader: LibraryReader
    tell: Tell

    async def run(self) -> None:
        """Read all libraries that are due; one that fails is tried again later and keeps no other from its turn.

        What a process that ended was still to look up is looked up.
        """
        store = self.reader.store
        await go_on(store, self.reader.lookup_many)
        while True:
            async with store.write() as unit:
                library = await unit.libraries.claim()
            if library is None:
                return
            try:
                await self.reader.read(library)
            except LibraryRefused as error:
                await self._stop(library, error)
            except LibraryError as error:
                _log.warning("library not read", problem=str(error))
                async with store.write() as unit:
                    await unit.libraries.failed(library, self.reader.now() + _rest(library, error))

    async def _stop(self, library: StoredLibrary, error: LibraryRefused) -> None:
        """Delete the key at once, and the library once its person was notified."""
        _log.info("library stopped", problem=str(error))
        async with self.reader.store.write() as unit:
            stopped = await unit.libraries.refused(library)
        if stopped is None:
            return
        if not await self.tell(library.person, _stopped_message):
            _log.warning("person not notified that their library stopped")
        async with self.reader.store.write() as unit:
            await unit.libraries.drop_one(stopped)


def _rest(library: StoredLibrary, error: LibraryError) -> timedelta:
    """An hour after the first failure, up to a day after more; longer where the service asks for it."""
    growing = min(_RETRY * (1 << min(library.failures, 5)), READ_INTERVAL)
    return max(growing, timedelta(seconds=error.after))


def _stopped_message(texts: Texts) -> Message:
    lines = (
        texts.gettext("Your library is no longer read: its key isn't valid any more, and was deleted here."),
        texts.gettext("To go on, make a new key and send /saved import zotero. Your saved papers stay."),
    )
    return Message(head=tuple((Span(line),) for line in lines))
