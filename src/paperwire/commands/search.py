"""`/search`: the stored papers that match a query, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands.context import Command, action_number, say, unquoted
from paperwire.commands.offers import offered, query_buttons
from paperwire.commands.pages import turns
from paperwire.commands.queries import QUERY, read_query
from paperwire.core.messages.card import brief, list_buttons
from paperwire.core.messages.message import Span
from paperwire.core.query.prepared import Doc
from paperwire.ports.requests import CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from datetime import date

    from paperwire.commands.context import Context
    from paperwire.core.query.language import Query
    from paperwire.ports.requests import Reply, Request
    from paperwire.store.search.search import Found, Order
    from paperwire.store.unit import Store
    from paperwire.texts import Texts

SPEC = CommandSpec("search", gettext_noop("Search all stored papers, with the same words as a subscription"), (QUERY,))

PAGE = 5


async def search(  # noqa: PLR0913 -- the options of a search, each named
    store: Store, query: Query, *, order: Order = "relevance", before: int | None = None, limit: int, offset: int = 0
) -> Found:
    """The stored papers that match a query."""
    async with store.read() as unit:
        return await unit.search.search(query, order=order, before=before, limit=limit, offset=offset)


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
    return await _page(context, unquoted(request.args), texts_in(request.locale))


async def turn_page(context: Context, request: Request, part: str) -> Reply:
    """Another page of a search: `find:OFFSET:QUERY`, or `find:OFFSET@RESUME:QUERY` among older papers."""
    texts = texts_in(request.locale)
    place, _, rest = part.partition(":")
    text = offered(context, rest)
    offset, _, resume = place.partition("@")
    before = action_number(resume) if resume else None
    return await _page(context, text, texts, action_number(offset), before=before, edit=True)


async def press(context: Context, request: Request, part: str) -> Reply:
    """The button under a query: `look:QUERY`."""
    return await _page(context, offered(context, part), texts_in(request.locale))


async def _page(  # noqa: PLR0913 -- where a page begins, each part named
    context: Context, text: str, texts: Texts, offset: int = 0, *, before: int | None = None, edit: bool = False
) -> Reply:
    query = read_query(text, texts, verb="find:0")
    found = await search(context.store, query, before=before, limit=PAGE, offset=offset)
    joining = texts.gettext("for")  # apart, as what stands in an f-string is not extracted for translation
    head = (Span(count_words(found, texts), "bold"), Span(f" {joining} "), Span(text, "code"))
    if not (found.papers or found.at_least):
        is_end = found.total or before is not None
        return say(
            head,
            texts.gettext("No more papers.")
            if is_end
            else texts.gettext("No stored paper matches. Subscribe to hear about new ones."),
            buttons=[query_buttons(context, text, texts, "add", "try")],
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
        items=[brief(paper, texts, matched=query.matched_terms(Doc.of(paper))) for paper in found.papers],
        foot=foot,
        buttons=[
            *list_buttons(found.papers, offset + 1),
            turns(earlier, later, texts),
            query_buttons(context, text, texts, "add", "try"),
        ],
        edit=edit,
    )


def _neighbours(found: Found, offset: int, before: int | None) -> tuple[str, str]:
    """The pages before and after one as buttons name them, empty where there is none."""
    here = "" if before is None else f"@{before}"
    earlier = f"{max(offset - PAGE, 0)}{here}" if offset else "0" if here else ""
    if offset + PAGE < found.total:
        return earlier, f"{offset + PAGE}{here}"
    return earlier, "" if found.resume is None else f"0@{found.resume}"


COMMAND = Command(SPEC, answer, {"find": turn_page, "look": press})
