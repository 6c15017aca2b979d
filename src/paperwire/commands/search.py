"""`/search`: the stored papers that match a query, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from paperwire.commands.buttons import offered, query_buttons, turns
from paperwire.commands.context import Command, Context, action_number, say, unquoted
from paperwire.commands.meaning import LITTLE, by_meaning, nearby, reasons, whose, with_reason
from paperwire.commands.queries import QUERY, read_query
from paperwire.core.messages.card import brief, list_buttons
from paperwire.core.messages.message import Item, Span
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc
from paperwire.pipeline.calibration import Calibration
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.store.search.search import Found, Order
from paperwire.store.unit import Store
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec("search", gettext_noop("Search all stored papers, with the same words as a subscription"), (QUERY,))

PAGE = 5


async def search(  # noqa: PLR0913 -- the options of a search, each named
    store: Store,
    calibration: Calibration | None,
    query: Query,
    *,
    order: Order = "relevance",
    since: date | None = None,
    before: int | None = None,
    limit: int,
    offset: int = 0,
) -> Found:
    """The stored papers that match a query.

    With `like:` these are all that pass the rest, the nearest first. With a `rate:`, or in another order, which needs a
    bound, they are those that are near enough for that rate. Raises LikeError.
    """
    if query.like is None:
        async with store.search() as unit:
            return await unit.search.search(query, order=order, since=since, before=before, limit=limit, offset=offset)
    async with store.turn():
        near = await nearby(store, calibration, query, is_bounded=query.rate is not None or order != "relevance")
        async with store.read() as unit:
            return await unit.nearest.nearest(query, near, order=order, since=since, limit=limit, offset=offset)


def count_words(found: Found, texts: Texts) -> str:
    """How many papers match, as far as they were counted."""
    if not (found.total or found.at_least):
        return texts.gettext("No papers")
    if not found.at_least:
        return texts.ngettext("%(num)s paper", "%(num)s papers", found.total)
    if not found.total:
        return texts.gettext("No match yet")
    return texts.ngettext("At least %(num)s paper", "At least %(num)s papers", found.total)


def searched_back_to(day: date, texts: Texts) -> str:
    """How far back a search came that ended before the earliest paper."""
    return texts.gettext("Searched back to %(day)s. Older papers may match too.", day=texts.full_day(day))


async def answer(context: Context, request: Request) -> Reply:
    """`/search QUERY`, its first page."""
    return await _page(context, request, unquoted(request.args))


async def turn_page(context: Context, request: Request, part: str) -> Reply:
    """Another page of a search: `find:OFFSET:QUERY`, or `find:OFFSET@RESUME:QUERY` among older papers."""
    place, _, rest = part.partition(":")
    text = offered(context, rest)
    offset, _, resume = place.partition("@")
    before = action_number(resume) if resume else None
    return await _page(context, request, text, action_number(offset), before=before, edit=True)


async def press(context: Context, request: Request, part: str) -> Reply:
    """The button under a query: `look:QUERY`."""
    return await _page(context, request, offered(context, part))


async def _page(  # noqa: PLR0913 -- where a page begins, each part named
    context: Context, request: Request, text: str, offset: int = 0, *, before: int | None = None, edit: bool = False
) -> Reply:
    texts = request.texts
    query = await whose(context, request, read_query(text, texts, verb="find:0"))
    found = await search(context.store, context.calibration, query, before=before, limit=PAGE, offset=offset)
    joining = texts.gettext("for")  # apart, as what stands in an f-string is not extracted for translation
    head = (Span(count_words(found, texts), "bold"), Span(f" {joining} "), Span(text, "code"))
    if not (found.papers or found.at_least):
        is_end = found.total or before is not None
        return say(
            head,
            texts.gettext("No more papers.")
            if is_end
            else texts.gettext("No stored paper matches. Subscribe to hear about new ones."),
            buttons=[query_buttons(context, text, texts, "add", "try"), by_meaning(context, text, texts)],
            edit=edit,
        )
    earlier, later = (
        context.recent.action(f"find:{at}:", text) if at else "" for at in _neighbours(found, offset, before)
    )
    foot = []
    if (earlier or later) and found.papers:
        foot.append(f"{texts.number(offset + 1)}–{texts.number(offset + len(found.papers))}")
    if found.back_to is not None and offset + PAGE >= found.total:
        foot.append(searched_back_to(found.back_to, texts))
    return say(
        head,
        items=await found_items(context, query, found.papers, texts),
        foot=foot,
        buttons=[
            *list_buttons(found.papers, offset + 1),
            turns(earlier, later, texts),
            query_buttons(context, text, texts, "add", "try"),
            by_meaning(context, text, texts) if found.total <= LITTLE and not found.at_least else [],
        ],
        edit=edit,
    )


async def found_items(context: Context, query: Query, papers: Sequence[Paper], texts: Texts) -> list[Item]:
    """Papers that match a query, each with what matched, or why it is near."""
    why = await reasons(context.store, context.calibration, query, papers, texts)
    return [
        with_reason(brief(paper, texts, matched=query.matched_terms(Doc.of(paper))), why.get(paper.number, ""))
        for paper in papers
    ]


def _neighbours(found: Found, offset: int, before: int | None) -> tuple[str, str]:
    """The pages before and after one as buttons name them, empty where there is none."""
    here = "" if before is None else f"@{before}"
    earlier = f"{max(offset - PAGE, 0)}{here}" if offset else "0" if here else ""
    if offset + PAGE < found.total:
        return earlier, f"{offset + PAGE}{here}"
    return earlier, "" if found.resume is None else f"0@{found.resume}"


COMMANDS = (Command(SPEC, answer, {"find": turn_page, "look": press}),)
