"""Once a day: people's libraries are read from where they were left, into their saved papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from paperwire.core.messages.message import Message, Span
from paperwire.errors import LibraryError, LibraryRefused
from paperwire.pipeline.library import Addition, add_missing, add_stored, go_on, want

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from paperwire.pipeline.library import LookupMany
    from paperwire.pipeline.seal import KeySeal
    from paperwire.ports.libraries import LibraryService
    from paperwire.ports.options import Now
    from paperwire.store.people.libraries import StoredLibrary
    from paperwire.store.unit import Store
    from paperwire.texts import Texts

    Tell = Callable[[int, Callable[[Texts], Message]], Awaitable[bool]]

EVERY = timedelta(days=1)
_RETRY = timedelta(hours=1)
_log = structlog.get_logger(__name__)


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
        if key is None:  # or it was refused before, and whoever found that out could not tell the person
            raise LibraryRefused("its key was kept under another secret_key")
        changes = await self.service.changes(library.name, key, library.version)
        done = await add_stored(self.store, library.person, changes.references)
        before = done
        await want(self.store, library.person, before.missing)
        async for found in add_missing(self.store, library.person, before.missing, self.lookup_many):
            done = before.with_found(found)
        async with self.store.write() as unit:
            await unit.libraries.was_read(library, changes.version, self.now() + EVERY)
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
        """Delete the key at once, and the library once its person was told."""
        _log.info("library stopped", problem=str(error))
        async with self.reader.store.write() as unit:
            stopped = await unit.libraries.refused(library)
        if stopped is None:
            return
        if not await self.tell(library.person, _stopped_message):
            _log.warning("person not told that their library stopped")
        async with self.reader.store.write() as unit:
            await unit.libraries.drop_one(stopped)


def _rest(library: StoredLibrary, error: LibraryError) -> timedelta:
    """An hour after the first failure, up to a day after more; longer where the service asks for it."""
    growing = min(_RETRY * (1 << min(library.failures, 5)), EVERY)
    return max(growing, timedelta(seconds=error.after))


def _stopped_message(texts: Texts) -> Message:
    lines = (
        texts.gettext("Your library is no longer read: its key isn't valid any more, and was deleted here."),
        texts.gettext("To go on, make a new key and send /saved import zotero. Your saved papers stay."),
    )
    return Message(head=tuple((Span(line),) for line in lines), key="library stopped")
