"""Categories as people type them: several in one value, or none that arXiv has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from paperwire.core.papers.categories import ARCHIVES, CATEGORIES, SPELLING, nearest_category, titled
from paperwire.core.query.repairs import cut
from paperwire.core.query.scanner import JOINING, Scanner
from paperwire.core.query.terms.category import InCategory
from paperwire.core.query.typed import Typed
from paperwire.errors import QueryError, Refusal
from paperwire.texts import gettext_noop


def _name_categories(text: str, error: QueryError) -> str:
    at, value = error.column - 1, re.escape(str(error.values["typed"]))
    field_or_none = re.compile(rf'((?:cat|category):\s*)?"?{value}"?', re.IGNORECASE)
    better = str(error.values["better"])
    is_in_field = bool(_IN_FIELD.search(text[:at]))
    return text[:at] + field_or_none.sub(
        lambda match: better.replace("cat:", "") if is_in_field and not match[1] else better, text[at:], count=1
    )


_IN_FIELD = re.compile(r"(?:cat|category):\([^)]*$", re.IGNORECASE)

SEVERAL = Refusal(
    "several categories in one value",
    gettext_noop("%(typed)s isn't one category"),
    gettext_noop("Type %(better)s"),
    _name_categories,
    example="cat:cs.CL,cs.LG",
)
NONE = Refusal(
    "a category that arXiv doesn't have",
    gettext_noop("arXiv has no category %(typed)s"),
    # Translators: advice after a refused query: %(better)s is what to type instead.
    gettext_noop("Did you mean %(better)s?"),
    _name_categories,
    example="cat:cs.XX",
)

_NAME = r"[A-Za-z][A-Za-z-]*\.[A-Za-z-]{2,}"
_STARRED = re.compile(r"(?<!\w)(?:cat|category):([a-z][a-z.-]*(?<!\.)\*)", re.IGNORECASE)
_BARE = re.compile(rf"(?<![^\s(]){_NAME}(?:\s*[,;+|/]\s*{_NAME})+(?![^\s)])")
_WITH_SIGN = re.compile(rf"(?<![^\s(])({_NAME})[:.](?!\S)")
_UNKNOWN = re.compile(r"(?<!\S)(?:cs|math|stat|eess|econ|q-bio|q-fin)\.[A-Z]{2}(?!\S)")
"""Matches a category without `cat:`, whether arXiv has it or not."""
_SUBJECT = re.compile(
    r"(?<![\w:])(?:cat|category):\s*(?P<words>[A-Za-z][A-Za-z-]*"
    r"(?:,? (?!(?:AND|OR|NOT|ANDNOT)\b)[A-Za-z][A-Za-z-]*(?![:.\w])){1,6})",
    re.IGNORECASE,
)
"""Matches a subject in several words; a single one, or a phrase, may be a category of another source."""
_SEVERAL = re.compile(r"[,;+|/]+")
_ARXIV_FORM = re.compile(
    rf"(?:{'|'.join(sorted(map(re.escape, ARCHIVES), reverse=True))})\.[a-z-]{{2,}}|"
    rf"(?:{'|'.join(sorted({name.partition('-')[0] for name in ARCHIVES if '-' in name}))})-[a-z]+",
    re.IGNORECASE,
)


def check_before(query: Typed, bare: str) -> None:
    """Refuse `cat:hep-*`, `cs.CL/cs.LG` and `cs.CL:`, no terms; `bare` is the text without phrases and TeX."""
    for begin, end, subjects in _subjects(query.text):
        typed = query.text[begin:end].partition(":")[2].strip()
        raise _refused(NONE, query.column(begin), typed, subjects)
    for match in _UNKNOWN.finditer(bare):
        if match[0].casefold() not in SPELLING:
            raise _refused(NONE, query.column(match.start()), match[0], [nearest_category(match[0])])
    for match in _WITH_SIGN.finditer(bare):
        if name := SPELLING.get(match[1].casefold()):
            raise QueryError(InCategory.bare_word, query.column(match.start()), name=name)
    for match in _STARRED.finditer(bare):
        if names := _beginning_with(match[1][:-1]):
            raise _refused(SEVERAL, query.column(match.start()), match[1], names)
    for match in _BARE.finditer(bare):
        names = [name.strip() for name in _SEVERAL.split(match[0])]
        if all(name.casefold() in SPELLING for name in names):
            raise _refused(SEVERAL, query.column(match.start()), match[0], names)


def _subjects(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where a subject in words begins and ends with its field, and its categories: `cat:computer vision`."""
    for match in _SUBJECT.finditer(text):
        words = match["words"].split(" ")
        subjects = (" ".join(words[:count]) for count in range(len(words), 1, -1))
        subject = next(filter(titled, subjects), "")
        if subject:
            yield match.start(), match.start("words") + len(subject), titled(subject)


def with_names(text: str) -> str:
    """The text with the names of categories for subjects in words."""
    for begin, end, names in reversed(list(_subjects(text))):
        text = cut(text, begin, end, " OR ".join(f"cat:{name}" for name in names))
    return text


def check_values(scanner: Scanner) -> None:
    """Refuse a value of `cat:` that names several categories, or none that arXiv has."""
    for token in scanner.tokens():
        if not isinstance(token.term, InCategory):
            continue
        value = token.term.typed
        names = _names_in(value)
        column = scanner.query.column(token.place)
        if (joined := SPELLING.get(".".join(names).casefold())) and len(names) > 1:
            raise _refused(NONE, column, value, [joined])
        if len(names) > 1 and any(name.casefold() in SPELLING for name in names):
            raise _refused(SEVERAL, column, value, names)
        name = token.term.name
        if name not in SPELLING and _ARXIV_FORM.fullmatch(name):
            nearest = nearest_category(name)
            others = [nearest] if nearest else _beginning_with(name.partition("-")[0])
            raise _refused(NONE, column, value, others)


def _names_in(value: str) -> list[str]:
    """What is named in a value of `cat:`, between signs or, if all of it are categories, between spaces."""
    spaced = [name for name in value.split() if name.casefold() not in JOINING]
    if len(spaced) > 1 and all(name.casefold() in SPELLING for name in spaced):
        return spaced
    return [name for name in map(str.strip, _SEVERAL.split(value)) if name]


def _refused(refusal: Refusal, column: int, value: str, names: Iterable[str]) -> QueryError:
    terms = [f"cat:{SPELLING.get(name.casefold(), name)}" for name in names]
    better = terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"
    return QueryError(refusal, column, typed=value, better=better)


def _beginning_with(beginning: str) -> list[str]:
    """The archive of this name, those that begin so, or the categories that do; none if there are none."""
    small = beginning.casefold()
    if small in ARCHIVES:
        return [small]
    archives = sorted(name for name in ARCHIVES if name.startswith(small))
    return archives or [name for name in CATEGORIES if name.casefold().startswith(small)]
