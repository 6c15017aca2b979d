"""How many papers of the last days a query matches and how they spread over them, while it is typed and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import Query
from paperwire.errors import QueryError
from paperwire.services.context import Context
from paperwire.services.papers.search import by_day, preview
from paperwire.texts import Texts
from paperwire.web.html import Html
from paperwire.web.http import NOT_INDEXED
from paperwire.web.pages.parameters import query_of
from paperwire.web.pages.plots import line_of_counts
from paperwire.wording.preview import preview_lines
from paperwire.wording.queries import sentence
from paperwire.wording.query_in_words import in_words

COUNT = "/search/count"
MOST_PLOTTED = 500
"""Matches that are spread over the days; more would take longer to read than a person types."""


@dataclass(frozen=True, slots=True)
class Count:
    """A query in words, how many papers it matches, and the points of a line of them by day; empty where not known."""

    words: str = ""
    lines: Sequence[str] = ()
    points: str = ""


async def count_of(context: Context, query: Query, texts: Texts) -> Count:
    """The matches of the last days; raises LikeError."""
    previewed = await preview(context, query, near_samples=MOST_PLOTTED)
    count = Count(in_words(query, texts), preview_lines(previewed, texts))
    if not 0 < previewed.total <= MOST_PLOTTED or previewed.at_least:
        return count
    return replace(count, points=line_of_counts(await by_day(context, query, MOST_PLOTTED, previewed.samples)))


@dataclass(frozen=True, slots=True)
class CountPart:
    """`/search/count?q=`: the count alone, for the script of the search page."""

    context: Context
    html: Html

    async def show(self, request: Request) -> Response:
        """The count; of a query that can't be read, what is wrong with it."""
        texts, typed = self.html.texts(request.scope), query_of(request)
        try:
            count = await count_of(self.context, read(typed), texts) if typed else Count()
        except QueryError as error:
            count = Count(lines=(sentence(error, texts),))
        return self.html.page(texts, "count.html", extra=(NOT_INDEXED,), count=count)
