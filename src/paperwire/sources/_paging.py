"""Lists that are asked for from a day on and answered page by page, by tokens that may die between two pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import structlog

from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import SourceError, SourceGarbled
from paperwire.sources._json import dump_cursor, load_cursor

_log = structlog.get_logger(__name__)

_DAY = timedelta(days=1)
_GAP = timedelta(days=30)  # after a longer silence the days in between are left to `backfill`
_MAX_ANSWERS = 2000
_MAX_DEATHS = 3


class TokenDied(SourceError):
    """The service no longer knows the token of the next page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfDays:
    """One answer: its rows, the days that they are of, and the token of the next one, empty on the last.

    `total` is how many rows the whole list has, if the service says so.
    """

    rows: Sequence[Any]
    days: Sequence[date]
    token: str = ""
    total: int | None = None


@dataclass(frozen=True, slots=True)
class DatedPaper:
    """A row as a paper, the day under which the service lists it, and ids under which it is the same work."""

    paper: Paper
    day: date | None
    same_as: tuple[str, ...]

    def event(self, source: str, at: datetime) -> Event:
        """That the paper is there; a record is `new` once."""
        return Event(kind=EventKind.NEW, paper=self.paper, source=source, day=self.day, at=at, same_as=self.same_as)


Ask: TypeAlias = "Callable[[date, str], Awaitable[RowsOfDays]]"
"""Asks for a list from a day on, or for the page of a token; raises TokenDied where the service forgot it."""


@dataclass(frozen=True, slots=True)
class ReadingSince:
    """How far a list has been read, as a cursor.

    `through` is the last day of which earlier looks saw rows. A look that is under way reads from `begin` on, has seen
    `count` rows up to the day `seen`, and goes on at `token`. `first` says that there was no earlier look, `again` that
    this one began a second time, because rows were missing at its end.
    """

    through: str
    begin: str = ""
    token: str = ""
    seen: str = ""
    count: int = 0
    first: bool = True
    again: bool = False

    def restarted(self) -> ReadingSince:
        """The same look from its beginning; what it has read is read again, which changes nothing."""
        return replace(self, token="", count=0)

    def after(self, answer: RowsOfDays, today: date) -> ReadingSince:
        """How far it has come with this answer; without a `begin` if that was the last one."""
        days = [day.isoformat() for day in answer.days if day <= today]
        walk = replace(self, seen=max([self.seen, *days]), count=self.count + len(answer.rows), token=answer.token)
        lacks = answer.total is not None and walk.count < answer.total
        if answer.token and answer.rows and (lacks or answer.total is None):
            return walk
        if lacks and not self.again:
            _log.warning("list read again, as rows are missing", rows=walk.count, total=answer.total)
            return replace(walk.restarted(), again=True)
        return ReadingSince(walk.seen or self.through, first=False)


@dataclass(frozen=True, slots=True)
class ReadingBack:
    """How far several lists have been read back, as a cursor: the list number `list` stands at `walk`."""

    list: int
    walk: str


async def read_since(ask: Ask, cursor: str, today: date) -> AsyncIterator[tuple[Sequence[Any], str, bool]]:
    """What is new in a list since `cursor` (empty at the first look), answer by answer; raises SourceError.

    With the rows come the cursor to go on from, and whether this is the first look, which is to be quiet. A look begins
    on the day before the last one of which rows were seen, 30 days back at most, as services add to past days.
    """
    walk = load_cursor(ReadingSince, cursor) if cursor else ReadingSince(today.isoformat())
    if not walk.begin:
        walk = replace(walk, begin=max(date.fromisoformat(walk.through) - _DAY, today - _GAP).isoformat())
    quiet, deaths = walk.first, 0
    for _ in range(_MAX_ANSWERS):
        try:
            answer = await ask(date.fromisoformat(walk.begin), walk.token)
        except TokenDied:
            deaths += 1
            if deaths > _MAX_DEATHS or not walk.token:
                raise
            walk = walk.restarted()
            continue
        walk = walk.after(answer, today)
        yield answer.rows, dump_cursor(walk), quiet
        if not walk.begin:
            return
    raise SourceGarbled("the list has no end")


async def read_back(
    asks: Sequence[Ask], since: date, cursor: str, today: date
) -> AsyncIterator[tuple[int, Sequence[Any], str]]:
    """All of several lists since a day: the number of the list, the rows of an answer, and the cursor to go on from."""
    stands = load_cursor(ReadingBack, cursor) if cursor else ReadingBack(0, "")
    for number in range(stands.list, len(asks)):
        begun = stands.walk if number == stands.list else ""
        walk = begun or dump_cursor(ReadingSince(since.isoformat(), begin=since.isoformat()))
        async for rows, following, _ in read_since(asks[number], walk, today):
            yield number, rows, dump_cursor(ReadingBack(number, following))
