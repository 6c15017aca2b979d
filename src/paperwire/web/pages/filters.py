"""Links that narrow a list of papers, as to those accepted somewhere or new on a day, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from paperwire.core.papers.paper import EventKind
from paperwire.texts import Texts, gettext_noop, pgettext_noop
from paperwire.web.views import page_address

_FILTERS = {
    # Translators: a filter over a list of papers: those that a conference or journal accepted.
    "venue:any": pgettext_noop("filter", "Accepted"),
    # Translators: a filter over a list of papers.
    "has:code": pgettext_noop("filter", "With code"),
}
KIND_LABELS = {
    # Translators: a filter over the papers of a day: those that were announced that day for the first time.
    EventKind.NEW: gettext_noop("New"),
    # Translators: a filter over the papers of a day: those added to another category that day.
    EventKind.CROSS: gettext_noop("Cross-listed"),
    # Translators: a filter over the papers of a day: those of which a new version came that day.
    EventKind.REPLACED: gettext_noop("Replaced"),
}
"""What a day's list may be narrowed to, by what was stated of its papers that day."""
_PIECE = re.compile(r'"[^"]*"|[()]|[^\s()"]+')


class Filter(NamedTuple):
    """A link that narrows a page to a number of `papers`, or widens it again where it is narrowed so (`is_on`)."""

    text: str
    href: str
    is_on: bool
    papers: int = 0


def filters(path: str, options: dict[str, str], texts: Texts) -> list[Filter]:
    """The filters of a page at `path` whose query is the option `q`."""
    query, terms = _apart(options.get("q", ""))
    return [
        Filter(
            texts.pgettext(*name),
            page_address(path, {**options, "q": _joined(query, terms ^ {term})}, 1),
            term in terms,
        )
        for term, name in _FILTERS.items()
    ]


def kind_filters(
    path: str, options: dict[str, str], stated: Mapping[EventKind, Sequence[int]], texts: Texts
) -> list[Filter]:
    """The filters of a day's page by what was stated of its papers, of those kinds that the day has."""
    chosen = options.get("kind", "")
    return [
        Filter(
            texts.gettext(name),
            page_address(path, {**options, "kind": "" if kind == chosen else kind}, 1),
            kind == chosen,
            len(stated.get(kind, ())),
        )
        for kind, name in KIND_LABELS.items()
        if stated.get(kind)
    ]


def _apart(typed: str) -> tuple[str, frozenset[str]]:
    """The query without the filters at its end, and these."""
    query, terms = " ".join(typed.split()), set[str]()
    while (parts := query.rpartition(" "))[2] in _FILTERS and not _has_alternatives(parts[0]):
        query = parts[0]
        terms.add(parts[2])
    inner = query.removeprefix("(").removesuffix(")")
    if terms and f"({inner})" == query and _has_alternatives(inner):
        query = inner
    return query, frozenset(terms)


def _joined(query: str, terms: frozenset[str]) -> str:
    """The query with filters at its end, each query and choice of filters in one form."""
    if terms and _has_alternatives(query):
        query = f"({query})"
    return " ".join(filter(None, [query, *(term for term in _FILTERS if term in terms)]))


def _has_alternatives(typed: str) -> bool:
    """Whether there is an OR outside brackets: a term after it would narrow one of its alternatives alone."""
    depth, has_or = 0, False
    for piece in _PIECE.findall(typed):
        depth += (piece == "(") - (piece == ")")
        if depth < 0:  # a bracket closes that was not opened here
            return False
        has_or |= piece == "OR" and not depth
    return has_or
