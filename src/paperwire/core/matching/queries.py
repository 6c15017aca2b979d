"""Queries as the matcher follows them: changes, and meanings to be made."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.meaning.asked import QueryMeaning
from paperwire.core.query.language import Query
from paperwire.core.query.terms.like import Like


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
