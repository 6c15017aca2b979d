"""Trending papers as a subscription: which papers of a day or a week trend, everywhere or in one topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands.queries import read_query
from paperwire.core.papers.categories import CATEGORIES
from paperwire.core.text.clean import clean

if TYPE_CHECKING:
    from paperwire.texts import Texts

PASSES = {"day": 10, "week": 30}
"""The upvotes that a paper passes to be in the papers of a day, or of a week.

Of the recorded lists of Hugging Face's 457 days, 5.4 papers a day passed 10 and 8.3 a week passed 30.
"""
_EVERYTHING = "(source:arxiv OR source:huggingface)"
_KNOWN = frozenset(name.casefold() for name in CATEGORIES)
_NAME_LIMIT = 60


def trending_query(topic: str, window: str, texts: Texts) -> tuple[str, str]:
    """The query for the trending papers of a `day` or `week`, and a name for it.

    `topic` is empty for all papers, a category (`cs.CL`), or a query; one that has its own `upvotes>=` keeps it.
    Raises CommandError if it can't be read.
    """
    passes = f"upvotes>={PASSES[window]}"
    if not topic.strip():
        return f"{_EVERYTHING} {passes}", texts.gettext("Trending papers")
    named = topic_query(topic)
    has_own = read_query(named, texts).upvotes is not None
    name = clean(texts.gettext("Trending: %(topic)s", topic=topic.strip()), _NAME_LIMIT)
    return (named if has_own else f"({named}) {passes}"), name


def topic_query(topic: str) -> str:
    """The query for a topic as people type it: a category alone is meant as one."""
    topic = " ".join(topic.split())
    return f"cat:{topic}" if topic.casefold() in _KNOWN else topic
