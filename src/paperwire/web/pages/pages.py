"""Pages for people: the latest day, any day, trending papers, search, one paper, and the status of the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.core.meaning.vectors import Packed
from paperwire.core.papers.identity import canonical_id, page_url
from paperwire.core.papers.paper import Paper
from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import Query, parse
from paperwire.core.search.found import Order
from paperwire.core.text.clean import clean, safe_url
from paperwire.errors import CommandError, LikeError, QueryError
from paperwire.feeds.items import source_link
from paperwire.services.papers.meaning import aimed, like_query, reasons, similar
from paperwire.services.papers.search import named as named_paper
from paperwire.services.papers.search import search
from paperwire.services.papers.trending import WINDOWS, trending
from paperwire.texts import ENGLISH, Texts, gettext_noop
from paperwire.web.days import DayPapers, Days
from paperwire.web.html import Html, Statics
from paperwire.web.http import UNLISTED, Named, Ready
from paperwire.web.lists import Voting
from paperwire.web.pages.filters import filters
from paperwire.web.pages.other import link_instead
from paperwire.web.pages.pictures import teaser
from paperwire.web.pages.record_view import facts_of
from paperwire.web.pages.unfurl import unfurled
from paperwire.web.panel import Panels
from paperwire.web.problems import Refused, no_paper, not_found
from paperwire.web.site import WebDeps
from paperwire.web.views import (
    WINDOW_NAMES,
    ErrorView,
    FeedLinks,
    Link,
    PaperView,
    category_name,
    daily_title,
    event_text,
    full_view,
    page_address,
    pager,
    paper_path,
    paper_view,
    search_path,
    search_title,
    trending_title,
)
from paperwire.wording.days import day_counts, day_state, outlook_line
from paperwire.wording.found import count_words, searched_back_to
from paperwire.wording.meaning import closeness
from paperwire.wording.queries import query_help
from paperwire.wording.suggest import query_hints
from paperwire.wording.workload import missing_role

_PAGE = 50
_FOUND = 25
_TRENDING = 50
_TOP = 16
_LAST_PAGE = 1_000
_LONGEST_PLACE = 18  # digits
_DAY_ORDERS = {"new": gettext_noop("Newest"), "hot": gettext_noop("Hot"), "score": gettext_noop("Most upvoted")}
_SEARCH_ORDERS = {
    "relevance": gettext_noop("Best match"),
    "date": gettext_noop("Newest"),
    "score": gettext_noop("Most upvoted"),
}


class Pages:
    """The pages; each answer has a tag, so that an unchanged page is not sent again."""

    def __init__(self, deps: WebDeps, days: Days, statics: Statics, html: Html, voting: Voting | None) -> None:
        self._health, self._context = deps.health, deps.context
        self._days = days
        self._statics = statics
        self._html = html
        self._voting = voting
        self._base = html.site.base
        self._panels = Panels(deps.context, self._base)
        self._has_pictures = deps.pictures is not None

    def routes(self) -> list[Named]:
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
        """The latest day that has papers, or the progress of the first run."""
        day = await self._days.get(None)
        if day is None:
            texts, health = self._html.texts(request.scope), await self._health()
            title = texts.gettext("No papers yet")
            return self._html.page(texts, "empty.html", canonical="/", title=title, page="day", health=health)
        return await self._day(request, day, "/")

    async def daily(self, request: Request) -> Response:
        """One day; redirects to the canonical spelling of its date."""
        typed = request.path_params["day"]
        try:
            requested = date.fromisoformat(typed)
        except ValueError:
            raise Refused(404, not_found) from None
        path = f"/daily/{requested.isoformat()}"
        if typed != requested.isoformat():
            query = request.scope["query_string"].decode("latin-1")
            return RedirectResponse(f"{self._base}{path}{'?' if query else ''}{query}", 308)
        day = await self._days.get(requested)
        assert day is not None  # noqa: S101 -- only the latest day may not be there
        return await self._day(request, day, path)

    async def _day(self, request: Request, day: DayPapers, address: str) -> Response:
        path = self._base + address
        texts = self._html.texts(request.scope)
        typed, order = _query_of(request), _order_of(request, _DAY_ORDERS)
        query, error = _parsed(typed)
        vectors: Mapping[int, Packed] = {}
        if query is not None and query.like is not None:
            try:
                async with self._context.store.search_slot():
                    query, vectors = await aimed(self._context.store, self._context.calibration, query, day.papers)
            except LikeError as unresolved:
                error = ErrorView.of(unresolved, typed)
        papers = [] if error else await self._days.matching(day, query, order, self._context.now(), vectors)
        page = _page_of(request)
        shown = papers[(page - 1) * _PAGE : page * _PAGE]
        options = {"q": typed, "order": order if order != "new" else ""}
        follow = texts.gettext("Follow all new papers:")
        return self._html.page(
            texts,
            "day.html",
            canonical=page_address(address, options, page),
            title=texts.gettext("Papers of %(day)s", day=texts.dated(day.day)),
            page="day",
            feed=FeedLinks(daily_title(texts), follow, "/feeds/daily"),
            get=await self._panels.of_query(typed, _search_feed(typed, texts), texts) if query else None,
            day=day,
            path=path,
            q=typed,
            error=error,
            order=order,
            orders=_orders(path, options, _DAY_ORDERS, texts),
            filters=filters(path, options, texts),
            current=texts.gettext(_DAY_ORDERS[order]),
            categories=[(_category_link(path, name), count) for name, count in day.categories],
            top=_TOP,
            chosen=typed.removeprefix("cat:"),
            items=[paper_view(paper, self._base, texts) for paper in shown],
            pager=pager(path, options, page=page, size=_PAGE, shown=len(shown), total=len(papers)),
        )

    # --- over all days --------------------------------------------------------------------------------------------

    async def trending(self, request: Request) -> Response:
        texts = self._html.texts(request.scope)
        window = request.query_params.get("window", "week")
        window = window if window in WINDOWS else "week"
        typed = _query_of(request)
        query, error = _parsed(typed)
        now = self._context.now()
        trends = [] if error else await trending(self._context.store, window, now, _TRENDING, query)
        options = {"window": window if window != "week" else "", "q": typed}
        follow = texts.gettext("Follow trending papers:")
        address = urlencode({"window": window} | ({"q": typed} if query else {}))
        feed = FeedLinks(trending_title(window, texts, typed), follow, "/feeds/trending", f"?{address}")
        path = f"{self._base}/trending"
        return self._html.page(
            texts,
            "trending.html",
            status=400 if error else 200,
            canonical="" if error else page_address("/trending", options, 1),
            title=texts.gettext("Trending"),
            page="trending",
            feed=feed,
            get=await self._panels.of_trending(window, typed if query else "", feed, texts),
            error=error,
            orders=[
                Link(texts.gettext(text), page_address(path, options | {"window": name}, 1))
                for name, text in WINDOW_NAMES.items()
            ],
            current=texts.gettext(WINDOW_NAMES[window]),
            filters=filters(path, options, texts),
            items=[replace(paper_view(trend.paper, self._base, texts), gained=trend.gained) for trend in trends],
        )

    async def search(self, request: Request) -> Response:
        """Search over all papers; a query that cannot be read is shown with its mistake."""
        texts = self._html.texts(request.scope)
        typed, order = _query_of(request), _order_of(request, _SEARCH_ORDERS)
        if (named := await named_paper(self._context.store, typed)) and named.papers:
            return RedirectResponse(self._base + paper_path(named.papers[0].id), 302)
        unknown = "" if named is None else canonical_id(typed)
        query, error = (None, None) if named else _parsed(typed)
        page, resume = _page_of(request), _resume_of(request)
        options = {"q": typed, "order": order if order != "relevance" else ""}
        values: dict[str, Any] = {"found": None, "items": [], "pager": None, "feed": None, "searched": ""}
        if query:
            try:
                values |= await self._search_values(query, options, page, resume, texts)
            except LikeError as unresolved:
                error = ErrorView.of(unresolved, typed)
        if typed and named is None and resume is None:
            values["instead"] = await link_instead(self._context, self._base, typed, query, values["found"], texts)
        return self._html.page(
            texts,
            "search.html",
            status=400 if error else 200,
            extra=(UNLISTED,) if typed else (),
            canonical="" if error else page_address("/search", options, page),
            title=typed or texts.gettext("Search all papers"),
            page="search",
            q=typed,
            unknown=unknown,
            error=error,
            help=_help(texts),
            orders=_orders(f"{self._base}/search", options, _SEARCH_ORDERS, texts),
            filters=filters(f"{self._base}/search", options, texts),
            current=texts.gettext(_SEARCH_ORDERS[order]),
            **values,
        )

    async def _search_values(
        self, query: Query, options: dict[str, str], page: int, resume: int | None, texts: Texts
    ) -> dict[str, Any]:
        """What the page shows of the papers that match; raises LikeError."""
        context, order = self._context, cast("Order", options["order"] or "relevance")  # one of _SEARCH_ORDERS
        offset = (page - 1) * _FOUND
        matches = await search(
            context.store, context.calibration, query, order=order, before=resume, limit=_FOUND, offset=offset
        )
        why = await reasons(context.store, context.calibration, query, matches.papers, texts)
        ends = matches.back_to is not None and page * _FOUND >= matches.total
        feed = _search_feed(query.text, texts)
        return {
            "found": matches,
            "count": count_words(matches, texts),
            "hints": [(self._base + search_path(typed), typed, words) for typed, words in query_hints(query, texts)],
            "items": [
                replace(paper_view(paper, self._base, texts), reason=why.get(paper.number, ""))
                for paper in matches.papers
            ],
            "pager": pager(
                f"{self._base}/search",
                options | {"resume": "" if resume is None else str(resume)},
                page=page,
                size=_FOUND,
                shown=len(matches.papers),
                total=matches.total,
                resume=matches.resume,
            ),
            "searched": searched_back_to(matches.back_to, texts) if ends and matches.back_to else "",
            "feed": feed,
            "get": await self._panels.of_query(query.text, feed, texts),
        }

    # --- one paper ------------------------------------------------------------------------------------------------

    async def paper(self, request: Request) -> Response:
        """One paper; redirects to the canonical spelling of its id."""
        typed_id = request.path_params["paper_id"]
        async with self._context.store.read() as unit:
            paper = await unit.papers.get(typed_id.rstrip("/"))
            history = await unit.papers.events_of(paper.number) if paper else []
        if paper is None:
            canonical = canonical_id(typed_id)
            url = safe_url(page_url(Paper(id=canonical, title=""))) if canonical else ""
            raise Refused(404, no_paper, source_url=url)
        if typed_id != paper.id:
            return RedirectResponse(self._base + paper_path(paper.id), 308)
        texts = self._html.texts(request.scope)
        item = paper_view(paper, self._base, texts)
        picture = teaser(paper, self._base) if self._has_pictures else None
        site = self._html.site.url
        image = site + picture.src.removeprefix(self._base) if picture else ""
        values: dict[str, Any] = {
            "canonical": paper_path(paper.id),
            "title": item.title,
            "unfurled": unfurled(paper, site + paper_path(paper.id), image),
            "paper": paper,
            "paper_id": clean(paper.id, 200),
            "full": full_view(paper, self._base),
            "facts": facts_of(paper, texts),
            "picture": picture,
            "source_link": source_link(item.url, texts),
            "history": [(event.day, event.source, event_text(event, texts)) for event in history],
            "similar": await self._similar(paper, texts),
            "more_like": f"{self._base}{search_path(like_query(paper))}",
        }
        votes = await self._voting.votes(paper.number) if self._voting else None
        if self._voting is None or votes is None:
            return self._html.page(texts, "paper.html", item=item, ballot=None, **values)
        ballot = await self._voting.ballot(request, [paper.number], paper_path(paper.id))
        return self._voting.page(texts, "paper.html", ballot, item=replace(item, votes=votes), **values)

    async def _similar(self, paper: Paper, texts: Texts) -> list[tuple[PaperView, str]]:
        """The papers nearest to one, and which words bring them close; none where that can't be said."""
        try:
            neighbours = await similar(self._context.store, self._context.nearness, paper, texts)
        except CommandError:
            return []
        return [
            (paper_view(neighbour.paper, self._base, texts), closeness(neighbour.shares, texts))
            for neighbour in neighbours
        ]

    # --- the service ----------------------------------------------------------------------------------------------

    async def status(self, request: Request) -> Response:
        texts, health = self._html.texts(request.scope), await self._health()
        return self._html.page(
            texts,
            "status.html",
            canonical="/status",
            title=texts.gettext("Status"),
            page="status",
            health=health,
            missing=[missing_role(role, health, texts) for role in health.missing],
            outlook=outlook_line(health.outlook, ENGLISH) if health.outlook else "",
            days=[(day, day_state(day, ENGLISH), day_counts(day, ENGLISH)) for day in health.days],
        )

    async def static(self, request: Request) -> Response:
        body = self._statics.get(request.path_params["name"])
        if body is None:
            raise Refused(404, not_found)
        return Ready(body)

    async def icon(self, _request: Request) -> Response:
        """The icon, at the address where browsers and feed readers look for one."""
        return RedirectResponse(self._base + self._statics.address("favicon.svg"), 302)


