"""The public list as a page: what anyone submitted, with its votes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from paperwire.commands.trending import WINDOWS
from paperwire.core.text.clean import clean
from paperwire.store.tables.lists import PUBLIC
from paperwire.texts import gettext_noop
from paperwire.web.contents import list_title
from paperwire.web.edge import Named
from paperwire.web.panel import Panels
from paperwire.web.views import FeedLinks, Link, paper_view
from paperwire.web.votes import LIST

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from paperwire.web.deps import WebDeps
    from paperwire.web.html import Html
    from paperwire.web.views import PaperView
    from paperwire.web.votes import Voting

_ORDERS = {
    "": gettext_noop("Newest"),
    "day": gettext_noop("Most votes today"),
    "week": gettext_noop("Most votes this week"),
    "month": gettext_noop("Most votes this month"),
}
_SHOWN = 100
_NEWEST = timedelta(days=30)
_NAME_LIMIT = 60


class ListPage:
    """`/list`: what was submitted to the public list lately, or what got most votes there in a window."""

    def __init__(self, deps: WebDeps, html: Html, voting: Voting) -> None:
        self._deps = deps
        self._html = html
        self._voting = voting

    def routes(self) -> list[Named]:
        return [Named(LIST, self.show)]

    async def show(self, request: Request) -> Response:
        """The newest submissions, or with `?window=` those with most votes."""
        texts = self._html.texts(request.scope)
        asked = request.query_params.get("window", "")
        window = asked if asked in WINDOWS else ""
        base = self._html.site.base
        items, here = await self._items(window, request), f"{LIST}?window={window}" if window else LIST
        feed = FeedLinks(list_title(texts), texts.gettext("Follow submitted papers:"), "/feeds/list")
        return self._voting.page(
            texts,
            "list.html",
            await self._voting.ballot(request, [item.number for item in items], here),
            canonical=here,
            title=texts.gettext("Submitted papers"),
            page="list",
            feed=feed,
            get=await Panels(self._deps.context, base).of_query("list:public", feed, texts),
            orders=[
                Link(texts.gettext(text), f"{base}{LIST}{'?window=' if name else ''}{name}")
                for name, text in _ORDERS.items()
            ],
            current=texts.gettext(_ORDERS[window]),
            items=items,
        )

    async def _items(self, window: str, request: Request) -> list[PaperView]:
        texts, base, now = self._html.texts(request.scope), self._html.site.base, self._deps.now()
        async with self._deps.store.read() as unit:
            if not window:
                found = await unit.lists.submissions(PUBLIC, now - _NEWEST, now, _SHOWN)
                rows = [(one.paper, one.votes, one.name) for one in found]
            else:
                voted = await unit.lists.most_voted(PUBLIC, now - WINDOWS[window], now, _SHOWN)
                names = await unit.lists.names(PUBLIC, [one.paper.number for one in voted])
                rows = [(one.paper, one.votes, names.get(one.paper.number, "")) for one in voted]
        return [
            replace(paper_view(paper, base, texts), votes=votes, submitter=clean(name, _NAME_LIMIT))
            for paper, votes, name in rows
        ]
