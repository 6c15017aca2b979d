"""Describes what suggested queries find, and narrower and wider ones."""

from __future__ import annotations

from itertools import chain

from paperwire.core.messages.message import Line, Span
from paperwire.core.query.language import Query
from paperwire.core.search.examples import MOST_EXAMPLES
from paperwire.core.search.preview import Preview, Suggested
from paperwire.core.search.suggestion import Difference, Rated, Suggestion, at_venue, respelled
from paperwire.core.text.clean import clean
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.preview import rate_words


def found_line(count: int, given: int, preview: Preview, texts: Texts) -> str:
    """How many of the given papers a query finds, and its rate where that is known."""
    if not preview.is_final:
        # Translators: %(found)s is how many of the papers a query finds.
        return texts.ngettext(
            "Finds %(found)s of %(num)s paper.", "Finds %(found)s of %(num)s papers.", given, found=texts.number(count)
        )
    # Translators: %(rate)s is "3 a week" or the like.
    return texts.ngettext(
        "Finds %(found)s of %(num)s paper, about %(rate)s.",
        "Finds %(found)s of %(num)s papers, about %(rate)s.",
        given,
        found=texts.number(count),
        rate=rate_words(preview.total, preview.days, texts),
    )


def foot_lines(result: Suggested, texts: Texts) -> list[str]:
    expected = result.offers.expected
    lines = []
    if not result.offers.queries:
        lines.append(
            texts.gettext(
                "Keywords can't find papers like these without many others. Subscribe by meaning, or try more papers."
            )
        )
    elif expected is not None and not result.offers.are_few:
        lines.append(
            # Translators: %(share)s is a percentage.
            texts.gettext("Expect them to find about %(share)s of similar papers.", share=texts.percent(expected))
        )
    if result.unknown:
        names = texts.listed(clean(name, 60) for name in result.unknown[:5])
        lines.append(texts.gettext("Not known here: %(names)s", names=names))
    if result.left_out:
        lines.append(texts.gettext("Only the first %(limit)s papers were taken.", limit=MOST_EXAMPLES))
    return lines


# Translators: how another query differs from the one that was typed: "in titles only: 12 papers". Also on buttons.
# %(subject)s is words or another part of a query.
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
    Difference.VENUE: gettext_noop("accepted or published there"),
    Difference.EXACT: gettext_noop("exactly this letter, as a capital"),
    Difference.SPELLED: gettext_noop("in another spelling"),
    Difference.CORRECTED: gettext_noop("as you may have meant it"),
    Difference.MEANING: gettext_noop("by meaning"),
    Difference.OTHER_FORM: gettext_noop("with papers that say %(subject)s"),
    Difference.AUTHOR: gettext_noop("by an author of this name"),
    Difference.NAME: gettext_noop("one author with the whole name"),
    Difference.NAMED: gettext_noop("the name in another spelling"),
    Difference.ANY: gettext_noop("any of these terms"),
    Difference.STARLESS: gettext_noop("the words anywhere; * in quotes is read as punctuation"),
}


def change_words(suggestion: Suggestion, texts: Texts) -> str:
    return texts.gettext(_WORDS[suggestion.change], subject=suggestion.subject)


def suggestion_words(suggestion: Suggestion, total: int, texts: Texts) -> str:
    """`without survey: 12 papers`; of a form that is added, how many papers it adds: `+221 papers say LLM`."""
    if suggestion.change is Difference.OTHER_FORM:
        # Translators: a button: how many papers more a query finds with another word, %(subject)s.
        return texts.ngettext(
            "+%(num)s paper says %(subject)s", "+%(num)s papers say %(subject)s", total, subject=suggestion.subject
        )
    # Translators: a button: %(change)s is "in titles only" or the like.
    return texts.ngettext(
        "%(change)s: %(num)s paper", "%(change)s: %(num)s papers", total, change=change_words(suggestion, texts)
    )


def query_hints(query: Query, texts: Texts) -> list[tuple[str, str]]:
    """What else the query may mean, and what that finds: a conference as `venue:`, a lone letter, a star in quotes."""
    others = chain(at_venue(query), respelled(query))
    return [(str(suggestion.query), texts.gettext(_WORDS[suggestion.change])) for suggestion in others]


def hint_lines(query: Query, texts: Texts) -> list[Line]:
    """The same as lines of a message."""
    return [(Span(typed, "code"), Span(f" – {words}")) for typed, words in query_hints(query, texts)]


def rated_words(rated: Rated, texts: Texts) -> str:
    """`in titles only: 6 a week`; of a form that is added, how many papers it adds; without papers no number."""
    if not rated.total:
        return change_words(rated.suggestion, texts)
    if rated.suggestion.change is Difference.OTHER_FORM:
        return suggestion_words(rated.suggestion, rated.total, texts)
    change = change_words(rated.suggestion, texts)
    return texts.row(change, rate_words(rated.total, rated.days, texts))
