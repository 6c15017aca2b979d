"""The link to another search where one can't be read, finds nothing, or misses another form of its words."""

from __future__ import annotations

from typing import NamedTuple

from paperwire.core.query.language import Query
from paperwire.core.search.found import Found
from paperwire.services.context import Context
from paperwire.services.papers.instead import instead
from paperwire.texts import Texts
from paperwire.web.views import search_path
from paperwire.wording.suggest import suggestion_words


class OtherSearch(NamedTuple):
    """A query, where it is searched for, and what it finds."""

    typed: str
    href: str
    words: str


async def link_instead(  # noqa: PLR0913, PLR0917 -- a search and its page
    context: Context, base: str, typed: str, query: Query | None, found: Found | None, texts: Texts
) -> OtherSearch | None:
    """The search that is offered for this one, None if none is."""
    english = "" if query is None or found is None or found.total or found.at_least else texts.query_in_english(typed)
    if english not in {"", typed}:
        # Translators: a link to a search with English words instead of those that were typed.
        return OtherSearch(english, base + search_path(english), texts.gettext("in English"))
    other = await instead(context.store, context.calibration, typed, query, found)
    if other is None:
        return None
    words = suggestion_words(other.suggestion, other.named, texts)
    return OtherSearch(other.query, base + search_path(other.query), words)
