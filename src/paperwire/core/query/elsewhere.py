"""What other services read otherwise: refused where people type, as here it would be words and find the opposite.

Stored queries are read by `language.parse`, which takes all of it, so no subscription ends when a refusal is added.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_plus

from paperwire.core.query import conditions, typed_categories, typed_ids
from paperwire.core.query.language import MAX_CHARACTERS, Query, parse
from paperwire.core.query.repairs import cut, in_brackets, replaced
from paperwire.core.query.scanner import Scanner
from paperwire.core.query.terms.author import Author
from paperwire.core.query.terms.kinds import KINDS
from paperwire.core.query.typed import TEX, typed
from paperwire.errors import Mistake, QueryError, Refusal
from paperwire.texts import gettext_noop

DATED_FIELDS = (
    "year", "date", "submitteddate", "lastupdateddate", "after", "before", "since", "until", "published", "submitted",
    "updated", "pubdate", "daterange",
)  # fmt: skip
"""Fields of other services for dates, which no query has here."""

_NAMED = {
    "title": "ti:", "ti": "ti:", "document title": "ti:", "entrytitle": "ti:", "abs": "abs:", "ab": "abs:",
    "abstract": "abs:", "entrycontent": "abs:", "auth": "au:", "author-name": "au:", "au": "au:", "author": "au:",
    "authors": "au:", "authlastname": "au:", "entryauthor": "au:", "dc.title": "ti:", "dc.creator": "au:",
    "dc.description": "abs:",
    "cat": "cat:", "category": "cat:", "do": "id:",
}  # fmt: skip
"""The fields here for those of other services; for any other the words alone are searched."""
_SCOPUS_OR_WOS = (
    r"(?<![\w:-])(?:(?:TITLE-ABS-KEY(?:-AUTH)?|TITLE-ABS)(?=\s*\()|"
    r"(?:TITLE|ABS|KEY|AUTHKEY|AUTH(?:LASTNAME)?|AUTHOR-NAME|ALL)(?=\(|\s\(\s)|"
    r"(?:TS|TI|AB|AU|AK|ALL|SO|DE|KW|MH)=(?=[(\"]|[a-z]{3})|(?:ti|ab|tw|kw)(?:,(?:ti|ab|tw|kw))+:(?=[(\"\w])|AU=(?=[A-Z]\w)|DO=(?=10\.)|"
    r"(?:ti|title|abs|abstract|au|author|cat|category)(?:\s?==\s?|\s=\s(?=\")|=|\s+:)(?=[\w(\"])|"
    r"(?:(?<=\A)|(?<=\()|(?<=AND\s)|(?<=OR\s)|(?<=NOT\s))(?:TI|AB|AU|SU|MH|MM|TX|DE|KW)\s+(?=\")|"
    r"(?<=AND\s)(?:TI|AB|AU|SU|TX)\s+(?=[\w*]+\)?\s*(?:\Z|AND|OR|NOT))|"
    r"(?:(?<=\A)|(?<=\()|(?<=AND\s)|(?<=OR\s))exp\s+(?=[A-Z][\w ]+/)|"
    r"(?:dc|dcterms)\.(?:title|creator|subject|description)[:=]|Entry(?:Title|Content|Author)=(?:\(\?[a-z]+\))?)"
)
_LEFT_OUT = (
    r"(?<![\w:-])(?:AU-ID|AF-ID|AFFIL(?:CITY|COUNTRY|ORG)?|(?:EXACT)?SRCTITLE|DOCTYPE|SRCTYPE|LIMIT-TO|EXCLUDE|SUBJAREA|"
    r"AUTHFIRST|LANGUAGE|PUBSTAGE|REF[A-Z]*|ISSN)\s*\((?:[^()]|\([^()]*\))*\)|"
    r"(?<![\w:-])(?:DT|LA|WC|SU|CU|OG|UT)=(?:\([^()]*\)|\S+)|"
    r"(?<![\w:-])(?:citations|references|reviews|similar|trending|useful)\([a-z]+:[^()]*\)|"
    r"(?<![\w:-])(?:citations?|cited_by|cites)\s*[<>]=?\s*\d+"
)
_QUOTED_FIELD = (
    r"\"(?i:document title|all metadata|full text .{1,9}|abstract|authors?|(?:author|index) [a-z]+)\":(?=[\w(\"])"
)
_PROXIMITY = (
    r"(?<=\")~\d+|(?<=\"\s)near(?=\s\")|"
    r"(?<![^\s)\"])(?:(?:NEAR|ONEAR|W|PRE|NEXT)/\d+|(?:NEAR|ADJ)\d+|AROUND\s*\(\d+\))(?![^\s(\"])"
)
_YEAR = r"(?:19|20)\d\d"
_DATES = (
    rf"(?<!\w)(?:(?i:{'|'.join(DATED_FIELDS)}):(?:\[[^\]]*\]|[^\s()]+)|(?:from|to):[\d\[][^\s()]*|"
    rf"PUBYEAR\s*(?:[<>=]+|IS|BEF|AFT)\s*\d+|PY=(?:\([^()]*\)|[^\s()]+)|(?<!\.){_YEAR}\.\.{_YEAR}(?![\w.])|"
    rf"(?i:year|date)\s*[<>]=?\s*{_YEAR}(?!\w)|"
    r"(?:sort|order)(?:ed)? by (?:date|relevance|upvotes|citations|newest)(?!\w)|"
    r"(?<=\s)(?:newest|latest|most recent) first(?=\s*\Z)|"
    rf"(?<![\w.-])(?:19|20)\d\d\s?-\s?20(?:1[5-9]|2\d)(?=\s*(?:\Z|\)))|"
    rf"(?<=\A)(?:(?:from|between)\s+)?(?:19|20)\d\d(?:\s?-\s?|\s+(?:to|and|until)\s+)20(?:1[5-9]|2\d)(?=\s+[^\W\d]{{3}})|"
    rf"(?<=\A)(?:in|during)\s+20[0-3]\d(?=\s+[^\W\d]{{3}})|"
    rf"{conditions.WHEN})"
)
_FUZZY = r"(?<=[^\W\d_])~\d?(?![\w(\"])"
_INSPIRE = re.compile(
    r"\s*(?:(?=a\s+\w+\s+and\s+t\s)|(?:fin|f)\s+(?=[a-z]+\s)|find\s+(?=.*?\sand\s+[atkdj]\s|[tkj]\s))", re.IGNORECASE
)
_INSPIRE_PART = re.compile(
    r"\s+(and|or|and not|not)\s+(?=(?:a|t|k|d|j|au|author|title|date|abstract)\s)", re.IGNORECASE
)
_FIELD_NAMES = r"(?:au|author|ti|title|abs|abstract|cat|category|all)"
_VALUE = r'(?:"[^"]*"|[^\s,()"]+)'
_TERMS = rf"(?<![\w:]){_FIELD_NAMES}:{_VALUE}(?:,{_FIELD_NAMES}:{_VALUE})+"
_VALUES = r"(?<![\w:])(?:by|has|org|source|venue):[^\s,()\"]+(?:,[^\s,()\":]+)+"
ADDRESS = (
    r"(?<!\S)(?:https?://|(?:www\.)?arxiv\.org/(?:a|abs|find|list|pdf|search)/|(?:rss|export)\.arxiv\.org/|"
    r"scholar\.google\.[a-z.]+/|pubmed\.ncbi\.nlm\.nih\.gov/\?)"
)
"""Matches where an address begins that is no paper's."""
_OTHER_LANGUAGES = {
    "ODER": "OR", "UND": "AND", "NICHT": "NOT", "OHNE": "NOT", "SAUF": "NOT", "ohne": "NOT", "sans": "NOT",
    "sauf": "NOT", "senza": "NOT", "except": "NOT", "excluding": "NOT", "exclude:": "NOT",
    "w/o": "NOT", "ИЛИ": "OR", "И": "AND", "НЕ": "NOT",
    "或": "OR", "或者": "OR", "和": "AND", "与": "AND", "且": "AND",
}  # fmt: skip
"""Operators in other languages; those that are words or abbreviations of papers too (ET, OU, Y) are words."""
_EXCLUDED = re.compile(r"\s+(\w+)\s+(?:and|or|und|oder|et|ou)\s+(\w+)\s*")
"""Matches two words that end a query after an operator which excludes: `excluding surveys and reviews`."""
_WITHOUT = r"(?i:without(?=\s+(?:surveys?|reviews?|overviews?|tutorials?|editorials?)\s*\Z|\s+\"))"
"""Matches the operator where a kind of papers ends the query; `learning without forgetting` is a topic."""
_LABEL = re.compile(
    r"\s*(autor|auteur|titel|titre|titulo|kategorie|categorie|categoria|keywords?|topics?|tags?|alerts?|include):\s+(?=\w|\")",
    re.IGNORECASE,
)
"""Matches the label of a form before a whole query."""
_ACCENTED = {
    "título": "ti", "überschrift": "ti", "résumé": "abs", "resumé": "abs", "catégorie": "cat", "catégories": "cat",
    "categoría": "cat", "categorías": "cat",
}  # fmt: skip
"""Names of fields in other languages that are none to the scanner, as they have letters besides A to Z."""
_ACCENTED_FIELD = re.compile(rf"(?<![\w:])({'|'.join(_ACCENTED)}):(?=[\w\"(])", re.IGNORECASE)
_SEVERAL_AUTHORS = re.compile(r"\s+(OR|AND|or|and|&)\s+|\s*;\s*")
_GOOGLE = re.compile(r"(?<!\w)(?:all)?in(title|author|text):\s*", re.IGNORECASE)
_PHRASE = re.compile(r'"[^"]*"?')
_ET_AL = re.compile(
    r'((?<!\w)au(?:thor)?:(?:"[^"]*?|[^\s"()]+))(,?\s+et\s+al\b\.?)|((?<!\w)au(?:thor)?:")(?:(?:prof(?:\.|essor)?|dr\.?)\s+)+',
    re.IGNORECASE,
)
"""Matches what is no part of an author's name."""
MARKS = re.compile(f"{_SCOPUS_OR_WOS}|{_LEFT_OUT}|{_QUOTED_FIELD}|{_PROXIMITY}|{_DATES}")
"""Matches what is syntax elsewhere and no word of what is looked for."""
SHORTEST_BEGINNING = 3
"""Letters of the shortest beginning of words (`dif*`) that is suggested."""


