"""Which papers a text names: a pasted .bib file, a list of links, a reference list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paperwire.core.papers.identity import canonical_id, stamp_at

# What stands in braces, quotes or brackets ends there; a DOI may hold nearly anything else.
_NAME = re.compile(
    r"10\.\d{4,9}(?:\.\d+)*/[^\s<>\"{}|]+"
    r"|(?<![\w./])(?:[a-z]+(?:-[a-z]+)?(?:\.[a-z]{2})?/\d{7}|\d{4}\.\d{4,5}|demo\.\d{5,9})(?:v\d{1,3})?(?![\w/]|\.\d)",
    re.IGNORECASE,
)
# Our own pages may be on any host and port, so with a scheme any name is one.
_ADDRESS = re.compile(r"(?:https?://[^\s/<>\"{}|]+|(?:[a-z0-9-]+\.)+[a-z]{2,})/[^\s<>\"{}|]+", re.IGNORECASE)
_TAIL = ".,;:)]'"
_ENTRY = re.compile(r"@(?!comment|string|preamble)[a-z]+\s*\{\s*([^,\s{}]+)\s*,", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;]+")
_JOINING = frozenset({"", "and", "&"})


def mentioned(text: str, limit: int) -> tuple[str, ...]:
    """The canonical ids of the papers that a text names by id, DOI or address, each once, at most `limit` of them."""
    text = text.replace("\\_", "_").replace("\\%", "%").replace("\\&", "&")
    paper_ids: dict[str, None] = {}
    for paper_id in _names(text):
        paper_ids.setdefault(paper_id)
        if len(paper_ids) == limit:
            break
    return tuple(paper_ids)


def named_by_file(name: str) -> str:
    """The id of the paper that a PDF is called by (`2401.01234v2.pdf`), empty if it is called otherwise."""
    stem, dot, ending = name.rpartition(".")
    if not dot or ending.casefold() != "pdf":
        return ""
    return next(iter(mentioned(stem.replace("_", " "), 1)), "")


def unread(text: str) -> tuple[str, ...]:
    """The pieces of a text in which no paper is named: keys of .bib entries, else lines, in a single line words."""
    if entries := list(_ENTRY.finditer(text)):
        ends = [*(entry.start() for entry in entries[1:]), len(text)]
        bodies = ((entry[1], text[entry.end() : end]) for entry, end in zip(entries, ends, strict=True))
        return tuple(key for key, body in bodies if not mentioned(body, 1))
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(lines) == 1:
        stamp = stamp_at(lines[0])  # a category and a day belong to it
        lines = [word for word in _BETWEEN.split(lines[0][stamp[1] if stamp else 0 :]) if word not in _JOINING]
    return tuple(line for line in lines if not mentioned(line, 1))


def _names(text: str) -> Iterator[str]:
    """In order; what stands in an address of a paper's page is not read for itself."""
    place = 0
    for address in _ADDRESS.finditer(text):
        if paper_id := canonical_id(address[0].rstrip(_TAIL)):
            yield from _bare(text[place : address.start()])
            yield paper_id
            place = address.end()
    yield from _bare(text[place:])


def _bare(text: str) -> Iterator[str]:
    for name in _NAME.finditer(text):
        if paper_id := canonical_id(name[0].rstrip(_TAIL)):
            yield paper_id
