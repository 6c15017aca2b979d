"""Pages that are the same for all who aren't signed in, kept until anything that pages show has changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from starlette.responses import Response

from paperwire.web.once import Once

PageKey: TypeAlias = tuple[str, ...]
_MOST_PAGES = 32  # pages; one of 50 papers takes 150 KB of memory, packed and plain
_LASTS = timedelta(minutes=1)  # what is hot or trends changes with time alone


class MadePages:
    """Keeps the pages that were asked for last."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._pages: OrderedDict[PageKey, tuple[int, datetime, Response]] = OrderedDict()
        self._once: Once[Response] = Once()

    async def get(self, key: PageKey, stamp: int, make: Callable[[], Awaitable[Response]]) -> Response:
        """The page made for `key` at this `stamp` lately, or a new one, made once for all who wait for it.

        The stamp was read before anything that the page shows. A page of an error isn't kept.
        """
        made = self._pages.get(key)
        if made is not None and made[0] == stamp and self._now() - made[1] < _LASTS:
            self._pages.move_to_end(key)
            return made[2]
        return await self._once.get((key, stamp), lambda: self._make(key, stamp, make))

    async def _make(self, key: PageKey, stamp: int, make: Callable[[], Awaitable[Response]]) -> Response:
        page = await make()
        if page.status_code == 200:
            self._pages[key] = stamp, self._now(), page
            self._pages.move_to_end(key)
            if len(self._pages) > _MOST_PAGES:
                self._pages.popitem(last=False)
        return page
