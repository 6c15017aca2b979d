"""The contents of each feed: a person's matches under its secret address, or papers by day, score or search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from math import ceil
from typing import Any
from urllib.parse import urlencode

from paperwire.core.days.completeness import days_of
from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import ARRIVAL, UNDATED, Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.search.result import MOST_COUNTED
from paperwire.core.seconds import seconds_apart
from paperwire.core.subscriptions.feeds import FeedEntry, PrivateFeed, Retired
from paperwire.feeds.entries import TOKEN_HOLE, Feed, Notice
from paperwire.services.papers.search import search
from paperwire.services.papers.trending import trending
from paperwire.store.unit import Unit
from paperwire.texts import ENGLISH, Texts, texts_in
from paperwire.web.site import WebDeps
from paperwire.web.titles import daily_title, list_title, search_title, trending_about, trending_title
from paperwire.web.views import source_name
from paperwire.wording.days import day_state
from paperwire.wording.results import searched_back_to

# The store limits private feeds to fourteen days, and to 50 entries at least.
_MOST_PRIVATE = 500
_WINDOW = timedelta(days=14)
_DAILY = 500  # earlier days join the latest one up to this many papers
_SEARCHED = 100
_TRENDING = 50
ENTRIES_A_PAGE = 2_000
"""Maximum entries of a page of a feed; a whole day of all of arXiv has about 1,200."""
_DAYS_JUDGED = timedelta(days=7)  # how far back feeds say whether a day is complete
_LAST_WORD = timedelta(days=7)  # how long a feed whose address was reset says so before it is 410


class FeedClosedError(Exception):
    """The address was reset so long ago that it is closed."""


class FeedHeldError(Exception):
    """Whose feed it is may not use this instance any more."""


class Contents:
    """Reads the values of feeds out of the store, one unit of work each."""

    def __init__(self, deps: WebDeps, texts: Texts = ENGLISH) -> None:
        self._texts = texts
        self._context, self._minted = deps.context, deps.minted
        self._store, self._now = deps.context.store, deps.context.now
        self._url = deps.context.public_url.rstrip("/")
        self._feed = partial(Feed, authority=deps.authority, minted=deps.minted)

    async def private(self, digest: str) -> Feed | None:
        """The feed whose token has this hash, with a hole for the token; None if there is none.

        A feed whose address was reset has one last entry that says so; a week later it raises FeedClosedError. Raises
        FeedHeldError where its owner isn't let in any more.
        """
        async with self._store.read() as unit:
            stored = await unit.feeds.by_hash(digest)
            if stored is None:
                return None
            if isinstance(stored, Retired):
                return self._last_word(digest, stored.retired_at)
            if not await self._context.access.admits_owner(unit, stored.owner):
                raise FeedHeldError
            rows = await unit.feeds.entries(stored, limit=_MOST_PRIVATE)
            reworded = await unit.papers.reworded_at([row.paper.number for row in rows])
        locale = stored.locale or ENGLISH.locale.language
        return self._private(
            f"f/{stored.number}",
            _private_titles(stored, texts_in(locale)),
            entries=tuple(replace(row, reworded=reworded.get(row.paper.number)) for row in rows),
            created=stored.created_at,
            locale=locale,
        )

    async def daily(self, page: int) -> Feed | None:
        """A page of the papers of the latest day, all of them, and of earlier whole days; None beyond the last page."""
        async with self._store.read() as unit:
            latest = await unit.papers.latest_day()
            days = _whole_days(await _numbers(unit, latest)) if latest else {}
            entries, pages = await _entries(unit, days, page)
            about = self._texts.gettext("There are no papers yet.")
            if latest:
                shown = self._texts.ngettext(
                    "The only paper of %(day)s",
                    "All %(num)s papers of %(day)s",
                    len(days[latest]),
                    day=self._texts.dated(latest),
                )
                about = self._texts.sentences(
                    _with_earlier(shown, latest, min(days), self._texts), await self._completeness(unit, latest)
                )
        return self._public(
            "daily", (daily_title(self._texts), about), entries=entries, page=page, pages=pages, day=latest
        )

    async def trending(self, window: str, typed: str) -> Feed | None:
        """The papers that gained most upvotes in a window of `WINDOWS`, of those that match if a query is typed."""
        query = parse(typed) if typed else None
        trends = await trending(self._store, window, self._now(), _TRENDING, query)
        async with self._store.read() as unit:
            entries, _ = await _entries(unit, _by_day([trend.paper for trend in trends]), 1)
        return self._public(
            "trending",
            (trending_title(window, self._texts, typed), trending_about(window, self._texts)),
            entries=entries,
            path=f"trending/{window}/{query.key}" if query else f"trending/{window}",
            query={"window": window} | ({"q": typed} if typed else {}),
            scores=True,
        )

    async def submitted(self) -> Feed | None:
        now = self._now()
        async with self._store.read() as unit:
            submissions = await unit.lists.submissions(PUBLIC, now - _WINDOW, now, _SEARCHED)
            reworded = await unit.papers.reworded_at([row.paper.number for row in submissions])
        seconds = seconds_apart(
            [(row.at.replace(microsecond=0), row.paper.number, ARRIVAL.code) for row in submissions]
        )
        entries = tuple(
            FeedEntry(
                paper=row.paper,
                at=row.at,
                reworded=reworded.get(row.paper.number),
                second=seconds[row.paper.number, ARRIVAL.code],
            )
            for row in submissions
        )
        about = self._texts.gettext("Papers that people submitted to the public list.")
        return self._public("list", (list_title(self._texts), about), entries=entries)

    async def search(self, typed: str, page: int) -> Feed | None:
        """A page of the newest papers that match a query as typed, all of their latest day; raises QueryError."""
        query = parse(typed)
        matches = await search(self._store, self._context.calibration, query, order="date", limit=_SEARCHED)
        async with self._store.read() as unit:
            days = _by_day([paper for paper in matches.papers if paper.announced])
            latest = next(iter(days), None)
            cut = min(days) if len(matches.papers) == _SEARCHED else matches.back_to
            if cut in days:  # it may have been found in part
                days |= {cut: await self._of_day(query, cut)}
            entries, pages = await _entries(unit, days, page)
            about = []
            if matches.back_to is not None and len(matches.papers) < _SEARCHED:
                about.append(searched_back_to(matches.back_to, self._texts))
            if latest:
                shown = self._texts.ngettext(
                    "The only match of %(day)s",
                    "All %(num)s matches of %(day)s",
                    len(days[latest]),
                    day=self._texts.dated(latest),
                )
                about.append(_with_earlier(shown, latest, min(days), self._texts))
                about.append(await self._completeness(unit, latest))
            about.append(self._texts.gettext("The newest papers that match: %(query)s", query=typed))
        return self._public(
            "search",
            (search_title(typed, self._texts), self._texts.sentences(*about)),
            entries=entries,
            path=f"search/{query.key}",
            query={"q": typed},
            page=page,
            pages=pages,
            day=latest,
        )

    async def _of_day(self, query: Query, day: date) -> list[int]:
        """The numbers of all papers of a day that match, however many searches that takes."""
        numbers, before = [], None
        while True:
            matches = await search(
                self._store,
                self._context.calibration,
                query,
                order="date",
                since=day,
                before=before,
                limit=MOST_COUNTED,
            )
            numbers += [paper.number for paper in matches.papers if paper.announced == day]
            before = matches.resume
            if before is None:
                return numbers

    async def _completeness(self, unit: Unit, day: date) -> str:
        recent = day >= self._now().date() - _DAYS_JUDGED
        batches = await unit.sources.batches(day) if recent else []
        states = [
            # Translators: how complete a day of a source is: "arXiv: complete."
            self._texts.gettext(
                "%(source)s: %(state)s.",
                source=source_name(judged.source, self._texts),
                state=day_state(judged, self._texts),
            )
            for judged in days_of(batches)
            if judged.day == day
        ]
        return self._texts.sentences(*states) or self._texts.gettext("It is not known whether the day is complete.")

    def _last_word(self, digest: str, at: datetime) -> Feed:
        if self._now() - at > _LAST_WORD:
            raise FeedClosedError
        text = ENGLISH.gettext("This feed won't be updated. Send /feed in your chat to get its new address.")
        notice = Notice(name="reset", title=ENGLISH.gettext("This feed's address was reset"), text=text, at=at)
        # The path reveals nothing about the feed at its new address.
        titles = ENGLISH.gettext("Paperwire: my papers"), text
        return self._private(f"retired/{digest[:16]}", titles, created=at, notices=(notice,))

    def _private(self, path: str, titles: tuple[str, str], **fields: Any) -> Feed:
        title, description = titles
        address, home = f"{self._url}/f/{TOKEN_HOLE}", f"{self._url}/"
        return self._feed(path=path, title=title, description=description, address=address, home=home, **fields)

    def _public(  # noqa: PLR0913 -- the differences between public feeds
        self,
        name: str,
        titles: tuple[str, str],
        *,
        query: dict[str, str] | None = None,
        page: int = 1,
        pages: int = 1,
        day: date | None = None,
        **fields: Any,
    ) -> Feed | None:
        if not 1 <= page <= pages:
            return None
        language = {} if self._texts is ENGLISH else {"lang": self._texts.language}
        options = f"?{urlencode((query or {}) | language)}" if query or language else ""
        return self._feed(
            title=titles[0],
            description=titles[1],
            address=f"{self._url}/feeds/{name}",
            query=options,
            home=f"{self._url}/{'' if name == 'daily' else name}{options}",
            created=_midnight(self._minted),
            notices=(_further_pages(day, self._texts),) if day and page == 1 < pages else (),
            page=page,
            pages=pages,
            locale=self._texts.language,
            **{"path": name} | fields,
        )


def _private_titles(feed: PrivateFeed, texts: Texts) -> tuple[str, str]:
    if feed.subscription is None and feed.place is not None:
        name = feed.title or texts.gettext("a shared chat")
        return (
            # Translators: the title of a feed or calendar of a chat.
            texts.gettext("Paperwire: %(place)s", place=name),
            texts.gettext("Every new paper that matches the subscriptions of %(place)s.", place=name),
        )
    if feed.subscription is None:
        return (
            texts.gettext("Paperwire: my papers"),
            texts.gettext("Every new paper that matches your subscriptions."),
        )
    # Translators: the title of a feed: %(subscription)s is a name or a query.
    title = texts.gettext("Paperwire: %(subscription)s", subscription=feed.name or feed.text)
    return title, texts.gettext("Every new paper that matches: %(query)s", query=feed.text)


def _with_earlier(text: str, day: date, first: date, texts: Texts) -> str:
    """`text` about a feed's latest `day`, with the earlier days it has back to `first`."""
    if first == day:
        # Translators: %(papers)s is "All 12 papers of 5 Jan 2026" or the like.
        return texts.gettext("%(papers)s.", papers=text)
    # Translators: %(first)s is the earliest date.
    return texts.gettext("%(day)s, and those of earlier days back to %(first)s.", day=text, first=texts.dated(first))


