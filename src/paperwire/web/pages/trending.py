"""The papers that gained the most upvotes in a window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.messages.message import FIRST
from paperwire.core.text.abstracts import longest
from paperwire.services.context import Context
from paperwire.services.papers.trending import WINDOWS, trending
from paperwire.web.html import Html
from paperwire.web.pages.filters import filters
from paperwire.web.pages.panel import Panels
from paperwire.web.pages.parameters import parsed, query_of
from paperwire.web.readers import Readers
from paperwire.web.titles import WINDOW_NAMES, trending_title, window_name
from paperwire.web.views import FeedLinks, Link, page_address, paper_view

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class TrendingPage:
    """`/trending`, for one of three windows, narrowed by a query."""

    context: Context
    html: Html
    panels: Panels
    readers: Readers

    async def show(self, request: Request) -> Response:
        texts = self.html.texts(request.scope)
        window = request.query_params.get("window", "week")
        window = window if window in WINDOWS else "week"
        typed = query_of(request)
        query, error = parsed(typed)
        now = self.context.now()
        trends = [] if error else await trending(self.context.store, window, now, _SHOWN, query)
        most = longest([trend.paper.abstract for trend in trends])
        options = {"window": window if window != "week" else "", "q": typed}
        # Translators: %(formats)s are links: Atom, RSS, JSON.
        follow = texts.gettext("Follow trending papers: %(formats)s", formats=FIRST)
        address = urlencode({"window": window} | ({"q": typed} if query else {}))
        feed = FeedLinks(trending_title(window, texts, typed), follow, "/feeds/trending", f"?{address}")
        base = self.html.site.base
        path = f"{base}/trending"
        get = await self.panels.of_trending(window, typed if query else "", feed, texts)
        return self.readers.page(
            texts,
            "trending.html",
            await self.readers.of(request, [trend.paper for trend in trends], "" if error else get.query),
            status=400 if error else 200,
            canonical="" if error else page_address("/trending", options, 1),
            title=texts.pgettext("page", "Trending"),
            page="trending",
            feed=feed,
            get=get,
            error=error,
            orders=[
                Link(window_name(name, texts), page_address(path, options | {"window": name}, 1))
                for name in WINDOW_NAMES
            ],
            current=window_name(window, texts),
            filters=filters(path, options, texts),
            items=[replace(paper_view(trend.paper, base, texts, most=most), gained=trend.gained) for trend in trends],
        )
