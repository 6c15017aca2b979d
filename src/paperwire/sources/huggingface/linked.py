"""Asks for the models, datasets and demos that link a listed paper: one request a paper, once a day.

https://huggingface.co/api/papers/ID has them; the lists don't. All of it goes over a connection of its own, so that a
list never waits for an answer here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeAlias

from paperwire.core.papers.identity import canonical_id, is_arxiv
from paperwire.core.papers.paper import Event, EventKind
from paperwire.errors import SourceError, SourceRefused
from paperwire.ports.options import Now
from paperwire.ports.sources import Page
from paperwire.sources._json import dump_cursor, load_cursor
from paperwire.sources.huggingface.entry import NAME, inner_of, paper_of

SERVICE = "huggingface linked"
"""The pace key, apart from that of the lists."""
INTERVAL = 5.0
"""Seconds between two requests: 60 in 5 minutes, of the 72 that the reading back of years leaves of the 500 allowed."""
DEADLINE = 20.0
"""Seconds for one answer."""
PART = "details"
LONGEST_WINDOW = timedelta(days=14)
_PAPERS_A_RUN = 40
"""Papers a run: at two runs an hour 1,920 a day, where the longest two weeks of lists have 1,300."""

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Round:
    """How far the papers are asked for on `day`.

    Of that day's own list, which grows, those that `asked` names; of the older ones, up to `ago` days before, all but
    those `left`. The `first` round reports what was linked before anyone looked.
    """

    day: date | None = None
    ago: int = 0
    left: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    first: bool = True


class LinkedCalls:
    """The requests of one run: for the papers of today's list first, then for those of the days before, newest first.

    What fails is asked for again on the next day, and ends the run.
    """

    def __init__(
        self,
        list_of: Callable[[date], Awaitable[Sequence[Row]]],
        describe: Callable[[str], Awaitable[Row | None]],
        *,
        window: timedelta,
        now: Now,
    ) -> None:
        self._list_of = list_of
        self._describe = describe
        self._oldest = min(window, LONGEST_WINDOW).days
        self._now = now

    async def pages(self, cursor: str) -> AsyncIterator[Page]:
        """A page for each paper, quiet in the first round, as it is not known since when its facts hold.

        Raises SourceError, after a page whose cursor is past what failed.
        """
        today = self._now().date()
        state = load_cursor(_Round, cursor) if cursor else _Round()
        if state.day != today:
            state = _Round(today, first=state.first)
        budget = _PAPERS_A_RUN
        new = [arxiv_id for arxiv_id in await self._ids_of(today) if arxiv_id not in state.asked]
        for arxiv_id in new[:budget]:
            budget -= 1
            state = replace(state, asked=(*state.asked, arxiv_id))
            async for page in self._ask(arxiv_id, state):
                yield page
        while budget and (state.left or state.ago < self._oldest):
            if not state.left:
                state = replace(state, ago=state.ago + 1)
                yield _page(state)
                state = replace(state, left=await self._ids_of(today - timedelta(days=state.ago)))
            for arxiv_id in state.left[:budget]:
                budget -= 1
                state = replace(state, left=state.left[1:])
                async for page in self._ask(arxiv_id, state):
                    yield page
        is_over = not state.left and state.ago >= self._oldest
        yield _page(replace(state, first=state.first and not is_over))

    async def _ids_of(self, day: date) -> tuple[str, ...]:
        """The arXiv ids on the list of a day, each once."""
        ids = (canonical_id(str(inner_of(row).get("id"))) for row in await self._list_of(day))
        return tuple(dict.fromkeys(arxiv_id for arxiv_id in ids if arxiv_id and is_arxiv(arxiv_id)))

    async def _ask(self, arxiv_id: str, state: _Round) -> AsyncIterator[Page]:
        """What is linked now; the cursor moves on whether or not that is answered."""
        try:
            row = await self._describe(arxiv_id)
        except SourceError as error:
            yield _page(state)
            if not isinstance(error, SourceRefused) or error.status != 404:
                raise
            return
        event = self._event(arxiv_id, row) if row else None
        yield _page(state, *([event] if event else []))

    def _event(self, arxiv_id: str, row: Row) -> Event | None:
        """What the page of a paper adds to its record; it speaks of no version, so that it only fills gaps.

        Upvotes are left to the lists.
        """
        paper = paper_of({"paper": row}, None)
        if paper is None or paper.id != arxiv_id:
            return None
        paper = replace(paper, version=0, upvotes=None)
        return Event(kind=EventKind.CHANGED, paper=paper, source=NAME, at=self._now())


def _page(state: _Round, *events: Event) -> Page:
    return Page(part=PART, events=events, cursor=dump_cursor(state), quiet=state.first, view=PART)