# --- repairs -------------------------------------------------------------------------------------------------------


def _rename(text: str, error: QueryError) -> str:
    at, typed_name = error.column - 1, str(error.values["typed"])
    name = re.sub(r'^"|[\s"=:]+(?:\(\?[a-z]+\))?$', "", typed_name).casefold()
    return re.sub(r": *(?=[(\"])", ":", cut(text, at, at + len(typed_name), _NAMED.get(name, "")))


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
    return cut(text, at, at + len(word), f"{beginning}*") if len(beginning) >= SHORTEST_BEGINNING else text


def decoded(text: str) -> str:
    """`search_query=ti:%22dark+matter%22&max_results=9`, cut out of an address, as it reads."""
    value = re.sub(r"&[a-zA-Z_]+=.*", "", text.rpartition("search_query=")[2])
    return unquote_plus(value)


def from_inspire(text: str) -> str | None:
    """`find a hinton and t graph` as `au:hinton AND ti:graph`; None if it doesn't begin so."""
    begin = _INSPIRE.match(text)
    if begin is None:
        return None
    pieces = _INSPIRE_PART.split(text[begin.end() :])
    terms = [_inspire_term(piece) for piece in pieces[::2]]
    joints = ["", *(joint.upper() for joint in pieces[1::2])]
    return " ".join(f"{joint} {term}".strip() for joint, term in zip(joints, terms, strict=True) if term)


