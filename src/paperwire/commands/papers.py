"""One stored paper by its buttons and by reactions: in full, papers like it, votes for it."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import Chat, say
from paperwire.core.messages.card import (
    brief,
    card,
    card_buttons,
    list_buttons,
    shown_abstract,
    shown_title,
    vote_count,
    vote_label,
)
from paperwire.core.messages.message import Item, Span
from paperwire.core.papers.identity import page_url
from paperwire.core.text.clean import safe_url
from paperwire.ports.requests import Reply, Request
from paperwire.services.lists import votes_here
from paperwire.services.meaning import Similar, similar
from paperwire.services.papers import stored, vote
from paperwire.texts import Texts
from paperwire.wording.found import with_reason
from paperwire.wording.meaning import closeness


async def open_paper(context: Chat, request: Request, part: str) -> Reply:
    """One paper in full: `open:PAPER`."""
    paper = await stored(context, part)
    votes = await votes_here(context, request, [paper])
    buttons = card_buttons(paper, request.texts, votes=None if votes is None else votes.get(paper.number, 0))
    return say(items=[card(paper, request.texts)], buttons=buttons)


async def more_like(context: Chat, request: Request, part: str) -> Reply:
    """Papers like one: `more:PAPER`."""
    texts = request.texts
    paper = await stored(context, part)
    similar_papers = await similar(context.store, context.nearness, paper, texts)
    return say(
        (Span(texts.gettext("More like"), "bold"), Span(" "), Span(shown_title(paper, texts), "italic")),
        "" if similar_papers else texts.gettext("No similar paper is stored."),
        items=[_similar_item(item, texts) for item in similar_papers],
        buttons=list_buttons([item.paper for item in similar_papers]),
    )


def _similar_item(near: Similar, texts: Texts) -> Item:
    return with_reason(brief(near.paper, texts), closeness(near.shares, texts))


async def whole_abstract(context: Chat, request: Request, part: str) -> Reply:
    """A paper's abstract from its first word to its last, with more that can be done: `whole:PAPER`."""
    paper = await stored(context, part)
    title = shown_title(paper, request.texts)
    item = Item(title, safe_url(page_url(paper)), abstract=shown_abstract(paper))
    return replace(say(items=[item], buttons=card_buttons(paper, request.texts)[-1:], aside=True), expands=True)


async def press_vote(context: Chat, request: Request, part: str) -> Reply:
    """Vote for a paper where the button is, or withdraw the vote: `vote:PAPER`."""
    texts = request.texts
    outcome = await vote(context, request, part)
    toast = texts.gettext("You voted for it.") if outcome.stands else texts.gettext("Your vote is withdrawn.")
    reply = say(toast=f"{toast} {vote_count(outcome.votes, texts)}")
    # Many votes at once change the button a few times, not each time.
    if context.relabels.take(f"{outcome.of_list}:{part}", context.now()):
        return reply
    return replace(reply, label=vote_label(outcome.votes, texts))


BUTTONS = {"open": open_paper, "more": more_like, "whole": whole_abstract, "vote": press_vote}
