"""The most upvoted papers, and queries for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from paperwire.core.messages.plain import plain_words
from paperwire.core.papers.categories import CATEGORIES
from paperwire.core.papers.lists import Trend
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc
from paperwire.services.typed import read_query
from paperwire.store.lanes import filtered
from paperwire.store.unit import Store
from paperwire.texts import Texts

WINDOWS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
"""How far back each window reaches."""
PASSES = {"day": 10, "week": 30}
"""The upvotes that a paper passes to be in the papers of a day, or of a week.

Of the recorded lists of Hugging Face's 457 days, 5.4 papers a day passed 10 and 8.3 a week passed 30.
"""
EVERYTHING = "(source:arxiv OR source:huggingface)"
_KNOWN = frozenset(name.casefold() for name in CATEGORIES)
_TOPIC_LIMIT = 48
_MOST_FILTERED = 3_000  # trending papers that are filtered; Hugging Face's lists have about 1,000 a month


async def trending(store: Store, window: str, now: datetime, limit: int, query: Query | None = None) -> list[Trend]:
    """The papers that gained most upvotes in a window that ends now, of those that match a query if there is one.

    Of a query the words and fields count, not what modifies the whole (`upvotes>=`, `like:`).
    """
    async with store.read() as unit:
        trends = await unit.papers.trending(now - WINDOWS[window], now, limit if query is None else _MOST_FILTERED)
    if query is None:
        return trends
    async with store.search_slot():
        return (await filtered(trends, lambda trend: query.matches(Doc.of(trend.paper))))[:limit]


def trending_query(topic: str, window: str, texts: Texts) -> tuple[str, str]:
    """The query for the trending papers of a `day` or `week`, and a name for it.

    `topic` is empty for all papers, a category (`cs.CL`), or a query; one that has its own `upvotes>=` keeps it.
    Raises CommandError if it can't be read.
    """
    passes = f"upvotes>={PASSES[window]}"
    if not topic.strip():
        # Translators: a heading over papers; %(topic)s is a query.
        return f"{EVERYTHING} {passes}", texts.gettext("Trending papers")
    named = topic_query(topic)
    has_own = read_query(named, texts).upvotes is not None
    # Translators: a heading over papers; %(topic)s is a query.
    name = texts.gettext("Trending: %(topic)s", topic=plain_words(topic, _TOPIC_LIMIT))
    return (named if has_own else f"({named}) {passes}"), name


def topic_query(topic: str) -> str:
    """The query for a topic as people type it: a category alone is meant as one."""
    topic = " ".join(topic.split())
    return f"cat:{topic}" if topic.casefold() in _KNOWN else topic
