"""What stands under an address that only its place was given: a digest, and a calendar of meetings."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.subscriptions.wallclock import clock_of, zone_name
from paperwire.core.tokens import read_place_token
from paperwire.feeds.calendar import MEDIA_TYPE
from paperwire.services.context import Context
from paperwire.services.papers.meetings import published
from paperwire.texts import gettext_noop
from paperwire.web.html import Html
from paperwire.web.http import NOT_INDEXED, Payload, Ready
from paperwire.web.problems import Refused, in_words, not_found
from paperwire.web.views import paper_view

_CACHE = "private, max-age=300"
_no_calendar = in_words(
    gettext_noop("No calendar has this address. Send /agenda in your chat and press Add to calendar.")
)


@dataclass(frozen=True, slots=True)
class DigestPage:
    """Shows the papers of a digest, those that its messages left out included."""

    context: Context
    html: Html

    async def show(self, request: Request) -> Response:
        """One digest; a forged address and one whose digest is forgotten are not there."""
        token = read_place_token(self.context.secret_key, "digest", request.path_params["token"])
        if token is None:
            raise Refused(404, not_found)
        place, slot = token
        async with self.context.store.read() as unit:
            digest = await unit.digests.get(place, slot)
            there = await unit.places.get(place)
            papers = await unit.digests.papers_of(place, digest.due_at) if digest else []
        if digest is None or there is None:
            raise Refused(404, not_found)
        texts = self.html.texts(request.scope)
        due_at = digest.due_at.astimezone(clock_of(there.zone))
        # Translators: the title of a page with the papers of a message.
        title = texts.gettext(
            "Digest of %(day)s, %(time)s (%(zone)s)",
            day=texts.dated(due_at.date()),
            time=texts.time(due_at),
            zone=zone_name(there.zone),
        )
        items = [paper_view(paper, self.html.site.base, texts) for paper in papers]
        return self.html.page(texts, "digest.html", extra=(NOT_INDEXED,), title=title, items=items)


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """Answers the programs that follow a calendar."""

    context: Context

    async def show(self, request: Request) -> Response:
        """One calendar; a forged address and one that was replaced are not there."""
        content = await published(self.context, request.path_params["token"])
        if content is None:
            raise Refused(404, _no_calendar)
        return Ready(Payload(content, f"{MEDIA_TYPE}; charset=utf-8", cache=_CACHE), extra=(NOT_INDEXED,))
