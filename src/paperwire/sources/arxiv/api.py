"""arXiv's search API: single papers and their details, in the words of both of its writers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from paperwire.core.days.dates import instant
from paperwire.core.papers.names import names_of
from paperwire.core.papers.paper import Paper
from paperwire.errors import SourceGarbled, SourceRefused
from paperwire.sources._xml import parse_xml, text_of
from paperwire.sources.arxiv.record import is_withdrawn, versioned

if TYPE_CHECKING:  # nothing here needs the library at run time
    from lxml import etree

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_ERROR = "arxiv.org/api/errors"

BATCH = 100
"""How many ids go into one request."""


def query(ids: Sequence[str]) -> dict[str, str]:
    """The parameters that ask for the latest version of these papers."""
    return {"id_list": ",".join(ids), "max_results": str(len(ids))}


def parse_answer(body: bytes) -> list[Paper]:
    """The papers of an answer of the API, by the writer of before or after 2026.

    Raises SourceRefused where arXiv finds the query wrong, SourceGarbled for anything else.
    """
    root = parse_xml(body)
    total = text_of(root.find(f"{_SEARCH}totalResults"))
    if root.tag != f"{_ATOM}feed" or not total.isdecimal():
        raise SourceGarbled("the answer is not an answer of arXiv's search")
    papers = []
    for entry in root.iterfind(f"{_ATOM}entry"):
        name = text_of(entry.find(f"{_ATOM}id"))
        if _ERROR in name:
            error = text_of(entry.find(f"{_ATOM}summary")) or name
            raise SourceRefused(f"arXiv's search refuses the request ({error[:200]})")
        if named := versioned(name):
            papers.append(_paper(entry, *named))
    return papers


def _paper(entry: etree._Element, paper_id: str, version: int) -> Paper:
    abstract = text_of(entry.find(f"{_ATOM}summary"))
    comment = text_of(entry.find(f"{_ARXIV}comment"))
    published = instant(text_of(entry.find(f"{_ATOM}published")))
    primary = entry.find(f"{_ARXIV}primary_category")
    terms = [primary, *entry.iterfind(f"{_ATOM}category")]
    categories = dict.fromkeys(" ".join(term.get("term", "").split()) for term in terms if term is not None)
    return Paper(
        id=paper_id,
        title=text_of(entry.find(f"{_ATOM}title")),
        abstract=abstract,
        authors=tuple(
            name for author in entry.iterfind(f"{_ATOM}author/{_ATOM}name") for name in names_of(text_of(author))
        ),
        categories=tuple(term for term in categories if term),
        published=published,
        updated=instant(text_of(entry.find(f"{_ATOM}updated"))),
        version=version,
        comment=comment,
        doi=text_of(entry.find(f"{_ARXIV}doi")),
        journal_ref=text_of(entry.find(f"{_ARXIV}journal_ref")),
        url=f"https://arxiv.org/abs/{paper_id}",
        withdrawn=is_withdrawn(comment, abstract),
    )
