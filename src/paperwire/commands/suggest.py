"""`/suggest`: queries that find papers like some that are given, with their rate and how many of those they find."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from paperwire.commands.context import Command, Context, say
from paperwire.commands.library import FILE
from paperwire.commands.preview import Preview, preview, rate_words
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.papers.library import Reference, read_library
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse, parsed
from paperwire.core.search.examples import MOST_EXAMPLES, Background, Examples, Offers
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, SourceError
from paperwire.pipeline.libraries import match_stored
from paperwire.ports.requests import Argument, CommandSpec, Question, Reply, Request
from paperwire.store.unit import Store
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec(
    "suggest",
    gettext_noop("Queries that find papers like some you name"),
    (Argument("query", gettext_noop("up to 20 papers: ids, DOIs, links or a pasted .bib"), required=False),),
    options=(FILE,),
)

COUNTED = timedelta(days=180)
"""The days back from the latest, over which it is counted how many papers have a word or phrase."""
_LONGEST_LIKE = 1_500


@dataclass(frozen=True, slots=True)
class Suggested:
    """Offered queries with their previews, for these papers; `unknown` are the labels of those that aren't known."""

    papers: Sequence[Paper]
    offers: Offers
    previews: Sequence[Preview]
    unknown: Sequence[str]
    left_out: int


async def offers(store: Store, papers: Sequence[Paper]) -> Offers:
    """Queries that find these papers and few others of the last 180 days that are stored."""
    examples = await asyncio.to_thread(Examples, papers)
    async with store.search() as unit:
        until = await unit.papers.latest_day()
        if until is None:
            return Offers((), None)
        since = (await unit.papers.neighbours(until - COUNTED))[1] or until
        count = await unit.papers.count_since(since)
        places = await unit.search.places({term: parse(term) for term in examples.terms}, since=since)
    background = Background(count, ((until - since).days + 1) / 7, places)
    return await asyncio.to_thread(examples.offers, background)


async def suggest(context: Context, text: str, texts: Texts, *, ask_sources: bool = True) -> Suggested:
    """Offers for the papers that a text or library names; raises CommandError if none of them is known.

    With `ask_sources` they are asked for what isn't stored.
    """
    library = await asyncio.to_thread(read_library, text)
    wanted = library.references[:MOST_EXAMPLES]
    if not wanted:
        raise CommandError(
            texts.gettext("No paper is named here. Send up to 20 papers: arXiv ids, DOIs, links or a .bib file.")
        )
    papers, unknown = await _known(context, wanted, ask_sources=ask_sources)
    if not papers:
        raise CommandError(
            texts.gettext(
                "None of these papers is stored, and no source has them: %(names)s", names=", ".join(unknown[:5])
            )
        )
    found = await offers(context.store, papers)
    previews = [await preview(context, parse(offer.text)) for offer in found.queries]
    return Suggested(papers, found, previews, unknown, len(library.references) - len(wanted))


async def _known(
    context: Context, references: Sequence[Reference], *, ask_sources: bool
) -> tuple[list[Paper], list[str]]:
    """The papers of references, stored or as sources have them; and the labels of the rest."""
    matched = await match_stored(context.store, references)
    papers = dict(matched.papers)
    entries = [one for one in matched.missing if one.ids and ask_sources]
    if entries:
        try:
            looked_up = await context.lookup_many([one.ids[0] for one in entries])
        except SourceError:
            looked_up = {}
        papers |= {one: looked_up[one.ids[0]] for one in entries if one.ids[0] in looked_up}
    known = {papers[one].id: papers[one] for one in references if one in papers}
    return list(known.values()), [one.label for one in references if one not in papers]


async def answer(context: Context, request: Request) -> Reply:
    """`/suggest PAPERS`, with a file or without."""
    texts = request.texts
    text = "\n".join(part for part in (request.args, request.attached) if part.strip())
    if not text:
        return _ask(texts)
    result = await suggest(context, text, texts)
    buttons = [
        [Button(texts.gettext("Subscribe to %(number)s", number=number), context.recent.action("add:", offer.text))]
        for number, offer in enumerate(result.offers.queries, 1)
    ]
    like = like_text(result.papers)
    if like:
        label = texts.gettext("Subscribe by meaning")
        buttons.append([Button(label, context.recent.action("add:", like))])
    return say(*_lines(result, texts), foot=foot_lines(result, texts), buttons=buttons)


def _ask(texts: Texts) -> Reply:
    reply = say(
        texts.gettext("Which papers do you like? Send up to 20: arXiv ids, DOIs, links, or a .bib file."),
        texts.gettext("To stop, send: cancel"),
    )
    return replace(reply, question=Question(SPEC.name, texts.gettext("Which papers?"), "2510.00001 2510.00002"))


def _lines(result: Suggested, texts: Texts) -> list[str | Line]:
    if not result.offers.queries:
        return []
    count = len(result.papers)
    title = texts.ngettext("Queries for papers like this one:", "Queries for papers like these %(num)s:", count)
    lines: list[str | Line] = [(Span(title, "bold"),)]
    for number, (offer, known) in enumerate(zip(result.offers.queries, result.previews, strict=True), 1):
        lines += [(Span(f"{number}. "), Span(offer.text, "code")), found_line(offer.found, count, known, texts)]
    return lines


def found_line(found: int, given: int, known: Preview, texts: Texts) -> str:
    """How many of the given papers a query finds, and its rate where that is known."""
    finds = texts.ngettext("Finds %(found)s of %(num)s paper", "Finds %(found)s of %(num)s papers", given, found=found)
    if not known.is_final:
        return f"{finds}."
    rate = rate_words(known.total, known.days, texts)
    return texts.gettext("%(finds)s, about %(rate)s.", finds=finds, rate=rate)


def foot_lines(result: Suggested, texts: Texts) -> list[str]:
    """What to expect of the queries, and what was left out."""
    expected = result.offers.expected
    lines = []
    if not result.offers.queries:
        lines.append(texts.gettext("No words set these papers apart from others. Name more papers, or other ones."))
    elif not result.offers.words_will_do:
        lines.append(
            texts.gettext("⚠ Words alone won't do here: queries like these miss more than half of further papers.")
        )
    elif expected is not None:
        lines.append(texts.gettext("Of further papers, expect about %(share)s to be found.", share=f"{expected:.0%}"))
    if result.unknown:
        names = ", ".join(clean(name, 60) for name in result.unknown[:5])
        lines.append(texts.gettext("Not known here: %(names)s", names=names))
    if result.left_out:
        lines.append(texts.gettext("Only the first %(limit)s papers were taken.", limit=MOST_EXAMPLES))
    return lines


def like_text(papers: Sequence[Paper]) -> str:
    """The query for papers near to these in meaning; empty where the language has no such term."""
    if len(papers) == 1:
        text = f"like:{papers[0].id}"
    else:
        titles = " ".join(paper.title.replace('"', "") for paper in papers)
        text = f'like:"{titles[:_LONGEST_LIKE]}"'
    return text if parsed(text) else ""


COMMANDS = (Command(SPEC, answer),)
