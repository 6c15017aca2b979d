"""One stored paper by its button: in full, and papers like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands.context import StaleButton, action_number, say
from paperwire.commands.lists import votes_here
from paperwire.commands.meaning import closeness, similar, with_reason
from paperwire.core.messages.card import brief, card, card_buttons, list_buttons, shown_abstract, shown_title
from paperwire.core.messages.message import Item, Span
from paperwire.core.papers.identity import page_url
from paperwire.core.text.clean import safe_url

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.commands.meaning import Similar
    from paperwire.core.papers.paper import Paper
    from paperwire.ports.requests import Reply, Request
    from paperwire.texts import Texts


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
    paper = await stored(context, part)
    votes = await votes_here(context, request, [paper])
    buttons = card_buttons(paper, request.texts, votes=None if votes is None else votes.get(paper.number, 0))
    return say(items=[card(paper, request.texts)], buttons=buttons)


async def more_like(context: Context, request: Request, part: str) -> Reply:
    """Papers like one: `more:PAPER`."""
    texts = request.texts
    paper = await stored(context, part)
    found = await similar(context.store, context.nearness, paper, texts)
    return say(
        (Span(texts.gettext("More like"), "bold"), Span(" "), Span(shown_title(paper, texts), "italic")),
        "" if found else texts.gettext("No similar paper is stored."),
        items=[_similar_item(one, texts) for one in found],
        buttons=list_buttons([one.paper for one in found]),
    )


def _similar_item(one: Similar, texts: Texts) -> Item:
    return with_reason(brief(one.paper, texts), closeness(one.shares, texts))


async def whole_abstract(context: Context, request: Request, part: str) -> Reply:
    """A paper's abstract from its first word to its last: `whole:PAPER`."""
    paper = await stored(context, part)
    title = shown_title(paper, request.texts)
    return say(items=[Item(title, safe_url(page_url(paper)), abstract=shown_abstract(paper))], aside=True)


BUTTONS = {"open": open_paper, "more": more_like, "whole": whole_abstract}
