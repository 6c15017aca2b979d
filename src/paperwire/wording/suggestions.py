"""Describes narrower and wider queries."""

from __future__ import annotations

from paperwire.core.search.suggestion import Difference, Rated
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.rates import rate_words

_WORDS = {
    Difference.TITLES: gettext_noop("in titles only"),
    Difference.PHRASE: gettext_noop("as a phrase"),
    Difference.CATEGORY: gettext_noop("in %(subject)s only"),
    Difference.TRANSLATED: gettext_noop("written this way"),
    Difference.EXCLUSIONS: gettext_noop("without the exclusions"),
    Difference.UPVOTES: gettext_noop("without upvotes"),
    Difference.ANYWHERE: gettext_noop("in title or abstract"),
    Difference.LOOSE: gettext_noop("words in any order"),
    Difference.WITHOUT: gettext_noop("without %(subject)s"),
    Difference.EITHER: gettext_noop("any of the words"),
}


def rated_words(rated: Rated, texts: Texts) -> str:
    """`in titles only: 6 a week`."""
    change = texts.gettext(_WORDS[rated.suggestion.change], subject=rated.suggestion.subject)
    return f"{change}: {rate_words(rated.total, rated.days, texts)}"
