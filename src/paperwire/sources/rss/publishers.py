"""What publishers write into the entries of feeds and their links: DOIs, authors, journals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from paperwire.core.papers.identity import normal_doi
from paperwire.core.papers.names import split_names
from paperwire.sources._markup import lines_of

# `…/doi/full/10.1002/abc`, `…/article/10.1007/s1`, `…/abstract/10.1103/PhysRevA.1.2`, as publishers' pages are called.
_IN_PATH = re.compile(
    r"/(?:doi|abs|abstract|article|articles|book|chapter|content|epdf|full|fulltext|html|pdf)/(10\.\d{4,9}/[^?#]+)"
)
_PAGE_OF_IT = re.compile(
    r"(?:/(?:abstract|epdf|full|full-text|fulltext|html|meta|pdf|references|summary)|\.pdf|/)$", re.IGNORECASE
)
_OXFORD = re.compile(r"(10\.1093/.+)/\d+")  # the number of the article stands after the DOI
_IN_QUERY = ("doi", "id")

# ScienceDirect's lines, which stand instead of an abstract, and APS's around it.
_LABELLED = re.compile(r"(Publication date|Source|Author\(s\)):\s*(.*)")
_CITED = re.compile(r"\[+(.{3,200}?)\]\s*Published \w{3} \w{3} \d{1,2}, \d{4}")
# PubMed's last line; its first one is the journal's and the second says ABSTRACT.
_NUMBERS = re.compile(r"PMID:\s*\d+\b(?:.*\bDOI:\s*(\S+))?")


@dataclass(frozen=True, slots=True)
class Description:
    """The text of an entry, and what else its publisher wrote into it."""

    text: str
    authors: tuple[str, ...] = ()
    journal: str = ""
    doi: str = ""


def described(markup: str) -> Description:
    """A description less its publisher's own lines."""
    lines = lines_of(markup)
    labels = {match[1]: match[2] for line in lines if (match := _LABELLED.fullmatch(line))}
    if "Author(s)" in labels:
        lines = [line for line in lines if not _LABELLED.fullmatch(line)]
    cited = _CITED.fullmatch(lines[-1]) if lines and "Author(s)" in labels else None
    numbers = _NUMBERS.fullmatch(lines[-1]) if lines else None
    if cited or numbers:
        lines = lines[:-1]
    if numbers and "ABSTRACT" in lines:
        lines = lines[lines.index("ABSTRACT") + 1 :]
    journal = cited[1] if cited else labels.get("Source", "") if "Author(s)" in labels else ""
    doi = (numbers[1] or "") if numbers else ""
    return Description(" ".join(lines), split_names(labels.get("Author(s)", "")), journal, doi)


def doi_of_address(url: str) -> str:
    """The DOI in the address of a publisher's page; empty if it names none."""
    parts = urlsplit(url)
    for name in _IN_QUERY:
        if doi := normal_doi(parse_qs(parts.query).get(name, [""])[0]):
            return doi
    match = _IN_PATH.search(unquote(parts.path))
    if not match:
        return ""
    doi = _PAGE_OF_IT.sub("", match[1])
    oxford = _OXFORD.fullmatch(doi) if parts.hostname == "academic.oup.com" else None
    return normal_doi(oxford[1] if oxford else doi) or ""
