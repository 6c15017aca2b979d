"""One stored paper by its button: in full, and papers like it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paperwire.commands.context import StaleButton, action_number, say
from paperwire.commands.search import search
from paperwire.core.messages.card import brief, card, card_buttons, list_buttons, shown_abstract, shown_title
from paperwire.core.messages.message import Item, Span
from paperwire.core.papers.identity import page_url
from paperwire.core.query.language import parse
from paperwire.core.text.clean import safe_url
from paperwire.texts import ENGLISH, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.core.papers.paper import Paper
    from paperwire.ports import Reply, Request

SIMILAR = 5
_SIMILAR_WORDS = 8
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{3,}", re.ASCII)


async def stored(context: Context, part: str) -> Paper:
    """The paper with the number in a button's action; raises StaleButton if it isn't stored any more."""
    number = action_number(part)
    async with context.store.read() as unit:
        papers = await unit.papers.by_number([number])
    if number not in papers:
        raise StaleButton
    return papers[number]


async def open_paper(context: Context, request: Request, part: str) -> Reply:
    """One paper in full: `open:PAPER`."""
    texts = texts_in(request.locale)
    paper = await stored(context, part)
    return say(items=[card(paper, texts)], buttons=card_buttons(paper, texts))


async def similar(context: Context, paper: Paper) -> list[Paper]:
    """Stored papers that share words with the title, best first."""
    # Long words are rarer than short ones, and the ranking makes little of common ones.
    words = sorted(dict.fromkeys(_WORD.findall(shown_title(paper, ENGLISH))), key=len, reverse=True)
    if not words:
        return []
    query = parse(" OR ".join(f'"{word}"' for word in words[:_SIMILAR_WORDS]))
    found = await search(context.store, query, limit=SIMILAR + 1)
    return [other for other in found.papers if other.number != paper.number][:SIMILAR]


async def more_like(context: Context, request: Request, part: str) -> Reply:
    """Papers like one: `more:PAPER`."""
    texts = texts_in(request.locale)
    paper = await stored(context, part)
    papers = await similar(context, paper)
    return say(
        (Span(texts.gettext("More like"), "bold"), Span(" "), Span(shown_title(paper, texts), "italic")),
        "" if papers else texts.gettext("No similar paper is stored."),
        items=[brief(other, texts) for other in papers],
        buttons=list_buttons(papers),
    )


async def whole_abstract(context: Context, request: Request, part: str) -> Reply:
    """A paper's abstract from its first word to its last: `whole:PAPER`."""
    paper = await stored(context, part)
    title = shown_title(paper, texts_in(request.locale))
    return say(items=[Item(title, safe_url(page_url(paper)), abstract=shown_abstract(paper))], aside=True)


BUTTONS = {"open": open_paper, "more": more_like, "whole": whole_abstract}
