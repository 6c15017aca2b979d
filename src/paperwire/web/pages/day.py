"""A day's papers: the latest at the front page, and each at an address of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.core.meaning.vectors import Packed
from paperwire.core.messages.message import FIRST
from paperwire.core.papers.categories import archive_of, archive_title
from paperwire.core.papers.paper import EventKind, Paper
from paperwire.core.text.abstracts import longest
from paperwire.errors import LikeError
from paperwire.services.papers.for_you import ForYou, for_you
from paperwire.services.papers.meaning import aimed
from paperwire.texts import Texts, gettext_noop
from paperwire.web.days import DayPapers, Days
from paperwire.web.html import Html
from paperwire.web.http import Named
from paperwire.web.pages.filters import KIND_LABELS, filters, kind_filters
from paperwire.web.pages.front import Front
from paperwire.web.pages.made import MadePages
from paperwire.web.pages.panel import Panel, Panels
from paperwire.web.pages.parameters import order_links, order_of, parsed, query_of, search_feed
from paperwire.web.pages.pictures import teaser
from paperwire.web.problems import Refused, not_found
from paperwire.web.readers import Readers
from paperwire.web.site import WebDeps
from paperwire.web.titles import daily_title
from paperwire.web.views import (
    ErrorView,
    FeedLinks,
    Link,
    Teaser,
    category_name,
    page_address,
    page_of,
    pager,
    paper_view,
)

_ON_FRONT, _PAGE, _TITLES = 25, 50, 200
_TOP = 8
_MINE = "mine"
_TEASERS = 3  # papers of a day that have a picture
# Translators: the order of a list of papers: a link above it.
_ORDERS = {
    "new": gettext_noop("Newest"),
    "hot": gettext_noop("Hot"),
    "score": gettext_noop("Most upvoted"),
}
# Translators: an order of papers: first those that the reader's own subscriptions found.
_OWN_ORDERS = {**_ORDERS, _MINE: gettext_noop("For you")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """What a reader chose to see of a day: the papers that match, of one kind, in an order, as titles alone."""

    typed: str
    order: str
    kind: EventKind | None
    is_titles: bool
    page: int

    @classmethod
    def of(cls, request: Request, orders: dict[str, str]) -> _Choice:
        kind = request.query_params.get("kind", "")
        return cls(
            typed=query_of(request),
            order=order_of(request, orders),
            kind=EventKind(kind) if kind in KIND_LABELS else None,
            is_titles=request.query_params.get("view") == "titles",
            page=page_of(request),
        )

    @property
    def options(self) -> dict[str, str]:
        """As options of an address; empty ones are what an address without them means."""
        order = self.order if self.order != "new" else ""
        return {"q": self.typed, "order": order, "kind": self.kind or "", "view": "titles" if self.is_titles else ""}

    @property
    def is_any(self) -> bool:
        """Whether they chose nothing: the page as it opens."""
        return self.page == 1 and not any(self.options.values())


@dataclass(frozen=True, slots=True)
class DayPages:
    """The pages of days; each answer has a tag, so that an unchanged page is not sent again."""

    deps: WebDeps
    days: Days
    html: Html
    panels: Panels
    readers: Readers
    front: Front
    made: MadePages

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
        texts = self.html.texts(request.scope)
        key = texts.language, address, request.scope["query_string"].decode("latin-1")
        if self.readers.auth.has_cookie(request):
            return await self._make(request, day, address, texts)
        return await self.made.get(key, day.stamp, lambda: self._make(request, day, address, texts))

    async def _make(self, request: Request, day: DayPapers, address: str, texts: Texts) -> Response:
        who = await self.readers.auth.who(request)
        own = await for_you(self.deps.context, who.session.person) if who else None
        choice, base = _Choice.of(request, _OWN_ORDERS if own else _ORDERS), self.html.site.base
        whole = await self.days.of_kind(day, choice.kind)
        papers, error, get = await self._matching(choice, day, whole, texts)
        if own and choice.order == _MINE:
            papers = sorted(papers, key=own.hits, reverse=True)
        size = _TITLES if choice.is_titles else _ON_FRONT if address == "/" else _PAGE
        shown = papers[(choice.page - 1) * size : choice.page * size]
        opens = address == "/" and choice.is_any
        options, path = choice.options, base + address
        pictures = self._pictures(shown) if choice.page == 1 and not choice.is_titles else {}
        reasons = await self.front.notes(own, shown, texts) if own else {}
        most = 0 if choice.is_titles else longest([paper.abstract for paper in shown])
        return self.readers.page(
            texts,
            "day.html",
            await self.readers.of(request, shown, get.query if get else "", who),
            canonical=page_address(address, options, choice.page),
            # Translators: the title of a page with the papers of a day.
            title=texts.gettext("Papers of %(day)s", day=texts.dated(day.day)),
            page="day",
            feed=_feed(texts),
            get=get,
            **(await self._opening(day, own, texts) if opens else {"ways": None, "highlights": ()}),
            day=day,
            whole=len(whole),
            error=error,
            items=[
                replace(
                    paper_view(paper, base, texts, most=most),
                    reason=reasons.get(paper.number, ""),
                    picture=pictures.get(paper.number),
                )
                for paper in shown
            ],
            pager=pager(path, options, page=choice.page, size=size, shown=len(shown), total=len(papers)),
            **_links(day, path, choice, _OWN_ORDERS if own else _ORDERS, texts),
        )

    async def _opening(self, day: DayPapers, own: ForYou | None, texts: Texts) -> dict[str, Any]:
        """What stands above the day on the front page; who is signed in knows what this is."""
        highlights = await self.front.highlights(day, texts)
        if own:
            return {"ways": None, "highlights": [*await self.front.own(own, texts), *highlights]}
        return {"ways": await self.panels.invitations(texts), "highlights": highlights}

    async def _matching(
        self, choice: _Choice, day: DayPapers, whole: Sequence[Paper], texts: Texts
    ) -> tuple[Sequence[Paper], ErrorView | None, Panel | None]:
        """Those of a day's papers that were chosen, or what is wrong with the query; and how to get what it finds."""
        context, typed = self.deps.context, choice.typed
        query, error = parsed(typed)
        vectors: Mapping[int, Packed] = {}
        if query is not None and query.like is not None:
            try:
                async with context.store.search_slot():
                    query, vectors = await aimed(context.store, context.calibration, query, whole)
            except LikeError as unresolved:
                error = ErrorView.of(unresolved, typed)
        if error:
            return [], error, None
        matches = await self.days.matching(day, whole, query, vectors)
        get = await self.panels.of_query(typed, search_feed(typed, texts), texts) if query else None
        return day.ordered(matches, choice.order, context.now()), None, get

    def _pictures(self, papers: Sequence[Paper]) -> dict[int, Teaser]:
        """The pictures of the first upvoted papers of a list, by their numbers, where the operator allows them."""
        if self.deps.pictures is None:
            return {}
        base = self.html.site.base
        teasers = {paper.number: picture for paper in papers if paper.upvotes and (picture := teaser(paper, base))}
        return dict(islice(teasers.items(), _TEASERS))


