"""What is wrong with a query, and what to type instead."""

from __future__ import annotations

LIMIT_CHARACTERS = 2000
LIMIT_TERMS = 200
LIMIT_DEPTH = 32
LIMIT_CHAINS = 8

Said = tuple[str, str]
"""What is wrong, and what to type instead."""

NO_WORD: Said = ("There is no word to look for", "Type a word or a phrase, such as: diffusion model")
NO_WORD_IN_QUOTES: Said = ("There is no word in these quotes", "Type words between them or take the quotes out.")
NO_WORD_IN_BRACKETS: Said = ("There is no word in these brackets", "Type words between them or take the brackets out.")
OPEN_QUOTE: Said = ('This " is never closed', 'Add a second " behind the phrase.')
OPEN_BRACKET: Said = ("This ( is never closed", "Add a ) behind the group.")
CLOSES_NOTHING: Said = ("This ) closes nothing", "Take it out, or add a ( before the group.")
DASH_ALONE: Said = (
    "This dash stands alone",
    "To exclude a word put the dash right before it: diffusion -survey. Otherwise take it out.",
)
EXACT_ALONE: Said = ('There is no word behind "="', 'Put = right before a word or a phrase: =RAG, ="Depth Anything"')
ONLY_NEGATIVE: Said = (
    "This would match papers with none of its words",
    "Add a word that papers must have beside it: lora -survey",
)
STAR_MISPLACED: Said = (
    '"*" stands only at the end of a word of three letters or digits or more',
    "Type the beginning of a word: diffus*, GPT-4*",
)
STAR_IN_VALUE: Said = (
    '"*" is not possible here',
    "Give the whole value; for all classes of an archive type cat:cs or cat:cs.*",
)
TOO_LONG: Said = (
    f"A query has at most {LIMIT_CHARACTERS} characters",
    "Shorten it, or make two subscriptions of it.",
)
TOO_MANY_TERMS: Said = (f"A query has at most {LIMIT_TERMS} terms", "Make two subscriptions of it.")
TOO_MANY_CHAINS: Said = (
    f"More than {LIMIT_CHAINS} terms of a query are long chains of words with hyphens",
    'Type blanks in place of hyphens, in quotes: "state of the art"',
)
TOO_DEEP: Said = (f"Brackets and NOTs are nested deeper than {LIMIT_DEPTH}", "Take the needless ones out.")
FIELD_IN_FIELD: Said = ("A field cannot stand inside another one", "Close the first one: ti:lora au:he")
UPVOTES_MISPLACED: Said = (
    "upvotes>=N stands beside the whole query, not in OR, NOT or brackets",
    "Type it at the end: (lora OR qlora) upvotes>=50",
)
UPVOTES_TWICE: Said = ("upvotes>=N stands in a query only once", "Keep the number you mean.")
UPVOTES_FORM: Said = ("Upvotes can only be compared like this: upvotes>=50", "Type upvotes>=50, without blanks.")
UPVOTES_ALONE: Said = (
    "There is no word beside the upvotes",
    "Say what the papers are about: diffusion upvotes>=50, or cat:cs upvotes>=50",
)
HAS_WHAT: Said = ("has: knows only code", "Type has:code")

AN_ADDRESS: Said = ("A web address is no keyword", "For one paper type id:2510.00001, for a text use quotes.")

_FIELDS = "ti: abs: au: cat: source: id: has:"


def operator_alone(operator: str) -> Said:
    """An operator without a word where one belongs."""
    return (
        f"{operator} lacks a word",
        f'{operator} joins words: lora {operator} quantization. For the word itself type "{operator.lower()}".',
    )


def small_operator(word: str) -> Said:
    """`or` or `not` in small letters."""
    big = word.upper()
    return f"Operators are written in capitals: {big}", f'Type {big}, or "{word}" in quotes for the word itself.'


def refused_character(char: str) -> Said:
    """A character that has no meaning outside quotes."""
    if char == "\\":
        return "\\ cannot stand outside quotes", "Type the word as it is read: alpha or α, Schrödinger."
    if char == "|":
        return "| cannot stand outside quotes", "Type OR between words: lora OR qlora"
    return (
        f"{char} cannot stand outside quotes",
        "Group with ( ), name a field like ti:word; regular expressions are not possible.",
    )


def unknown_field(name: str, nearest: str) -> Said:
    """Letters and a colon that are no field."""
    hint = f"Did you mean {nearest}: ? " if nearest else ""
    return f"{name}: is no field", f'{hint}Fields are {_FIELDS}. For a text with a colon use quotes: "{name}: ..."'


def field_alone(name: str) -> Said:
    """A field without a word at once behind it."""
    return f"{name}: lacks its word", f"Put the word right behind it: {name}:word; to exclude it: -{name}:word"


def bare_class(name: str) -> Said:
    """A class of arXiv typed as if it were a word."""
    return f"{name} is a class, not a word", f"Type cat:{name}"


def no_exact(field: str) -> Said:
    """`=` in a field where nothing but equality is possible."""
    return f'"=" is not possible in {field}:', f"Type {field}: and the value without =."
