"""The page that finds queries from examples."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, StoreBusy
from paperwire.services.context import Context
from paperwire.services.papers.suggest import like_text, suggest
from paperwire.store import lanes
from paperwire.web.html import Html
from paperwire.wording.suggest import foot_lines, found_line

_LONGEST_LIST = 2_000


class SuggestPage:
    """`/suggest`: queries for papers like those that are named and stored; one at a time, as it takes much counting."""

    def __init__(self, context: Context, html: Html) -> None:
        self._context = context
        self._html = html
        self._suggesting = asyncio.Semaphore()

    async def show(self, request: Request) -> Response:
        """The form, and with `?papers=` the queries that find them."""
        texts = self._html.texts(request.scope)
        typed = clean(request.query_params.get("papers", ""), _LONGEST_LIST)
        values: dict[str, Any] = {"offers": [], "foot": [], "error": "", "like": ""}
        if typed:
            try:
                async with self._slot():
                    result = await suggest(self._context, typed, texts, ask_sources=False)
                rated = zip(result.offers.queries, result.previews, strict=True)
                count = len(result.papers)
                values["offers"] = [
                    {"text": offer.text, "finds": found_line(offer.examples, count, preview, texts)}
                    for offer, preview in rated
                ]
                values["foot"] = foot_lines(result, texts)
                values["like"] = like_text(result.papers)
            except CommandError as error:
                values["error"] = str(error)
        return self._html.page(
            texts,
            "suggest.html",
            status=400 if values["error"] else 200,
            canonical="" if typed else "/suggest",
            title=texts.gettext("Find a query by examples"),
            page="suggest",
            papers=typed,
            **values,
        )

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """Wait for those that asked before, as long as a search waits; raises StoreBusy."""
        try:
            async with asyncio.timeout(lanes.SEARCH_WAIT):
                await self._suggesting.acquire()
        except TimeoutError:
            raise StoreBusy("too many suggestions are asked for", after=lanes.RETRY_AFTER) from None
        try:
            yield
        finally:
            self._suggesting.release()
