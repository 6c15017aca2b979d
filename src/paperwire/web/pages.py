"""Pages for people: the latest day, any day, what trends, search, one paper, and how the service fares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from starlette.responses import RedirectResponse

from paperwire.commands.status import day_counts, day_state, outlook_line
from paperwire.core.papers.identity import canonical_id, page_url
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.text.clean import clean, safe_url
from paperwire.errors import QueryError
from paperwire.web.contents import WINDOWS, first_day
from paperwire.web.edge import Named
from paperwire.web.http import Ready
from paperwire.web.problems import Refused
from paperwire.web.views import Link, category_name, full_view, page_address, pager, paper_path, paper_view
from paperwire.wording import feeds, searching
from paperwire.wording import help as help_words
from paperwire.wording import web as wording

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from paperwire.core.query.language import Query
    from paperwire.store.search.search import Found, Order
    from paperwire.web.days import Day, Days
    from paperwire.web.deps import WebDeps
    from paperwire.web.html import Html
    from paperwire.web.static import Statics

_PAGE = 50
_FOUND = 25
_TRENDING = 50
_TOP = 16
_LAST_PAGE = 1_000
_LONGEST_PLACE = 18  # digits


@dataclass(frozen=True, slots=True)
class FeedLinks:
    """The public feeds that belong to a page."""

    title: str
    follow: str
    path: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class ErrorView:
    """A query that cannot be read, cut at the wrong piece so that a page can mark it."""

    message: str
    hint: str
    column: int
    before: str
    wrong: str
    after: str

    @classmethod
    def of(cls, error: QueryError, typed: str) -> ErrorView:
        """The error of `typed`."""
        start = error.column - 1
        end = typed.find(" ", start + 1)
        end = len(typed) if end < 0 else end
        return cls(error.message, error.hint, error.column, typed[:start], typed[start:end] or " ", typed[end:])


_DAILY = FeedLinks(wording.FEED_DAILY, wording.FOLLOW_DAILY, "/feeds/daily")


class Pages:
    """The pages; each is one answer with a tag, so that looking again costs a visitor nothing."""

    def __init__(self, deps: WebDeps, days: Days, statics: Statics, html: Html) -> None:
        self._deps = deps
        self._days = days
        self._statics = statics
        self._html = html
        self._base = html.site.base

    def routes(self) -> list[Named]:
        """Where the pages are."""
        return [
            Named("/", self.latest),
            Named("/daily/{day}", self.daily),
            Named("/trending", self.trending),
            Named("/search", self.search),
            Named("/papers/{paper_id:path}", self.paper),
            Named("/status", self.status),
            Named("/static/{name}", self.static),
            Named("/favicon.ico", self.icon),
        ]

    # --- days -----------------------------------------------------------------------------------------------------

    async def latest(self, request: Request) -> Response:
        """The latest day that has papers, or how the first run stands."""
        day = await self._days.get(None)
        if day is None:
            health = await self._deps.health()
            return self._html.page("empty.html", canonical="/", title=wording.NOTHING_HELD, page="day", health=health)
        return await self._day(request, day, "/")

    async def daily(self, request: Request) -> Response:
        """One day; another writing of it leads to its one address."""
        asked = request.path_params["day"]
        try:
            wanted = date.fromisoformat(asked)
        except ValueError:
            raise Refused(404, wording.MISSING_TEXT) from None
        path = f"/daily/{wanted.isoformat()}"
        if asked != wanted.isoformat():
            query = request.scope["query_string"].decode("latin-1")
            return RedirectResponse(f"{self._base}{path}{'?' if query else ''}{query}", 308)
        day = await self._days.get(wanted)
        assert day is not None  # noqa: S101 -- only the latest day may not be there
        return await self._day(request, day, path)

    async def _day(self, request: Request, day: Day, address: str) -> Response:
        path = self._base + address
        typed, order = _query_of(request), _order_of(request, wording.ORDERS_DAY)
        query, error = _parsed(typed)
        papers = [] if error else await self._days.matching(day, query, order)
        page = _page_of(request)
        shown = papers[(page - 1) * _PAGE : page * _PAGE]
        options = {"q": typed, "order": order if order != "new" else ""}
        return self._html.page(
            "day.html",
            canonical=page_address(address, options, page),
            title=wording.day_title(day.day),
            page="day",
            feed=_DAILY,
            day=day,
            path=path,
            q=typed,
            error=error,
            order=order,
            orders=_orders(path, options, wording.ORDERS_DAY),
            current=dict(wording.ORDERS_DAY)[order],
            categories=[(_class_link(path, name), count) for name, count in day.categories],
            top=_TOP,
            chosen=typed.removeprefix("cat:"),
            items=[paper_view(paper, self._base) for paper in shown],
            pager=pager(path, options, page=page, size=_PAGE, shown=len(shown), total=len(papers)),
        )

    # --- over all days --------------------------------------------------------------------------------------------

    async def trending(self, request: Request) -> Response:
        """The most upvoted papers of a window."""
        window = request.query_params.get("window", "week")
        window = window if window in WINDOWS else "week"
        async with self._deps.store.read() as unit:
            papers = await unit.papers.trending(first_day(window, self._deps.now()), _TRENDING)
        feed = FeedLinks(wording.feed_trending(window), wording.FOLLOW_TRENDING, "/feeds/trending", f"?window={window}")
        return self._html.page(
            "trending.html",
            canonical="/trending" if window == "week" else f"/trending?window={window}",
            title=wording.TRENDING,
            page="trending",
            feed=feed,
            orders=[Link(text, f"{self._base}/trending?window={name}") for name, text in wording.WINDOWS],
            current=dict(wording.WINDOWS)[window],
            items=[paper_view(paper, self._base) for paper in papers],
        )

    async def search(self, request: Request) -> Response:
        """Search over all papers, with what is wrong with the query if something is."""
        typed, order = _query_of(request), _order_of(request, wording.ORDERS_SEARCH)
        query, error = _parsed(typed)
        page = _page_of(request)
        resume = _resume_of(request)
        found = await self._found(query, order, page, resume) if query else None
        options = {"q": typed, "order": order if order != "relevance" else ""}
        told: dict[str, Any] = {"found": found, "about": searching, "items": [], "pager": None, "feed": None}
        if found:
            told["items"] = [paper_view(paper, self._base) for paper in found.papers]
            told["pager"] = pager(
                f"{self._base}/search",
                options | {"resume": "" if resume is None else str(resume)},
                page=page,
                size=_FOUND,
                shown=len(found.papers),
                total=found.total,
                resume=found.resume,
            )
            told["ends"] = page * _FOUND >= found.total
            told["feed"] = FeedLinks(
                wording.feed_search(typed), wording.FOLLOW_SEARCH, "/feeds/search", f"?{urlencode({'q': typed})}"
            )
        return self._html.page(
            "search.html",
            status=400 if error else 200,
            canonical="" if error else page_address("/search", options, page),
            title=wording.feed_search(typed).partition(": ")[2] or wording.SEARCH_TITLE,
            page="search",
            q=typed,
            error=error,
            help=help_words.QUERY_HELP,
            orders=_orders(f"{self._base}/search", options, wording.ORDERS_SEARCH),
            current=dict(wording.ORDERS_SEARCH)[order],
            **told,
        )

    async def _found(self, query: Query, order: str, page: int, resume: int | None) -> Found:
        async with self._deps.store.read() as unit:
            return await unit.search.search(
                query,
                order=cast("Order", order),  # one of ORDERS_SEARCH
                before=resume,
                limit=_FOUND,
                offset=(page - 1) * _FOUND,
            )

    # --- one paper ------------------------------------------------------------------------------------------------

    async def paper(self, request: Request) -> Response:
        """One paper; any writing of its id leads to one address."""
        asked = request.path_params["paper_id"]
        async with self._deps.store.read() as unit:
            paper = await unit.papers.get(asked.rstrip("/"))
            history = await unit.papers.events_of(paper.number) if paper else []
        if paper is None:
            known = canonical_id(asked)
            url = safe_url(page_url(Paper(id=known, title=""))) if known else ""
            raise Refused(404, wording.MISSING_PAPER, source_url=url)
        if asked != paper.id:
            return RedirectResponse(self._base + paper_path(paper.id), 308)
        item, full = paper_view(paper, self._base), full_view(paper, self._base)
        return self._html.page(
            "paper.html",
            canonical=paper_path(paper.id),
            title=item.title,
            paper=paper,
            paper_id=clean(paper.id, 200),
            item=item,
            full=full,
            source_link=feeds.source_page(urlsplit(item.url).hostname or ""),
            history=[
                (said.day, wording.source_name(said.source), wording.said(said.kind, said.version, said.score))
                for said in history
            ],
        )

    # --- the service ----------------------------------------------------------------------------------------------

    async def status(self, _request: Request) -> Response:
        """How the service fares."""
        health = await self._deps.health()
        return self._html.page(
            "status.html",
            canonical="/status",
            title=wording.STATUS,
            page="status",
            health=health,
            outlook=outlook_line(health.outlook) if health.outlook else "",
            days=[(day, day_state(day), day_counts(day)) for day in health.days],
        )

    async def static(self, request: Request) -> Response:
        """A style sheet or an image."""
        body = self._statics.get(request.path_params["name"])
        if body is None:
            raise Refused(404, wording.MISSING_TEXT)
        return Ready(body)

    async def icon(self, _request: Request) -> Response:
        """The icon, where browsers and feed readers look for one unasked."""
        return RedirectResponse(self._base + self._statics.address("favicon.svg"), 302)


def _query_of(request: Request) -> str:
    return request.query_params.get("q", "").strip()


def _order_of(request: Request, orders: tuple[tuple[str, str], ...]) -> str:
    asked = request.query_params.get("order", "")
    return asked if asked in dict(orders) else orders[0][0]


def _page_of(request: Request) -> int:
    asked = request.query_params.get("page", "1")
    return min(int(asked), _LAST_PAGE) if asked.isdecimal() and 0 < len(asked) <= 4 and int(asked) else 1


def _resume_of(request: Request) -> int | None:
    """Where a search goes on that ended before it came to the earliest paper."""
    asked = request.query_params.get("resume", "")
    return int(asked) if asked.isdecimal() and len(asked) <= _LONGEST_PLACE else None


def _parsed(typed: str) -> tuple[Query | None, ErrorView | None]:
    try:
        return (parse(typed) if typed else None), None
    except QueryError as error:
        return None, ErrorView.of(error, typed)


def _orders(path: str, options: dict[str, str], orders: tuple[tuple[str, str], ...]) -> list[Link]:
    """Links to the same list in each order; the first order is the one that need not be named."""
    links = []
    for name, text in orders:
        told = {**options, "order": "" if name == orders[0][0] else name}
        asked = urlencode({key: value for key, value in told.items() if value})
        links.append(Link(text, f"{path}?{asked}" if asked else path))
    return links


def _class_link(path: str, name: str) -> Link:
    return Link(name, f"{path}?{urlencode({'q': f'cat:{name}'})}", category_name(name))
