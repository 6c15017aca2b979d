"""What to type instead of a query that cannot be read: its mistakes repaired, or another service's syntax in ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paperwire.core.papers.categories import SPELLING
from paperwire.core.papers.identity import canonical_id
from paperwire.core.papers.named import paper_named
from paperwire.core.query import conditions
from paperwire.core.query.elsewhere import SHORTEST_BEGINNING, read
from paperwire.core.query.language import MAX_CHARACTERS, parsed
from paperwire.core.query.repairs import Repair, begin_with_everything, cut, replaced
from paperwire.core.query.sentences import sentence_in
from paperwire.core.query.terms.category import category_named
from paperwire.core.query.terms.venue import accepted_at
from paperwire.core.query.typed import typed
from paperwire.core.query.typed_ids import NEAR_IDS
from paperwire.core.search.addresses import named_on, searched
from paperwire.core.search.foreign import (
    FOREIGN,
    WITHOUT_MEANING,
    as_phrase,
    from_prose,
    from_pubmed,
    typed_words,
    without_accents,
    without_tex,
)
from paperwire.errors import Mistake, QueryError, Refusal, Unresolved

_MOST_REPAIRS = 60
_RENAMED = {
    "intitle": "ti", "allintitle": "ti", "inauthor": "au", "allinauthor": "au", "from": "au",
    "creator": "au", "contributor": "au", "writer": "au", "doi": "id", "eprint": "id",
    "resumo": "abs", "resumen": "abs", "riassunto": "abs", "sommario": "abs", "zusammenfassung": "abs",
    "kurzfassung": "abs", "verfasser": "au",
}  # fmt: skip
_WORDS_ALONE = {
    "keyword", "keywords", "kw", "topic", "tag", "tags", "text", "full", "fulltext", "intext", "body", "mentions",
    "type", "alert", "alerts", "include", "define",
}  # fmt: skip
"""Fields of other services whose values are words here."""
_SUBJECTS = {"subj", "subject", "subjects", "primarch", "primary"}
_EXACT = {"exact", "exactly", "verbatim"}
_JOURNAL = {"bibstem", "journal", "jr", "pub", "conference", "conf", "booktitle", "proceedings"}
_NEAR = {"related", "similar"}
_YES = {"yes", "true", "code", "accepted"}
_CONDITIONS = {"code": "has:code", "with": "has:code", "accepted": "venue:any", "published": "venue:any"}
"""Fields of which another says what they do with `yes`: `code:yes`."""
_RUN = re.compile(r'"[^"]*"?|\[[^\]]*\]?|\([^)]*\)?|[^\s()]*')
_FIELD_BEFORE = re.compile(r"[-=]*(?:[A-Za-z]+:)?=?$")
_MADE = re.compile(r"(?:^| )(?:[a-z]+:|upvotes>=|-|OR )")
"""Matches what a sentence says and none of its words does: a field, what is excluded, what is another's alternative."""
_PAPERS = re.compile(r"id:\S+(?: OR id:\S+)*")
"""Matches the papers that a text names, whatever else it says."""
_NO_PROSE = re.compile(r"://|\A\S*[^\W\d_]\?[^\W\d_]\S*\Z")
"""Matches addresses, and a word with `?` for a letter."""
_CHAIN = re.compile(r"(?<![^\W_])[^\W_]+(?:[-_'’^][^\W_]+){3,}")


def corrected(text: str) -> str | None:
    """A query that can be read and keeps at least half of the words of `text`; None if there is none."""
    text = " ".join(typed(text, len(text)).text.split())  # in a long run of spaces patterns would begin again at each
    if conditions.STOPPING.match(text):
        return None
    sentence = sentence_in(text)
    if sentence is not None and (
        sentence.is_translated or _MADE.search(sentence.words) or re.search(conditions.WHEN, text)
    ):
        return repaired(sentence.words)
    for candidate in _candidates(text):
        query = repaired(candidate)
        if query is not None and (_PAPERS.fullmatch(query) or keeps_half(text, query)):
            return query
    return None


def keeps_half(text: str, query: str) -> bool:
    """Whether `query` has at least half of the words of `text`; operators, fields and signs are no words."""
    words, query_words = typed_words(text), set(typed_words(query, values=True))
    if not words:
        return not typed_words(query)
    unspaced = [word for word in query_words if not word.isascii()]
    return 2 * sum(word in query_words or any(map(word.__contains__, unspaced)) for word in words) >= len(words)


