"""Teaser pictures at an address of ours: the host that has them doesn't learn who reads which page."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.papers.identity import discussion_url
from paperwire.core.papers.paper import Paper
from paperwire.store.unit import Store
from paperwire.texts import gettext_noop
from paperwire.web.picture_cache import NoPicture, Pictures, TooManyPictures
from paperwire.web.picture_files import WEEK, kind_of
from paperwire.web.problems import Refused, in_words
from paperwire.web.views import Teaser, paper_path

_KEPT_BY_READERS = f"public, max-age={WEEK // timedelta(seconds=1)}"
_no_picture = in_words(gettext_noop("There's no picture of this paper."))
_busy = in_words(gettext_noop("Too many pictures are being fetched. Try again in a moment."))


def teaser(paper: Paper, base: str) -> Teaser | None:
    """The picture of a paper, None if Hugging Face has none; another thumbnail has another address."""
    href = discussion_url(paper)
    if not href or not paper.hub.thumbnail:
        return None
    version = hashlib.sha256(paper.hub.thumbnail.encode()).hexdigest()[:10]
    return Teaser(f"{base}/pictures{paper_path(paper.id).removeprefix('/papers')}?v={version}", href)


class PicturePage:
    """`/pictures/ID`: the picture of a stored paper, and no other address."""

    def __init__(self, store: Store, pictures: Pictures) -> None:
        self._store, self._pictures = store, pictures

    async def show(self, request: Request) -> Response:
        async with self._store.read() as unit:
            paper = await unit.papers.get(request.path_params["paper_id"])
        if paper is None or teaser(paper, "") is None:
            raise Refused(404, _no_picture)
        try:
            content = await self._pictures.get(paper.hub.thumbnail)
        except NoPicture:
            raise Refused(404, _no_picture) from None
        except TooManyPictures:
            raise Refused(503, _busy, headers={"retry-after": "30"}) from None
        headers = {"cache-control": _KEPT_BY_READERS, "x-robots-tag": "noindex"}
        return Response(content, headers=headers, media_type=kind_of(content))
