"""`search`, `preview`, `why` and `trending`: what a person may ask of the stored papers, through the same services."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from paperwire.bootstrap import opening
from paperwire.channels.console import ADDRESS, ConsoleChannel
from paperwire.cli.app import AsJson, command, go, settings_of, show_json
from paperwire.config import Settings
from paperwire.core.messages.card import brief
from paperwire.core.messages.message import Item, Message, message_of
from paperwire.core.papers.named import paper_named
from paperwire.core.papers.paper import Paper
from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import Query
from paperwire.core.search.correction import corrected
from paperwire.core.search.result import Order
from paperwire.core.search.suggestion import Rated
from paperwire.errors import QueryError
from paperwire.services.context import Context
from paperwire.services.papers import search as searches
from paperwire.services.papers import trending as trends
from paperwire.services.papers.instead import instead
from paperwire.services.papers.meaning import reasons
from paperwire.services.papers.papers import find_paper
from paperwire.services.papers.suggest import suggested
from paperwire.services.papers.why import checked
from paperwire.texts import ENGLISH
from paperwire.web.data.json_papers import found_json, paper_json, unknown_json
from paperwire.wording.preview import preview_lines, unknown_line
from paperwire.wording.results import count_words, matched_items, searched_back_to, trend_item
from paperwire.wording.suggest import query_hints, rated_words, suggestion_words
from paperwire.wording.why import check_lines

_NO_INPUT = -1  # where a terminal that is only written to would be read


Words = Annotated[
    list[str],
    typer.Argument(
        metavar="QUERY", help="What to look for, in the query language; several words need no quotes of the shell."
    ),
]


_DASHES = {"ignore_unknown_options": True}
"""A query may begin with a dash, as `-survey "world model"` does."""


def _understood(typed: str) -> Query:
    """What is searched for; a paper that is named by id, DOI or address is asked for by its id."""
    paper_id = paper_named(typed)
    try:
        return read(f'id:"{paper_id}"' if paper_id else typed)
    except QueryError as error:
        if better := corrected(typed):
            error.add_note(f"You may have meant: {better}")
        raise


@command("search", context_settings=_DASHES)
def search(  # noqa: PLR0913, PLR0917 -- a command's options are its arguments
    context: typer.Context,
    words: Words,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many papers.")] = 25,
    offset: Annotated[int, typer.Option(min=0)] = 0,
    resume: Annotated[
        int | None, typer.Option(min=0, help="Go on with older papers, where a search ended before all were searched.")
    ] = None,
    order: Annotated[Order, typer.Option(help="relevance, date or score.")] = "relevance",
    as_json: AsJson = False,
) -> None:
    query = " ".join(words)
    understood = _understood(query)

    async def work(context: Context) -> None:
        named = await searches.named(context.store, query)
        matches = named or await searches.search(
            context.store,
            context.calibration,
            understood,
            order=order,
            before=resume,
            limit=limit,
            offset=offset,
        )
        store, calibration = context.store, context.calibration
        other = await instead(store, calibration, query, understood, matches) if resume is None else None
        unknown = () if named else await searches.unknown_values(context, understood, matches)
        if as_json:
            show_json(found_json(query, None if named else understood, matches, other, unknown))
            return
        items = await _items(context, understood, matches.papers)
        foot = [f"{typed}: {words}" for typed, words in query_hints(understood, ENGLISH)]
        foot += [unknown_line(each, ENGLISH) for each in unknown]
        foot += [f"{other.query}: {suggestion_words(other.suggestion, other.named, ENGLISH)}"] if other else []
        if matches.resume is not None and matches.back_to is not None and offset + limit >= matches.total:
            foot += [searched_back_to(matches.back_to, ENGLISH), f"To search them: --resume {matches.resume}"]
        await show(message_of(count_words(matches, ENGLISH), items=items, foot=foot))

    go(_reading(settings_of(context), work, understood))


@command("preview", context_settings=_DASHES)
def preview(context: typer.Context, words: Words, as_json: AsJson = False) -> None:
    query = " ".join(words)
    understood = _understood(query)

    async def work(context: Context) -> None:
        named = await searches.named(context.store, query)
        meant = _understood(named.papers[0].id) if named and named.papers else understood
        result = await searches.preview(context, meant)
        others = await suggested(context, result)
        if not as_json:
            items = await _items(context, meant, result.samples)
            await show(message_of(*preview_lines(result, ENGLISH), items=items, foot=suggested_lines(others)))
            return
        show_json(
            {
                "query": query,
                "total": result.total,
                "at_least": result.at_least,
                "papers_held": result.papers,
                "days": result.days,
                "a_week": round(result.a_week, 1),
                "uncollected": list(result.uncollected),
                "unknown": unknown_json(result.unknown),
                "suggestions": [{"query": each.text, "why": rated_words(each, ENGLISH)} for each in others],
                "papers": [paper_json(paper) for paper in result.samples],
            }
        )

    go(_reading(settings_of(context), work, understood))


@command("why", context_settings=_DASHES)
def explain(context: typer.Context, query: str, paper: str, as_json: AsJson = False) -> None:
    understood = _understood(query)

    async def work(context: Context) -> None:
        stored = await find_paper(context, paper, ENGLISH)
        result = await checked(context, understood, stored, ENGLISH)
        if not as_json:
            await show(message_of(items=[brief(stored, ENGLISH)], foot=check_lines(result, ENGLISH)))
            return
        show_json(
            {
                "query": query,
                "paper": paper_json(stored),
                "matches": result.matches,
                "terms": [
                    {"term": check.text, "wanted": check.is_wanted, "holds": check.holds} for check in result.terms
                ],
            }
        )

    go(_reading(settings_of(context), work, understood))


@command("trending")
def trending(
    context: typer.Context,
    window: Annotated[Literal["day", "week", "month"], typer.Argument(help="day, week or month.")] = "week",
    query: Annotated[list[str] | None, typer.Argument(help="Only papers that match this query.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many papers.")] = 10,
    as_json: AsJson = False,
) -> None:
    understood = _understood(" ".join(query)) if query else None

    async def work(context: Context) -> None:
        rows = await trends.trending(context.store, window, context.now(), limit, understood)
        if as_json:
            papers = [paper_json(trend.paper) | {"gained": trend.gained} for trend in rows]
            show_json({"window": window, "papers": papers})
        else:
            await show(
                message_of(
                    f"{len(rows) or 'no'} papers with upvotes in the last {window}",
                    items=[trend_item(trend, ENGLISH) for trend in rows],
                )
            )

    go(_reading(settings_of(context), work))


def suggested_lines(others: Sequence[Rated]) -> list[str]:
    """Other queries, and what each finds."""
    return [f"{each.text}: {rated_words(each, ENGLISH)}" for each in others]


async def _items(context: Context, query: Query, papers: Sequence[Paper]) -> list[Item]:
    why = await reasons(context.store, context.calibration, query, papers, ENGLISH)
    return matched_items(query, papers, why, ENGLISH)


async def show(message: Message) -> None:
    """Print a message as the terminal channel does, without its buttons, which can't be pressed there."""
    terminal = ConsoleChannel(_NO_INPUT, sys.stdout, folder=Path())
    await terminal.send(ADDRESS, replace(message, buttons=()))


async def _reading(settings: Settings, work: Callable[[Context], Awaitable[None]], query: Query | None = None) -> None:
    """Do `work` over the database, which a running service may be writing meanwhile."""
    by_meaning = query is not None and query.like is not None
    async with opening.reading(settings, now=opening.clock(), by_meaning=by_meaning) as context:
        await work(context)
