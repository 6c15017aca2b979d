"""`/submit` and `/unsubmit`: put a paper on the list of a chat, and take it off."""

from __future__ import annotations

import re
from dataclasses import replace

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.papers.papers import withdraw_button
from paperwire.core.messages.card import shown_title, vote_count
from paperwire.core.messages.message import Button
from paperwire.core.papers.mentions import mentioned
from paperwire.core.papers.paper import Paper
from paperwire.core.query.terms.on_list import PUBLIC_NAME
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request, in_chats
from paperwire.services.papers import lists
from paperwire.services.papers.lists import FOLLOW, Submitted, is_anonymous, since_words, submit, take_off_list
from paperwire.services.papers.papers import find_paper, stored
from paperwire.services.typed import unquoted
from paperwire.texts import Texts, gettext_noop

# Translators: what "query" of commands takes: at most 100 characters. What is typed stays English.
_PAPER = Argument("query", gettext_noop("paper: arXiv id, DOI or address"), completes="paper id")
_WHERE = in_chats("group", "server", "terminal") | in_chats("private", needs="public list")
# Translators: of /submit: what it does and takes (at most 100 characters; typed words stay English), examples.
SUBMIT = CommandSpec(
    "submit",
    gettext_noop("Put a paper on today's list here"),
    (_PAPER,),
    (Argument("name", gettext_noop("show your name next to it"), required=False, choices=("yes", "no")),),
    topic="together",
    where=_WHERE,
    examples=(
        ("/submit 2510.00001", gettext_noop("puts it on the list, without a name")),
        ("/submit 2510.00001 name:yes", gettext_noop("shows who submitted it")),
    ),
)
# Translators: of /unsubmit: what it does and takes (at most 100 characters; typed words stay English), examples.
UNSUBMIT = CommandSpec(
    "unsubmit",
    gettext_noop("Take a paper off the list here"),
    (_PAPER,),
    topic="together",
    where=_WHERE,
    examples=(
        ("/unsubmit 2510.00001", gettext_noop("takes back what you submitted")),
        ("/unsubmit 10.48550/arXiv.2510.00001", gettext_noop("the same, by its DOI")),
    ),
)

_NAME = re.compile(r"(?:(?<=\s)|^)name:(yes|no)(?=\s|$)", re.IGNORECASE)


async def answer_submit(context: Chat, request: Request) -> Reply:
    """`/submit PAPER [name:yes]`."""
    named = _NAME.search(request.args)
    shows_name = (request.options.get("name") or (named[1] if named else "")).casefold() == "yes"
    paper = await _one_paper(context, _NAME.sub("", request.args), request.texts)
    return _submitted(request, await submit(context, request, paper, shows_name=shows_name))


async def _one_paper(context: Chat, typed: str, texts: Texts) -> Paper:
    """The paper that was typed; raises CommandError for none or several."""
    ids = mentioned(typed, 2)
    if len(ids) > 1:
        raise CommandError(texts.gettext("Submit one paper at a time."))
    return await find_paper(context, ids[0] if ids else unquoted(typed), texts)


def _submitted(request: Request, submitted: Submitted) -> Reply:
    texts, submission = request.texts, submitted.submission
    paper = submission.paper
    if not submitted.is_new:
        return _voted(submitted, texts)
    keeps_vote = ":voted" if submitted.person and submitted.cast == "known" else ""
    buttons = [Button(texts.gettext("Undo"), f"unsubmit:{paper.number}{keeps_vote}")]
    others_read = submitted.of_list.place is None or submitted.of_list.place.is_shared
    if others_read and not submission.name and not is_anonymous(request):
        buttons.insert(0, Button(texts.gettext("Show my name"), f"sign:{paper.number}"))
    return say(
        texts.gettext("Submitted to the list: %(title)s", title=shown_title(paper, texts)),
        _where_posted(submitted, texts),
        texts.gettext("Shown as submitted by %(name)s.", name=submission.name) if submission.name else "",
        buttons=[buttons],
        aside=True,
    )


def _voted(submitted: Submitted, texts: Texts) -> Reply:
    """The answer of a submission that was a vote, as the paper is on the list already."""
    submission = submitted.submission
    votes = vote_count(submission.votes, texts)
    button = withdraw_button(submission.paper.number, submitted.person, texts)
    if submitted.cast == "counted":
        line = texts.gettext("You voted for it.")
        button = replace(button, label=texts.gettext("Undo"))
    else:
        line = texts.gettext("Your vote stands.")
    return say(since_words(submission, texts), texts.sentences(line, votes), buttons=[[button]], aside=True)


def _where_posted(submitted: Submitted, texts: Texts) -> str:
    """Where what was submitted is posted: here, in other places alone, or only where people ask for it."""
    place = submitted.of_list.place
    if place is None:
        return texts.gettext("To get submitted papers: /subscribe %(query)s", query=f"list:{PUBLIC_NAME}")
    if not place.is_shared:
        return texts.gettext("To see the list: /trending here")
    if place.number in submitted.followers:
        return texts.gettext("It will be posted here.")
    if submitted.followers:
        return texts.gettext(
            "It will be posted where the list is followed. To follow it here: /subscribe %(query)s", query=FOLLOW
        )
    return texts.gettext("To get submitted papers: /subscribe %(query)s", query=FOLLOW)


async def sign(context: Chat, request: Request, part: str) -> Reply:
    """Show the submitter's name with what they submitted: `sign:PAPER`."""
    name = await lists.sign(context, request, part)
    return say(toast=request.texts.gettext("Shown as submitted by %(name)s.", name=name))


async def answer_unsubmit(context: Chat, request: Request) -> Reply:
    """`/unsubmit PAPER`."""
    return await _remove(context, request, await _one_paper(context, request.args, request.texts))


async def remove(context: Chat, request: Request, part: str) -> Reply:
    """Take a paper off the list: `unsubmit:PAPER`, or `unsubmit:PAPER:voted` for one that they had voted for before."""
    number, _, voted = part.partition(":")
    return await _remove(context, request, await stored(context, number), keeps_vote=bool(voted))


async def _remove(context: Chat, request: Request, paper: Paper, *, keeps_vote: bool = False) -> Reply:
    removed = await take_off_list(context, request, paper, keeps_vote=keeps_vote)
    title = shown_title(removed, request.texts)
    return say(request.texts.gettext("Removed from the list: %(title)s", title=title), edit=True)


COMMANDS = (Command(SUBMIT, answer_submit, {"sign": sign}), Command(UNSUBMIT, answer_unsubmit, {"unsubmit": remove}))
