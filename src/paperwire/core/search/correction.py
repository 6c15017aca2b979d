"""What to type instead of a query that cannot be read: its mistakes repaired, or another service's syntax in ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from paperwire.core.papers.identity import canonical_id
from paperwire.core.query.language import MAX_CHARACTERS, parse, parsed
from paperwire.core.query.typed import typed
from paperwire.core.search.foreign import FOREIGN, WITHOUT_MEANING, as_phrase, from_prose, typed_words, without_accents
from paperwire.errors import Mistake, QueryError, Unresolved

_EVERYTHING = "cat:cs"
"""Stands before a query that only excludes, or only counts upvotes."""
_MOST_REPAIRS = 60
_RENAMED = {"intitle": "ti", "allintitle": "ti", "inauthor": "au", "allinauthor": "au", "abstract": "abs"}
_RUN = re.compile(r'"[^"]*"?|\[[^\]]*\]?|\([^)]*\)?|[^\s()]*')
_FIELD_BEFORE = re.compile(r"[-=]*(?:[A-Za-z]+:)?=?$")
_UPVOTES = re.compile(r"upvotes\s*(?P<sign>[<>=!≥≤≠:]+)\s*(?P<number>\d{1,6})?[^\s)]*", re.IGNORECASE)
_BESIDE = re.compile(rf'[-=]*(?:like|rate):\s*(?:"[^"]*"?|[^\s()"]*)|{_UPVOTES.pattern}', re.IGNORECASE)
_UNQUOTED = re.compile(r"(?:(?!\b(?:OR|AND|NOT|ANDNOT)\b|[-=(]*[A-Za-z]+:)[^\s()\"\\|\[\]{}]+\s*)+")
_RATE = re.compile(
    r'rate:"?(?:\s*(?P<number>\d+)(?:\s*(?:/|an?\b|per\b)\s*(?P<time>[dwm])\w*)?)?[^\s()]*', re.IGNORECASE
)
_TIMES = {"d": "day", "w": "week", "m": "month"}
_CHAIN = re.compile(r"(?<![^\W_])[^\W_]+(?:[-_'’^][^\W_]+){3,}")

_Repair: TypeAlias = "Callable[[str, QueryError], str]"
"""From a text and its mistake a better text, or the same for want of one."""


def corrected(text: str) -> str | None:
    """A query that can be read and keeps at least half of the words of `text`; None if there is none."""
    for candidate in _candidates(typed(text, len(text)).text):
        query = repaired(candidate)
        if query is not None and keeps_half(text, query):
            return query
    return None


def keeps_half(text: str, query: str) -> bool:
    """Whether `query` has at least half of the words of `text`; operators, fields and signs are no words."""
    words, kept = typed_words(text), set(typed_words(query, values=True))
    return 2 * sum(word in kept for word in words) >= len(words)


def repaired(text: str) -> str | None:
    """`text` with its mistakes repaired one after another; None if one of them has no repair."""
    for _ in range(_MOST_REPAIRS):
        try:
            return _tidy(text)
        except QueryError as error:
            repair = _REPAIRS.get(error.kind)
            better = text if repair is None else repair(text, error)
            if better == text:
                return None
            text = better
    return None


def _tidy(text: str) -> str:
    """A query as it is shown, or as it stands where words side by side would read as something else."""
    shown = str(parse(text))
    return shown if parsed(shown) else " ".join(text.split())


def _candidates(text: str) -> Iterator[str]:
    """Texts to repair, the one nearest to what was meant first."""
    for translate in FOREIGN:
        if (translated := translate(text)) is not None:
            yield translated
    yield text
    yield from_prose(text)
    yield as_phrase(text)


# --- one repair for each mistake -----------------------------------------------------------------------------------


def _cut(text: str, begin: int, end: int, instead: str = " ") -> str:
    return text[:begin] + instead + text[end:]


def _replaced(pattern: str | re.Pattern[str], by: str | Callable[[re.Match[str]], str]) -> _Repair:
    """The repair that puts `by` in place of what `pattern` first matches from the mistake on."""

    def repair(text: str, error: QueryError) -> str:
        at = error.column - 1
        return text[:at] + re.sub(pattern, by, text[at:], count=1)

    return repair


def _right_upvotes(typed: re.Match[str]) -> str:
    is_least = typed["number"] and typed["sign"][0] not in "<!≤≠"
    return f"upvotes>={typed['number']}" if is_least else " "


_drop_character = _replaced(".", " ")
_drop_star = _replaced(".", "")
_drop_beside = _replaced(_BESIDE, " ")
_unnest = _replaced("^[^:]*:?", "")
_has_code = _replaced(r'^[^\s()"]*', "code")
_write_upvotes = _replaced(_UPVOTES, _right_upvotes)
_write_or = _replaced(r"\|+", " OR ")


def _close_quote(text: str, error: QueryError) -> str:
    at = error.column - 1
    return f'{text.rstrip()}"' if any(map(str.isalnum, text[at:])) else text[:at]


def _drop_quotes(text: str, error: QueryError) -> str:
    """Without a phrase that has no word, and without the field before it."""
    at = error.column - 1
    return _FIELD_BEFORE.sub(" ", text[:at]) + text[at + 1 :].partition('"')[2]


def _drop_brackets(text: str, error: QueryError) -> str:
    at = error.column - 1
    return _FIELD_BEFORE.sub(" ", text[:at]) + text[at:].partition(")")[2]


def _close_bracket(text: str, _error: QueryError) -> str:
    return f"{text.rstrip()})"


def _drop_operator(text: str, error: QueryError) -> str:
    at = error.column - 1
    return _cut(text, at, at + (1 if text[at] == "-" else len(str(error.values["operator"]))))


def _raise_operator(text: str, error: QueryError) -> str:
    at, operator = error.column - 1, str(error.values["operator"])
    return _cut(text, at, at + len(operator), operator)


def _join_field(text: str, error: QueryError) -> str:
    """`ti: word` becomes `ti:word`; a field without a word is left out."""
    at, name = error.column - 1, str(error.values["field"])
    behind = text[at + len(name) + 1 :]
    if behind[:1].isspace() and (behind.lstrip()[:1].isalnum() or behind.lstrip()[:1] == '"'):
        return f"{text[:at]}{name}:{behind.lstrip()}"
    return text[:at] + behind


def _rename_field(text: str, error: QueryError) -> str:
    """A field of another service: the one that is meant here, or its value alone, or nothing."""
    at, name = error.column - 1, str(error.values["name"])
    begin = at + len(name) + 1
    if name.casefold() in WITHOUT_MEANING:
        return text[:at] + _RUN.sub(" ", text[begin:], count=1)
    if known := _RENAMED.get(name.casefold()) or error.values["nearest"]:
        return _cut(text, at, begin, f"{known}:")
    return _cut(text, at, begin, f"{name} ")


def _name_paper(text: str, error: QueryError) -> str:
    """A web address: the id in it, or its text as a phrase."""
    at = error.column - 1
    address = text[at:].split(maxsplit=1)[0]
    paper = canonical_id(address)
    return _cut(text, at, at + len(address), f"id:{paper}" if paper else f'"{address}"')


def _name_category(text: str, error: QueryError) -> str:
    at, name = error.column - 1, str(error.values["name"])
    return _cut(text, at, at + len(name), f"cat:{name}")


def _quote_like(text: str, error: QueryError) -> str:
    """`like:graph neural networks` becomes `like:"graph neural networks"`; `like:` without anything is left out."""
    at = error.column - 1
    begin = at + len("like:") * text[at:].casefold().startswith("like:")
    behind = text[begin:].lstrip(" (")
    if behind.startswith('"'):
        return text[:begin] + behind
    meant = _UNQUOTED.match(behind)
    if meant is None:
        return _drop_beside(text, error)
    return f'{text[:begin]}"{meant[0].strip()}" {behind[meant.end() :]}'


def _write_rate(text: str, error: QueryError) -> str:
    """`rate:5` becomes `rate:5/week`, one that is too high the highest; what is no number is left out."""
    begin = text.casefold().rindex("rate:", 0, error.column + len("rate:"))
    return text[:begin] + _RATE.sub(_right_rate, text[begin:], count=1)


def _right_rate(typed: re.Match[str]) -> str:
    if not typed["number"] or not int(typed["number"]):
        return " "
    term = f"rate:{typed['number']}/{_TIMES[(typed['time'] or 'w').lower()]}"
    return f"{term} " if parsed(f"like:saved {term}") else "rate:20/day "


def _move_beside(text: str, error: QueryError) -> str:
    term = next(_BESIDE.finditer(text, error.column - 1))
    return f"({_drop_beside(text, error)}) {term[0]}"


def _begin_with_everything(text: str, _error: QueryError) -> str:
    return f"{_EVERYTHING} ({text.strip()})" if " OR " in text else f"{_EVERYTHING} {text.strip()}"


def _shorten(text: str, _error: QueryError) -> str:
    return text[:MAX_CHARACTERS].rpartition(" ")[0] or text


def _end_here(text: str, error: QueryError) -> str:
    return text[: error.column - 1]


def _part_chains(text: str, _error: QueryError) -> str:
    return text if '"' in text else _CHAIN.sub(lambda chain: f'"{" ".join(typed_words(chain[0]))}"', text)


def _flatten(text: str, _error: QueryError) -> str:
    return re.sub(r"[()]", " ", text)


def _drop_backslash(text: str, error: QueryError) -> str:
    plain = without_accents(text)
    return plain if plain != text else _drop_character(text, error).replace("{", " ").replace("}", " ")


def _drop_lists(text: str, _error: QueryError) -> str:
    return re.sub(r"\blist:\s*(?:here\b|public\b)?", " ", text, flags=re.IGNORECASE)


_REPAIRS: dict[Mistake | Unresolved, _Repair] = {
    Mistake.NO_WORD_IN_QUOTES: _drop_quotes,
    Mistake.NO_WORD_IN_BRACKETS: _drop_brackets,
    Mistake.OPEN_QUOTE: _close_quote,
    Mistake.OPEN_BRACKET: _close_bracket,
    Mistake.UNOPENED_BRACKET: _drop_character,
    Mistake.LONE_DASH: _drop_character,
    Mistake.LONE_EQUALS: _drop_character,
    Mistake.LONE_OPERATOR: _drop_operator,
    Mistake.LONE_FIELD: _join_field,
    Mistake.LONE_UPVOTES: _begin_with_everything,
    Mistake.LOWERCASE_OPERATOR: _raise_operator,
    Mistake.ONLY_EXCLUDES: _begin_with_everything,
    Mistake.MISPLACED_STAR: _drop_star,
    Mistake.STAR_IN_VALUE: _drop_star,
    Mistake.EXACT_VALUE: _drop_star,
    Mistake.TOO_LONG: _shorten,
    Mistake.TOO_MANY_TERMS: _end_here,
    Mistake.TOO_MANY_BEGINNINGS: _end_here,
    Mistake.TOO_MANY_CHAINS: _part_chains,
    Mistake.TOO_DEEP: _flatten,
    Mistake.NESTED_FIELD: _unnest,
    Mistake.UNKNOWN_FIELD: _rename_field,
    Mistake.ADDRESS: _name_paper,
    Mistake.BARE_CATEGORY: _name_category,
    Mistake.HAS_VALUE: _has_code,
    Mistake.UNKNOWN_LIST: _drop_lists,
    Mistake.MIXED_LIST: _drop_lists,
    Mistake.MALFORMED_UPVOTES: _write_upvotes,
    Mistake.MISPLACED_UPVOTES: _move_beside,
    Mistake.REPEATED_UPVOTES: _drop_beside,
    Mistake.MALFORMED_LIKE: _quote_like,
    Mistake.MISPLACED_LIKE: _move_beside,
    Mistake.REPEATED_LIKE: _drop_beside,
    Mistake.MALFORMED_RATE: _write_rate,
    Mistake.MISPLACED_RATE: _move_beside,
    Mistake.REPEATED_RATE: _drop_beside,
    Mistake.LONE_RATE: _drop_beside,
    Mistake.BACKSLASH: _drop_backslash,
    Mistake.BAR: _write_or,
    Mistake.SPECIAL_CHARACTER: _drop_character,
}
"""The repair of each mistake."""
