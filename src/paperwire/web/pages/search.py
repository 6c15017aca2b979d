"""The search over all papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple, cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.core.papers.named import paper_named
from paperwire.core.query.highlight import Highlighters
from paperwire.core.query.language import Query, parse
from paperwire.core.search.result import Order, SearchResult
from paperwire.core.search.spoken import in_english
from paperwire.errors import LikeError, StoreBusy
from paperwire.services.context import Context
from paperwire.services.papers.instead import instead
from paperwire.services.papers.meaning import reasons
from paperwire.services.papers.search import named as named_paper
from paperwire.services.papers.search import search
from paperwire.texts import Texts, gettext_noop
from paperwire.web.days import Days
from paperwire.web.html import Html
from paperwire.web.http import NOT_INDEXED
from paperwire.web.pages.count import COUNT, Count, count_of
from paperwire.web.pages.filters import filters
from paperwire.web.pages.made import MadePages
from paperwire.web.pages.panel import Panels
from paperwire.web.pages.parameters import order_links, order_of, parsed, query_of, search_feed
from paperwire.web.readers import Readers
from paperwire.web.views import ErrorView, page_address, page_of, pager, paper_path, paper_view, search_path
from paperwire.wording.queries import query_help
from paperwire.wording.query_in_words import in_words
from paperwire.wording.results import count_words, searched_back_to
from paperwire.wording.suggest import query_hints, suggestion_words

_FOUND = 25
_LONGEST_PLACE = 18  # digits
# Translators: the order of a list of papers: a link above it.
_ORDERS = {
    "relevance": gettext_noop("Best match"),
    "date": gettext_noop("Newest"),
    "score": gettext_noop("Most upvoted"),
}
_NOTHING: Mapping[str, Any] = {
    "found": None,
    "counted": None,
    "items": [],
    "pager": None,
    "feed": None,
    "searched": "",
    "instead": None,
}
"""What a page without a search shows of one."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`/search`: what a query finds over all days, or how to write one; kept for who isn't signed in."""

    context: Context
    html: Html
    panels: Panels
    readers: Readers
    days: Days
    made: MadePages

    async def show(self, request: Request) -> Response:
        """Search over all papers; a query that cannot be read is shown with its mistake."""
        if self.readers.auth.has_cookie(request):
            return await self._make(request)
        key = self.html.texts(request.scope).language, request.scope["query_string"].decode("latin-1")
        return await self.made.get(key, await self.days.stamp(), lambda: self._make(request))

    async def _make(self, request: Request) -> Response:
        texts, base = self.html.texts(request.scope), self.html.site.base
        typed, order = query_of(request), order_of(request, _ORDERS)
        if (named := await named_paper(self.context.store, typed)) and named.papers:
            return RedirectResponse(base + paper_path(named.papers[0].id), 302)
        unknown = "" if named is None else paper_named(typed)
        query, error = (None, None) if named else parsed(typed)
        orders = {name: texts.gettext(text) for name, text in _ORDERS.items()}
        page, resume = page_of(request), _resume_of(request)
        options = {"q": typed, "order": order if order != "relevance" else ""}
        values = dict(_NOTHING)
        if query:
            try:
                values |= await self._values(query, options, page, resume, texts)
            except LikeError as unresolved:
                error = ErrorView.of(unresolved, typed)
        if typed and named is None and resume is None:
            values["instead"] = await link_instead(self.context, base, typed, query, values["found"], texts)
        papers = values["found"].papers if values["found"] else ()
        return self.readers.page(
            texts,
            "search.html",
            await self.readers.of(request, papers, query.text if query and not error else ""),
            status=400 if error else 200,
            extra=(NOT_INDEXED,) if typed else (),
            canonical="" if error else page_address("/search", options, page),
            title=typed or texts.gettext("Search all papers"),
            page="search",
            q=typed,
            unknown=unknown,
            error=error,
            help=[(example, meaning, _is_of_all(example)) for example, meaning in query_help(texts)],
            orders=order_links(f"{base}/search", options, orders),
            filters=filters(f"{base}/search", options, texts),
            current=orders[order],
            counting=f"{base}{COUNT}",
            **values,
        )

    async def _values(
        self, query: Query, options: dict[str, str], page: int, resume: int | None, texts: Texts
    ) -> dict[str, Any]:
        """What the page shows of the papers that match; raises LikeError."""
        base = self.html.site.base
        context, order = self.context, cast("Order", options["order"] or "relevance")  # one of _ORDERS
        offset = (page - 1) * _FOUND
        matches = await search(
            context.store, context.calibration, query, order=order, before=resume, limit=_FOUND, offset=offset
        )
        why = await reasons(context.store, context.calibration, query, matches.papers, texts)
        ends = matches.back_to is not None and page * _FOUND >= matches.total
        feed, marks = search_feed(query.text, texts), Highlighters.of(query)
        return {
            "found": matches,
            "count": count_words(matches, texts),
            "hints": [(base + search_path(typed), typed, words) for typed, words in query_hints(query, texts)],
            "items": [
                replace(paper_view(paper, base, texts, marks), reason=why.get(paper.number, ""))
                for paper in matches.papers
            ],
            "pager": pager(
                f"{base}/search",
                options | {"resume": "" if resume is None else str(resume)},
                page=page,
                size=_FOUND,
                shown=len(matches.papers),
                total=matches.total,
                resume=matches.resume,
            ),
            "searched": searched_back_to(matches.back_to, texts) if ends and matches.back_to else "",
            "feed": feed,
            "counted": await self._counted(query, page, resume, texts),
            "get": await self.panels.of_query(query.text, feed, texts),
        }

    async def _counted(self, query: Query, page: int, resume: int | None, texts: Texts) -> Count:
        """The query in words, on the first page with the count of the last days, unless the store is busy."""
        if page > 1 or resume is not None:
            return Count(in_words(query, texts))
        try:
            return await count_of(self.context, query, texts)
        except StoreBusy:
            return Count(in_words(query, texts))


def _resume_of(request: Request) -> int | None:
    """Where to continue a search that ended before the earliest paper."""
    place = request.query_params.get("resume", "")
    return int(place) if place.isdecimal() and len(place) <= _LONGEST_PLACE else None


@cache
def _is_of_all(typed: str) -> bool:
    """Whether an example asks for nothing that an instance or a person may not have."""
    query = parse(typed)
    return query.like is None and not query.list


class OtherSearch(NamedTuple):
    """A query, where it is searched for, and what it finds."""

    typed: str
    href: str
    words: str


async def link_instead(  # noqa: PLR0913, PLR0917 -- a search and its page
    context: Context, base: str, typed: str, query: Query | None, result: SearchResult | None, texts: Texts
) -> OtherSearch | None:
    """The search that is offered for this one, None if none is."""
    english = "" if query is None or result is None or result.total or result.at_least else in_english(typed, texts)
    if english not in {"", typed}:
        # Translators: a link to a search with English words instead of those that were typed.
        return OtherSearch(english, base + search_path(english), texts.gettext("in English"))
    other = await instead(context.store, context.calibration, typed, query, result)
    if other is None:
        return None
    words = suggestion_words(other.suggestion, other.named, texts)
    return OtherSearch(other.query, base + search_path(other.query), words)