def repaired(text: str) -> str | None:
    """`text` with its mistakes repaired one after another; None if one of them has no repair."""
    for _ in range(_MOST_REPAIRS):
        try:
            return _tidy(text)
        except QueryError as error:
            kind = error.kind
            repair = kind.repair if isinstance(kind, Refusal) else _REPAIRS.get(kind)
            better = text if repair is None else repair(text, error)
            if better == text:
                return None
            text = better
    return None


def _tidy(text: str) -> str:
    """A query as it is shown, or as it stands where words side by side would read as something else."""
    shown = str(read(text))
    return shown if parsed(shown) else " ".join(text.split())


def _candidates(text: str) -> Iterator[str]:
    """Texts to repair, the one nearest to what was meant first."""
    for translate in FOREIGN:
        if (translated := translate(text)) is not None:
            yield translated
    yield text
    if "like:" not in text.casefold() and not _NO_PROSE.search(text):
        yield from_prose(text)
        yield as_phrase(text)


# --- one repair for each mistake -----------------------------------------------------------------------------------


_drop_character = replaced(".", " ")
_quote_braced = replaced(r"\{([^{}\"]* [^{}\"]*)\}|.", lambda braced: f'"{braced[1]}"' if braced[1] else " ")
_RAISED = re.compile(r"[\^_]\{([^{}\s\"]+)\}")
_drop_star = replaced(".", "")
_unnest = replaced("^[^:]*:?", "")
_write_or = replaced(r"\|+", " OR ")


def _without_brace(text: str, error: QueryError) -> str:
    """`^{13}C` as `13C`, `{graph network}` as a phrase."""
    raised = _RAISED.match(text, max(error.column - 2, 0))
    return cut(text, *raised.span(), raised[1]) if raised else _quote_braced(text, error)


def _end_at_star(text: str, error: QueryError) -> str:
    """`dif*fusion` as `dif*`, otherwise without the star."""
    at = error.column - 1
    after = _WORD_AFTER.match(text, at + 1)
    is_beginning = at >= SHORTEST_BEGINNING and text[at - SHORTEST_BEGINNING : at].isalnum()
    return cut(text, at, after.end(), "*") if after and is_beginning else cut(text, at, at + 1, "")


_WORD_AFTER = re.compile(r"[^\W_]+")


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


def _drop_operator(text: str, error: QueryError) -> str:
    at = error.column - 1
    return cut(text, at, at + (1 if text[at] == "-" else len(str(error.values["operator"]))))


def _raise_operator(text: str, error: QueryError) -> str:
    at, operator = error.column - 1, str(error.values["operator"])
    return re.sub(r"^NOT (?:about|on) ", "NOT ", cut(text, at, at + len(operator), operator))


def _join_field(text: str, error: QueryError) -> str:
    """`ti: word` becomes `ti:word`; a field without a word is left out."""
    at, name = error.column - 1, str(error.values["field"])
    after = text[at + len(name) + 1 :]
    if (excluded := _EXCLUDED.match(after)) and text[at - 1 : at] != "-":
        return f"{text[:at]}-{name}:{after[excluded.end() :]}"
    if name.casefold() in _AUTHOR_FIELDS and (person := _NAME_ALONE.fullmatch(after)):
        return f'{text[:at]}{name}:"{person[1]}"'
    if not at and _SEVERAL_WORDS.fullmatch(after):
        return f"{name}:({after.strip()})"
    if after[:1].isspace() and (after.lstrip()[:1].isalnum() or after.lstrip()[:1] == '"'):
        return f"{text[:at]}{name}:{after.lstrip()}"
    return text[:at] + after


_EXCLUDED = re.compile(r"\s*-(?=[\w\"(])")
_SEVERAL_WORDS = re.compile(r"(?: [^\W_]+(?:[-'’][^\W_]+)*){2,20} ?")
_AUTHOR_FIELDS = {"au", "author"}
_NAME_ALONE = re.compile(r"\s+([^\W\d_][^\s\"():]*(?: [^\W\d_][^\s\"():]*){1,3})\s*")


