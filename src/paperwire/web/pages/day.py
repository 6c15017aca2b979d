"""A day's papers: the latest at the front page, and each at an address of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.core.meaning.vectors import Packed
from paperwire.errors import LikeError
from paperwire.services.papers.meaning import aimed
from paperwire.texts import Texts, gettext_noop
from paperwire.web.days import DayPapers, Days
from paperwire.web.html import Html
from paperwire.web.http import Named
from paperwire.web.pages.asked import order_links, order_of, page_of, parsed, query_of, search_feed
from paperwire.web.pages.filters import filters
from paperwire.web.panel import Panels
from paperwire.web.problems import Refused, not_found
from paperwire.web.readers import Readers
from paperwire.web.site import WebDeps
from paperwire.web.views import ErrorView, FeedLinks, Link, category_name, daily_title, page_address, pager, paper_view

_PAGE = 50
_TOP = 16
_ORDERS = {"new": gettext_noop("Newest"), "hot": gettext_noop("Hot"), "score": gettext_noop("Most upvoted")}


@dataclass(frozen=True, slots=True)
class DayPages:
    """The pages of days; each answer has a tag, so that an unchanged page is not sent again."""

    deps: WebDeps
    days: Days
    html: Html
    panels: Panels
    readers: Readers

    def routes(self) -> list[Named]:
        return [Named("/", self.latest), Named("/daily/{day}", self.daily)]

    async def latest(self, request: Request) -> Response:
        """The latest day that has papers, or the progress of the first run."""
        day = await self.days.get(None)
        if day is None:
            texts, health = self.html.texts(request.scope), await self.deps.health()
            title = texts.gettext("No papers yet")
            return self.html.page(texts, "empty.html", canonical="/", title=title, page="day", health=health)
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
            return RedirectResponse(f"{self.html.site.base}{path}{'?' if query else ''}{query}", 308)
        day = await self.days.get(requested)
        assert day is not None  # noqa: S101 -- only the latest day may not be there
        return await self._day(request, day, path)

    async def _day(self, request: Request, day: DayPapers, address: str) -> Response:
        context, path = self.deps.context, self.html.site.base + address
        texts = self.html.texts(request.scope)
        typed, order, page = query_of(request), order_of(request, _ORDERS), page_of(request)
        query, error = parsed(typed)
        vectors: Mapping[int, Packed] = {}
        if query is not None and query.like is not None:
            try:
                async with context.store.search_slot():
                    query, vectors = await aimed(context.store, context.calibration, query, day.papers)
            except LikeError as unresolved:
                error = ErrorView.of(unresolved, typed)
        papers = [] if error else await self.days.matching(day, query, order, context.now(), vectors)
        options = {"q": typed, "order": order if order != "new" else ""}
        shown = papers[(page - 1) * _PAGE : page * _PAGE]
        get = await self.panels.of_query(typed, search_feed(typed, texts), texts) if query else None
        return self.readers.page(
            texts,
            "day.html",
            await self.readers.of(request, shown, get.query if get else ""),
            canonical=page_address(address, options, page),
            title=texts.gettext("Papers of %(day)s", day=texts.dated(day.day)),
            page="day",
            feed=FeedLinks(daily_title(texts), texts.gettext("Follow all new papers:"), "/feeds/daily"),
            get=get,
            day=day,
            q=typed,
            error=error,
            order=order,
            items=[paper_view(paper, self.html.site.base, texts) for paper in shown],
            pager=pager(path, options, page=page, size=_PAGE, shown=len(shown), total=len(papers)),
            **_choices(day, path, options, order, texts),
        )


def _choices(day: DayPapers, path: str, options: dict[str, str], order: str, texts: Texts) -> dict[str, Any]:
    """The links of a day's page that lead to other orders and parts of the same day."""
    orders = {name: texts.gettext(text) for name, text in _ORDERS.items()}
    return {
        "path": path,
        "orders": order_links(path, options, orders),
        "current": orders[order],
        "filters": filters(path, options, texts),
        "categories": [(_category_link(path, name), count) for name, count in day.categories],
        "top": _TOP,
        "chosen": options["q"].removeprefix("cat:"),
    }


def _category_link(path: str, name: str) -> Link:
    return Link(name, f"{path}?{urlencode({'q': f'cat:{name}'})}", category_name(name))
