"""`search`, `preview`, `why` and `trending`: what a person may ask of the papers held, through the same commands."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paperwire.bootstrap import opening
from paperwire.channels.console import ADDRESS, ConsoleChannel
from paperwire.cli.app import AsJson, command, go, settings_of, show_json
from paperwire.commands import previewing, searching, why
from paperwire.commands.desk import find_paper, say
from paperwire.core.messages.card import brief
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.ports import Actor, Place, Request
from paperwire.web.json_papers import found_json, paper_json
from paperwire.wording import searching as search_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from paperwire.commands.desk import Desk
    from paperwire.config import Settings
    from paperwire.ports import Reply


_NO_INPUT = -1
"""Where a terminal that is only written to would be read."""


Words = Annotated[
    list[str],
    typer.Argument(
        metavar="QUERY", help="What to look for, in the query language; several words need no quotes of the shell."
    ),
]


_DASHES = {"ignore_unknown_options": True}
"""A query may begin with a dash, as `-survey "world model"` does."""


class Order(StrEnum):
    """How results are ordered."""

    RELEVANCE = "relevance"
    DATE = "date"
    SCORE = "score"


class Window(StrEnum):
    """How far back trending papers are looked for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@command("search", context_settings=_DASHES)
def search(  # noqa: PLR0913, PLR0917  a command's options are its arguments
    context: typer.Context,
    words: Words,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many papers.")] = 25,
    offset: Annotated[int, typer.Option(min=0)] = 0,
    resume: Annotated[
        int | None, typer.Option(min=0, help="Go on with older papers, where a search ended before all were searched.")
    ] = None,
    order: Annotated[Order, typer.Option(help="relevance, date or score.")] = Order.RELEVANCE,
    as_json: AsJson = False,
) -> None:
    """Find papers."""
    query = " ".join(words)

    async def work(desk: Desk) -> None:
        understood = parse(query)
        found = await searching.search(desk, understood, order=order.value, before=resume, limit=limit, offset=offset)
        if as_json:
            show_json(found_json(query, found))
            return
        items = [brief(paper, matched=understood.matched_terms(Doc.of(paper))) for paper in found.papers]
        head = search_words.found(found.total, at_least=found.at_least)
        foot = []
        if found.resume is not None and found.back_to is not None and offset + limit >= found.total:
            foot = [
                (
                    f"Searched back to {found.back_to.day} {found.back_to:%b} {found.back_to.year}. Older "
                    "papers may match too."
                ),
                f"To search them: --resume {found.resume}",
            ]
        await show(say(head, items=items, foot=foot))

    go(_reading(settings_of(context), work))


@command("preview", context_settings=_DASHES)
def preview(context: typer.Context, words: Words, as_json: AsJson = False) -> None:
    """Try a query."""
    query = " ".join(words)

    async def work(desk: Desk) -> None:
        found = await previewing.preview(desk, parse(query))
        if not as_json:
            await show(await previewing.answer_preview(desk, request_of("preview", query)))
            return
        show_json(
            {
                "query": query,
                "total": found.total,
                "at_least": found.at_least,
                "papers_held": found.papers,
                "days": found.days,
                "a_week": round(found.a_week, 1),
                "uncollected": list(found.uncollected),
                "papers": [paper_json(paper) for paper in found.samples],
            }
        )

    go(_reading(settings_of(context), work))


@command("why", context_settings=_DASHES)
def explain(context: typer.Context, query: str, paper: str, as_json: AsJson = False) -> None:
    """Explain a query and a paper."""

    async def work(desk: Desk) -> None:
        understood = parse(query)
        found = await find_paper(desk, paper)
        if not as_json:
            await show(await why.answer_why(desk, request_of("why", f"{found.id} {query}")))
            return
        terms = understood.explain(Doc.of(found))
        show_json(
            {
                "query": query,
                "paper": paper_json(found),
                "matches": understood.matches(Doc.of(found)),
                "terms": [{"term": one.text, "wanted": one.wanted, "holds": one.holds} for one in terms],
            }
        )

    go(_reading(settings_of(context), work))


@command("trending")
def trending(
    context: typer.Context,
    window: Annotated[Window, typer.Argument(help="day, week or month.")] = Window.WEEK,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many papers.")] = 10,
    as_json: AsJson = False,
) -> None:
    """List what trends."""

    async def work(desk: Desk) -> None:
        papers = await searching.trending(desk, window.value, limit)
        if as_json:
            show_json({"window": window.value, "papers": [paper_json(paper) for paper in papers]})
        else:
            await show(
                say(
                    f"{len(papers) or 'no'} papers with upvotes in the last {window.value}",
                    items=[brief(paper) for paper in papers],
                )
            )

    go(_reading(settings_of(context), work))


async def show(reply: Reply) -> None:
    """Print an answer as the terminal channel does, without its buttons, which nobody could press."""
    terminal = ConsoleChannel(_NO_INPUT, sys.stdout, folder=Path())
    await terminal.send(ADDRESS, replace(reply.message, buttons=()))


async def _reading(settings: Settings, work: Callable[[Desk], Awaitable[None]]) -> None:
    """Do `work` over the database, which a running service may be writing meanwhile."""
    async with opening.reading(settings, now=opening.clock()) as desk:
        await work(desk)


def request_of(command: str, args: str = "") -> Request:
    """A command as this terminal would send it."""
    kind = ConsoleChannel.kind
    place = Place(channel=kind, address=ADDRESS, kind="terminal")
    actor = Actor(channel=kind, user_id=ADDRESS)
    return Request(actor=actor, place=place, can_manage=True, command=command, args=args)
