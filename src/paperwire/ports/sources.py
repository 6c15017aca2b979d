"""Where papers are read, and what a source may add."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeAlias, runtime_checkable

from paperwire.core.days.batch import Listing, Slot
from paperwire.core.papers.code_status import Promise, RepositoryLook
from paperwire.core.papers.paper import Event, Paper

Stored: TypeAlias = "Callable[[Sequence[str]], Awaitable[frozenset[str]]]"
"""Which of these paper ids are stored."""

LONGEST_BURST = timedelta(minutes=3)
"""How long the first papers of an announcement wait for those of the source's other parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of a source: what it said, and how far that brings the cursor of `part`.

    `cursor` is opaque text that only the source reads (validators, token, id set); it is stored with the events in
    one transaction. `quiet` pages (first run, backfill, import) are stored and matched but owe no delivery; those of a
    `first_look` owe some for what was not there yet when it was first tried.
    One of a `first_look` that isn't quiet shows what was announced later on the same day.
    `listings` are what it shows of batches, events reported before included, and `view` is the name of the view
    that shows it, so that a batch can be compared between views.
    """

    part: str
    events: tuple[Event, ...]
    cursor: str
    quiet: bool = False
    first_look: bool = False
    view: str = ""
    listings: tuple[Listing, ...] = ()


class Pace(Protocol):
    """Keeps a minimum interval between requests to one service, over all processes that share the database."""

    def slot(
        self, service: str, interval: float, *, endpoint: str = "", patient: bool = False, around: bool = False
    ) -> AbstractAsyncContextManager[None]:
        """The slot of one request, entered when it may go out; no other has one until `interval` seconds after it.

        A `patient` request lets others go first; another slot is waited for within one that is `around` it. Raises
        SourceBusy while `endpoint` (if empty, the service) wants to be left alone.
        """

    async def rest(self, endpoint: str, until: datetime) -> None:
        """Leave an endpoint alone until then, as it asked; the others of its service may be asked."""


class Source(Protocol):
    """Where papers are read. A source has parts (categories, servers, feed addresses), each with its own cursor.

    Connections are the fetcher's: a source holds nothing that must be given back.
    """

    name: str

    def parts(self) -> Sequence[str]:
        """The independent parts that are read one by one."""

    def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """Read what is new in `part` since `cursor` (empty at the first time); raises SourceError."""


@runtime_checkable
class Archive(Protocol):
    """What a source adds that has a past to read back."""

    def backfill(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """Read everything since `since`, resuming at `cursor`; pages have part `backfill`; raises SourceError."""


@runtime_checkable
class Directory(Protocol):
    """What a source adds that can be asked for one paper."""

    async def lookup(self, paper_id: str) -> Paper | None:
        """One paper by its id, or None (without a request) for an id of another kind; raises SourceError."""


@runtime_checkable
class Detailed(Protocol):
    """What a source adds that says more of a paper when it is asked for that one."""

    def details(self, cursor: str) -> AsyncIterator[Page]:
        """What else is known of papers that it has reported, in the order of asking; a few requests a run.

        It is read at the same time as `fetch`, which never waits for it, over connections of its own. Pages have part
        `details`; raises SourceError.
        """


@runtime_checkable
class CodeHost(Protocol):
    """What a source adds that can tell whether promised code is there, a few repositories a run."""

    at_once: int

    async def look(self, promise: Promise) -> RepositoryLook:
        """What the repository of a promise is now; raises SourceError."""


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time on every day, in `zone`, an IANA name."""

    hour: int
    minute: int
    zone: str = "UTC"


@runtime_checkable
class Scheduled(Protocol):
    """What a source adds that has something new at known times of day: then it is looked at early."""

    def times(self) -> Sequence[TimeOfDay]:
        """When it has something new."""


@runtime_checkable
class Dated(Protocol):
    """What a source adds whose days can be proved whole."""

    def slots(self, first: date, last: date) -> Sequence[Slot]:
        """The batches that should exist of the days from `first` to `last`, both included."""


@runtime_checkable
class Reconciled(Dated, Protocol):
    """What a source adds that can be read by a second view, which tells what the first one missed."""

    def reconcile(self, cursor: str, *, unproven: date | None, stored: Stored) -> AsyncIterator[Page]:
        """What changed since `cursor` by the second view, and what it lists of the last week that is not stored.

        `unproven` is the first day that is not proven complete, which the cursor never passes; None if there is none.
        Pages have part `reconcile`; what was announced on the day of a first look has quiet pages of `first_look`.
        The first time (empty cursor) it only keeps where to begin.
        Raises SourceError.
        """

    def read_back(self, since: date, cursor: str, *, first_look: datetime) -> AsyncIterator[Page]:
        """Like `Archive.backfill`, without what changed after the day of `first_look`, which `reconcile` tells.

        Raises SourceError.
        """

    def third_view(self, parts: Sequence[str]) -> AsyncIterator[Page]:
        """For each of these parts one page with what a third view lists of its latest batch, to judge, not to collect.

        Pages have part `third`, no events and one listing; raises SourceError.
        """

    def checks(self) -> Sequence[TimeOfDay]:
        """When the second view has something new."""

    async def lookup_many(self, ids: Sequence[str]) -> dict[str, Paper]:
        """Those of these papers that the source has, as of now, by their ids; raises SourceError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One part of a source: its cursor (the source's own text), when it is read next, and its failures.

    `failures` counts readings in a row that failed, `error` says why the last did; `first_done` tells that one
    reading has succeeded. `tried_at` is the last sign of an attempt: when it began, got a page, or ended.
    """

    source: str
    part: str
    cursor: str = ""
    next_at: datetime | None = None
    failures: int = 0
    ok_at: datetime | None = None
    error: str = ""
    first_done: bool = False
    tried_at: datetime | None = None