def _inspire_term(piece: str) -> str:
    name, _, value = piece.strip().partition(" ")
    field = {"a": "au:", "au": "au:", "author": "au:", "t": "ti:", "title": "ti:", "abstract": "abs:"}.get(name, "")
    value = value.strip()
    if name in {"d", "date", "j"}:
        return ""
    if field and " " in value and not value.startswith('"'):
        return f'{field}"{value}"' if field == "au:" else f"{field}({value})"
    return field + value


def _part_terms(text: str, error: QueryError) -> str:
    """`au:a,au:b` as `(au:a OR au:b)`, `au:a,ti:b` as `au:a ti:b`, `org:a,b` as `(org:a OR org:b)`."""
    at, terms = error.column - 1, next(re.finditer(f"{_TERMS}|{_VALUES}", text[error.column - 1 :]))[0]
    parts = re.findall(rf"{_FIELD_NAMES}:{_VALUE}", terms)
    if not parts:
        field, _, values = terms.partition(":")
        parts = [f"{field}:{value}" for value in values.split(",")]
    is_one_field = len({part.partition(":")[0] for part in parts}) == 1
    return cut(text, at, at + len(terms), f"({' OR '.join(parts)})" if is_one_field else " ".join(parts))


def _translate(text: str, error: QueryError) -> str:
    at, name = error.column - 1, str(error.values["typed"])
    operator = _OTHER_LANGUAGES.get(name, "NOT")
    if operator != "NOT":
        return cut(text, at, at + len(name), operator)
    several = _EXCLUDED.fullmatch(text, at + len(name))
    excluded = f"{several[1]} -{several[2]}" if several else text[at + len(name) :].lstrip()
    return f"{in_brackets(text[:at])} -{excluded}"


