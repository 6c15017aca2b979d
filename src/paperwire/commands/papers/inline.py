"""What a person can post into any chat while they type after the bot's name: papers that match, or trending ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from paperwire.commands.context import Chat
from paperwire.core.messages.card import author_line, card, card_buttons, shown_title, upvote_count
from paperwire.core.messages.message import message_of
from paperwire.core.papers.named import paper_named
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import cut
from paperwire.errors import CommandError
from paperwire.ports.requests import PaperChoice, PaperChoices, Reply, Request
from paperwire.services import people
from paperwire.services.accounts.share import short_code
from paperwire.services.papers.papers import stored_papers
from paperwire.services.papers.search import search
from paperwire.services.papers.trending import trending
from paperwire.services.typed import read_query, unquoted
from paperwire.texts import ENGLISH, Texts

INLINE = "paper"
"""What is completed then (`Request.completing`)."""
_PAGE = 25  # papers of one answer: each carries its whole message
_MOST_SHOWN = 200
_LONGEST_OFFSET = 4
_ABSTRACT = 1000  # characters of an abstract in a list that carries the whole message of each of its papers


async def offer(context: Chat, request: Request) -> Reply:
    """Papers to post, the best first; raises CommandError where there are none."""
    texts = request.texts
    if not await people.is_let_in(context, request):
        raise context.access.refusal(request.actor, texts)
    offset = request.options.get("offset", "")
    start = int(offset) if offset.isdecimal() and len(offset) <= _LONGEST_OFFSET else 0
    papers, has_more = await _papers(context, unquoted(request.args), start, texts)
    following = str(start + _PAGE) if has_more and start + _PAGE < _MOST_SHOWN else ""
    # Others see a list that isn't personal without asking us, in this language, may they use the bot or not.
    is_personal = not context.access.is_open or texts.locale != ENGLISH.locale
    return Reply(
        message=message_of(),
        paper_choices=PaperChoices(tuple(_offer(paper, texts) for paper in papers), is_personal, following=following),
    )


def refused(context: Chat, request: Request, reply: Reply) -> Reply:
    """A refusal with the way into the private chat, which says all that is wrong with the query."""
    typed = unquoted(request.args)
    return replace(
        reply, paper_choices=PaperChoices((), is_personal=True, start=short_code(context, typed) if typed else "")
    )


async def _papers(context: Chat, typed: str, start: int, texts: Texts) -> tuple[Sequence[Paper], bool]:
    """The papers of a page, and whether there are more."""
    if not typed:
        trends = await trending(context.store, "week", context.now(), start + _PAGE + 1)
        if not trends:
            raise CommandError(texts.gettext("No upvotes this week. Type what to search for."))
        return [trend.paper for trend in trends[start : start + _PAGE]], len(trends) > start + _PAGE
    if paper_id := paper_named(typed):
        named = await stored_papers(context, [paper_id])
        if not named:  # to ask a source takes long
            raise CommandError(texts.gettext("%(paper)s isn't stored. Send it to me in private.", paper=paper_id))
        return list(named.values()), False
    query = read_query(typed, texts)
    if query.like is not None:  # as slow as it may be, with each letter that is typed
        raise CommandError(texts.gettext("like: works in a private chat only. Tap to search there."))
    results = await search(context.store, None, query, limit=_PAGE, offset=start)
    if not results.papers and not start:
        raise CommandError(texts.gettext("No stored paper matches. Tap to hear about new ones."))
    return results.papers, results.total > start + _PAGE


def _offer(paper: Paper, texts: Texts) -> PaperChoice:
    day = texts.dated(paper.announced) if paper.announced else ""
    upvotes = upvote_count(paper.upvotes, texts) if paper.upvotes else ""
    about = [author_line(paper.authors, texts, few=2), day, upvotes]
    item = card(paper, texts)
    message = message_of(
        items=[replace(item, abstract=cut(item.abstract, _ABSTRACT))],
        buttons=card_buttons(paper, texts)[:-2],  # those with a link: others would answer to a chat that isn't ours
    )
    return PaperChoice(
        str(paper.number), shown_title(paper, texts), " · ".join(fact for fact in about if fact), message
    )
