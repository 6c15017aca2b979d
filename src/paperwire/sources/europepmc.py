"""The source `europepmc`: what a query finds in Europe PMC, that is PubMed, PMC and preprints of the life sciences."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from paperwire.core.days.dates import day
from paperwire.core.papers.citation import journal_reference
from paperwire.core.papers.identity import canonical_id, normal_doi
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, tidy_name
from paperwire.core.papers.paper import Event, Paper
from paperwire.errors import SourceGarbled
from paperwire.ports.options import Now, PollInterval, WebAddress
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher
from paperwire.sources._json import MAX_ABSTRACT, MAX_TITLE, object_in, objects_in, parse_json, text_in
from paperwire.sources._markup import abstract_of, text_of
from paperwire.sources._paging import DatedPaper, RowsOfDays, read_back, read_since

NAME, _PART = "europepmc", "search"
_ROWS = "100"
_MAX_LINKS = 20
_SAME = {"preprint of", "preprint in"}


class Options(BaseOptions):
    """`[sources.europepmc]`: a query in Europe PMC's own language, and how often."""

    url: WebAddress = "https://www.ebi.ac.uk/europepmc/webservices/rest"
    query: str = ""
    every: PollInterval = 21_600.0

    def missing(self) -> str:
        return "" if self.query.strip() else "query"


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    return EuropePmcSource(fetcher, url=options.url, query=options.query, now=now)


class EuropePmcSource:
    """What a query finds, read by the day on which Europe PMC first had it; a record is `new` once.

    Europe PMC names no limit for those who search without a key; it is asked at most once a second.
    """

    name = NAME

    def __init__(self, fetcher: Fetcher, *, url: str, query: str, now: Now, min_interval: float = 1.0) -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")
        self._query = query
        self._interval = min_interval
        self._now = now

    def parts(self) -> Sequence[str]:
        return (_PART,)

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """What came in since the last day seen; two days, quietly, at first."""
        async for hits, following, quiet in read_since(self._ask, cursor, self._now().date()):
            yield Page(part=part, events=self._events(hits), cursor=following, quiet=quiet)

    async def backfill(self, since: date, cursor: str) -> AsyncIterator[Page]:
        """All that came in since a day, as quiet pages."""
        async for _, hits, following in read_back([self._ask], since, cursor, self._now().date()):
            yield Page(part="backfill", events=self._events(hits), cursor=following, quiet=True)

    async def lookup(self, paper_id: str) -> Paper | None:
        """A record by its DOI or PubMed's number, or None if Europe PMC does not have it."""
        own = canonical_id(paper_id) or ""
        if own.startswith("pmid:"):
            which = f"EXT_ID:{own.removeprefix('pmid:')} AND SRC:MED"
        elif own.startswith("10."):
            which = f'DOI:"{own}"'
        else:
            return None
        hits, _, _ = await self._search(which, "*")
        return next((hit.paper for hit in hits if hit), None)

    async def _ask(self, begin: date, token: str) -> RowsOfDays:
        which = f"({self._query}) AND FIRST_IDATE:[{begin.isoformat()} TO 3000-12-31]"
        hits, following, total = await self._search(which, token or "*")
        # The mark of the last page is that of the page before, or is missing.
        following = "" if following == token else following
        return RowsOfDays(rows=hits, days=[hit.day for hit in hits if hit and hit.day], token=following, total=total)

    async def _search(self, which: str, mark: str) -> tuple[list[DatedPaper | None], str, int]:
        """What a query finds on the page of a mark, the mark of the next page, and how many there are in all."""
        question = {
            "query": which,
            "resultType": "core",
            "format": "json",
            "pageSize": _ROWS,
            "cursorMark": mark,
        }
        fetched = await self._fetcher.get(
            f"{self._url}/search", params=question, service=self.name, interval=self._interval, kind="json"
        )
        rows, following, total = read_results(fetched.body)
        return [read_hit(row) for row in rows], following, total

    def _events(self, hits: Sequence[DatedPaper | None]) -> tuple[Event, ...]:
        return tuple(hit.event(self.name, self._now()) for hit in hits if hit)


