"""The page of one digest with all its papers, under an address that only its place was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.core.subscriptions.wallclock import clock_of, zone_name
from paperwire.web.edge import Named
from paperwire.web.http import UNLISTED
from paperwire.web.problems import Refused, not_found
from paperwire.web.views import paper_view

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from paperwire.web.deps import WebDeps
    from paperwire.web.html import Html


class DigestPages:
    """Shows the papers of a digest, those that its messages left out included."""

    def __init__(self, deps: WebDeps, html: Html) -> None:
        self._deps = deps
        self._html = html

    def routes(self) -> list[Named]:
        return [Named("/digests/{token}", self.show)]

    async def show(self, request: Request) -> Response:
        """One digest; a forged address and one whose digest is forgotten are not there."""
        known = self._deps.read_digest_token(request.path_params["token"])
        if known is None:
            raise Refused(404, not_found)
        place, slot = known
        async with self._deps.store.read() as unit:
            digest = await unit.outbox.digest(place, slot)
            there = await unit.people.destination(place)
            papers = await unit.outbox.digest_papers(place, digest.due_at) if digest else []
        if digest is None or there is None:
            raise Refused(404, not_found)
        texts = self._html.texts(request.scope)
        due_at = digest.due_at.astimezone(clock_of(there.zone))
        title = texts.gettext(
            "Digest of %(day)s, %(time)s (%(zone)s)",
            day=texts.dated(due_at.date()),
            time=texts.time(due_at),
            zone=zone_name(there.zone),
        )
        items = [paper_view(paper, self._html.site.base, texts) for paper in papers]
        return self._html.page(texts, "digest.html", extra=(UNLISTED,), title=title, items=items)
