"""Queries that are suggested: for given papers, and narrower or wider ones than another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, islice

import numpy as np

from paperwire.core.meaning.vectors import pack
from paperwire.core.papers.library import Reference, read_library
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse, parsed
from paperwire.core.query.terms.like import MOST_IDS
from paperwire.core.search.abbreviations import other_forms
from paperwire.core.search.examples import MOST_EXAMPLES, NEAR_A_WEEK, Background, Examples, Offers
from paperwire.core.search.names import named_otherwise
from paperwire.core.search.preview import Preview, Suggested
from paperwire.core.search.spoken import wider_than
from paperwire.core.search.suggestion import Difference, Rated, Suggestion, at_venue, narrower
from paperwire.core.search.unknown import renamed
from paperwire.errors import CommandError, SourceError, StoreBusy
from paperwire.pipeline.libraries import match_stored
from paperwire.pipeline.nearness import NO_VECTOR, Nearness
from paperwire.services.context import Context
from paperwire.services.papers.search import counted_days, preview
from paperwire.store.unit import Store, Unit
from paperwire.texts import Texts

FREQUENCY_WINDOW = timedelta(days=180)
"""The days back from the latest, over which it is counted how many papers have a word or phrase."""
_LONGEST_LIKE = 1_500
_MOST_SHOWN = 3
_MOST_TRIED = 12
_SAMPLE = 50
_CATEGORIES = 2


async def offers(store: Store, nearness: Nearness | None, papers: Sequence[Paper]) -> Offers:
    """Queries that find these papers and few others of the last 180 days that are stored."""
    examples = await asyncio.to_thread(Examples, papers)
    async with store.search() as unit:
        until = await unit.papers.latest_day()
        if until is None:
            return Offers((), None)
        since = (await unit.papers.neighbours(until - FREQUENCY_WINDOW))[1] or until
        count = await unit.papers.count_since(since)
        having = await unit.search.papers_of({term: parse(term) for term in examples.terms}, since=since)
    weeks = ((until - since).days + 1) / 7
    own = {paper.number for paper in papers}
    near = await _near(nearness, sorted(own), set(chain.from_iterable(having.values())), NEAR_A_WEEK * weeks / count)
    background = Background(count, weeks, having, own, near)
    return await asyncio.to_thread(examples.offers, background)


async def _near(
    nearness: Nearness | None, examples: Sequence[int], papers: set[int], share: float
) -> Collection[int] | None:
    """The papers, all by number, that are in the nearest `share` of all; None where that can't be told.

    Those that have no vector yet are among them, as nothing speaks against these.
    """
    if nearness is None or not len(vectors := await nearness.of(examples)):
        return None
    cosines = await nearness.cosines(pack(vectors.mean(axis=0)[np.newaxis])[0])
    bound = np.quantile(cosines[cosines > NO_VECTOR], max(1 - share, 0))
    return papers.difference(np.flatnonzero((cosines > NO_VECTOR) & (cosines < bound)).tolist())


async def suggest(context: Context, text: str, texts: Texts, *, ask_sources: bool = True) -> Suggested:
    """Offers for the papers that a text or library names; raises CommandError if none of them is known.

    Where words won't do no query of words is offered, as it would be one of chance: `like_text` is left. With
    `ask_sources` they are asked for what isn't stored.
    """
    library = await asyncio.to_thread(read_library, text)
    references = library.references[:MOST_EXAMPLES]
    if not references:
        raise CommandError(
            texts.gettext("No papers are mentioned here. Send up to 20 papers: arXiv ids, DOIs, links or a .bib file.")
        )
    papers, unknown = await _known(context, references, ask_sources=ask_sources)
    if not papers:
        raise CommandError(
            texts.gettext(
                "None of these papers is stored, and no source has them: %(names)s", names=texts.listed(unknown[:5])
            )
        )
    offered = await offers(context.store, context.nearness, papers)
    if not offered.words_will_do:
        offered = replace(offered, queries=())
    previews = [await preview(context, parse(offer.text)) for offer in offered.queries]
    return Suggested(papers, offered, previews, unknown, len(library.references) - len(references))


def like_text(papers: Sequence[Paper]) -> str:
    """The query for papers near to these in meaning: to those stored, or to titles where none is; empty if none can be.

    Papers whose ids a query can't name are left out.
    """
    ids = [paper.id for paper in papers if paper.number and _ids_of(f"like:{paper.id}") == (paper.id,)]
    if ids:
        return f"like:{','.join(ids[:MOST_IDS])}"
    titles = " ".join(paper.title.replace('"', "") for paper in papers)
    text = f'like:"{titles[:_LONGEST_LIKE]}"'
    return text if parsed(text) else ""


def _ids_of(text: str) -> tuple[str, ...]:
    query = parsed(text)
    return query.ids_of_like if query is not None else ()


async def _known(
    context: Context, references: Sequence[Reference], *, ask_sources: bool
) -> tuple[list[Paper], list[str]]:
    """The papers of references, stored or as sources have them; and the labels of the rest."""
    matched = await match_stored(context.store, references)
    papers = dict(matched.papers)
    entries = [reference for reference in matched.missing if reference.ids and ask_sources]
    if entries:
        try:
            looked_up = await context.lookup_many([entry.ids[0] for entry in entries])
        except SourceError:
            looked_up = {}
        papers |= {entry: looked_up[entry.ids[0]] for entry in entries if entry.ids[0] in looked_up}
    papers_by_id = {papers[reference].id: papers[reference] for reference in references if reference in papers}
    return list(papers_by_id.values()), [reference.label for reference in references if reference not in papers]


# --- narrower queries for one that finds too much ----------------------------------------------------------------


async def suggested(context: Context, result: Preview) -> list[Rated]:
    """A venue among its words as one; narrower queries for a flood, wider ones where nothing matches.

    One more has the abbreviation of its words, or the words of an abbreviation, where that finds other papers. None but
    the venue before there are papers, none for a query by meaning: it has a rate. And none while too much is going on.
    """
    if result.query.like is not None:
        return []
    rated = await _rated_for(context, result)
    if result.is_flood or any(each.suggestion.change is Difference.VENUE for each in rated):
        return rated
    # Words of a record are not found by words of a text, also where the conference is still to come.
    return [*(Rated(venue, 0, 0) for venue in at_venue(result.query)), *rated]


async def _rated_for(context: Context, result: Preview) -> list[Rated]:
    with suppress(StoreBusy):
        forms = await with_other_form(context, result.query)
        if result.is_flood:
            return [*await narrowed(context, result.query), *forms]
        others = chain(
            renamed(result.query, result.unknown),
            at_venue(result.query),
            named_otherwise(result.query),
            wider_than(result.query) if result.finds_nothing else (),
        )
        if (first := next(others, None)) is not None:
            async with context.store.search() as unit:
                return [*forms, *await _rated(unit, chain([first], others), most=None)]
        return forms
    return []


async def with_other_form(context: Context, query: Query) -> list[Rated]:
    """The query with the first form that finds other papers, and how many; none while too much is going on."""
    with suppress(StoreBusy):
        for form in other_forms(query):
            async with context.store.search() as unit:
                window = await counted_days(unit)
                if window is not None and (total := await _total(unit, form.missed, window[0])):
                    return [Rated(form.suggestion, total, window[1])]
    return []


async def widened(context: Context, query: Query) -> list[Rated]:
    """Queries that match what it does and more; none for a query by meaning, which has a rate."""
    if query.like is not None:
        return []
    async with context.store.search() as unit:
        return await _rated(unit, wider_than(query), most=None)


async def narrowed(context: Context, query: Query) -> list[Rated]:
    """Queries that match some of its papers, not all."""
    async with context.store.search() as unit:
        window = await counted_days(unit)
        if window is None:
            return []
        results = await unit.search.search(query, order="date", since=window[0], limit=_SAMPLE)
        categories = Counter(paper.categories[0] for paper in results.papers if paper.categories)
        names = [name for name, _ in categories.most_common(_CATEGORIES)]
        return await _rated(unit, narrower(query, names), most=results.total)


async def _rated(unit: Unit, suggestions: Iterable[Suggestion], *, most: int | None) -> list[Rated]:
    """The first of these that match something, and fewer than `most` papers."""
    window = await counted_days(unit)
    rated: list[Rated] = []
    if window is None:
        return rated
    since, days = window
    for suggestion in islice(suggestions, _MOST_TRIED):
        total = await _total(unit, suggestion.query, since)
        if total and (most is None or total < most):
            rated.append(Rated(suggestion, total, days))
        if len(rated) == _MOST_SHOWN:
            break
    return rated


async def _total(unit: Unit, query: Query, since: date) -> int:
    return (await unit.search.search(query, order="date", since=since, limit=1)).total
