"""Queries for somebody's papers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from paperwire.core.papers.library import Reference, read_library
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.search.examples import MOST_EXAMPLES, Background, Examples, Offers
from paperwire.core.search.suggested import Suggested
from paperwire.errors import CommandError, SourceError
from paperwire.pipeline.libraries import match_stored
from paperwire.services.context import Context
from paperwire.services.preview import preview
from paperwire.store.unit import Store
from paperwire.texts import Texts

COUNTED = timedelta(days=180)
"""The days back from the latest, over which it is counted how many papers have a word or phrase."""


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
