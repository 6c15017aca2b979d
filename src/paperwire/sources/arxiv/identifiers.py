"""What OAI-PMH lists of the last week, although it was not there yet when those days were read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta

import structlog

from paperwire.core.papers.paper import Paper
from paperwire.errors import SourceError
from paperwire.ports.sources import Stored
from paperwire.sources.arxiv.api import BATCH
from paperwire.sources.arxiv.harvest import LONGEST_HOLD, Harvest, Walk
from paperwire.sources.arxiv.oai import Record

_log = structlog.get_logger(__name__)

OVERLAP = timedelta(days=7)
"""OAI-PMH has been seen to lack the ids of a day for more than a day, and then to have them under their old date."""
_NEW_ID = re.compile(r"(\d{4})\.\d{4,5}")
_ASKED_AT_ONCE = 1_000
_MOST_RECORDS = 200  # records asked for one by one in one reading, three seconds each


class Identifiers:
    """Lists identifiers, a tenth of what records weigh, and fetches what is not stored.

    `lookup_many` asks the search API, which has a hundred papers in one answer; what it lacks is asked of OAI-PMH.
    """

    def __init__(
        self, harvest: Harvest, *, lookup_many: Callable[[Sequence[str]], Awaitable[dict[str, Paper]]]
    ) -> None:
        self._harvest = harvest
        self._lookup_many = lookup_many

    async def missing(self, since: date, stored: Stored) -> AsyncIterator[tuple[Record, ...]]:
        """The records of papers listed since `since` that may be news and are not stored; raises SourceError."""
        left = _MOST_RECORDS
        async for _, headers in self._harvest.answers(Walk.begin(since, "ListIdentifiers")):
            listed = {header.id: header for header in headers if self._may_be_news(header, since)}
            for ids in _batches(list(listed), _ASKED_AT_ONCE):
                stored_ids = await stored(ids)
                for unknown in _batches([paper_id for paper_id in ids if paper_id not in stored_ids], BATCH):
                    papers = await self._looked_up([listed[paper_id] for paper_id in unknown])
                    lacking = [paper_id for paper_id in unknown if paper_id not in papers]
                    records = [await self._harvest.record(paper_id) for paper_id in lacking[:left]]
                    left -= len(records)
                    _log.info("papers found that were not listed before", papers=len(unknown), lacking=len(lacking))
                    yield (*papers.values(), *filter(None, records))

    def _may_be_news(self, header: Record, since: date) -> bool:
        """Whether a header is of a followed set and announced lately: its id tells the month.

        An older paper is listed because its record changed.
        """
        month = _NEW_ID.fullmatch(header.id)
        return (
            not header.deleted
            and month is not None
            and month[1] >= f"{since - LONGEST_HOLD:%y%m}"
            and (not header.sets or not self._harvest.followed_sets.isdisjoint(header.sets))
        )

    async def _looked_up(self, headers: Sequence[Record]) -> dict[str, Record]:
        """The records of these papers, as the search API knows them; none if it cannot be asked."""
        try:
            papers = await self._lookup_many([header.id for header in headers])
        except SourceError as error:
            _log.warning("search API not available, records are asked for one by one", problem=str(error))
            return {}
        return {
            header.id: Record(id=header.id, stamp=header.stamp, versions=_versions(paper), paper=paper)
            for header in headers
            if (paper := papers.get(header.id)) and paper.published
        }


def _batches(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _versions(paper: Paper) -> tuple[datetime, ...]:
    """The times of the first and the latest version, which are all that the search API tells."""
    times = (paper.published, paper.updated if paper.version > 1 else None)
    return tuple(time for time in times if time)
