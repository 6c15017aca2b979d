"""`/preview`: which papers of the last days match a query, and how many a week that makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from paperwire.commands.buttons import by_meaning, in_english_row, offered, query_buttons
from paperwire.commands.context import QUERY, Chat, Command, say
from paperwire.commands.papers.papers import named_paper
from paperwire.commands.papers.search import found_items
from paperwire.core.messages.message import FIRST, Button, Line, Message, Span, row, styled
from paperwire.core.papers.named import paper_named
from paperwire.core.query.language import parse, parsed
from paperwire.core.query.sentences import Sentence
from paperwire.core.search.correction import corrected
from paperwire.core.search.preview import Preview
from paperwire.core.search.suggestion import Rated
from paperwire.errors import StoreBusy
from paperwire.ports.requests import CommandSpec, Reply, Request, Update
from paperwire.services.papers.meaning import whose
from paperwire.services.papers.search import are_first_days_read, preview, preview_if_free
from paperwire.services.papers.suggest import suggested, with_other_form
from paperwire.services.typed import read_query, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.preview import follows_line, preview_lines
from paperwire.wording.suggest import rated_words

# Translators: of /preview: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "preview",
    gettext_noop("Try a query on the last 30 days without subscribing"),
    (QUERY,),
    topic="find",
    shareable=True,
    examples=(
        ("/preview diffusion -survey", gettext_noop("its papers of the last 30 days, and how many come in a week")),
        ('/preview au:"yann lecun"', gettext_noop("the same for an author")),
    ),
)

_LOOK_AGAIN = 10.0
_MOST_LOOKS = 6 * 360  # answers wait six hours


async def answer(context: Chat, request: Request) -> Reply:
    """`/preview QUERY`; a paper that is named by id, DOI or address."""
    text = unquoted(request.args)
    if paper_id := paper_named(text):
        return await named_paper(context, paper_id, request.texts)
    return await previewed(context, request, text)


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The preview of the query under a button: `try:QUERY`."""
    return await previewed(context, request, offered(context, part))


async def previewed(context: Chat, request: Request, text: str, *, invited: bool = False, options: str = "") -> Reply:
    """The preview of a query; after an invitation by a link (`invited`) it says that nothing is subscribed yet.

    `options` are those of `/subscribe` that its Subscribe button takes along.
    """
    texts = request.texts
    query = await whose(context, request, read_query(text, texts, verb="try"))
    result = await preview(context, query)
    reply = await _reply(context, text, result, texts, invited=invited, options=options)
    if result.is_final:
        return reply

    async def update() -> Update:
        previewed = await preview(context, query)
        reply = await _reply(context, text, previewed, texts, invited=invited, options=options)
        return Update(reply, rate_message(text, previewed, texts))

    return replace(reply, update=partial(once_read, context, update))


def rate_message(text: str, result: Preview, texts: Texts) -> Message:
    """What is known of a query at last, in one line."""
    return say(row(Span(text, "code"), preview_lines(result, texts)[0], texts)).message


async def _reply(  # noqa: PLR0913 -- all that a preview shows
    context: Chat, text: str, result: Preview, texts: Texts, *, invited: bool, options: str
) -> Reply:
    rated = await (with_other_form(context, result.query) if result.is_flood else suggested(context, result))
    subscribe = subscribe_button(context, f"{text} {options}".strip(), result, texts)
    (look,) = query_buttons(context, text, texts, "look")
    nothing_yet = texts.gettext("You aren't subscribed yet. Press Subscribe to get new papers like these here.")
    return say(
        nothing_yet if invited else "",
        # Translators: a heading over papers that a subscription with %(query)s would bring.
        styled(texts.gettext("Preview: %(query)s", query=FIRST), Span(text, "code")),
        # Translators: %(options)s are options of /subscribe as typed, such as when:daily.
        styled(texts.gettext("With: %(options)s", options=FIRST), Span(options, "code")) if options else "",
        *preview_lines(result, texts),
        items=await found_items(context, result.query, result.samples, texts),
        foot=["" if result.is_final else follows_line(texts), *suggestion_lines(rated, texts)],
        buttons=[
            in_english_row(context, "try", text, texts, [each.text for each in rated]),
            *instead_rows(context, text, rated, texts),
            [look, subscribe],
        ]
        if result.finds_nothing
        else [*wider_rows(context, rated, texts), [subscribe, look]],
    )


def subscribe_button(context: Chat, text: str, result: Preview, texts: Texts) -> Button:
    """The button that subscribes to a query, with its options; it says so where nothing matches."""
    # Translators: a button, though a query matches very many papers or none.
    label = texts.gettext("Subscribe anyway") if result.finds_nothing else texts.pgettext("button", "Subscribe")
    return Button(label, context.long_texts.action("add:", text))


def suggestion_lines(rated: Sequence[Rated], texts: Texts) -> list[Line]:
    return [(Span(each.text, "code"), Span(f" – {rated_words(each, texts)}")) for each in rated]


def wider_rows(context: Chat, rated: Sequence[Rated], texts: Texts) -> list[list[Button]]:
    """A button for each suggestion that previews it."""
    return [[Button(rated_words(each, texts), context.long_texts.action("try:", each.text))] for each in rated]


def instead_rows(context: Chat, text: str, rated: Sequence[Rated], texts: Texts) -> list[list[Button]]:
    """What to look at instead of a query that matches nothing: wider ones, and papers near to its words."""
    return [*wider_rows(context, rated, texts), by_meaning(context, text, texts)]


# --- the first days of a new install while they are read ---------------------------------------------------------


async def once_read(context: Chat, update: Callable[[], Awaitable[Update | None]]) -> Update | None:
    """The update, as soon as there are papers and the first days have been read; None if that takes hours."""
    for _ in range(_MOST_LOOKS):
        await context.pause(_LOOK_AGAIN)
        with suppress(StoreBusy):  # the next look may have better luck
            if await are_first_days_read(context):
                return await update()
    return None


# --- a sentence typed as a query: nothing is taken for it in silence -----------------------------------------------


async def offer_instead(context: Chat, request: Request, text: str, sentence: Sentence, options: str = "") -> Reply:
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


COMMANDS = (Command(SPEC, answer, {"try": press}),)
