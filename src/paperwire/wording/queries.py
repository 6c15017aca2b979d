"""Why a query can't be read, and what to type instead."""

from __future__ import annotations

from typing import NamedTuple

from paperwire.core.query.terms import kinds
from paperwire.errors import Mistake, QueryError, Refusal, Unresolved
from paperwire.texts import Texts, gettext_noop

# Translators: what is wrong with a query, without a full stop, or what to type instead, which follows it. Queries are
# never translated.
_WORDS: dict[Mistake | Unresolved, tuple[str, str]] = {
    Mistake.NO_WORD: (
        gettext_noop("There is no word to search for"),
        gettext_noop("Type a word or a phrase, such as: diffusion model"),
    ),
    Mistake.NO_WORD_IN_QUOTES: (
        gettext_noop("There is no word in these quotes"),
        gettext_noop("Type words between them or remove them."),
    ),
    Mistake.NO_WORD_IN_BRACKETS: (
        gettext_noop("There is no word in these brackets"),
        gettext_noop("Type words between them or remove them."),
    ),
    Mistake.OPEN_QUOTE: (
        gettext_noop('The closing " is missing'),
        gettext_noop('Add a closing " after the phrase.'),
    ),
    Mistake.OPEN_BRACKET: (
        gettext_noop("The closing ) is missing"),
        gettext_noop("Add a ) after the group."),
    ),
    Mistake.UNOPENED_BRACKET: (
        gettext_noop("The opening ( is missing"),
        gettext_noop("Add a ( before the group or remove the )."),
    ),
    Mistake.LONE_DASH: (
        gettext_noop("Nothing follows this dash"),
        gettext_noop("To exclude a word, put the dash right before it: diffusion -survey. Otherwise remove it."),
    ),
    Mistake.LONE_EQUALS: (
        gettext_noop('Nothing follows "="'),
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
        gettext_noop("Type %(field)s:word, or -%(field)s:word to exclude it."),
    ),
    Mistake.LOWERCASE_OPERATOR: (
        # Translators: %(operator)s is OR, AND or NOT, never translated.
        gettext_noop("Operators are written in capitals: %(operator)s"),
        # Translators: %(operator)s is OR, AND or NOT, never translated; %(word)s is what was typed.
        gettext_noop('Type %(operator)s. To search for the word, quote it: "%(word)s"'),
    ),
    Mistake.ONLY_EXCLUDES: (
        gettext_noop("This would match papers with none of its words"),
        gettext_noop("Add a word that papers must contain: lora -survey"),
    ),
    Mistake.MISPLACED_STAR: (
        gettext_noop('"*" is only allowed at the end of a word of three letters or digits or more'),
        gettext_noop(
            "Type the beginning of a word: diffus*, GPT-4*. Elsewhere, leave it out: it has no meaning there."
        ),
    ),
    Mistake.STAR_IN_VALUE: (
        gettext_noop('"*" isn\'t allowed here'),
        gettext_noop("Type the whole value. For all categories of an archive, type cat:cs or cat:cs.*"),
    ),
    Mistake.EXACT_VALUE: (
        gettext_noop('"=" isn\'t allowed after %(field)s:'),
        gettext_noop("Type %(field)s: and the value without =."),
    ),
    Mistake.TOO_LONG: (
        gettext_noop("A query has at most %(limit)s characters"),
        gettext_noop("Shorten it or split it into two subscriptions."),
    ),
    Mistake.TOO_MANY_TERMS: (
        gettext_noop("A query has at most %(limit)s terms"),
        gettext_noop("Split it into two subscriptions."),
    ),
    Mistake.TOO_MANY_BEGINNINGS: (
        gettext_noop("A query has at most %(limit)s words that end with *"),
        gettext_noop("Split it into two subscriptions."),
    ),
    Mistake.TOO_MANY_CHAINS: (
        gettext_noop("More than %(limit)s terms of this query are long chains of hyphenated words"),
        gettext_noop('Use spaces instead of hyphens, in quotes: "state of the art"'),
    ),
    Mistake.TOO_DEEP: (
        gettext_noop("Brackets and NOTs are nested deeper than %(limit)s"),
        gettext_noop("Remove those that aren't needed."),
    ),
    Mistake.NESTED_FIELD: (
        gettext_noop("A field can't contain another field"),
        gettext_noop("Put them side by side: ti:lora au:he"),
    ),
    Mistake.UNKNOWN_FIELD: (
        gettext_noop("%(name)s: isn't a field"),
        # Translators: %(fields)s is a list such as "ti: abs: au:", which is never translated.
        gettext_noop('Fields are %(fields)s. To search for text with a colon, quote it: "%(name)s: ..."'),
    ),
    Mistake.ADDRESS: (
        gettext_noop("A web address isn't a query"),
        gettext_noop("For one paper, type id:2510.00001. To search for text, quote it."),
    ),
    Unresolved.OFF: (
        gettext_noop("Search by meaning is off here"),
        gettext_noop("Search by words, or ask the operator to choose an encoder."),
    ),
    Unresolved.NOT_STORED: (
        gettext_noop("%(paper)s isn't stored here"),
        gettext_noop('Use a paper that /search finds, or describe it: like:"proofs by language models"'),
    ),
    Unresolved.NOT_ENCODED: (
        gettext_noop("That isn't indexed by meaning yet"),
        # Translators: %(waiting)s is a number.
        gettext_noop("Papers waiting: %(waiting)s, the newest come first. Try again in a few minutes."),
    ),
    Unresolved.UNKNOWN_WORDS: (
        gettext_noop("None of these words is known to the encoder"),
        gettext_noop("Use words that titles and abstracts use, or search for the word itself without like:"),
    ),
    Unresolved.NO_PERSON: (
        gettext_noop("like:saved works only in a private chat"),
        gettext_noop("Ask the bot there, or name a paper: like:2510.01234"),
    ),
    Unresolved.FEW_SAVED: (
        # Translators: like:saved is typed like that in queries; %(fewest)s and %(count)s are numbers of papers.
        gettext_noop("like:saved needs %(fewest)s saved papers or more, and you have %(count)s"),
        gettext_noop("Save papers by their button or with /save, or name one: like:2510.01234"),
    ),
    Unresolved.FAILING: (
        gettext_noop("Search by meaning isn't working at the moment: %(reason)s"),
        gettext_noop("Try again in a few minutes, or search by words."),
    ),
    Mistake.BACKSLASH: (
        # Translators: what is wrong with a query, without a full stop: %(character)s is one sign.
        gettext_noop("%(character)s isn't allowed outside quotes"),
        gettext_noop("Type the word as it is displayed: alpha or α, Schrödinger"),
    ),
    Mistake.BAR: (
        gettext_noop("%(character)s isn't allowed outside quotes"),
        gettext_noop("Type OR between words: lora OR qlora"),
    ),
    Mistake.SPECIAL_CHARACTER: (
        gettext_noop("%(character)s isn't allowed outside quotes"),
        gettext_noop("Group with ( ) and name a field like ti:word. Regular expressions aren't supported."),
    ),
}


class Explanation(NamedTuple):
    """What is wrong with a query, without a full stop, and what to type instead."""

    message: str
    hint: str


def explain(error: QueryError, texts: Texts) -> Explanation:
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


# Translators: explains the query before it, in /help query.
_JOINING_HELP = (
    ("lora OR qlora", gettext_noop("either word; OR, AND, NOT must be in capitals")),
    ("agent -game", gettext_noop("without a word")),
)


def query_help(texts: Texts, *, by_meaning: bool = True) -> list[tuple[str, str]]:
    """Examples of queries, each with what it means; without search `by_meaning` none that needs it."""
    shown = [kind for kind in kinds.KINDS if by_meaning or not kind.by_meaning]
    lines = [*(line for kind in shown for line in kind.help), *_JOINING_HELP]
    return [(example, texts.gettext(meaning)) for example, meaning in lines]