def _part_authors(text: str, error: QueryError) -> str:
    at, value = error.column - 1, str(error.values["typed"])
    field = re.compile(rf'(?:au|author):"?{re.escape(value)}"?', re.IGNORECASE)
    better = str(error.values["better"])
    return text[:at] + field.sub(lambda _: better, text[at:], count=1)


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
ENCODED = Refusal(
    "the address of a search",
    gettext_noop("This is part of a web address, not a query"),
    gettext_noop('Type the query itself: ti:"dark matter" cat:hep-ph'),
    lambda text, _: decoded(text),
    example="cat:cs.CL+AND+lora",
)
INSPIRE = Refusal(
    "INSPIRE's syntax",
    gettext_noop("Queries don't begin with find"),
    gettext_noop("Type au: before an author, ti: before words of the title: au:maldacena ti:gravity"),
    lambda text, _: from_inspire(text) or text,
    example="fin a maldacena",
)
COMMA = Refusal(
    "a comma between terms",
    gettext_noop("A comma doesn't separate terms"),
    gettext_noop("Type OR between them, or a space where a paper must have both."),
    _part_terms,
    example="au:lecun,au:bengio",
)
OTHER_LANGUAGE = Refusal(
    "an operator of another language",
    gettext_noop("%(typed)s isn't an operator"),
    gettext_noop("Operators are AND, OR and NOT. To search for the word, quote it."),
    _translate,
    example="lora ODER qlora",
)
AUTHORS = Refusal(
    "several authors in one value",
    gettext_noop("%(typed)s isn't one author"),
    # Translators: advice after a refused query: %(better)s is what to type instead.
    gettext_noop("Type %(better)s"),
    _part_authors,
    example='au:"lecun OR bengio"',
)
EXCLAMATION = Refusal(
    "! before a word",
    gettext_noop('"!" doesn\'t exclude a word'),
    gettext_noop("To exclude a word, put a dash right before it: lora -survey"),
    replaced(r"!~?\s?", "-"),
    example="lora !survey",
)
TILDE = Refusal(
    "~ before a word",
    gettext_noop('"~" doesn\'t find similar words'),
    gettext_noop('Type the word alone, the beginning of words (diffus*), or what is meant: like:"graph networks"'),
    replaced(r"~\d?", ""),
    example="lora ~survey",
)


class _Habit(NamedTuple):
    """What is looked for outside quotes and TeX, `in_quotes` too, and how it is refused."""

    pattern: re.Pattern[str]
    refusal: Refusal
    in_quotes: bool = False