def _query_of(request: Request) -> str:
    return request.query_params.get("q", "").strip()


def _order_of(request: Request, orders: dict[str, str]) -> str:
    order = request.query_params.get("order", "")
    return order if order in orders else next(iter(orders))


def _page_of(request: Request) -> int:
    page = request.query_params.get("page", "1")
    return min(int(page), _LAST_PAGE) if page.isdecimal() and 0 < len(page) <= 4 and int(page) else 1


def _resume_of(request: Request) -> int | None:
    """Where to continue a search that ended before the earliest paper."""
    place = request.query_params.get("resume", "")
    return int(place) if place.isdecimal() and len(place) <= _LONGEST_PLACE else None


def _parsed(typed: str) -> tuple[Query | None, ErrorView | None]:
    try:
        return (read(typed) if typed else None), None
    except QueryError as error:
        return None, ErrorView.of(error, typed)


def _orders(path: str, options: dict[str, str], orders: dict[str, str], texts: Texts) -> list[Link]:
    """Links to the same list in each order; the first order is the default."""
    default = next(iter(orders))
    return [
        Link(texts.gettext(text), page_address(path, {**options, "order": "" if name == default else name}, 1))
        for name, text in orders.items()
    ]


def _help(texts: Texts) -> list[tuple[str, str, bool]]:
    """Examples of queries, what they mean, and whether they find papers on every instance: the stored papers differ."""
    rows = [(typed, meaning, parse(typed)) for typed, meaning in query_help(texts)]
    return [(typed, meaning, query.like is None and not query.list) for typed, meaning, query in rows]


def _search_feed(typed: str, texts: Texts) -> FeedLinks:
    follow = texts.gettext("Follow this search:")
    return FeedLinks(search_title(typed, texts), follow, "/feeds/search", f"?{urlencode({'q': typed})}")


def _category_link(path: str, name: str) -> Link:
    return Link(name, f"{path}?{urlencode({'q': f'cat:{name}'})}", category_name(name))
