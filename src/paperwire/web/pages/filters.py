"""Links that narrow a list of papers to those accepted somewhere, or with code, and back."""

from __future__ import annotations

from typing import NamedTuple

from paperwire.core.query.language import parse
from paperwire.errors import QueryError
from paperwire.texts import Texts, gettext_noop
from paperwire.web.views import page_address

_FILTERS = {
    # Translators: a filter over a list of papers: those that a conference or journal accepted.
    "venue:any": gettext_noop("Accepted"),
    # Translators: a filter over a list of papers.
    "has:code": gettext_noop("With code"),
}


class Filter(NamedTuple):
    """A link that adds a term to the query of a page, or takes it away where the query has it (`is_on`)."""

    text: str
    href: str
    is_on: bool


def filters(path: str, options: dict[str, str], texts: Texts) -> list[Filter]:
    """The filters of a page at `path` whose query is the option `q`."""
    typed = options.get("q", "")
    return [
        Filter(texts.gettext(name), page_address(path, {**options, "q": _toggled(typed, term)}, 1), _has(typed, term))
        for term, name in _FILTERS.items()
    ]


def _has(typed: str, term: str) -> bool:
    return term in typed.split()


def _toggled(typed: str, term: str) -> str:
    if _has(typed, term):
        left = " ".join(word for word in typed.split() if word != term)
        return left[1:-1] if left.startswith("(") and left.endswith(")") and _is_query(left[1:-1]) else left
    bracketed = f"({typed}) {term}"
    return bracketed if " OR " in typed and _is_query(bracketed) else f"{typed} {term}".strip()


def _is_query(typed: str) -> bool:
    try:
        parse(typed)
    except QueryError:
        return False
    return True
