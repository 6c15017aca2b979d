"""The public list as a page, and votes on pages: a button under each paper, or the way to sign in first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.papers.lists import PUBLIC
from paperwire.core.text.clean import clean
from paperwire.services.context import Context
from paperwire.services.papers.trending import WINDOWS
from paperwire.texts import Texts, gettext_noop
from paperwire.web.forms import Auth
from paperwire.web.html import Html
from paperwire.web.panel import Panels
from paperwire.web.views import FeedLinks, Link, PaperView, list_title, paper_view

LIST = "/list"
_BY_COOKIE = ((b"vary", b"cookie"),)
_ORDERS = {
    "": gettext_noop("Newest"),
    "day": gettext_noop("Most votes today"),
    "week": gettext_noop("Most votes this week"),
    "month": gettext_noop("Most votes this month"),
}
_SHOWN = 100
_NEWEST = timedelta(days=30)
_NAME_LIMIT = 60


@dataclass(frozen=True, slots=True)
class ListPage:
    """`/list`: what was submitted to the public list lately, or what got most votes there in a window."""

    context: Context
    html: Html
    voting: Voting

    async def show(self, request: Request) -> Response:
        """The newest submissions, or with `?window=` those with most votes."""
        texts = self.html.texts(request.scope)
        name = request.query_params.get("window", "")
        window = name if name in WINDOWS else ""
        base = self.html.site.base
        items, path = await self._items(window, request), f"{LIST}?window={window}" if window else LIST
        feed = FeedLinks(list_title(texts), texts.gettext("Follow submitted papers:"), "/feeds/list")
        return self.voting.page(
            texts,
            "list.html",
            await self.voting.ballot(request, [item.number for item in items], path),
            canonical=path,
            title=texts.gettext("Submitted papers"),
            page="list",
            feed=feed,
            get=await Panels(self.context, base).of_query("list:public", feed, texts),
            orders=[
                Link(texts.gettext(text), f"{base}{LIST}{'?window=' if name else ''}{name}")
                for name, text in _ORDERS.items()
            ],
            current=texts.gettext(_ORDERS[window]),
            items=items,
        )

    async def _items(self, window: str, request: Request) -> list[PaperView]:
        texts, base, now = self.html.texts(request.scope), self.html.site.base, self.context.now()
        async with self.context.store.read() as unit:
            if not window:
                submissions = await unit.lists.submissions(PUBLIC, now - _NEWEST, now, _SHOWN)
                rows = [(row.paper, row.votes, row.name) for row in submissions]
            else:
                voted = await unit.lists.most_voted(PUBLIC, now - WINDOWS[window], now, _SHOWN)
                names = await unit.lists.names(PUBLIC, [row.paper.number for row in voted])
                rows = [(row.paper, row.votes, names.get(row.paper.number, "")) for row in voted]
        return [
            replace(paper_view(paper, base, texts), votes=votes, submitter=clean(name, _NAME_LIMIT))
            for paper, votes, name in rows
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """Which papers of a page its reader votes for, and the token of the forms; empty for who isn't signed in.

    `back` is the page's path, and `sign_in` that of the page which signs in and leads back.
    """

    form: str
    mine: frozenset[int]
    back: str
    sign_in: str


@dataclass(frozen=True, slots=True)
class Voting:
    """Makes pages on which papers can be voted for."""

    context: Context
    html: Html
    auth: Auth

    async def votes(self, paper: int) -> int | None:
        """The votes of a paper on the public list; None for one that isn't there, as it has no submission or vote."""
        async with self.context.store.read() as unit:
            votes = (await unit.lists.votes(PUBLIC, [paper])).get(paper, 0)
            return votes if votes or await unit.lists.submission(PUBLIC, paper) is not None else None

    async def ballot(self, request: Request, papers: Sequence[int], back: str) -> Ballot:
        """What the reader of a page with these papers may do."""
        who = await self.auth.who(request)
        sign_in = f"/me?to={quote(back, safe='/')}"
        if who is None:
            return Ballot(form="", mine=frozenset(), back=back, sign_in=sign_in)
        async with self.context.store.read() as unit:
            voted = await unit.lists.voted_for(PUBLIC, who.session.person, papers)
        return Ballot(form=who.form, mine=frozenset(voted), back=back, sign_in=sign_in)

    def page(self, texts: Texts, template: str, ballot: Ballot, **values: Any) -> Response:
        """The page; with a person's forms in it, it is never cached, otherwise it is cached like any other."""
        if ballot.form:
            return self.html.fresh(texts, template, ballot=ballot, form=ballot.form, **values)
        return self.html.page(texts, template, extra=_BY_COOKIE, ballot=ballot, form="", **values)
