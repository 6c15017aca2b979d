"""Which paper a person means by what they type or paste: an id or DOI, in whatever brackets, or an address with one."""

from __future__ import annotations

import re
from urllib.parse import unquote

from paperwire.core.papers.identity import NEW_ID, OLD_ID, canonical_id, is_arxiv

_OPEN, _CLOSED = "([{（", ")]}）"
_AROUND = " \t<>`'\"“”‘’«»「」『』【】*_~#@"
_AFTER = ".,;:!?…。，、；：！？\\"
_BEFORE = re.compile(
    r"(?:(?:see|cf|paper|preprint|e-?print|arxiv|identifier|id|info|urn|oai|abs|pdf|doi)[\s.:=/_#{(-]+)+", re.IGNORECASE
)
_CATEGORY = re.compile(r"\s*[(\[][a-z-]{2,16}(?:\.[a-z-]{2,16})?[)\]]$", re.IGNORECASE)
_TERM = re.compile(r"\s*id:", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|(?:[a-z0-9-]+\.)+[a-z]{2,12}/)\S+", re.IGNORECASE)
_ID_IN_ADDRESS = re.compile(rf"(?<![\w.])(?:arxiv[._-]?)?(?P<id>{NEW_ID}|{OLD_ID})(?!\d)", re.IGNORECASE)
_DBLP = re.compile(r"/corr/abs-(\d{4})-(\d{4,5})(?!\d)", re.IGNORECASE)
_DOI_IN_ADDRESS = re.compile(r"(?<=[/=:.])10\.\d{4,9}(?:/|%2F)[^\s?#&]+", re.IGNORECASE)
_PART_OF_PAGE = re.compile(
    r"(?:\.(?:e?pdf|html?|full|xml)|/(?:full|abstract|summary|e?pdf|html|fulltext|meta|references|metrics))/?$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?<=/)academic\.oup\.com/", re.IGNORECASE)
"""Matches hosts that put a number of their own after a DOI."""


def paper_named(text: str) -> str | None:
    """The id of the paper that a text names and says nothing else of, by `canonical_id`; None for any other text.

    An `id:` before an arXiv id makes it a term of a query, so that names none.
    """
    bare = _bare(text)
    if _ADDRESS.match(bare):
        return canonical_id(re.split(r"[?#]", bare)[0]) or _in_address(bare)
    if paper := canonical_id(text) or canonical_id(bare) or canonical_id(_PART_OF_PAGE.sub("", unquote(bare))):
        return paper
    prefix = _BEFORE.match(bare)
    if prefix is None:
        return None
    paper = canonical_id(_bare(_CATEGORY.sub("", bare[prefix.end() :])))
    return None if paper and is_arxiv(paper) and _TERM.match(text) else paper


def _bare(text: str) -> str:
    """The text without what encloses and follows it; a bracket that is closed within it stays."""
    before = None
    while before != text:
        before = text
        text = text.strip(_AROUND).rstrip(_AFTER + _AROUND).lstrip(_OPEN)
        while text[-1:] and text[-1] in _CLOSED and _closes_nothing(text):
            text = text[:-1]
    return text


def _closes_nothing(text: str) -> bool:
    closed = text[-1]
    return text.count(closed) > text.count(_OPEN[_CLOSED.index(closed)])


def _in_address(address: str) -> str | None:
    """The paper whose id or DOI is in an address; None if there are several or none."""
    ids = {canonical_id(match["id"]) for match in _ID_IN_ADDRESS.finditer(unquote(address))}
    ids |= {canonical_id(f"{month}.{number}") for month, number in _DBLP.findall(address)}
    if not ids and (doi := _DOI_IN_ADDRESS.search(address)):
        named = _PART_OF_PAGE.sub("", unquote(doi[0]))
        has_number = _NUMBERED.search(address) and named.count("/") > 1
        ids = {canonical_id(named.rpartition("/")[0] if has_number else named)}
    return ids.pop() if len(ids) == 1 else None