async def _entries(unit: Unit, days: Mapping[date, Sequence[int]], page: int) -> tuple[tuple[FeedEntry, ...], int]:
    """A page of the papers of some days, given by their numbers, and the number of pages."""
    claims = [(_midnight(day), number, ARRIVAL.code) for day in sorted(days) for number in sorted(days[day])]
    seconds = seconds_apart(claims)
    newest = sorted(claims, key=lambda claim: (claim[0], seconds[claim[1:]]), reverse=True)
    shown = newest[(page - 1) * ENTRIES_A_PAGE : page * ENTRIES_A_PAGE]
    papers = await unit.papers.by_number([number for _, number, _ in shown])
    reworded = await unit.papers.reworded_at([paper.number for paper in papers.values()])
    entries = (
        FeedEntry(
            paper=papers[number],
            at=at,
            reworded=reworded.get(papers[number].number),
            second=seconds[number, occasion],
        )
        for at, number, occasion in shown
        if number in papers
    )
    return tuple(entries), max(1, ceil(len(newest) / ENTRIES_A_PAGE))


async def _numbers(unit: Unit, latest: date) -> Mapping[date, Sequence[int]]:
    """The numbers of the papers of the latest day, and of those before it if it has too few for a feed."""
    days = await unit.papers.numbers_since(latest)
    return days if len(days[latest]) >= _DAILY else await unit.papers.numbers_since(latest - _WINDOW)


def _whole_days(days: Mapping[date, Sequence[int]]) -> dict[date, Sequence[int]]:
    """The latest day (they come latest first) and earlier ones, all of each, until there are `_DAILY` papers.

    A day that begins with a few papers then takes none away from readers who have not asked since the day before.
    """
    shown: dict[date, Sequence[int]] = {}
    count = 0
    for day, numbers in days.items():
        if count >= _DAILY:
            break
        shown[day] = numbers
        count += len(numbers)
    return shown


def _by_day(papers: Iterable[Paper]) -> dict[date, Sequence[int]]:
    days: dict[date, list[int]] = {}
    for paper in papers:
        days.setdefault(paper.announced or UNDATED, []).append(paper.number)
    return {**days}


def _further_pages(day: date, texts: Texts) -> Notice:
    text = texts.ngettext(
        "This feed has more than %(num)s entry. Readers that follow the link to the next page load the older ones.",
        "This feed has more than %(num)s entries. Readers that follow the link to the next page load the older ones.",
        ENTRIES_A_PAGE,
    )
    title = texts.gettext("More papers on further pages")
    return Notice(name=f"pages/{day.isoformat()}", title=title, text=text, at=_midnight(day))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
