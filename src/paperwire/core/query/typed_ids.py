"""Ids of papers as people type them among words."""

from __future__ import annotations

import re

from paperwire.core.papers.identity import canonical_id
from paperwire.core.query.typed import Typed
from paperwire.errors import QueryError, Refusal
from paperwire.texts import gettext_noop

_OLD_ID, _END = r"[a-z-]+(?:\.[a-z-]+)?/\d{7}", r"(?:v\d{1,2})?(?:\.pdf)?(?![\w/]|\.\w)"
_ID = re.compile(rf"(?<![^\s(\[,])\[?(?:arXiv[\s/]+|id_list=)?(\d{{4}}\.\d{{5}}|{_OLD_ID}){_END}\]?,?", re.IGNORECASE)
_ID_CITED = re.compile(
    r"(?<![\w.:-])(?:(?:https?://)?(?:www\.)?arxiv\.org/(?:abs|pdf)/|arXiv[\s:]*)?"
    rf"(\d{{4}}\.\d{{4,5}}|{_OLD_ID}){_END}",
    re.IGNORECASE,
)
NEAR = (
    r"(?:(?:find|show|more|me|papers?|works?|articles?)\s+)*(?:like|similar\s+to|related\s+to|near|ähnlich\s+wie):?\s+"
)
NEAR_IDS = re.compile(rf"{NEAR}$", re.IGNORECASE)
"""Matches what people type before papers to which others are to be near."""
_IN_IDS = re.compile(r"(?:id|like):(?:\([^)]*|\S*,)$", re.IGNORECASE)
_FILLERS = frozenset(
    "and arxiv by cited cites citing explain find follow get id ids look of on open or paper papers preprint read"  # noqa: SIM905 -- words
    " reading related search see show subscribe summary the tl;dr track up versus vs watch who".split()
)
"""Words that say nothing else of the papers that are named."""
_BETWEEN_WORDS = re.compile(r"[\s,.:*>\[\]()-]+|;(?=\s)")


def ids_cited(text: str) -> list[str]:
    """The arXiv ids of the papers that a reference names, each once."""
    return list(dict.fromkeys(filter(None, (canonical_id(match[1]) for match in _ID_CITED.finditer(text)))))


def ids_alone(text: str) -> list[str]:
    """The arXiv ids in a text that says nothing else of the papers."""
    others = _BETWEEN_WORDS.split(_ID_CITED.sub(" ", text))
    return ids_cited(text) if all(word.casefold() in _FILLERS for word in others if word) else []


def _name_ids(text: str, _error: QueryError) -> str:
    """The papers alone where nothing else is said of them, those near to them where that is."""
    ids = [match[1] for match in _ID.finditer(text) if canonical_id(match[1])]
    others = _ID.sub(" ", text)
    if NEAR_IDS.fullmatch(f"{others.strip()} "):
        return f"like:{','.join(ids)}"
    if all(word.casefold() in _FILLERS for word in _BETWEEN_WORDS.split(others) if word):
        return " OR ".join(f"id:{paper}" for paper in ids)
    return _ID.sub(lambda match: f"id:{match[1]}" if canonical_id(match[1]) else match[0], text)


PAPER_ID = Refusal(
    "an id without id:",
    gettext_noop("%(typed)s is a paper, not a word"),
    gettext_noop("Type its id alone, id:2510.01234 OR id:2510.01235 for several, or like:2510.01234"),
    _name_ids,
    example="2510.01234 2510.01235",
)


def check(query: Typed, bare: str) -> None:
    """Refuse ids among words, except in a group of `id:` or `like:`."""
    for match in _ID.finditer(bare):
        if canonical_id(match[1]) and not _IN_IDS.search(bare[: match.start()]):
            raise QueryError(PAPER_ID, query.column(match.start()), typed=match[1])
