"""Looking through what is held: search, what trends, one paper, and what resembles it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from paperwire.commands.desk import action_number, read_query, say, unquoted
from paperwire.core.messages.card import brief, card, card_buttons, list_buttons, shown_title
from paperwire.core.messages.message import Button, Span
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.errors import CommandError
from paperwire.wording import commands as words
from paperwire.wording import help as help_words
from paperwire.wording import searching as search_words

if TYPE_CHECKING:
    from paperwire.commands.desk import Desk
    from paperwire.core.papers.paper import Paper
    from paperwire.core.query.language import Query
    from paperwire.ports import Reply, Request
    from paperwire.store.search.search import Found

PAGE = 5
LIKE = 5
TRENDING = 10
_DAYS = {"day": 1, "week": 7, "month": 30}
_LIKE_WORDS = 8
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{3,}", re.ASCII)


async def search(  # noqa: PLR0913 -- each is a wish of its own
    desk: Desk,
    query: Query,
    *,
    order: Literal["relevance", "date", "score"] = "relevance",
    before: int | None = None,
    limit: int,
    offset: int = 0,
) -> Found:
    """The stored papers that match a query: what chats and the shell show."""
    async with desk.store.read() as unit:
        return await unit.search.search(query, order=order, before=before, limit=limit, offset=offset)


async def trending(desk: Desk, window: str, limit: int) -> list[Paper]:
    """The most upvoted papers of the last `day`, `week` or `month`."""
    since = desk.now().date() - timedelta(days=_DAYS[window])
    async with desk.store.read() as unit:
        return await unit.papers.trending(since, limit)


async def answer_search(desk: Desk, request: Request) -> Reply:
    """`/search QUERY`, its first page."""
    return await _page(desk, unquoted(request.args))


async def turn_page(desk: Desk, request: Request, part: str) -> Reply:
    """Another page of a search: `find:OFFSET:QUERY`, or `find:OFFSET@RESUME:QUERY` among older papers."""
    del request
    place, _, rest = part.partition(":")
    text = desk.recent.text(rest)
    if text is None:
        raise CommandError(words.OLD_BUTTON)
    offset, _, resume = place.partition("@")
    return await _page(desk, text, action_number(offset), before=action_number(resume) if resume else None, edit=True)


async def _page(desk: Desk, text: str, offset: int = 0, *, before: int | None = None, edit: bool = False) -> Reply:
    query = read_query(text)
    found = await search(desk, query, before=before, limit=PAGE, offset=offset)
    head = (Span(search_words.found(found.total, at_least=found.at_least), "bold"), Span(words.FOR), Span(text, "code"))
    if not (found.papers or found.at_least):
        return say(head, words.NO_MORE if found.total or before is not None else words.NOT_HELD, edit=edit)
    earlier, later = _turns(found, offset, before)
    turns = [
        Button(name, desk.recent.action(f"find:{place}:", text))
        for name, place in ((words.EARLIER_PAGE, earlier), (words.NEXT_PAGE, later))
        if place
    ]
    foot = [words.showing(offset + 1, offset + len(found.papers))] if turns and found.papers else []
    if found.back_to is not None and offset + PAGE >= found.total:
        foot.append(search_words.searched_back_to(found.back_to))
    return say(
        head,
        items=[brief(paper, matched=query.matched_terms(Doc.of(paper))) for paper in found.papers],
        foot=foot,
        buttons=[*list_buttons(found.papers, offset + 1), turns],
        edit=edit,
    )


def _turns(found: Found, offset: int, before: int | None) -> tuple[str, str]:
    """The pages before and after one as buttons name them, empty where there is none."""
    here = "" if before is None else f"@{before}"
    earlier = f"{max(offset - PAGE, 0)}{here}" if offset else "0" if here else ""
    if offset + PAGE < found.total:
        return earlier, f"{offset + PAGE}{here}"
    return earlier, "" if found.resume is None else f"0@{found.resume}"


async def answer_trending(desk: Desk, request: Request) -> Reply:
    """`/trending [day|week|month]`."""
    window = unquoted(request.args).casefold() or "week"
    if window not in help_words.WINDOWS:
        raise CommandError(words.one_of(help_words.WINDOWS))
    papers = await trending(desk, window, TRENDING)
    if not papers:
        return say(words.NOTHING_TRENDS)
    head = (Span(words.trending(window), "bold"),)
    return say(head, items=[brief(paper) for paper in papers], buttons=list_buttons(papers))


async def open_paper(desk: Desk, request: Request, part: str) -> Reply:
    """One paper in full: `open:PAPER`."""
    del request
    paper = await stored(desk, part)
    return say(items=[card(paper)], buttons=card_buttons(paper))


async def more_like(desk: Desk, request: Request, part: str) -> Reply:
    """Papers with the telling words of a title: `more:PAPER`."""
    del request
    paper = await stored(desk, part)
    head = (Span(words.MORE_LIKE, "bold"), Span(shown_title(paper), "italic"))
    # Long words tell more than short ones, and the ranking makes little of common ones.
    telling = sorted(dict.fromkeys(_WORD.findall(shown_title(paper))), key=len, reverse=True)
    if not telling:
        return say(head, words.NOTHING_ALIKE)
    query = parse(" OR ".join(f'"{word}"' for word in telling[:_LIKE_WORDS]))
    found = await search(desk, query, limit=LIKE + 1)
    alike = [other for other in found.papers if other.number != paper.number][:LIKE]
    if not alike:
        return say(head, words.NOTHING_ALIKE)
    items = [brief(other, matched=query.matched_terms(Doc.of(other))) for other in alike]
    return say(head, items=items, buttons=list_buttons(alike))


async def stored(desk: Desk, part: str) -> Paper:
    """The paper a button stands for; raises CommandError if it is no longer held."""
    number = action_number(part)
    async with desk.store.read() as unit:
        found = await unit.papers.by_number([number])
    if number not in found:
        raise CommandError(words.OLD_BUTTON)
    return found[number]
