"""Other spellings of an author's name, which are another name to a query: LeCun and Le Cun, Müller and Mueller."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from paperwire.core.query.language import Query, parsed
from paperwire.core.query.nodes import And, joined
from paperwire.core.query.terms.author import Author
from paperwire.core.search.suggestion import Difference, Suggestion

_UMLAUTS = {"ae": "ä", "oe": "ö", "ue": "ü"}
_WRITTEN_OUT = str.maketrans({umlaut: letters for letters, umlaut in _UMLAUTS.items()})
_DIGRAPH = re.compile(r"(?<=[a-z])(?:ae|oe|ue)(?=[a-z]{2})", re.IGNORECASE)
_APART = re.compile(r"\b(d|de|del|di|du|la|le|mac|mc|van|von) (?=[a-z])", re.IGNORECASE)
_TOGETHER = re.compile(r"\b(D|De|Del|Di|Du|La|Le|Mac|Mc|Van|Von)(?=[A-Z][a-z])")


def named_otherwise(query: Query) -> Iterator[Suggestion]:
    """The query with an author's name in another spelling, each change apart."""
    parts = list(query.root.nodes) if isinstance(query.root, And) else [query.root]
    for place, part in enumerate(parts):
        if not isinstance(part, Author):
            continue
        for typed in _others(part.typed):
            author = replace(part, typed=typed, quoted=" " in typed)
            root = joined(And, [*parts[:place], author, *parts[place + 1 :]])
            other = parsed(str(Query("", root, query.modifiers)))
            if other is not None and other != query:
                yield Suggestion(Difference.NAMED, other)


def _others(name: str) -> Iterator[str]:
    yield _APART.sub(r"\1", name)
    yield _TOGETHER.sub(r"\1 ", name)
    yield _DIGRAPH.sub(lambda letters: _UMLAUTS[letters[0].lower()], name)
    yield name.translate(_WRITTEN_OUT)
