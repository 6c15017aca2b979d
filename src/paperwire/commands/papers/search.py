"""`/search`: the stored papers that match a query, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.commands.buttons import LITTLE, by_meaning, in_english_row, offered, pager, query_buttons
from paperwire.commands.context import QUERY, Chat, Command, say
from paperwire.commands.papers.papers import named_paper
from paperwire.core.messages.card import list_buttons
from paperwire.core.messages.message import FIRST, SECOND, Button, Item, Line, Span, styled
from paperwire.core.papers.named import paper_named
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.core.search.result import SearchResult
from paperwire.core.search.suggestion import Difference
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services.papers.instead import Instead, instead
from paperwire.services.papers.meaning import reasons, whose
from paperwire.services.papers.search import search
from paperwire.services.typed import action_integer, action_number, read_query, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.preview import in_english_line
from paperwire.wording.results import count_words, matched_items, searched_back_to
from paperwire.wording.suggest import hint_lines, suggestion_words

# Translators: of /search: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "search",
    gettext_noop("Search all stored papers, with the same words as a subscription"),
    (QUERY,),
    topic="find",
    shareable=True,
    examples=(
        ("/search diffusion cat:cs.CV", gettext_noop("a word, in one category")),
        ('/search "graph neural" au:"yann lecun"', gettext_noop("a phrase, by one author")),
    ),
)

PAPERS_A_PAGE = 5
_LABEL = 40  # the longest query that its button shows in whole everywhere


async def answer(context: Chat, request: Request) -> Reply:
    """`/search QUERY`, its first page; a paper that is named by id, DOI or address."""
    text = unquoted(request.args)
    if paper_id := paper_named(text):
        return await named_paper(context, paper_id, request.texts)
    return await _page(context, request, text)


async def turn_page(context: Chat, request: Request, part: str) -> Reply:
    """Another page of a search: `find:OFFSET:QUERY`, or `find:OFFSET@RESUME:QUERY` among older papers."""
    place, _, text_key = part.partition(":")
    text = offered(context, text_key)
    offset, _, resume = place.partition("@")
    before = action_integer(resume) if resume else None
    return await _page(context, request, text, action_number(offset), before=before, edit=True)


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The button under a query: `look:QUERY`."""
    return await _page(context, request, offered(context, part))


async def _page(  # noqa: PLR0913 -- where a page begins, each part named
    context: Chat, request: Request, text: str, offset: int = 0, *, before: int | None = None, edit: bool = False
) -> Reply:
    texts = request.texts
    query = await whose(context, request, read_query(text, texts, verb="find:0"))
    results = await search(context.store, context.calibration, query, before=before, limit=PAPERS_A_PAGE, offset=offset)
    # Translators: a heading over papers: %(count)s is "12 papers" or "No papers", %(query)s what was searched for.
    words = texts.gettext("%(count)s for %(query)s", count=FIRST, query=SECOND)
    head = styled(words, Span(count_words(results, texts), "bold"), Span(text, "code"))
    if not (results.papers or results.at_least):
        is_end = bool(results.total) or before is not None
        return await _nothing(context, query, results, head, texts, is_end=is_end, edit=edit)
    earlier, later = (
        context.long_texts.action(f"find:{at}:", text) if at else "" for at in _neighbours(results, offset, before)
    )
    is_first = not offset and before is None
    other = await instead(context.store, context.calibration, text, query, results) if is_first else None
    foot: list[str | Line] = [*hint_lines(query, texts), *_other_line(other, texts)]
    if (earlier or later) and results.papers:
        foot.append(f"{texts.number(offset + 1)}–{texts.number(offset + len(results.papers))}")
    if results.back_to is not None and offset + PAPERS_A_PAGE >= results.total:
        foot.append(searched_back_to(results.back_to, texts))
    return say(
        head,
        items=await found_items(context, query, results.papers, texts),
        foot=foot,
        buttons=[
            *list_buttons(results.papers, offset + 1),
            pager(earlier, later, texts),
            _other_button(context, other, texts),
            query_buttons(context, text, texts, "add", "try"),
            by_meaning(context, text, texts) if results.total <= LITTLE and not results.at_least else [],
        ],
        edit=edit,
    )


async def _nothing(  # noqa: PLR0913 -- a search and how it is shown
    context: Chat, query: Query, results: SearchResult, head: Line, texts: Texts, *, is_end: bool, edit: bool
) -> Reply:
    """That nothing is found, or nothing more if `is_end`, and what to search for instead."""
    text = query.text
    other = None if is_end else await instead(context.store, context.calibration, text, query, results)
    return say(
        head,
        texts.gettext("No more papers.")
        if is_end
        else texts.gettext("No stored paper matches. Subscribe to hear about new ones."),
        "" if is_end else in_english_line(text, texts),
        foot=[*hint_lines(query, texts), *_other_line(other, texts)],
        buttons=[
            in_english_row(context, "look", text, texts, [other.query] if other is not None else []),
            _other_button(context, other, texts),
            query_buttons(context, text, texts, "add", "try"),
            by_meaning(context, text, texts),
        ],
        edit=edit,
    )


def _other_line(other: Instead | None, texts: Texts) -> list[Line]:
    """What finds something where the query finds nothing, or more."""
    if other is None:
        return []
    words = suggestion_words(other.suggestion, other.named, texts)
    return [(Span(other.query, "code"), Span(f" – {words}"))]


def _other_button(context: Chat, other: Instead | None, texts: Texts) -> list[Button]:
    """None for a search by meaning, which has a button of its own."""
    if other is None or other.suggestion.change is Difference.MEANING:
        return []
    if other.suggestion.change is Difference.OTHER_FORM:
        label = suggestion_words(other.suggestion, other.named, texts)
    else:
        label = other.query if len(other.query) <= _LABEL else texts.gettext("Search for that")
    return [Button(label, context.long_texts.action("look:", other.query))]


async def found_items(context: Chat, query: Query, papers: Sequence[Paper], texts: Texts) -> list[Item]:
    """Papers that match a query, each with what matched, or why it is near."""
    why = await reasons(context.store, context.calibration, query, papers, texts)
    return matched_items(query, papers, why, texts)


def _neighbours(result: SearchResult, offset: int, before: int | None) -> tuple[str, str]:
    """The pages before and after one as buttons name them, empty where there is none."""
    suffix = "" if before is None else f"@{before}"
    earlier = f"{max(offset - PAPERS_A_PAGE, 0)}{suffix}" if offset else "0" if suffix else ""
    if offset + PAPERS_A_PAGE < result.total:
        return earlier, f"{offset + PAPERS_A_PAGE}{suffix}"
    return earlier, "" if result.resume is None else f"0@{result.resume}"


COMMANDS = (Command(SPEC, answer, {"find": turn_page, "look": press}),)
