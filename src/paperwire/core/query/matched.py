"""The words of subscriptions that papers have: why a message or an entry of a feed is there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.prepared import Doc
from paperwire.errors import QueryError


def matched_terms(text: str, doc: Doc) -> Sequence[str]:
    """The terms of a subscription that a paper contains; none if it was written in an older grammar."""
    try:
        return _query(text).matched_terms(doc)
    except QueryError:
        return ()


@lru_cache(maxsize=10_000)
def _query(text: str) -> Query:
    """The query of a subscription; cached, as the same ones match day after day."""
    return parse(text)


@lru_cache(maxsize=1_000)
def doc_of(paper: Paper) -> Doc:
    """The words of a paper; cached, as a day's papers go to many places."""
    return Doc.of(paper)