def _feed(texts: Texts) -> FeedLinks:
    # Translators: %(formats)s are links: Atom, RSS, JSON.
    follow = texts.gettext("Follow all new papers: %(formats)s", formats=FIRST)
    return FeedLinks(daily_title(texts), follow, "/feeds/daily")


def _links(day: DayPapers, path: str, choice: _Choice, orders: dict[str, str], texts: Texts) -> dict[str, Any]:
    """The links of a day's page that lead to other orders and parts of the same day."""
    names, options = {name: texts.gettext(text) for name, text in orders.items()}, choice.options
    chosen = choice.typed.removeprefix("cat:")
    archive = archive_of(chosen)
    of_archive = [row for row in day.categories if archive_of(row[0]) == archive]
    archives = day.archives if len(day.archives) > 1 else ()
    return {
        "path": path,
        "q": choice.typed,
        "hidden": {name: value for name, value in options.items() if value and name != "q"},
        "orders": order_links(path, options, names),
        "current": names[choice.order],
        "is_titles": choice.is_titles,
        "other_view": page_address(path, {**options, "view": "" if choice.is_titles else "titles"}, 1),
        "filters": [*kind_filters(path, options, day.stated, texts), *filters(path, options, texts)],
        "archives": [(_category_link(path, name, archive_title(name)), count) for name, count in archives],
        "archive": archive,
        "categories": [
            (_category_link(path, name, category_name(name)), count)
            for name, count in (of_archive or day.categories[:_TOP] if archives else day.categories)
        ],
        "top": len(of_archive) or _TOP,
        "chosen": chosen,
    }


def _category_link(path: str, name: str, title: str) -> Link:
    return Link(name, f"{path}?{urlencode({'q': f'cat:{name}'})}", title)
