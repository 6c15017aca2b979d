"""One paper: its record, its history, and the papers nearest to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.core.papers.identity import canonical_id, page_url
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean, safe_url
from paperwire.errors import CommandError
from paperwire.feeds.items import source_link
from paperwire.services.context import Context
from paperwire.services.papers.meaning import like_query, similar
from paperwire.texts import Texts
from paperwire.web.days import Days
from paperwire.web.html import Html
from paperwire.web.pages.lists import lists_of, public_votes, sign_in_path
from paperwire.web.pages.made import MadePages
from paperwire.web.pages.paper_parts import citations_of, found_by, score_of, unfurled, versions_of
from paperwire.web.pages.pictures import teaser
from paperwire.web.pages.record_view import facts_of
from paperwire.web.problems import Refused, no_paper
from paperwire.web.readers import Readers
from paperwire.web.views import PaperView, event_text, full_view, paper_path, paper_view, search_path
from paperwire.wording.meaning import closeness


@dataclass(frozen=True, slots=True)
class PaperPage:
    """`/papers/{id}`; for who isn't signed in made once until something changes.

    Its vector isn't counted as a change: near papers of a new paper may show a minute later.
    """

    context: Context
    html: Html
    readers: Readers
    has_pictures: bool
    days: Days
    made: MadePages

    async def show(self, request: Request) -> Response:
        """One paper; redirects to the canonical spelling of its id."""
        if self.readers.auth.has_cookie(request):
            return await self._make(request)
        key = self.html.texts(request.scope).language, request.path_params["paper_id"]
        return await self.made.get(key, await self.days.stamp(), lambda: self._make(request))

    async def _make(self, request: Request) -> Response:
        typed_id = request.path_params["paper_id"]
        async with self.context.store.read() as unit:
            paper = await unit.papers.get(typed_id.rstrip("/"))
            history = await unit.papers.events_of(paper.number) if paper else []
            revisions = await unit.papers.revisions(paper.number) if paper else []
            rises = await unit.papers.rises([paper.number]) if paper else {}
        if paper is None:
            url = safe_url(page_url(Paper(id=canonical, title=""))) if (canonical := canonical_id(typed_id)) else ""
            raise Refused(404, no_paper, source_url=url)
        if typed_id != paper.id:
            return RedirectResponse(self.html.site.base + paper_path(paper.id), 308)
        texts = self.html.texts(request.scope)
        item = paper_view(paper, self.html.site.base, texts)
        picture = teaser(paper, self.html.site.base) if self.has_pictures else None
        site = self.html.site.url
        image = site + picture.src.removeprefix(self.html.site.base) if picture else ""
        values: dict[str, Any] = {
            "canonical": paper_path(paper.id),
            "title": item.title,
            "unfurled": unfurled(paper, site + paper_path(paper.id), image),
            "paper": paper,
            "paper_id": clean(paper.id, 200),
            "full": full_view(paper, self.html.site.base),
            "facts": facts_of(paper, texts),
            "picture": picture,
            "source_link": source_link(item.url, texts),
            "history": [(event.day, event.source, event_text(event, texts)) for event in history],
            "versions": versions_of(paper, revisions, texts),
            "score": score_of(rises.get(paper.number, ()), texts),
            "citations": citations_of(paper),
            "similar": await self._similar(paper, texts),
            "more_like": f"{self.html.site.base}{search_path(like_query(paper))}",
        }
        reader = await self.readers.of(request, [paper], like_query(paper) if values["similar"] else "")
        item = replace(item, votes=await public_votes(self.context, paper.number))
        sign_in = sign_in_path(paper_path(paper.id))
        values["lists"] = await lists_of(self.context, self.html.site.base, paper.number, reader, texts)
        values["found_by"] = await found_by(self.context, reader.person, paper, texts) if reader else []
        return self.readers.page(texts, "paper.html", reader, item=item, sign_in=sign_in, **values)

    async def _similar(self, paper: Paper, texts: Texts) -> list[tuple[PaperView, str]]:
        """The papers nearest to one, and which words bring them close; none where that can't be said."""
        try:
            neighbours = await similar(self.context.store, self.context.nearness, paper, texts)
        except CommandError:
            return []
        return [
            (paper_view(neighbour.paper, self.html.site.base, texts), closeness(neighbour.shares, texts))
            for neighbour in neighbours
        ]
