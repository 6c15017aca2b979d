"""Code that papers promised, asked for where they said that it would be: one look a day, next to the sources' lists."""

from __future__ import annotations

from collections.abc import AsyncIterator

from paperwire.core.papers.code_status import Promise, RepositoryLook
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import SourceBusy, SourceError
from paperwire.pipeline.details import DetailReader
from paperwire.pipeline.ingest import Collected, Collector
from paperwire.ports.options import Now
from paperwire.ports.sources import CodeHost, Page
from paperwire.store.unit import Store

PART = "promises"
"""The part under which it is kept when a host of code was last asked, and its failures."""


class PromiseReader(DetailReader):
    """Asks a host of code for what papers promised there, if it is one."""

    part = PART

    def __init__(self, collector: Collector, store: Store, *, now: Now) -> None:
        super().__init__(collector)
        self._store = store
        self._now = now

    async def run(self) -> Collected:
        """Look at the next repositories if that is due; it fails alone."""
        host = self._collector.source
        if not isinstance(host, CodeHost) or await self.rest():
            return Collected()
        return await self._collector.follow(await self._collector.state(self.part), self._pages(host))

    async def _pages(self, host: CodeHost) -> AsyncIterator[Page]:
        """A page for each repository in which code is there.

        What fails is asked again on the next day, so that one repository keeps none waiting; where nothing was asked,
        or nothing can be, the next run begins with it.
        """
        async with self._store.read() as unit:
            promises = await unit.promises.due(host.at_once)
        for promise in promises:
            try:
                look = await host.look(promise)
            except SourceError as error:
                if not isinstance(error, SourceBusy):
                    await self._asked(promise, RepositoryLook(etag=promise.etag, owner=promise.owner))
                raise
            # The validator of an answer with news is not kept: if it is not stored, the next one says it again.
            await self._asked(promise, RepositoryLook(owner=look.owner) if look.is_there else look)
            if look.is_there:
                yield await self._page(promise)

    async def _asked(self, promise: Promise, look: RepositoryLook) -> None:
        async with self._store.write() as unit:
            await unit.promises.note_look(promise, look)

    async def _page(self, promise: Promise) -> Page:
        async with self._store.read() as unit:
            papers = await unit.papers.by_number([promise.number])
        url = f"https://github.com/{promise.repository}"
        events = tuple(
            Event(
                kind=EventKind.CODE,
                paper=Paper(id=paper.id, title="", source=paper.source, code_url=url),
                source=self.name,
                day=self._now().date(),
            )
            for paper in papers.values()
        )
        return Page(part=PART, events=events, cursor="")