_HABITS = (
    _Habit(conditions.STOPPING, conditions.STOPS),
    _Habit(re.compile(r"(?<!\S)search_query=|\+(?:AND|OR|ANDNOT)\+|%2[28](?=\S)"), ENCODED),
    _Habit(re.compile(rf"\A{_INSPIRE.pattern}", re.IGNORECASE), INSPIRE),
    _Habit(re.compile(_QUOTED_FIELD), FIELD, in_quotes=True),
    _Habit(re.compile(r"\A\s*select(?=\s.+?\sfrom\s+\S+\s+where\s.*?(?:like|=)\s*')", re.IGNORECASE), FIELD),
    _Habit(re.compile(f"{_SCOPUS_OR_WOS}|{_LEFT_OUT}"), FIELD),
    _Habit(re.compile(_PROXIMITY), PROXIMITY),
    _Habit(re.compile(_DATES), DATES),
    _Habit(
        re.compile(r"(?<!\w)(?:allin(?:title|author|text):|in(?:title|author|text):(?=\s))", re.IGNORECASE),
        SEARCH_ENGINE,
    ),
    _Habit(re.compile(r"(?<![^\s(\":=-])[^\W_]*[^\W\d_]\?[^\W\d_][\w?*]*"), ANY_LETTER),
    _Habit(re.compile(r"(?<![^\s(:])!(?:~\s?)?(?=[^\W\d_]|[(\"])"), EXCLAMATION),
    _Habit(re.compile(rf"(?<![^\s(:])~(?=[^\W\d_]|[(\"])|{_FUZZY}"), TILDE),
    _Habit(re.compile(f"{_TERMS}|{_VALUES}"), COMMA),
    _Habit(re.compile(rf"(?<!\S)(?:{'|'.join(_OTHER_LANGUAGES)}|{_WITHOUT})(?!\S)"), OTHER_LANGUAGE),
)
REFUSALS = (
    *dict.fromkeys(habit.refusal for habit in _HABITS),
    typed_ids.PAPER_ID,
    AUTHORS,
    typed_categories.SEVERAL,
    typed_categories.NONE,
    conditions.IN_WORDS,
)
"""All that is refused here."""


def read(text: str) -> Query:
    """The query that a person typed; raises QueryError as `parse` does, and for what is meant otherwise elsewhere."""
    query = typed(text, MAX_CHARACTERS)
    bare = TEX.sub(_hidden, _PHRASE.sub(_hidden, query.text))
    if address := re.search(ADDRESS, bare):
        raise QueryError(Mistake.ADDRESS, query.column(address.start()))
    if label := _LABEL.match(bare):
        nearest = KINDS.nearest_field(label[1])
        raise QueryError(Mistake.UNKNOWN_FIELD, query.column(label.start(1)), name=label[1], nearest=nearest)
    if name := _ACCENTED_FIELD.search(bare):
        nearest = _ACCENTED[name[1].casefold()]
        raise QueryError(Mistake.UNKNOWN_FIELD, query.column(name.start()), name=name[1], nearest=nearest)
    conditions.check_connectives(query, bare)
    for pattern, refusal, in_quotes in _HABITS:
        if match := pattern.search(query.text if in_quotes else bare):
            raise QueryError(refusal, query.column(match.start()), typed=match[0])
    typed_ids.check(query, bare)
    conditions.check(query, bare)
    typed_categories.check_before(query, bare)
    understood = parse(text)
    if "cat" in query.text.casefold():
        typed_categories.check_values(Scanner(query))
    if "au" in query.text.casefold():
        _check_authors(Scanner(query))
    plain = _ET_AL.sub(r"\1\3", text)
    return understood if plain == text else parse(plain)


def _hidden(match: re.Match[str]) -> str:
    """As long a text with the same ends that nothing is read in."""
    return f"{match[0][0]}{chr(0) * (len(match[0]) - 2)}{match[0][-1]}" if len(match[0]) > 1 else match[0]


def _check_authors(scanner: Scanner) -> None:
    for token in scanner.tokens():
        if not (isinstance(token.term, Author) and (joint := _SEVERAL_AUTHORS.search(token.term.typed))):
            continue
        names = [name.strip() for name in _SEVERAL_AUTHORS.split(token.term.typed)[::2] if name.strip()]
        terms = [f'au:"{name}"' if " " in name else f"au:{name}" for name in names]
        is_either = (joint[1] or "or").casefold() == "or"
        better = f"({' OR '.join(terms)})" if is_either else " ".join(terms)
        raise QueryError(AUTHORS, scanner.query.column(token.place), typed=token.term.typed, better=better)
