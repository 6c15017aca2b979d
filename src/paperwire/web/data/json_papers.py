"""Papers as JSON: what the API and the shell's `--json` print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from paperwire.core.papers.acceptance import acceptance_of
from paperwire.core.papers.code_status import code_status
from paperwire.core.papers.hub import NOT_LISTED
from paperwire.core.papers.identity import code_link, page_url
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.core.search.result import SearchResult
from paperwire.core.search.unknown import UnknownValue
from paperwire.services.papers.instead import Instead
from paperwire.texts import ENGLISH
from paperwire.wording.suggest import change_words, query_hints


class AcceptanceOut(BaseModel):
    """What the record says of a paper's acceptance: `status` is accepted, published, workshop or submitted.

    `venue` is empty if it isn't a known one, `year` null if none is stated; `quote` are the words that say so.
    """

    status: str
    venue: str
    year: int | None
    quote: str


class HuggingFaceOut(BaseModel):
    """A paper's entry on Hugging Face (`core/papers/hub.py`), with the sentence and the keywords that it made.

    Of `models`, `datasets` and `demos` the first are named ("owner/name"); the counts are of all, null if they were
    never looked up. Names are as they are shown, handles as they stand in addresses.
    """

    organisation: str
    organisation_handle: str
    submitter: str
    submitter_handle: str
    project_url: str
    summary: str
    keywords: list[str]
    media: list[str]
    thumbnail: str
    comment_count: int | None
    models: list[str]
    datasets: list[str]
    demos: list[str]
    model_count: int | None
    dataset_count: int | None
    demo_count: int | None

    @classmethod
    def of(cls, paper: Paper) -> HuggingFaceOut | None:
        if paper.hub == NOT_LISTED and not paper.summary:
            return None
        return cls.model_validate(asdict(paper.hub) | {"summary": paper.summary})


class NoticeOut(BaseModel):
    """A notice that retracts or corrects a paper: its DOI and address (empty for none), its day, and who says so."""

    kind: str
    doi: str
    url: str
    day: date | None
    source: str


class PaperOut(BaseModel):
    """One paper. `announced` is its day; times are in UTC; `upvotes` are Hugging Face's, null if never listed.

    `feed` is the name of the RSS or Atom feed that had it, empty for none. `code_status` is `there`, `promised` or
    empty. `hugging_face` is null for a paper of which Hugging Face says nothing.
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
    journal_ref: str
    report_number: str
    source: str
    feed: str
    withdrawn: bool
    retracted: bool
    notices: list[NoticeOut]
    upvotes: int | None
    acceptance: AcceptanceOut | None
    code_status: str
    hugging_face: HuggingFaceOut | None

    @classmethod
    def of(cls, paper: Paper) -> PaperOut:
        """What is shown of a paper; the texts keep their TeX."""
        values = {name: getattr(paper, name) for name in cls.model_fields if hasattr(paper, name)}
        grade = acceptance_of(paper)
        notices = [notice.values() | {"url": notice.url, "day": notice.day} for notice in paper.notices]
        made = {
            "url": page_url(paper),
            "code": code_link(paper),
            "retracted": any(notice.kind == "retracted" for notice in paper.notices),
            "notices": notices,
            "acceptance": grade and asdict(grade),
            "code_status": code_status(paper),
            "hugging_face": HuggingFaceOut.of(paper),
        }
        return cls.model_validate(values | made)


def paper_json(paper: Paper) -> dict[str, Any]:
    return PaperOut.of(paper).model_dump(mode="json")


def suggestion_json(other: Instead | None) -> dict[str, Any] | None:
    """Another query, why, and how many papers it finds."""
    if other is None:
        return None
    return {"query": other.query, "why": change_words(other.suggestion, ENGLISH), "total": other.total}


def unknown_json(unknown: Sequence[UnknownValue]) -> list[dict[str, str]]:
    """Terms that no stored paper has, with the nearest values that exist."""
    return [{"term": each.term.show(""), "nearest": each.nearest_shown} for each in unknown]


def found_json(
    typed: str,
    query: Query | None,
    result: SearchResult,
    other: Instead | None = None,
    unknown: Sequence[UnknownValue] = (),
) -> dict[str, Any]:
    """What a search found; `query` is how `typed` was read, None for a paper's id or address."""
    hints = query_hints(query, ENGLISH) if query is not None else []
    return {
        "query": typed,
        "total": result.total,
        "at_least": result.at_least,
        "resume": result.resume,
        "hints": [{"query": other_query, "why": why} for other_query, why in hints],
        "suggestion": suggestion_json(other),
        "unknown": unknown_json(unknown),
        "papers": [paper_json(paper) for paper in result.papers],
    }
