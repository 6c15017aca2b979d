"""One stored paper by its buttons and by reactions: in full, papers like it, votes for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from paperwire.commands.context import Chat, say
from paperwire.core.messages.card import (
    brief,
    card,
    card_buttons,
    compact_buttons,
    list_buttons,
    shown_abstract,
    shown_title,
    vote_button,
    vote_count,
)
from paperwire.core.messages.message import FIRST, Button, Item, Message, Span, styled
from paperwire.core.papers.identity import page_url
from paperwire.core.text.clean import safe_url
from paperwire.ports.requests import Reply, Request
from paperwire.services.papers.lists import votes_here
from paperwire.services.papers.meaning import Similar, similar
from paperwire.services.papers.papers import VoteOutcome, check_own, find_paper, is_saved, react, stored, vote
from paperwire.services.typed import action_number
from paperwire.texts import Texts, texts_in
from paperwire.wording.meaning import closeness
from paperwire.wording.results import with_reason
from paperwire.wording.why import not_stored


async def open_paper(context: Chat, request: Request, part: str) -> Reply:
    """One paper in full: `open:PAPER`."""
    paper = await stored(context, part)
    votes = await votes_here(context, request, [paper])
    own = not request.place.is_shared and await is_saved(context, request, paper)
    count = None if votes is None else votes.get(paper.number, 0)
    buttons = card_buttons(paper, request.texts, votes=count, is_saved=own)
    return say(items=[card(paper, request.texts)], buttons=buttons)


async def named_paper(
    context: Chat, paper_id: str, texts: Texts, *, head: str = "", others: Sequence[Button] = ()
) -> Reply:
    """The paper that words name by id, DOI or address, stored or as a source has it, with Watch.

    `head` says what became of a command that asked for a query; `others` are buttons next to Watch. Raises CommandError
    if no source has the paper, or none can be asked.
    """
    paper = await find_paper(context, paper_id, texts)
    # Translators: a button: get notes of new versions and other news of this paper.
    watch = Button(texts.gettext("Watch"), context.long_texts.action("watch:", paper.id))
    if paper.number:
        return say(head, items=[card(paper, texts)], buttons=[*card_buttons(paper, texts), [watch, *others]])
    foot = [not_stored(context.followed, paper, texts)]
    return say(head, items=[card(paper, texts)], foot=foot, buttons=[[watch, *others]])


async def not_subscribed(context: Chat, paper_id: str, texts: Texts) -> Reply:
    """What there is instead of a subscription to a single paper, which comes once: its versions, and papers like it."""
    head = texts.gettext("This is a paper, not a query: nothing was subscribed. Watch it, or get new papers like it.")
    like = Button(texts.gettext("Subscribe to papers like it"), context.long_texts.action("add:", f"like:{paper_id}"))
    return await named_paper(context, paper_id, texts, head=head, others=[like])


async def more_like(context: Chat, request: Request, part: str) -> Reply:
    """Papers like one: `more:PAPER`."""
    texts = request.texts
    paper = await stored(context, part)
    similar_papers = await similar(context.store, context.nearness, paper, texts)
    return say(
        styled(
            # Translators: a heading over papers: %(title)s is the title of a paper.
            texts.gettext("More like %(title)s", title=FIRST),
            Span(shown_title(paper, texts), "italic"),
            style="bold",
        ),
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


# --- votes, which everyone sees counted under the same message ---------------------------------------------------


async def press_vote(context: Chat, request: Request, part: str) -> Reply:
    """Vote for a paper where the button is: `vote:PAPER`. A vote that stands can be withdrawn."""
    texts = request.texts
    outcome = await vote(context, request, part, stands=True)
    count = vote_button(action_number(part), outcome.votes, texts)
    may_change = _may_change(context, outcome, part)
    if outcome.is_new:
        reply = say(toast=_told(texts.gettext("You voted for it."), outcome.votes, texts))
        return replace(reply, keys={count.action: (count,)}) if may_change else reply
    stands = texts.gettext("Your vote stands.")
    text, withdraws = _told(stands, outcome.votes, texts), withdraw_button(part, outcome.person, texts)
    reply = say(text, buttons=[[withdraws]], aside=True, toast=text)
    if not may_change:
        return reply
    withdraw = Button(texts.gettext("Withdraw my vote"), f"unvote:{part}")
    hint = texts.gettext("The button next to it withdraws it.")
    toast = _told(texts.sentences(stands, hint), outcome.votes, texts)
    return replace(reply, toast=toast, keys={count.action: (count, withdraw), withdraw.action: ()})


async def count_reaction(context: Chat, request: Request, message: str, *, withdrawn: bool) -> Reply:
    """The buttons of a card once a reaction to it was counted, with the new count; nothing where none changes."""
    counted = await react(context, request, message, withdrawn=withdrawn)
    if counted is None or context.relabels.take(f"{counted.of_list}:{counted.paper.number}", context.now()):
        return say()
    texts = texts_in(counted.place.locale)
    is_compact = counted.place.style == "compact"
    saved = not counted.place.is_shared and await is_saved(context, request, counted.paper)
    count = vote_button(counted.paper.number, counted.votes, texts)
    rows = card_buttons(counted.paper, texts, votes=counted.votes, is_saved=saved)
    expanded = rows[-2:] if is_compact else ()
    if is_compact:
        rows = compact_buttons(counted.paper, texts, votes=counted.votes, is_saved=saved)
    keys = {count.action: (count,), f"unvote:{counted.paper.number}": ()}
    return Reply(message=Message(buttons=rows), keys=keys, expanded=expanded)


async def press_withdraw(context: Chat, request: Request, part: str) -> Reply:
    """Withdraw a vote: `unvote:PAPER` under the paper, or `unvote:PAPER:PERSON` under their notification."""
    texts = request.texts
    paper, _, person = part.partition(":")
    if person:
        await check_own(context, request, action_number(person))
    outcome = await vote(context, request, paper, stands=False)
    line = texts.gettext("Your vote is withdrawn.") if outcome.is_new else texts.gettext("You have no vote for it.")
    text = _told(line, outcome.votes, texts)
    reply = say(text, edit=True) if person else say(toast=text)
    if not _may_change(context, outcome, paper):
        return reply
    count = vote_button(action_number(paper), outcome.votes, texts)
    # Others who voted find the button again by pressing the count.
    return replace(reply, keys={count.action: (count,), f"unvote:{paper}": ()})


def withdraw_button(paper: int | str, person: int, texts: Texts) -> Button:
    """The button that withdraws this person's vote for a paper, in an answer to them."""
    # Translators: a button that withdraws a vote.
    return Button(texts.gettext("Withdraw"), f"unvote:{paper}:{person}")


def _told(text: str, votes: int, texts: Texts) -> str:
    return texts.sentences(text, vote_count(votes, texts))


def _may_change(context: Chat, outcome: VoteOutcome, paper: str) -> bool:
    """Whether the buttons may change now: many votes at once change them a few times, not each time."""
    return not context.relabels.take(f"{outcome.of_list}:{paper}", context.now())


BUTTONS = {
    "open": open_paper,
    "more": more_like,
    "whole": whole_abstract,
    "vote": press_vote,
    "unvote": press_withdraw,
}
