"""Papers as JSON: what the API and the shell's `--json` print."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from paperwire.core.papers.acceptance import acceptance_of
from paperwire.core.papers.code_status import code_status
from paperwire.core.papers.identity import code_link, page_url
from paperwire.core.papers.paper import Paper
from paperwire.core.search.found import Found


class AcceptanceOut(BaseModel):
    """What the record says of a paper's acceptance: `status` is accepted, published, workshop or submitted.

    `venue` is empty if it isn't a known one, `year` null if none is stated; `quote` are the words that say so.
    """

    status: str
    venue: str
    year: int | None
    quote: str


class PaperOut(BaseModel):
    """One paper. `announced` is its day; times are in UTC; `upvotes` are Hugging Face's, null if never listed.

    `feed` is the name of the RSS or Atom feed that had it, empty for none. `code_status` is `there`, `promised` or
    empty.
    """

    id: str
    title: str
    authors: list[str]
    categories: list[str]
    abstract: str
    published: datetime | None
    updated: datetime | None
    announced: date | None
    version: int
    url: str
    code: str
    doi: str
    comment: str
    source: str
    feed: str
    withdrawn: bool
    upvotes: int | None
    acceptance: AcceptanceOut | None
    code_status: str

    @classmethod
    def of(cls, paper: Paper) -> PaperOut:
        """What is shown of a paper; the texts keep their TeX."""
        values = {name: getattr(paper, name) for name in cls.model_fields if hasattr(paper, name)}
        grade = acceptance_of(paper)
        made = {
            "url": page_url(paper),
            "code": code_link(paper),
            "acceptance": grade and asdict(grade),
            "code_status": code_status(paper),
        }
        return cls.model_validate(values | made)


def paper_json(paper: Paper) -> dict[str, Any]:
    """A paper as the API and `paperwire search --json` print it."""
    return PaperOut.of(paper).model_dump(mode="json")


def found_json(typed: str, found: Found) -> dict[str, Any]:
    return {
        "query": typed,
        "total": found.total,
        "at_least": found.at_least,
        "resume": found.resume,
        "papers": [paper_json(paper) for paper in found.papers],
    }