def read_results(body: bytes) -> tuple[list[Mapping[str, Any]], str, int]:
    """The results of an answer, the mark of the next page, and how many the query finds.

    A result that is no object is an empty one, so that all are counted. Raises SourceGarbled for any other answer.
    """
    answer = parse_json(body)
    answer = answer if isinstance(answer, dict) else {}
    rows, total = object_in(answer, "resultList").get("result"), answer.get("hitCount")
    if not isinstance(rows, list) or type(total) is not int:
        raise SourceGarbled("the answer is not a list of results")
    return [row if isinstance(row, dict) else {} for row in rows], text_in(answer, "nextCursorMark"), total


def read_hit(row: Mapping[str, Any]) -> DatedPaper | None:
    """A result as a paper, whose id is its DOI, else PubMed's or Europe PMC's; None without an id or a title."""
    source, own, title = text_in(row, "source"), text_in(row, "id"), text_of(text_in(row, "title", MAX_TITLE))
    if not source or not own or not title:
        return None
    doi, names = normal_doi(text_in(row, "doi")), [_name(source, own)]
    names += [_name("MED", pmid)] if (pmid := text_in(row, "pmid")) else []
    names += [_name(text_in(link, "source"), text_in(link, "id")) for link in _links(row)]
    indexed, posted = day(text_in(row, "firstIndexDate")), day(text_in(row, "firstPublicationDate"))
    journal = object_in(object_in(row, "journalInfo"), "journal")
    called = text_of(text_in(journal, "title"))
    paper = Paper(
        id=doi or names[0],
        title=title.rstrip(".") if source == "MED" else title,  # PubMed ends titles with a full stop
        source=NAME,
        abstract=abstract_of(text_in(row, "abstractText", MAX_ABSTRACT)),
        authors=tuple(_authors(row)),
        published=datetime(posted.year, posted.month, posted.day, tzinfo=UTC) if posted else None,
        announced=indexed,
        doi=doi if doi and doi.startswith("10.") and source != "PPR" else "",
        journal_ref=_reference(row, called),
        url=f"https://doi.org/{doi}"
        if doi and doi.startswith("10.")
        else f"https://europepmc.org/article/{source}/{own}",
        licence=text_in(row, "license"),
        feed=called,
    )
    own_id = canonical_id(paper.id) or paper.id
    return DatedPaper(paper, indexed, tuple(name for name in dict.fromkeys(names) if name != own_id))


def _name(source: str, number: str) -> str:
    """A record's name by its number: `pmid:1` of PubMed's, `europepmc:PPR1` of any other's."""
    return f"pmid:{number}" if source == "MED" else f"europepmc:{number}"


def _links(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The records that are said to be the preprint or the article of this one."""
    for link in objects_in(object_in(row, "commentCorrectionList"), "commentCorrection")[:_MAX_LINKS]:
        if text_in(link, "type").casefold() in _SAME and text_in(link, "id") and text_in(link, "source"):
            yield link


def _authors(row: Mapping[str, Any]) -> Iterator[str]:
    for author in objects_in(object_in(row, "authorList"), "author")[:MAX_AUTHORS]:
        split = " ".join(filter(None, [text_in(author, "firstName"), text_in(author, "lastName")]))
        written = split or text_in(author, "fullName") or text_in(author, "collectiveName")
        if name := tidy_name(text_of(written)[:MAX_NAME]):
            yield name


def _reference(row: Mapping[str, Any], journal: str) -> str:
    details = object_in(row, "journalInfo")
    volume, issue = text_in(details, "volume"), text_in(details, "issue")
    return journal_reference(journal, volume, issue, text_in(row, "pageInfo"), text_in(row, "pubYear"))
