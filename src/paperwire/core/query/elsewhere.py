"""What other services read otherwise: refused where people type, as here it would be words and find the opposite.

Stored queries are read by `language.parse`, which takes all of it, so no subscription ends when a refusal is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from paperwire.core.papers.categories import ARCHIVES, CATEGORIES, nearest_category
from paperwire.core.query.language import MAX_CHARACTERS, Query, parse
from paperwire.core.query.repairs import cut, replaced
from paperwire.core.query.scanner import Scanner
from paperwire.core.query.terms.category import InCategory
from paperwire.core.query.typed import TEX, typed
from paperwire.errors import QueryError, Refusal
from paperwire.texts import gettext_noop

DATED_FIELDS = (
    "year", "date", "submitteddate", "lastupdateddate", "after", "before", "since", "until", "from", "to", "published",
    "submitted", "updated", "pubdate", "daterange",
)  # fmt: skip
"""Fields of other services for dates, which no query has here."""

_NAMED = {
    "TITLE": "ti:", "TI": "ti:", "ABS": "abs:", "AB": "abs:", "AUTH": "au:", "AUTHOR-NAME": "au:", "AU": "au:",
}  # fmt: skip
_SCOPUS_OR_WOS = (
    r"(?<![\w:-])(?:(?:TITLE-ABS-KEY(?:-AUTH)?|TITLE-ABS)(?=\s*\()|(?:TITLE|ABS|KEY|AUTHKEY|AUTH|AUTHOR-NAME)(?=\()|"
    r"(?:TS|TI|AB|AU|AK|ALL|SO)=(?=[(\"]))"
)
_PROXIMITY = r"(?<=\")~\d+|(?<![^\s)\"])(?:(?:NEAR|ONEAR|W|PRE|NEXT)/\d+|(?:NEAR|ADJ)\d+)(?![^\s(\"])"
_DATES = (
    rf"(?<!\w)(?:(?i:{'|'.join(DATED_FIELDS)}):(?:\[[^\]]*\]|[^\s()]+)|"
    r"PUBYEAR\s*(?:[<>=]+|IS|BEF|AFT)\s*\d+|PY=[^\s()]+)"
)
_GOOGLE = re.compile(r"(?<!\w)(?:all)?in(title|author|text):\s*", re.IGNORECASE)
_PHRASE = re.compile(r'"[^"]*"?')
_ET_AL = re.compile(r'((?<!\w)au(?:thor)?:(?:"[^"]*?|[^\s"()]+))(,?\s+et\s+al\b\.?)', re.IGNORECASE)
MARKS = re.compile(f"{_SCOPUS_OR_WOS}|{_PROXIMITY}|{_DATES}")
"""Matches what is syntax elsewhere and no word of what is looked for."""


# --- repairs -------------------------------------------------------------------------------------------------------


def _rename(text: str, error: QueryError) -> str:
    at, name = error.column - 1, str(error.values["typed"])
    return cut(text, at, at + len(name), _NAMED.get(name.rstrip("="), "")).replace(": (", ":(")


def _part(text: str, error: QueryError) -> str:
    """The words of `"a b"~3` in brackets; `a NEAR/5 b` without what stands between."""
    at, sign = error.column - 1, str(error.values["typed"])
    if not sign.startswith("~"):
        return cut(text, at, at + len(sign))
    begin = text.rfind('"', 0, at - 1)
    return cut(text, begin, at + len(sign), f"({text[begin + 1 : at - 1]})")


def _drop(text: str, error: QueryError) -> str:
    at = error.column - 1
    return cut(text, at, at + len(str(error.values["typed"])))


def _limit_to_field(text: str, error: QueryError) -> str:
    """`allintitle: graph networks` as `ti:(graph networks)`, `intitle: graph` as `ti:graph`."""
    at = error.column - 1
    name = next(_GOOGLE.finditer(text, at))
    field = {"title": "ti:", "author": "au:", "text": ""}[name[1].casefold()]
    value = text[name.end() :].strip()
    return text[:at] + field + (f"({value})" if name[0].casefold().startswith("all") and field else value)


def _begin_with(text: str, error: QueryError) -> str:
    """`wom?n` as `wom*`; without three letters before it nothing is known that finds it."""
    at, word = error.column - 1, str(error.values["typed"])
    beginning = word.partition("?")[0]
    return cut(text, at, at + len(word), f"{beginning}*") if len(beginning) >= _SHORTEST_BEGINNING else text


def _name_categories(text: str, error: QueryError) -> str:
    at, value = error.column - 1, re.escape(str(error.values["typed"]))
    field_or_none = re.compile(rf'((?:cat|category):)?"?{value}"?', re.IGNORECASE)
    better = str(error.values["better"])
    return text[:at] + field_or_none.sub(
        lambda match: better if match[1] else better.replace("cat:", ""), text[at:], count=1
    )


_SHORTEST_BEGINNING = 3


# --- refusals ------------------------------------------------------------------------------------------------------

FIELD = Refusal(
    "a field of another service",
    gettext_noop("%(typed)s is a field of another service"),
    gettext_noop("Type the words alone, or after ti:, abs: or au: such as ti:(lora OR qlora)"),
    _rename,
    example="TITLE-ABS-KEY(lora)",
)
PROXIMITY = Refusal(
    "a distance between words",
    gettext_noop("%(typed)s isn't supported: queries can't limit the distance between words"),
    gettext_noop('Type the words alone, or as a phrase: "graph network"'),
    _part,
    example='"graph network"~3',
)
DATES = Refusal(
    "a date",
    gettext_noop("Queries have no dates"),
    gettext_noop("Remove %(typed)s. Subscriptions bring new papers; a search can be sorted by date."),
    _drop,
    example="lora after:2025",
)
SEARCH_ENGINE = Refusal(
    "a field of a search engine",
    gettext_noop("%(typed)s isn't a field"),
    gettext_noop("Type ti:word, or ti:(several words); au: for authors."),
    _limit_to_field,
    example="allintitle: lora",
)
ANY_LETTER = Refusal(
    "? for a letter",
    gettext_noop('"?" doesn\'t stand for a letter'),
    gettext_noop("Type the beginning of the word with *, or each spelling: woman OR women"),
    _begin_with,
    example="wom?n",
)
EXCLAMATION = Refusal(
    "! before a word",
    gettext_noop('"!" doesn\'t exclude a word'),
    gettext_noop("To exclude a word, put a dash right before it: lora -survey"),
    replaced(".", "-"),
    example="lora !survey",
)
TILDE = Refusal(
    "~ before a word",
    gettext_noop('"~" doesn\'t find similar words'),
    gettext_noop('Type the word alone, the beginning of words (diffus*), or what is meant: like:"graph networks"'),
    replaced(".", ""),
    example="lora ~survey",
)
CATEGORIES_AT_ONCE = Refusal(
    "several categories in one value",
    gettext_noop("%(typed)s isn't one category"),
    gettext_noop("Type %(better)s"),
    _name_categories,
    example="cat:cs.CL,cs.LG",
)
NO_CATEGORY = Refusal(
    "a category that arXiv doesn't have",
    gettext_noop("arXiv has no category %(typed)s"),
    gettext_noop("Did you mean %(better)s?"),
    _name_categories,
    example="cat:cs.XX",
)


class _Habit(NamedTuple):
    """What is looked for outside quotes and TeX, and how it is refused."""

    pattern: re.Pattern[str]
    refusal: Refusal


_HABITS = (
    _Habit(re.compile(_SCOPUS_OR_WOS), FIELD),
    _Habit(re.compile(_PROXIMITY), PROXIMITY),
    _Habit(re.compile(_DATES), DATES),
    _Habit(
        re.compile(r"(?<!\w)(?:allin(?:title|author|text):|in(?:title|author|text):(?=\s))", re.IGNORECASE),
        SEARCH_ENGINE,
    ),
    _Habit(re.compile(r"(?<![^\s(\":=-])[^\W_]*[^\W\d_]\?[^\W\d_][\w?*]*"), ANY_LETTER),
    _Habit(re.compile(r"(?<![^\s(:])!(?=[^\W\d_]|[(\"])"), EXCLAMATION),
    _Habit(re.compile(r"(?<![^\s(:])~(?=[^\W\d_]|[(\"])"), TILDE),
)
REFUSALS = (*(habit.refusal for habit in _HABITS), CATEGORIES_AT_ONCE, NO_CATEGORY)
"""All that is refused here."""

_STARRED = re.compile(r"(?<!\w)(?:cat|category):([a-z][a-z.-]*(?<!\.)\*)", re.IGNORECASE)
_SEVERAL = re.compile(r"[,;+|/]+")
_ARXIV_FORM = re.compile(
    rf"(?:{'|'.join(sorted(map(re.escape, ARCHIVES), reverse=True))})\.[a-z-]{{2,}}|"
    rf"(?:{'|'.join(sorted({name.partition('-')[0] for name in ARCHIVES if '-' in name}))})-[a-z]+",
    re.IGNORECASE,
)
_EXISTING = {name.casefold() for name in (*CATEGORIES, *ARCHIVES)}


def read(text: str) -> Query:
    """The query that a person typed; raises QueryError as `parse` does, and for what is meant otherwise elsewhere."""
    query = typed(text, MAX_CHARACTERS)
    bare = TEX.sub(_hidden, _PHRASE.sub(_hidden, query.text))
    for pattern, refusal in _HABITS:
        if match := pattern.search(bare):
            raise QueryError(refusal, query.column(match.start()), typed=match[0])
    for match in _STARRED.finditer(bare):
        if names := _beginning_with(match[1][:-1]):
            raise _refused(CATEGORIES_AT_ONCE, query.column(match.start()), match[1], names)
    understood = parse(text)
    if "cat" in query.text.casefold():
        _check_categories(Scanner(query))
    plain = _ET_AL.sub(r"\1", text)
    return understood if plain == text else parse(plain)


def _hidden(match: re.Match[str]) -> str:
    """As long a text with the same ends that nothing is read in."""
    return f"{match[0][0]}{chr(0) * (len(match[0]) - 2)}{match[0][-1]}" if len(match[0]) > 1 else match[0]


def _check_categories(scanner: Scanner) -> None:
    for token in scanner.tokens():
        if not isinstance(token.term, InCategory):
            continue
        value = token.term.typed
        names = [name for name in map(str.strip, _SEVERAL.split(value)) if name]
        column = scanner.query.column(token.place)
        if len(names) > 1 and any(name.casefold() in _EXISTING for name in names):
            raise _refused(CATEGORIES_AT_ONCE, column, value, names)
        name = token.term.name
        if name not in _EXISTING and _ARXIV_FORM.fullmatch(name):
            nearest = nearest_category(name)
            others = [nearest] if nearest else _beginning_with(name.partition("-")[0])
            raise _refused(NO_CATEGORY, column, value, others)


def _refused(refusal: Refusal, column: int, value: str, names: Iterable[str]) -> QueryError:
    terms = [f"cat:{name}" for name in names]
    better = terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"
    return QueryError(refusal, column, typed=value, better=better)


def _beginning_with(beginning: str) -> list[str]:
    """The archive of this name, those that begin so, or the categories that do; none if there are none."""
    small = beginning.casefold()
    if small in ARCHIVES:
        return [small]
    archives = sorted(name for name in ARCHIVES if name.startswith(small))
    return archives or [name for name in CATEGORIES if name.casefold().startswith(small)]
