"""`/suggest`: queries that find papers like some that are given, with their rate and how many of those they find."""

from __future__ import annotations

from dataclasses import replace

from paperwire.commands.context import FILE, Chat, Command, explained, say
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.search.preview import Suggested
from paperwire.ports.requests import Argument, CommandSpec, Question, Reply, Request
from paperwire.services.papers.suggest import like_text, suggest
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.suggest import foot_lines, found_line

# Translators: of /suggest: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "suggest",
    gettext_noop("Queries that find papers like some you name"),
    (Argument("query", gettext_noop("papers: up to 20 ids, DOIs, links or a pasted .bib"), required=False),),
    options=(FILE,),
    topic="follow",
    examples=(
        ("/suggest 2510.00001 2510.00002", gettext_noop("queries that find both")),
        ("/suggest 10.48550/arXiv.2510.00001", gettext_noop("queries that find papers like this one")),
    ),
)


async def answer(context: Chat, request: Request) -> Reply:
    """`/suggest PAPERS`, with a file or without."""
    texts = request.texts
    text = "\n".join(part for part in (request.args, request.attached) if part.strip())
    if not text:
        return _ask(texts)
    result = await suggest(context, text, texts)
    buttons = [
        # Translators: a button: %(number)s is the number of a query in the list above.
        [Button(texts.gettext("Subscribe to %(number)s", number=number), context.long_texts.action("add:", offer.text))]
        for number, offer in enumerate(result.offers.queries, 1)
    ]
    like = like_text(result.papers)
    if like:
        label = texts.gettext("Subscribe by meaning")
        buttons.append([Button(label, context.long_texts.action("add:", like))])
    return say(*_lines(result, texts), foot=foot_lines(result, texts), buttons=buttons)


def _ask(texts: Texts) -> Reply:
    reply = say(
        texts.gettext("Which papers do you like? Send up to 20: arXiv ids, DOIs, links, or a .bib file."),
        texts.gettext("To stop, send: cancel"),
    )
    return replace(
        reply,
        question=Question(
            SPEC.name,
            texts.gettext("Which papers?"),
            "2510.00001 2510.00002",
            explanation=explained(texts.gettext("Up to 20 ids, DOIs or links.")),
        ),
    )


def _lines(result: Suggested, texts: Texts) -> list[str | Line]:
    if not result.offers.queries:
        return []
    count = len(result.papers)
    title = texts.ngettext("Queries for papers like this one:", "Queries for papers like these %(num)s:", count)
    lines: list[str | Line] = [(Span(title, "bold"),)]
    for number, (offer, previewed) in enumerate(zip(result.offers.queries, result.previews, strict=True), 1):
        lines += [(Span(f"{number}. "), Span(offer.text, "code")), found_line(offer.examples, count, previewed, texts)]
    return lines


COMMANDS = (Command(SPEC, answer),)
