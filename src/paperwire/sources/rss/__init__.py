"""The source `rss`: any RSS or Atom feed that the operator lists."""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlsplit

from pydantic import ValidationInfo, field_validator, model_validator

from paperwire.core.days.batch import Slot, daily_slots, listings_of
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.text.clean import safe_url
from paperwire.ports.options import Now, PollInterval
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import Fetcher, Validators
from paperwire.sources._manners import LEAST_EVERY, LEAST_INTERVAL, SERVICE, is_arxivs
from paperwire.sources.rss.entries import NAME, read_feed
from paperwire.sources.rss.recognition import Mark, recognised, remembered

_MAX_BODY = 5_000_000  # bytes; the largest of the recorded feeds has 700 kB, and feedparser is slow


class Options(BaseOptions):
    """`[sources.rss]`: the feeds, on public machines except for `private_hosts` and plain IP addresses.

    Requests to arXiv's machines keep its pace, together with those of `[sources.arxiv]`.
    """

    urls: tuple[str, ...] = ()
    private_hosts: tuple[str, ...] = ()
    names: dict[str, str] = {}  # noqa: RUF012 -- pydantic copies it
    every: PollInterval = 3600.0

    def missing(self) -> str:
        return "" if self.urls else "urls"

    @field_validator("urls")
    @classmethod
    def _addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if not safe_url(url):
                raise ValueError(f"{_shown(url)} is not an http or https address without a user name")
        return tuple(dict.fromkeys(urls))

    @field_validator("names")
    @classmethod
    def _of_feeds(cls, names: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for url in names:
            if url not in info.data.get("urls", ()):
                raise ValueError(f"{_shown(url)} is none of the addresses in urls")
        return names

    @field_validator("private_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if urlsplit(f"//{host}").hostname != host.lower() or not host.isascii():
                raise ValueError(f"{_shown(host)} is not the name of a host, such as feeds.example.org")
        return tuple(host.lower() for host in hosts)

    @model_validator(mode="after")
    def _polite(self) -> Options:
        if self.enabled and self.every < LEAST_EVERY and (urls := [url for url in self.urls if is_arxivs(url)]):
            raise ValueError(
                f"{urls[0][:100]} is arXiv's: every must be at least {LEAST_EVERY:g} s. [sources.arxiv] reads it"
            )
        return self


def _shown(address: str) -> str:
    """An address that is refused, without its login."""
    return repr(address.rpartition("@")[2][:100])


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    return RssSource(fetcher, urls=options.urls, private_hosts=options.private_hosts, names=options.names, now=now)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The cursor: validators for asking again, and what is remembered of the entries of the last looks."""

    validators: Validators = field(default_factory=Validators)
    marks: Mapping[str, Mark] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str) -> _Cursor:
        if not cursor:
            return cls()
        stored = json.loads(cursor)
        # Until recognition by title and day, a mark was the digest of the content alone.
        marks = {
            name: Mark(*([mark] if isinstance(mark, str) else mark)) for name, mark in (stored["marks"] or {}).items()
        }
        return cls(Validators(stored["etag"], stored["modified"]), marks)

    def __str__(self) -> str:
        etag, modified = self.validators.etag, self.validators.last_modified
        marks = {name: astuple(mark) for name, mark in self.marks.items()}
        return json.dumps({"etag": etag, "modified": modified, "marks": marks})


class RssSource:
    """Feeds as parts. An entry is a `new` event of the UTC day it is first seen; the first look at a feed is quiet.

    An entry that names an arXiv paper or a DOI is that paper; any other has an id made of its guid (or link) that
    stays the same (`recognition`). A changed entry is reported again, so that its text is kept up to date.
    """

    name = NAME

    def __init__(  # noqa: PLR0913 -- what a look needs, each named
        self,
        fetcher: Fetcher,
        *,
        urls: Sequence[str],
        now: Now,
        private_hosts: Sequence[str] = (),
        names: Mapping[str, str] | None = None,
        min_interval: float = 1.0,
    ) -> None:
        self._fetcher = fetcher
        self._urls = tuple(urls)
        self._private_hosts = frozenset(private_hosts)
        self._names = dict(names or {})
        self._interval = min_interval
        self._now = now

    def parts(self) -> Sequence[str]:
        return self._urls

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:
        """What a feed has that it did not have at the last look; nothing if it has not changed."""
        state = _Cursor.read(cursor)
        host = urlsplit(part).hostname or ""
        service, endpoint, interval = f"{self.name}:{host}", "", self._interval
        if is_arxivs(part):
            service, endpoint, interval = SERVICE, part.rpartition("/")[0], max(interval, LEAST_INTERVAL)
        answer = await self._fetcher.get(
            part,
            service=service,
            endpoint=endpoint,
            interval=interval,
            validators=state.validators,
            guard=host not in self._private_hosts and not _private_number(host),
            max_bytes=_MAX_BODY,
        )
        if answer.not_modified:
            return
        entries = await asyncio.to_thread(
            read_feed, answer.body, part, charset=answer.charset, name=self._names.get(part, "")
        )
        papers = recognised(entries, state.marks)
        today = self._now().date()
        events = tuple(
            self._event(paper, today)
            for paper, mark in papers.values()
            if paper.id not in state.marks or state.marks[paper.id].content != mark.content
        )
        state = _Cursor(answer.validators, remembered(papers, state.marks))
        yield Page(
            part=part,
            events=events,
            cursor=str(state),
            quiet=not cursor,
            view="feed",
            listings=listings_of((part, event) for event in events),
        )

    def slots(self, first: date, last: date) -> Sequence[Slot]:
        """A batch for every feed and UTC day: what was first seen on it; a look at the feed later on ends it."""
        return daily_slots(self._urls, first, last, closes=timedelta(days=1), due=timedelta(days=2))

    def _event(self, paper: Paper, today: date) -> Event:
        return Event(
            kind=EventKind.NEW,
            paper=replace(paper, announced=today),
            source=self.name,
            day=today,
            at=self._now(),
        )


def _private_number(host: str) -> bool:
    """Whether the operator wrote down a machine of their own by its plain IP address, which no resolver can bend."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
