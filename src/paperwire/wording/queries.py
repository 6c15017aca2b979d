"""Why a query can't be read, and what to type instead."""

from __future__ import annotations

from typing import NamedTuple

from paperwire.core.query.terms import kinds
from paperwire.errors import Mistake, QueryError, Refusal, Unresolved
from paperwire.texts import Texts, gettext_noop

_WORDS: dict[Mistake | Unresolved, tuple[str, str]] = {
    Mistake.NO_WORD: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("There is no word to search for"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Type a word or a phrase, such as: diffusion model"),
    ),
    Mistake.NO_WORD_IN_QUOTES: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("There is no word in these quotes"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Type words between them or remove them."),
    ),
    Mistake.NO_WORD_IN_BRACKETS: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("There is no word in these brackets"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Type words between them or remove them."),
    ),
    Mistake.OPEN_QUOTE: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop('The closing " is missing'),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop('Add a closing " after the phrase.'),
    ),
    Mistake.OPEN_BRACKET: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("The closing ) is missing"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Add a ) after the group."),
    ),
    Mistake.UNOPENED_BRACKET: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("The opening ( is missing"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Add a ( before the group or remove the )."),
    ),
    Mistake.LONE_DASH: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("Nothing follows this dash"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("To exclude a word, put the dash right before it: diffusion -survey. Otherwise remove it."),
    ),
    Mistake.LONE_EQUALS: (
        # Translators: what is wrong with a query, without a full stop: a hint follows.
        gettext_noop('Nothing follows "="'),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop('Put = right before a word or a phrase: =RAG, ="Depth Anything"'),
    ),
    Mistake.LONE_OPERATOR: (
        # Translators: %(operator)s is OR, AND or NOT, never translated.
        gettext_noop("%(operator)s needs a word on each side"),
        # Translators: %(operator)s is OR, AND or NOT, never translated.
        gettext_noop("%(operator)s joins words: lora %(operator)s quantization. To search for the word, quote it."),
    ),
    Mistake.LONE_FIELD: (
        # Translators: what is wrong with a query, without a full stop: %(field)s is the name of a field, such as ti.
        gettext_noop("Nothing follows %(field)s:"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Type %(field)s:word, or -%(field)s:word to exclude it."),
    ),
    Mistake.LOWERCASE_OPERATOR: (
        # Translators: %(operator)s is OR, AND or NOT, never translated.
        gettext_noop("Operators are written in capitals: %(operator)s"),
        # Translators: %(operator)s is OR, AND or NOT, never translated; %(word)s is what was typed.
        gettext_noop('Type %(operator)s. To search for the word, quote it: "%(word)s"'),
    ),
    Mistake.ONLY_EXCLUDES: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("This would match papers with none of its words"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Add a word that papers must contain: lora -survey"),
    ),
    Mistake.MISPLACED_STAR: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop('"*" is only allowed at the end of a word of three letters or digits or more'),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop(
            "Type the beginning of a word: diffus*, GPT-4*. Elsewhere, leave it out: it has no meaning there."
        ),
    ),
    Mistake.STAR_IN_VALUE: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop('"*" isn\'t allowed here'),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Type the whole value. For all categories of an archive, type cat:cs or cat:cs.*"),
    ),
    Mistake.EXACT_VALUE: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop('"=" isn\'t allowed after %(field)s:'),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Type %(field)s: and the value without =."),
    ),
    Mistake.TOO_LONG: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("A query has at most %(limit)s characters"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Shorten it or split it into two subscriptions."),
    ),
    Mistake.TOO_MANY_TERMS: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("A query has at most %(limit)s terms"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Split it into two subscriptions."),
    ),
    Mistake.TOO_MANY_BEGINNINGS: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("A query has at most %(limit)s words that end with *"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Split it into two subscriptions."),
    ),
    Mistake.TOO_MANY_CHAINS: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("More than %(limit)s terms of this query are long chains of hyphenated words"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop('Use spaces instead of hyphens, in quotes: "state of the art"'),
    ),
    Mistake.TOO_DEEP: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("Brackets and NOTs are nested deeper than %(limit)s"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Remove those that aren't needed."),
    ),
    Mistake.NESTED_FIELD: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("A field can't contain another field"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Put them side by side: ti:lora au:he"),
    ),
    Mistake.UNKNOWN_FIELD: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("%(name)s: isn't a field"),
        # Translators: %(fields)s is a list such as "ti: abs: au:", which is never translated.
        gettext_noop('Fields are %(fields)s. To search for text with a colon, quote it: "%(name)s: ..."'),
    ),
    Mistake.ADDRESS: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("A web address isn't a query"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("For one paper, type id:2510.00001. To search for text, quote it."),
    ),
    Unresolved.OFF: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("Search by meaning is off here"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Search by words, or ask the operator to choose an encoder."),
    ),
    Unresolved.NOT_STORED: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("%(paper)s isn't stored here"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop('Use a paper that /search finds, or describe it: like:"proofs by language models"'),
    ),
    Unresolved.NOT_ENCODED: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("That isn't indexed by meaning yet"),
        # Translators: %(waiting)s is a number.
        gettext_noop("Papers waiting: %(waiting)s, the newest come first. Try again in a few minutes."),
    ),
    Unresolved.UNKNOWN_WORDS: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("None of these words is known to the encoder"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Use words that titles and abstracts use, or search for the word itself without like:"),
    ),
    Unresolved.NO_PERSON: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("like:saved works only in a private chat"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Ask the bot there, or name a paper: like:2510.01234"),
    ),
    Unresolved.FEW_SAVED: (
        # Translators: like:saved is typed like that in queries; %(fewest)s and %(count)s are numbers of papers.
        gettext_noop("like:saved needs %(fewest)s saved papers or more, and you have %(count)s"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Save papers by their button or with /save, or name one: like:2510.01234"),
    ),
    Unresolved.FAILING: (
        # Translators: what is wrong with a query, without a full stop: advice follows.
        gettext_noop("Search by meaning isn't working at the moment: %(reason)s"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Try again in a few minutes, or search by words."),
    ),
    Mistake.BACKSLASH: (
        # Translators: what is wrong with a query, without a full stop: %(character)s is one sign.
        gettext_noop("%(character)s isn't allowed outside quotes"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Type the word as it is displayed: alpha or α, Schrödinger"),
    ),
    Mistake.BAR: (
        gettext_noop("%(character)s isn't allowed outside quotes"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Type OR between words: lora OR qlora"),
    ),
    Mistake.SPECIAL_CHARACTER: (
        gettext_noop("%(character)s isn't allowed outside quotes"),
        # Translators: what to type, after what is wrong with a query; queries are never translated.
        gettext_noop("Group with ( ) and name a field like ti:word. Regular expressions aren't supported."),
    ),
}


class Explanation(NamedTuple):
    """What is wrong with a query, without a full stop, and what to type instead."""

    message: str
    hint: str


def explain(error: QueryError, texts: Texts) -> Explanation:
    """The words for an error of `parse`."""
    fields = " ".join(f"{field}:" for field in kinds.KINDS.by_field if field)
    kind = error.kind
    words = (kind.message, kind.hint) if isinstance(kind, Refusal) else _WORDS[kind]
    message, hint = (texts.gettext(text, **{"fields": fields} | error.values) for text in words)
    if nearest := error.values.get("nearest"):
        meant = texts.gettext("Did you mean %(field)s:?", field=nearest)
        hint = texts.sentences(meant, hint)
    return Explanation(message, hint)


def sentence(error: QueryError, texts: Texts) -> str:
    """All about an error of `parse` in one line."""
    message, hint = explain(error, texts)
    # Translators: %(message)s says what is wrong at a column of a query, %(hint)s what to type instead.
    return texts.gettext("%(message)s (column %(column)s). %(hint)s", message=message, column=error.column, hint=hint)


_JOINING_HELP = (
    # Translators: explains the query before it, in /help query.
    ("lora OR qlora", gettext_noop("either word; OR, AND, NOT must be in capitals")),
    # Translators: explains the query before it, in /help query.
    ("agent -game", gettext_noop("without a word")),
)


def query_help(texts: Texts, *, by_meaning: bool = True) -> list[tuple[str, str]]:
    """Examples of queries, each with what it means; without search `by_meaning` none that needs it."""
    shown = [kind for kind in kinds.KINDS if by_meaning or not kind.by_meaning]
    lines = [*(line for kind in shown for line in kind.help), *_JOINING_HELP]
    return [(example, texts.gettext(meaning)) for example, meaning in lines]
