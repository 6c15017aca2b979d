"""What arXiv's three services have in common: how they write ids, authors and withdrawals."""

from __future__ import annotations

import re

from paperwire.core.identity import canonical_id
from paperwire.core.names import MAX_AUTHORS, MAX_NAME, split_names

_OAI = "oai:arXiv.org:"
_VERSION = re.compile(r"v(\d{1,4})$", re.IGNORECASE)
_WITHDRAWN = re.compile(
    r"\b(?:paper|article|submission|manuscript|preprint|work|note|version)s?\b[^.;]{0,40}?"
    r"\b(?:has|have|had|was|were|is|been)\b[^.;]{0,20}?\bwithdrawn\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"^\W*(?:paper |article |submission )?withdrawn\b", re.IGNORECASE)
_BEGINNING = 300
AUTHORS_TEXT = 500_000
"""Letters of a list of authors that are read; the longest real one has about 100,000."""
_ON_BEHALF = re.compile(r"\b(collaborations?|consortium|group|team)\s*:\s*", re.IGNORECASE)


def versioned(text: str) -> tuple[str, int] | None:
    """Id without version, and the version (1 if none is written), of `oai:arXiv.org:2604.14193v2` or an address.

    An id that arXiv itself gives out is taken even if its form is none of the known (0811.36489 was seen in OAI-PMH).
    None if `text` names no arXiv paper.
    """
    text = text.strip()
    bare = _VERSION.sub("", text)
    name = canonical_id(bare) or (bare.removeprefix(_OAI) if bare.startswith(_OAI) else "")
    found = _VERSION.search(text)
    return (name, int(found[1]) if found else 1) if name else None


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether the authors or arXiv say that this paper is withdrawn; arXiv has no field for it, only these texts."""
    texts = (comment, abstract[:_BEGINNING])
    return bool(_COMMENT.match(comment)) or any(_WITHDRAWN.search(text) for text in texts)


def names_in(text: str) -> tuple[str, ...]:
    """The authors in one string; `LHCb Collaboration: R. Aaij, et al.` are two of them."""
    names = split_names(_ON_BEHALF.sub(r"\1, ", text))
    return tuple(name[:MAX_NAME] for name in names if name.casefold().rstrip(".") != "et al")[:MAX_AUTHORS]
