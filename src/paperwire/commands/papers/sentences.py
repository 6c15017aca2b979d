"""A sentence typed as a query: what may be meant by it is offered, and nothing is taken for it in silence."""

from __future__ import annotations

from paperwire.commands.buttons import query_buttons
from paperwire.commands.context import Chat, say
from paperwire.commands.papers.preview import subscribe_button, suggestion_lines, wider_rows
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.query.language import parse, parsed
from paperwire.core.query.sentences import Sentence
from paperwire.core.search.correction import corrected
from paperwire.ports.requests import Reply, Request
from paperwire.services.papers.search import preview_if_free
from paperwire.services.papers.suggest import suggested
from paperwire.wording.preview import preview_lines


async def offer(context: Chat, request: Request, text: str, sentence: Sentence, options: str = "") -> Reply:
    """Its keywords with their rate, the same by meaning where that is on, and all of its words; each with buttons.

    `options` of `/subscribe` come along with whatever is chosen.
    """
    texts, action = request.texts, context.long_texts.action
    lines: list[Line] = []
    buttons: list[list[Button]] = []
    late: list[Button] = []
    words = sentence.words if parsed(sentence.words) else corrected(sentence.words)
    if words:
        previewed = await preview_if_free(context, parse(words))
        lines.append((Span(words, "code"), Span(f" – {preview_lines(previewed, texts)[0]}")))
        subscribe = subscribe_button(context, f"{words} {options}".strip(), previewed, texts)
        others = query_buttons(context, words, texts, "try", "look")
        if previewed.finds_nothing:
            rated = await suggested(context, previewed)
            lines += suggestion_lines(rated, texts)
            buttons += wider_rows(context, rated, texts)
            late = [*others, subscribe]
        else:
            buttons.append([subscribe, *others])
    if context.calibration is not None and sentence.topic:
        like = f'like:"{sentence.topic}"'
        meaning = texts.gettext("papers about this, even when the words differ")
        lines.append((Span(like, "code"), Span(f" – {meaning}")))
        buttons.append(
            [
                Button(texts.gettext("Subscribe by meaning"), action("add:", f"{like} {options}".strip())),
                Button(texts.gettext("Search by meaning"), action("look:", like)),
            ]
        )
    whole = Button(texts.gettext("Preview all words as typed"), action("try:", text))
    return say(
        texts.gettext("This reads like a sentence: a paper would need every word of it. You could use:"),
        *lines,
        buttons=[*buttons, late, [whole, Button(texts.gettext("How to write a query"), "help:query")]],
    )
