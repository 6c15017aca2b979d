"""Text without a command, in private: a paper that is named in it, or what can be done with it as a query."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paperwire.commands.buttons import LITTLE, by_meaning, in_english_row, query_buttons
from paperwire.commands.context import Chat, refusal, say
from paperwire.commands.papers.papers import named_paper
from paperwire.commands.papers.preview import instead_rows, offer_instead, subscribe_button, suggestion_lines
from paperwire.commands.subscriptions.imports import previewed_import
from paperwire.commands.talk.typed_commands import nearly_without_slash
from paperwire.core.messages.card import brief, list_buttons
from paperwire.core.messages.message import Button, Span
from paperwire.core.papers.mentions import mentioned
from paperwire.core.papers.named import paper_named
from paperwire.core.query.sentences import sentence_in
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.requests import Reply, Request
from paperwire.services.papers.papers import MOST_WATCHED, stored_papers
from paperwire.services.papers.search import preview_if_free, search
from paperwire.services.papers.suggest import suggested
from paperwire.services.subscriptions.import_lists import is_list, is_opml
from paperwire.services.typed import read_query, unquoted
from paperwire.texts import Texts
from paperwire.wording.preview import preview_lines

_SHOWN = 10
_LABEL = 60
_ID_FIELD = re.compile(r"\bid:", re.IGNORECASE)


async def answer(context: Chat, request: Request) -> Reply:
    texts = request.texts
    text = unquoted(request.args)
    if not (text or request.attached):
        return say(texts.gettext("/help lists all commands."))
    ids = _papers_in(text, request)
    if pasted := _listed(request, ids, texts):
        return await previewed_import(context, request, pasted)
    if ids:
        return await (named_paper(context, ids[0], texts) if len(ids) == 1 else _many(context, ids, texts))
    if request.attached:
        return say(texts.gettext("This file mentions no papers. Papers are recognised by arXiv id, DOI or link."))
    sentence = sentence_in(text)
    if sentence is not None:
        return await offer_instead(context, request, text, sentence)
    return await _query(context, text, texts)


def _listed(request: Request, ids: Sequence[str], texts: Texts) -> str:
    """The list of queries or feeds that was sent: an OPML file, or lines that name no papers; empty for none."""
    if is_opml(request.attached):
        return request.attached
    return next((pasted for pasted in (request.attached, request.args) if not ids and is_list(pasted, texts)), "")


async def _many(context: Chat, ids: Sequence[str], texts: Texts) -> Reply:
    papers = list((await stored_papers(context, ids)).values())
    shown = papers[:_SHOWN]
    label = texts.ngettext("Watch all %(num)s paper", "Watch all %(num)s papers", len(ids))
    return say(
        texts.ngettext("%(num)s paper is mentioned here.", "%(num)s papers are mentioned here.", len(ids)),
        items=[brief(paper, texts) for paper in shown],
        foot=[
            texts.ngettext("%(num)s of them isn't stored.", "%(num)s of them aren't stored.", unknown)
            if (unknown := len(ids) - len(papers))
            else ""
        ],
        buttons=[*list_buttons(shown), [Button(label, context.long_texts.action("watch:", " ".join(ids)))]],
    )


def _papers_in(text: str, request: Request) -> Sequence[str]:
    """The paper that the whole text names, else those it mentions; none where `id:` makes it a query."""
    if not request.attached and (paper_id := paper_named(text)):
        return (paper_id,)
    return () if _ID_FIELD.search(text) else mentioned(f"{request.args}\n{request.attached}", MOST_WATCHED)


async def _query(context: Chat, text: str, texts: Texts) -> Reply:
    how = Button(texts.gettext("How to write a query"), "help:query")
    meant = nearly_without_slash(text, context.specs)
    command = [Button(clean(f"/{meant}", _LABEL), context.long_texts.action("run:", meant))] if meant else []
    try:
        query = read_query(text, texts)
    except CommandError as error:
        refused = refusal(str(error)).message
        return say(*refused.head, buttons=[command, [how, Button(texts.gettext("All commands"), "help:")]])
    offer = by_meaning(context, text, texts)
    if offer:
        results = await search(context.store, context.calibration, query, limit=1)
        offer = [] if results.total > LITTLE else offer
    if query.like is None and (previewed := await preview_if_free(context, query)).finds_nothing:
        rated = await suggested(context, previewed)
        late = [*query_buttons(context, text, texts, "try", "look"), subscribe_button(context, text, previewed, texts)]
        return say(
            (Span(text, "code"),),
            *preview_lines(previewed, texts),
            *suggestion_lines(rated, texts),
            buttons=[
                command,
                in_english_row(context, "try", text, texts, [each.text for each in rated]),
                *instead_rows(context, text, rated, texts),
                late,
                [how],
            ],
        )
    return say(
        (Span(text, "code"),),
        texts.gettext("Subscribe to get new papers on this, or look at stored ones. /help lists all commands."),
        buttons=[command, query_buttons(context, text, texts, "add", "try", "look"), offer, [how]],
    )
