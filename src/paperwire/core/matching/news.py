"""What the matcher follows and has to do, and its results on their way to the places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from paperwire.core.meaning.aim import QueryMeaning
from paperwire.core.papers.paper import Occasion, Paper
from paperwire.core.query.language import Query
from paperwire.core.query.terms.like import Like


@dataclass(frozen=True, slots=True)
class UnmatchedNews:
    """How much news waits for the matcher, and since when the first of it."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing that the matcher has to do: why `paper` is news, and since when.

    `event` is its number, `seen_at` when it was recorded. `label` is the kind of statement
    (`new`, `cross`, `listed`, `replaced`, ...). A rise of the score goes from `score_from` to `score_to`, its occasion
    names the latter: which threshold it crossed is the query's business. Both are None otherwise. `told_at` is when it
    was announced, if that was hours before, and `late` says that it should have been seen then. `after_quiet` says
    that the paper was stored quietly, and is announced now. `before` is what the record of a paper said that changed.
    An arrival that was matched before is there `again` because the paper reads otherwise since.
    """

    event: int
    paper: Paper
    occasion: Occasion
    quiet: bool
    seen_at: datetime
    label: str
    score_from: int | None
    score_to: int | None
    told_at: datetime | None
    late: bool
    after_quiet: bool
    before: Mapping[str, Any] | None = field(default=None, hash=False)
    again: bool = False


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise of a paper's score from `above` up to `to`, seen at `seen_at`; no one was notified if it is `quiet`."""

    above: int
    to: int
    seen_at: datetime
    quiet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A stored paper's news and the numbers of the queries that match it.

    `seen_at` is the event's; `quiet` news (first run, import) is kept for feeds and previews and never owed.
    `told_at` is when it was announced, for what was heard of long after: it is overdue since then. `late` news should
    have been seen then, and are for subscriptions that had begun by then. What comes `after_quiet` news of the same
    paper is for everyone all the same. What became true of a paper only now, though it passed its threshold at
    `reached_at`, is for subscriptions that had begun then.
    """

    paper: Paper
    occasion: Occasion
    seen_at: datetime
    queries: Sequence[int] = ()
    quiet: bool = False
    told_at: datetime | None = None
    late: bool = False
    after_quiet: bool = False
    reached_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """News on their way to the places; `muted` are those of their (paper, kind, value) that any place has muted.

    With `few` deliveries to make it is asked from the matches on, otherwise place by place.
    """

    news: Sequence[Matched]
    muted: Sequence[tuple[int, str, str]]
    few: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """The places with numbers above `after` and up to `last` (None: all the others)."""

    after: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class DueMeaning:
    """A stored query whose meaning has to be made again, and what it has been so far."""

    number: int
    query: Query
    like: Like
    before: QueryMeaning


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryChange:
    """A query came into use (`dumped` for `Query.load`) or went out of it (None).

    `upvotes` is its threshold if it is a trending query, `meaning` what its `like:` means, if it has one; `seq` is the
    place in the sequence of changes to ask on from.
    """

    seq: int
    number: int
    dumped: bytes | None
    upvotes: int | None
    meaning: QueryMeaning | None
