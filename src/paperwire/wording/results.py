"""What a search or a list found: how many, in what, and the papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from paperwire.core.messages.card import PaperNews, brief
from paperwire.core.messages.message import Item, Span
from paperwire.core.papers.lists import Trend
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc
from paperwire.core.search.result import SearchResult
from paperwire.texts import Texts


def count_words(result: SearchResult, texts: Texts) -> str:
    if not (result.total or result.at_least):
        # Translators: how many papers were found; stands before "for %(query)s".
        return texts.gettext("No papers")
    if not result.at_least:
        return texts.ngettext("%(num)s paper", "%(num)s papers", result.total)
    if not result.total:
        return texts.gettext("No match yet")
    return texts.ngettext("At least %(num)s paper", "At least %(num)s papers", result.total)


def searched_back_to(day: date, texts: Texts) -> str:
    return texts.gettext("Searched back to %(day)s. Older papers may match too.", day=texts.full_day(day))


def with_reason(item: Item, reason: str) -> Item:
    """A paper in a list with why it is near, if that is known."""
    return replace(item, lines=(*item.lines, (Span(reason, "italic"),))) if reason else item


def trend_item(trend: Trend, texts: Texts) -> Item:
    """A paper in a list of what trends, with what it gained."""
    item = brief(trend.paper, texts)
    if not trend.gained:
        return item
    # Translators: how many upvotes a paper gained in the period of the list, under its title.
    gained = texts.ngettext("%(num)s upvote gained", "%(num)s upvotes gained", trend.gained)
    return replace(item, lines=(*item.lines, ((Span(gained, "bold")),)))


def matched_items(query: Query, papers: Sequence[Paper], why: Mapping[int, str], texts: Texts) -> list[Item]:
    """Papers that match a query, each with what matched, or by its number `why` it is near."""
    items = [brief(paper, texts, PaperNews(matched=query.matched_terms(Doc.of(paper)))) for paper in papers]
    return [with_reason(item, why.get(paper.number, "")) for item, paper in zip(items, papers, strict=True)]
