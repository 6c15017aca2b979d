"""The source `arxiv`: announcement feeds as the daily view, OAI-PMH to read back, the search API for single papers.

Its listing pages are a third view, for days on which the first two disagree.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, field_validator, model_validator

from paperwire.core.days.batch import Slot
from paperwire.core.days.calendar import NEW_YORK, announcement_day, latest_day, slots
from paperwire.core.duration import Seconds
from paperwire.core.papers.categories import grouped, select
from paperwire.core.papers.identity import canonical_id, is_arxiv
from paperwire.core.papers.paper import Paper
from paperwire.ports.options import MaybeWebAddress, Now, PollInterval, WebAddress
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source, Stored, TimeOfDay
from paperwire.sources._body import BodyKind
from paperwire.sources._http import Fetched, Fetcher, Validators
from paperwire.sources._manners import LEAST_EVERY, LEAST_INTERVAL, SERVICE, is_arxivs
from paperwire.sources.arxiv import api
from paperwire.sources.arxiv.announce import VIEW as FEEDS
from paperwire.sources.arxiv.announce import Announcements
from paperwire.sources.arxiv.harvest import VIEW as HARVEST
from paperwire.sources.arxiv.harvest import Harvest
from paperwire.sources.arxiv.identifiers import Identifiers
from paperwire.sources.arxiv.listing import INTERVAL as LISTS_APART
from paperwire.sources.arxiv.listing import ListingPages
from paperwire.sources.arxiv.reconcile import CHECKS, Reconciliation

# A page of 2,500 records is 5 to 8 MB; the cap of other answers would be near, and a page that cannot be read
# would end the chain forever.
_MAX_OAI = 40_000_000
# OAI-PMH's first byte was seen to come after 29 to 90 s; at 180 s its front answers 503. What takes longer is asked for
# in smaller spans.
_OAI_SILENCE = 120.0
_FALSE_EMPTIES = 3
_LISTS = "https://arxiv.org/list"
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Options(BaseOptions):
    """`[sources.arxiv]`: which categories (`cs.CV`, `cs`, `*`), how often, and where the services are.

    `list_url` is arXiv's own where feeds and OAI-PMH are, and nothing where they are not: who reads a copy of arXiv
    asks arXiv for nothing. `closures` are New York evenings on which arXiv is not expected to announce anything,
    besides its holidays.
    """

    categories: tuple[str, ...] = Field(default=("*",), validate_default=True)
    every: PollInterval = 900.0
    min_interval: Seconds = LEAST_INTERVAL
    api_url: WebAddress = "https://export.arxiv.org/api/query"
    rss_url: WebAddress = "https://rss.arxiv.org/rss"
    oai_url: WebAddress = "https://oaipmh.arxiv.org/oai"
    list_url: MaybeWebAddress | None = None
    closures: tuple[date, ...] = ()

    @field_validator("categories")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """The categories meant; an unknown one is refused with the nearest right one."""
        if not names:
            raise ValueError('name at least one category, or "*" for all')
        return select(names)

    @field_validator("closures", mode="before")
    @classmethod
    def _evenings(cls, values: object) -> object:
        """Dates alone: numbers and times, which could be read as some, are refused."""
        for value in values if isinstance(values, list | tuple) else ():
            if not (type(value) is date or (isinstance(value, str) and _ISO_DATE.fullmatch(value))):
                raise ValueError(
                    f"{str(value)[:40]!r} is no date: write each New York evening without announcement as YYYY-MM-DD"
                )
        return values

    @model_validator(mode="after")
    def _polite(self) -> Options:
        only_arxiv = all(map(is_arxivs, (self.api_url, self.rss_url, self.oai_url)))
        if self.enabled and self.min_interval < LEAST_INTERVAL and only_arxiv:
            raise ValueError(f"min_interval must be at least {LEAST_INTERVAL:g} s, by arXiv's terms of use")
        if self.enabled and self.every < LEAST_EVERY and is_arxivs(self.rss_url):
            raise ValueError(f"every must be at least {LEAST_EVERY:g} s for arXiv's own machines")
        return self

    @property
    def lists(self) -> str:
        """Where the listing pages are; empty if they are not read."""
        if self.list_url is not None:
            return self.list_url
        return _LISTS if is_arxivs(self.rss_url) and is_arxivs(self.oai_url) else ""


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    return ArxivSource(fetcher, options, now=now)


class ArxivSource:
    """arXiv. Its parts are fixed groups of categories, so that no feed comes near arXiv's cut at 2,000 entries."""

    name = "arxiv"

    def __init__(self, fetcher: Fetcher, options: Options, *, now: Now) -> None:
        self._fetcher, self._options, self._now = fetcher, options, now
        self._parts = grouped(options.categories)
        self._closures = closures = frozenset(options.closures)
        self._announcements = Announcements(self._ask_feed, url=options.rss_url, now=now, closures=closures)
        self._harvest = Harvest(
            self._ask_oai, url=options.oai_url, categories=options.categories, now=now, closures=closures
        )
        identifiers = Identifiers(self._harvest, lookup_many=self.lookup_many)
        self._reconciliation = Reconciliation(
            self._harvest, identifiers, categories=options.categories, now=now, closures=closures
        )
        self._lists = ListingPages(self._ask_list, url=options.lists)

    def parts(self) -> Sequence[str]:
        return tuple(self._parts)

    def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """One look at the announcement feed of `part`; its first look is quiet. Raises SourceError."""
        return self._announcements.poll(part, self._parts[part], cursor)

    def backfill(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """Quiet pages by OAI-PMH with all that was announced or changed since `since`; raises SourceError."""
        return self._harvest.read_back(since, cursor)

    def read_back(self, since: date, cursor: str, *, first_look: datetime) -> AsyncIterator[Page]:
        """The same, but what may have been announced after the day of the first look; raises SourceError."""
        return self._harvest.read_back(since, cursor, until=first_look.astimezone(NEW_YORK).date())

    def slots(self, first: date, last: date) -> Sequence[Slot]:
        """A batch for every followed category and working day, which feeds and OAI-PMH must both show."""
        return slots(self._options.categories, first, last, views=(FEEDS, HARVEST), closures=self._closures)

    def reconcile(self, cursor: str, *, unproven: date | None, stored: Stored) -> AsyncIterator[Page]:
        """What OAI-PMH changed since the last time or since `unproven`, and what it lists of a week and is not stored.

        Loud except for what was there before us; raises SourceError.
        """
        return self._reconciliation.run(cursor, unproven=unproven, stored=stored)

    def third_view(self, parts: Sequence[str]) -> AsyncIterator[Page]:
        """What the listing pages of these categories show of the latest batch; raises SourceError."""
        return self._lists.latest(parts if self._options.lists else ())

    def times(self) -> Sequence[TimeOfDay]:
        """The three clocks of arXiv: the new lists, OAI-PMH, the feeds (info.arxiv.org/help/availability.html)."""
        return [TimeOfDay(hour, minute, NEW_YORK.key) for hour, minute in ((20, 5), (22, 35), (0, 5))]

    def checks(self) -> Sequence[TimeOfDay]:
        """When OAI-PMH has something new: after the evening's announcement, and again in the morning."""
        return CHECKS

    async def lookup(self, paper_id: str) -> Paper | None:
        """One paper by its id in any writing, as of now; None if arXiv has none of that id. Raises SourceError.

        An empty answer is asked again, as arXiv was seen to give false ones.
        """
        arxiv_id = canonical_id(paper_id)
        if arxiv_id is None or not is_arxiv(arxiv_id):
            return None
        for _ in range(_FALSE_EMPTIES):
            if paper := (await self._ask_api([arxiv_id])).get(arxiv_id):
                return paper
        return None

    async def lookup_many(self, ids: Sequence[str]) -> dict[str, Paper]:
        """Those of these papers that arXiv has, by their canonical ids; a missing one may still exist."""
        arxiv_ids = [arxiv_id for paper_id in ids if (arxiv_id := canonical_id(paper_id)) and is_arxiv(arxiv_id)]
        papers: dict[str, Paper] = {}
        for start in range(0, len(arxiv_ids), api.BATCH):
            papers |= await self._ask_api(arxiv_ids[start : start + api.BATCH])
        return papers

    async def _ask_api(self, ids: Sequence[str]) -> dict[str, Paper]:
        endpoint = self._options.api_url
        fetched = await self._ask(f"{endpoint}?{urlencode(api.query(ids))}", endpoint)
        return {paper.id: self._dated(paper) for paper in api.parse_answer(fetched.body)}

    def _dated(self, paper: Paper) -> Paper:
        """The paper with the day on which arXiv's schedule announces it; what is known is announced by now."""
        if paper.published is None:
            return paper
        day = announcement_day(paper.published, self._closures)
        return replace(paper, announced=min(day, latest_day(self._now())))

    async def _ask_feed(self, url: str, validators: Validators) -> Fetched:
        return await self._ask(url, self._options.rss_url, validators=validators)

    async def _ask_oai(self, url: str) -> Fetched:
        return await self._ask(url, self._options.oai_url, patient=True, silence=_OAI_SILENCE, max_bytes=_MAX_OAI)

    async def _ask_list(self, url: str) -> Fetched:
        apart = LISTS_APART if is_arxivs(url) else LISTS_APART / LEAST_INTERVAL * self._options.min_interval
        return await self._ask(url, self._options.lists, patient=True, apart=apart, kind="any")

    async def _ask(self, url: str, endpoint: str, *, kind: BodyKind = "xml", **how: Any) -> Fetched:
        least = LEAST_INTERVAL if is_arxivs(url) else 0.0
        interval = max(self._options.min_interval, least)
        return await self._fetcher.get(url, service=SERVICE, endpoint=endpoint, interval=interval, kind=kind, **how)