def _rename_field(text: str, error: QueryError) -> str:
    """A field of another service: the one that is meant here, or its value alone, or nothing."""
    at, name = error.column - 1, str(error.values["name"])
    begin = at + len(name) + 1
    value = next(_RUN.finditer(text, begin))
    if condition := _condition(name.casefold(), value[0].casefold()):
        return cut(text, at, value.end(), condition)
    if of_value := _field_of_value(name.casefold(), value[0].strip('"')):
        return cut(text, at, begin, f"{of_value}:")
    if name.casefold() in WITHOUT_MEANING or name.casefold() in _NEAR:
        return text[:at] + _RUN.sub(" ", text[begin:], count=1)
    if name.casefold() in _WORDS_ALONE | _SUBJECTS or name.casefold() in _EXACT:
        return cut(text, at, begin, "=" if name.casefold() in _EXACT else "")
    if field := _RENAMED.get(name.casefold()) or error.values["nearest"]:
        return cut(text, at, begin, f"{field}:")
    return cut(text, at, begin, f"{name} ")


def _condition(name: str, value: str) -> str:
    """`has:code` for `code:yes` and `is:code`, `venue:any` for `is:accepted`; empty for anything else."""
    return _CONDITIONS.get(value if name in {"is", "with"} else name, "") if value in _YES else ""


def _field_of_value(name: str, value: str) -> str:
    """The field for a value that tells it, whatever the typed one is named; empty if it doesn't."""
    if category_named(value) or (name in _SUBJECTS and value.casefold() in SPELLING):
        return "cat"
    if name in _JOURNAL and accepted_at(value):
        return "venue"
    return "like" if name in _NEAR and canonical_id(value) else ""


def _name_paper(text: str, error: QueryError) -> str:
    """A web address: the id in it, the search that it is, or what papers say of it; others are left out."""
    at = error.column - 1
    address = text[at:].split(maxsplit=1)[0]
    paper = paper_named(address)
    if paper and (near := NEAR_IDS.search(text[:at])):
        return cut(text, near.start(), at + len(address), f"like:{paper}")
    better = f"id:{paper}" if paper else _searched(address) or named_on(address.rstrip(").,;:]"))
    return cut(text, at, at + len(address), better)


def _searched(address: str) -> str:
    words = searched(address) or ""
    return from_pubmed(words) or words


def _end_here(text: str, error: QueryError) -> str:
    return text[: error.column - 1]


def _part_chains(text: str, _error: QueryError) -> str:
    return text if '"' in text else _CHAIN.sub(lambda chain: f'"{" ".join(typed_words(chain[0]))}"', text)


def _drop_backslash(text: str, error: QueryError) -> str:
    plain = without_tex(without_accents(text))
    return plain if plain != text else re.sub(r"[{}$]", " ", _drop_character(text, error))


_REPAIRS: dict[Mistake | Unresolved, Repair] = {
    Mistake.NO_WORD_IN_QUOTES: _drop_quotes,
    Mistake.NO_WORD_IN_BRACKETS: _drop_brackets,
    Mistake.OPEN_QUOTE: _close_quote,
    Mistake.OPEN_BRACKET: lambda text, _: f"{text.rstrip()})",
    Mistake.UNOPENED_BRACKET: _drop_character,
    Mistake.LONE_DASH: _drop_character,
    Mistake.LONE_EQUALS: _drop_character,
    Mistake.LONE_OPERATOR: _drop_operator,
    Mistake.LONE_FIELD: _join_field,
    Mistake.LOWERCASE_OPERATOR: _raise_operator,
    Mistake.ONLY_EXCLUDES: begin_with_everything,
    Mistake.MISPLACED_STAR: _end_at_star,
    Mistake.STAR_IN_VALUE: _drop_star,
    Mistake.EXACT_VALUE: _drop_star,
    Mistake.TOO_LONG: lambda text, _: text[:MAX_CHARACTERS].rpartition(" ")[0] or text,
    Mistake.TOO_MANY_TERMS: _end_here,
    Mistake.TOO_MANY_BEGINNINGS: _end_here,
    Mistake.TOO_MANY_CHAINS: _part_chains,
    Mistake.TOO_DEEP: lambda text, _: re.sub(r"[()]", " ", text),
    Mistake.NESTED_FIELD: _unnest,
    Mistake.UNKNOWN_FIELD: _rename_field,
    Mistake.ADDRESS: _name_paper,
    Mistake.BACKSLASH: _drop_backslash,
    Mistake.BAR: _write_or,
    Mistake.SPECIAL_CHARACTER: _without_brace,
}
"""The repair of each mistake; a refusal has its own."""
