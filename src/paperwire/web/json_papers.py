"""Papers as JSON: what the API and the shell's `--json` print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paperwire.core.papers.identity import code_link, page_url

if TYPE_CHECKING:
    from datetime import datetime

    from paperwire.core.papers.paper import Paper
    from paperwire.store.search.search import Found


def paper_json(paper: Paper) -> dict[str, Any]:
    """A paper as the API and `paperwire search --json` print it; the texts keep their TeX."""
    return {
        "id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "abstract": paper.abstract,
        "published": _instant(paper.published),
        "updated": _instant(paper.updated),
        "announced": paper.announced.isoformat() if paper.announced else None,
        "version": paper.version,
        "url": page_url(paper),
        "code": code_link(paper),
        "doi": paper.doi,
        "comment": paper.comment,
        "source": paper.source,
        "withdrawn": paper.withdrawn,
        "upvotes": paper.upvotes,
    }


def found_json(typed: str, found: Found) -> dict[str, Any]:
    return {
        "query": typed,
        "total": found.total,
        "at_least": found.at_least,
        "resume": found.resume,
        "papers": [paper_json(paper) for paper in found.papers],
    }


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
