"""What arXiv's three services have in common: how they write ids, authors and withdrawals."""

from __future__ import annotations

import re

from paperwire.core.papers.identity import canonical_id, is_arxiv
from paperwire.core.papers.names import MAX_AUTHORS, MAX_NAME, split_names

_OAI = "oai:arXiv.org:"
_VERSION = re.compile(r"v(\d{1,4})$", re.IGNORECASE)
_PAPER = r"(?:paper|article|submission|manuscript|preprint|e-?print|work|note|version|document)"
_NOW = r"(?:been|being|now|since|hereby|therefore|thus|also|temporarily|voluntarily|formally|subsequently)"
# From a conference or journal, which says nothing of the paper on arXiv.
_ELSEWHERE = (
    r"(?!(?: by (?:\w+ ){0,3}?(?:authors?|submitters?|us|me))?"
    r" (?:from (?!(?:the )?(?:arxiv|archives?|e-?print|preprint|circulation|public)\b)"
    r"|(?:before|prior to|at|after) (?:its |the |being )?(?:accept|present|review|publi|camera|conferenc|rebuttal|notif"
    r"|workshop|proceeding)))"
)
# `This paper has been withdrawn`; between the two at most a remark: not `this paper studies how heat is withdrawn`.
_IS_WITHDRAWN = re.compile(
    rf"(?<!of )\b(?:(?:this|our|my|the(?: present)?) {_PAPER}|^{_PAPER})"
    r"(?: \([^()]{0,80}\)|, [^,.;]{0,60},| (?:by|entitled|titled) [^.;]{0,60}?"
    r"| (?:was|is) (?:submitted|posted|uploaded) (?:by mistake|in error|twice) and| and (?:its |the )?abstract)?"
    rf" (?:has|have|had|was|were|is|are)(?: {_NOW}){{0,3}} withdrawn\b{_ELSEWHERE}",
    re.IGNORECASE,
)
# `The authors have withdrawn this paper`, `I would like to withdraw the paper`.
_WITHDRAW_IT = re.compile(
    rf"\b(?:authors?|submitters?|administrators?|admins?|we|i|arxiv)(?: (?:have|has|had|{_NOW})){{0,3}}"
    r" (?:(?:would like|want|wish|decided|need|chose) to withdraw|withdraws?|withdrew|withdrawn"
    r"|(?:are|is|am) withdrawing)"
    rf" (?:this|our|my|the(?: present)?) {_PAPER}\b{_ELSEWHERE}",
    re.IGNORECASE,
)
# `Withdrawn`, `Paper withdrawn due to ...` at the beginning of a text.
_BEGINS_WITHDRAWN = re.compile(
    rf"\W*(?:{_PAPER} )?withdrawn(?=$|[.;:!)\]]| ?\(| [-\u2013\u2014]"
    rf"|,? (?:by|due|because|since|as|pending|for|in favou?r|owing|until|from)\b){_ELSEWHERE}",
    re.IGNORECASE,
)
# `12 pages, withdrawn by submitter`: of a comment anywhere.
_BY_AUTHOR = re.compile(
    r"\bwithdrawn by (?:(?:the|its|all|this|arxiv) )?(?:\w+ )?(?:authors?|submitters?|arxiv|admin\w*)\b(?:\(s\))?"
    + _ELSEWHERE,
    re.IGNORECASE,
)
# `This article has been removed by arXiv administrators because ...`; not `Figures removed by arXiv`.
_REMOVED = re.compile(
    rf"(?:\b(?:this|the) (?:{_PAPER}|version) (?:has been|was|is) |^(?:arxiv admin note: )?(?:{_PAPER} )?)"
    r"removed by (?:the )?arxiv\b",
    re.IGNORECASE,
)
_BEGINNING = 300
AUTHORS_TEXT = 500_000
"""Letters of a list of authors that are read; the longest real one has about 100,000."""
_ON_BEHALF = re.compile(r"\b(collaborations?|consortium|group|team)\s*:\s*", re.IGNORECASE)


def versioned(text: str) -> tuple[str, int] | None:
    """Id without version, and the version (1 if none is written), of `oai:arXiv.org:2604.14193v2` or an address.

    An id from arXiv itself is taken even if its form is none of the known (0811.36489 was seen in OAI-PMH).
    None if `text` names no arXiv paper.
    """
    text = text.strip()
    bare = _VERSION.sub("", text)
    paper_id = canonical_id(bare)
    if paper_id is not None and not is_arxiv(paper_id):
        return None
    name = paper_id or (bare.removeprefix(_OAI) if bare.startswith(_OAI) else "")
    match = _VERSION.search(text)
    return (name, int(match[1]) if match else 1) if name else None


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether the authors or arXiv say that this paper is withdrawn; arXiv has no field for it, only these texts.

    Its own advice is `This paper has been withdrawn by the author`, in the comment or the abstract. A paper that left
    a conference's proceedings is not withdrawn.
    """
    texts = [" ".join(text.split()) for text in (comment, abstract[:_BEGINNING])]
    patterns = (_IS_WITHDRAWN.search, _WITHDRAW_IT.search, _BEGINS_WITHDRAWN.match, _REMOVED.search)
    return any(look(text) for text in texts for look in patterns) or bool(_BY_AUTHOR.search(texts[0]))


def names_in(text: str) -> tuple[str, ...]:
    """The authors in one string; `LHCb Collaboration: R. Aaij, et al.` are two of them."""
    names = split_names(_ON_BEHALF.sub(r"\1, ", text))
    return tuple(name[:MAX_NAME] for name in names if name.casefold().rstrip(".") != "et al")[:MAX_AUTHORS]
