"""Services that keep people's libraries of references, read with a key of the person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from paperwire.core.papers.library import Reference


@dataclass(frozen=True, slots=True)
class LibraryChanges:
    """The references of a library that are new or changed since a version, and the version that it has now."""

    references: tuple[Reference, ...]
    version: int


class LibraryService(Protocol):
    """One such service. All methods raise LibraryRefused for a key that isn't valid (any more), else LibraryError."""

    async def owner(self, key: str) -> str:
        """The name of the library that belongs to the owner of a key."""

    def group(self, text: str) -> str | None:
        """The name of the group's library that someone means by a number or an address; None if it is neither."""

    async def check(self, library: str, key: str) -> None:
        """Raise LibraryRefused unless a key opens a library."""

    async def changes(self, library: str, key: str, since: int) -> LibraryChanges:
        """What changed in a library since a version; 0 reads all of it."""

    async def close(self) -> None:
        """Give back connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLibrary:
    """A library; `sealed` is its encrypted key, empty where the service refused it and its person doesn't know yet."""

    person: int
    name: str
    sealed: str = field(repr=False)
    version: int
    failures: int
