"""The public list as a page, and votes on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.messages.message import FIRST
from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean
from paperwire.services.context import Context
from paperwire.services.papers.trending import WINDOWS
from paperwire.texts import Texts, gettext_noop
from paperwire.web.html import Html
from paperwire.web.pages.panel import Panels
from paperwire.web.readers import Reader, Readers
from paperwire.web.titles import list_title
from paperwire.web.views import FeedLinks, Link, paper_view

LIST = "/list"
# Translators: a link above a list that orders it.
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
    readers: Readers

    async def show(self, request: Request) -> Response:
        texts = self.html.texts(request.scope)
        name = request.query_params.get("window", "")
        window = name if name in WINDOWS else ""
        base = self.html.site.base
        rows, path = await self._rows(window), f"{LIST}?window={window}" if window else LIST
        feed = FeedLinks(
            # Translators: %(formats)s are links: Atom, RSS, JSON.
            list_title(texts),
            texts.gettext("Follow submitted papers: %(formats)s", formats=FIRST),
            "/feeds/list",
        )
        return self.readers.page(
            texts,
            "list.html",
            await self.readers.of(request, [paper for paper, _, _ in rows], "list:public"),
            sign_in=sign_in_path(path),
            canonical=path,
            # Translators: the title of a page: papers that members of a group submitted.
            title=texts.gettext("Submitted papers"),
            page="list",
            feed=feed,
            get=await Panels(self.context, base).of_query("list:public", feed, texts),
            orders=[
                Link(texts.gettext(text), f"{base}{LIST}{'?window=' if name else ''}{name}")
                for name, text in _ORDERS.items()
            ],
            current=texts.gettext(_ORDERS[window]),
            items=[
                replace(paper_view(paper, base, texts), votes=votes, submitter=clean(name, _NAME_LIMIT))
                for paper, votes, name in rows
            ],
        )

    async def _rows(self, window: str) -> list[tuple[Paper, int, str]]:
        now = self.context.now()
        async with self.context.store.read() as unit:
            if not window:
                submissions = await unit.lists.submissions(PUBLIC, now - _NEWEST, now, _SHOWN)
                return [(row.paper, row.votes, row.name) for row in submissions]
            voted = await unit.lists.most_voted(PUBLIC, now - WINDOWS[window], now, _SHOWN)
            names = await unit.lists.names(PUBLIC, [row.paper.number for row in voted])
            return [(row.paper, row.votes, names.get(row.paper.number, "")) for row in voted]


async def public_votes(context: Context, paper: int) -> int:
    """The votes of a paper on the public list; 0 where there is none."""
    if not context.public_list:
        return 0
    async with context.store.read() as unit:
        return (await unit.lists.votes(PUBLIC, [paper])).get(paper, 0)


async def lists_of(context: Context, base: str, paper: int, reader: Reader | None, texts: Texts) -> list[Link]:
    """The lists that a paper is on: the public one, and those where the reader submitted it or votes for it."""
    links: list[Link] = []
    if not context.public_list and reader is None:
        return links
    async with context.store.read() as unit:
        if context.public_list and await unit.lists.submission(PUBLIC, paper):
            links.append(Link(list_title(texts), f"{base}{LIST}"))
        names = await unit.lists.where_theirs(paper, reader.person) if reader else []
    return [*links, *(Link(clean(name, _NAME_LIMIT), "") for name in names)]


def sign_in_path(back: str) -> str:
    return f"/me?to={quote(back, safe='/')}"
