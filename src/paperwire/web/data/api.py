"""The JSON API: search, one paper, one day, and how complete the last days are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from paperwire.core.days.batch import BatchState
from paperwire.core.days.completeness import Day as SourceDay
from paperwire.core.papers.named import paper_named
from paperwire.core.papers.paper import Paper
from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import MAX_CHARACTERS
from paperwire.core.search.result import Order
from paperwire.errors import QueryError
from paperwire.services.papers import search as searches
from paperwire.services.papers.instead import instead
from paperwire.texts import ENGLISH
from paperwire.web.data.json_papers import PaperOut, found_json, paper_json, suggestion_json
from paperwire.web.days import Days
from paperwire.web.http import Payload, Ready
from paperwire.web.problems import PROBLEM_JSON, Refused, no_paper
from paperwire.web.site import WebDeps
from paperwire.wording.days import day_state, doubt_words

_JSON = "application/json"
_QUERY = "the query: words, phrases, ti: abs: au: cat: source: id: has: co: venue: org: by: upvotes>= like: rate:"
# Described only: the answer to such a query names the column and what to type, as the framework's wouldn't.
_QUERY_LENGTH: dict[str, Any] = {"minLength": 1, "maxLength": MAX_CHARACTERS}
_LARGEST_LIMIT = 1_000
_LAST_PLACE = 2**63 - 1
_LIMIT = "maximum number of papers, up to 1,000"
_OFFSET = "number of papers to skip"
_RESUME = "continue with older papers: `resume` of the previous answer"


class SuggestionOut(BaseModel):
    """Another query for one that can't be read, finds nothing or misses a form: why, and how many papers it finds."""

    query: str
    why: str
    total: int


class HintOut(BaseModel):
    """What else a query may mean, and what that finds."""

    query: str
    why: str


class UnknownOut(BaseModel):
    """A category or source that no stored paper has and no setting names, and the nearest one; empty for none."""

    term: str
    nearest: str


class SearchOut(BaseModel):
    """Results of a search; `total` is a lower bound with `at_least`, and `resume` continues with older papers.

    `suggestion` is another query where nothing is found and one is known that finds something, or the same with the
    other form of an abbreviation, or the name of an author in another spelling, where papers say only that. `hints` say
    how a lone letter or a star in quotes was read, and of a conference among the words. `unknown` is what of a query
    that finds nothing no paper has, so that a subscription to it could never match.
    """

    query: str
    total: int
    at_least: bool
    resume: int | None
    hints: list[HintOut]
    suggestion: SuggestionOut | None
    unknown: list[UnknownOut]
    papers: list[PaperOut]


class DayOut(BaseModel):
    """Papers of one day, of `total`."""

    day: date
    total: int
    papers: list[PaperOut]


class UnprovenOut(BaseModel):
    """A category, server or feed of a day that is not proven complete, and what is missing for that."""

    part: str
    missing: list[str]


class DayStateOut(BaseModel):
    """How complete one day of one source is; `said` is the text of `/status`."""

    source: str
    day: date
    state: BatchState
    said: str
    new: int
    cross_listed: int
    replaced: int
    found_late: int
    unusually_few: bool
    unproven: list[UnprovenOut]


class DayStates(BaseModel):
    """The last days of each source, the latest first."""

    days: list[DayStateOut]


class Problem(BaseModel):
    """Why there is no answer (RFC 9457).

    For a query it has the column (from 1) where it goes wrong and what to type instead; `errors` has `parameter` and
    `detail` of each parameter that cannot be taken.
    """

    type: str
    title: str
    status: int
    detail: str
    column: int | None = None
    hint: str | None = None
    suggestion: SuggestionOut | None = None
    errors: list[dict[str, str]] | None = None


_REFUSED: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "A problem (RFC 9457): why there is no answer",
        "content": {PROBLEM_JSON: {"schema": Problem.model_json_schema()}},
    }
}


def router(deps: WebDeps, days: Days) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", responses=_REFUSED)

    @routes.get("/search", response_model=SearchOut, summary="Papers that match a query")
    async def search(
        q: Annotated[str, Query(description=_QUERY, json_schema_extra=_QUERY_LENGTH)],
        order: Annotated[Order, Query(description="relevance, date or score")] = "relevance",
        limit: Annotated[int, Query(ge=1, le=_LARGEST_LIMIT, description=_LIMIT)] = 25,
        offset: Annotated[int, Query(ge=0, le=10_000, description=_OFFSET)] = 0,
        resume: Annotated[int | None, Query(ge=0, le=_LAST_PLACE, description=_RESUME)] = None,
    ) -> Ready:
        return _answer(await _found(deps, q, order=order, before=resume, limit=limit, offset=offset))

    @routes.get(
        "/papers/{paper_id:path}", response_model=PaperOut, summary="One paper, by its arXiv id, DOI or address"
    )
    async def one_paper(paper_id: Annotated[str, Path(description="the paper's id")]) -> Ready:
        async with deps.context.store.read() as unit:
            paper = await unit.papers.get(paper_named(paper_id) or paper_id)
        if paper is None:
            raise Refused(404, no_paper)
        return _answer(paper_json(paper))

    @routes.get("/days", response_model=DayStates, summary="How complete the last days of each source are")
    async def day_states() -> Ready:
        return _answer({"days": [_day_json(day) for day in (await deps.health()).days]})

    @routes.get("/days/{day}", response_model=DayOut, summary="The papers of one day, the last recorded first")
    async def one_day(
        day: Annotated[date, Path(description="the day, as 2026-01-05")],
        limit: Annotated[int, Query(ge=1, le=_LARGEST_LIMIT, description=_LIMIT)] = 100,
        offset: Annotated[int, Query(ge=0, le=10_000, description=_OFFSET)] = 0,
    ) -> Ready:
        day_papers = await days.get(day)
        return _answer(_papers_json(day, day_papers.papers if day_papers else (), slice(offset, offset + limit)))

    return routes


async def _found(deps: WebDeps, typed: str, **options: Any) -> dict[str, Any]:
    named = await searches.named(deps.context.store, typed)
    if named is not None:
        return found_json(typed, None, named)
    store, calibration, query = deps.context.store, deps.context.calibration, None
    try:
        query = read(typed)
        matches = await searches.search(store, calibration, query, **options)
    except QueryError as error:
        other = await instead(store, calibration, typed, query, None)
        raise Refused.query(error, suggestion=suggestion_json(other)) from None
    is_whole = options["before"] is None
    other = await instead(store, calibration, typed, query, matches) if is_whole else None
    unknown = await searches.unknown_values(deps.context, query, matches) if is_whole else ()
    return found_json(typed, query, matches, other, unknown)


def _papers_json(day: date, papers: Sequence[Paper], shown: slice) -> dict[str, Any]:
    if not papers:
        raise Refused(404, lambda texts: texts.gettext("No papers are stored for this day."))
    return {"day": day.isoformat(), "total": len(papers), "papers": [paper_json(paper) for paper in papers[shown]]}


def _day_json(day: SourceDay) -> dict[str, Any]:
    return {
        "source": day.source,
        "day": day.day.isoformat(),
        "state": day.state.value,
        "said": day_state(day, ENGLISH),
        "new": day.new,
        "cross_listed": day.crossed,
        "replaced": day.replaced,
        "found_late": day.late,
        "unusually_few": day.is_thin,
        "unproven": [
            {"part": batch.part, "missing": [doubt_words(doubt, ENGLISH) for doubt in batch.doubts]}
            for batch in day.unproven
        ],
    }


def _answer(members: dict[str, Any]) -> Ready:
    content = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Ready(Payload(content, _JSON))
