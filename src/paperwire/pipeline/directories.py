"""Looking papers up that are not stored: every source that can be asked for one is asked, until one has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import structlog

from paperwire.core.papers.paper import Paper
from paperwire.errors import SourceError
from paperwire.ports.sources import Directory, Reconciled, Source

_log = structlog.get_logger(__name__)

ONE_BY_ONE = 20
"""Papers of one question for which a source is asked that takes a request for each; more would take minutes."""


class Directories:
    """Those of some sources that can be asked for papers by id, in their order."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._directories = [source for source in sources if isinstance(source, Directory)]

    async def lookup(self, paper_id: str) -> Paper | None:
        """The paper with this id, or None if no source has it; raises SourceError as `lookup_many` does."""
        return (await self.lookup_many([paper_id])).get(paper_id)

    async def lookup_many(self, ids: Sequence[str]) -> dict[str, Paper]:
        """Those of these papers that a source has, by the ids given.

        Raises SourceError if none was found and a source could not be asked.
        """
        papers: dict[str, Paper] = {}
        failed: SourceError | None = None
        for source in self._directories:
            try:
                await _ask(source, [paper_id for paper_id in ids if paper_id not in papers], papers)
            except SourceError as error:
                failed = failed or error
                _log.warning("papers not looked up", source=source.name, problem=str(error))
        if failed is not None and not papers:
            raise failed
        return papers


async def _ask(source: Directory, ids: Sequence[str], papers: dict[str, Paper]) -> None:
    """Add what a source has of these papers to `papers`, also where it fails halfway."""
    if len(ids) > 1 and isinstance(source, Reconciled):
        papers.update(await source.lookup_many(ids))
        return
    for paper_id in ids[:ONE_BY_ONE]:
        if (paper := await source.lookup(paper_id)) is not None:
            papers[paper_id] = paper
