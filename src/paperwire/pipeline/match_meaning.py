"""Matching by meaning: queries with `like:` in step with the store, and which of them new papers reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from paperwire.core.matching.meanings import MeaningMatcher
from paperwire.core.matching.news import News, QueryChange
from paperwire.core.meaning.aim import QueryMeaning, Score
from paperwire.core.meaning.threshold import Threshold
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc
from paperwire.core.subscriptions.feeds import WINDOW
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.nearness import encode_papers
from paperwire.ports.options import Now
from paperwire.store.unit import Store


@dataclass(frozen=True, slots=True)
class _Known:
    """A query that can match by meaning: all of it, what it means, and what a paper has to reach."""

    query: Query
    meaning: QueryMeaning
    threshold: Threshold


class MatchingByMeaning:
    """All queries with `like:`, and the papers that reach them; without an encoder (`calibration` None) none do.

    A query whose meaning isn't made yet by this encoder makes all news wait, so that each is matched with all at once.
    """

    def __init__(self, store: Store, calibration: Calibration | None, *, now: Now) -> None:
        self._store = store
        self._calibration = calibration
        self._now = now
        self._matcher = MeaningMatcher(calibration.encoder.width if calibration else 0)
        self._known: dict[int, _Known] = {}
        self._all: set[int] = set()
        self._foreign: set[int] = set()

    def __len__(self) -> int:
        """How many queries with `like:` there are."""
        return len(self._all)

    @property
    def is_ready(self) -> bool:
        """Whether papers can be compared with all queries."""
        return self._calibration is not None and not self._foreign

    def take_over(self, change: QueryChange) -> None:
        number, meaning = change.number, change.meaning
        self._matcher.remove(number)
        self._known.pop(number, None)
        self._all.discard(number)
        self._foreign.discard(number)
        if change.dumped is None or meaning is None:
            return
        self._all.add(number)
        if self._calibration is None or meaning.encoder != self._calibration.encoder.version:
            self._foreign.add(number)
        elif meaning.threshold is not None:
            self._known[number] = _Known(Query.load(change.dumped), meaning, meaning.threshold)
            self._matcher.add(number, meaning.packed, meaning.threshold.score)

    async def prepare(self, news: Sequence[News]) -> None:
        """Where the encoder answers at once: give papers their vectors, and queries that wait for one their meaning."""
        if self._calibration is None or not self._calibration.encoder.instant:
            return
        version = self._calibration.encoder.version
        papers = {item.paper.number: item.paper for item in news}
        async with self._store.read() as unit:
            made = await unit.vectors.of(version, papers)
        missing = [paper for number, paper in papers.items() if number not in made]
        await encode_papers(self._store, self._calibration.encoder, missing)
        await self._calibration.urgent()

    async def vectors(self, news: Sequence[News]) -> dict[int, bytes]:
        """The vectors of the papers of these news that can be matched now."""
        if self._calibration is None or not self.is_ready or not self._all:
            return {}
        async with self._store.read() as unit:
            return await unit.vectors.of(self._calibration.encoder.version, {item.paper.number for item in news})

    def awaiting(self, news: Sequence[News], vectors: Mapping[int, bytes]) -> set[int]:
        """The events of these news that are still to be matched by meaning, without old ones that no feed shows."""
        if not self._all:
            return set()
        since = (self._now() - WINDOW).date()
        return {
            item.event
            for item in news
            if item.paper.number not in vectors
            and not (item.quiet and item.paper.announced is not None and item.paper.announced < since)
        }

    async def match(self, docs: Sequence[Doc], vectors: Mapping[int, bytes]) -> list[dict[int, Score]]:
        """For each paper the queries that it matches by meaning, by number, and why."""
        rows = [doc for doc in docs if doc.paper.number in vectors]
        if not rows or self._calibration is None:
            return [{} for _ in docs]
        packed = np.frombuffer(b"".join(vectors[doc.paper.number] for doc in rows), np.int8)
        reached = self._matcher.reached(packed.reshape(len(rows), -1))
        version = self._calibration.encoder.version
        scores: dict[int, dict[int, Score]] = {}
        for doc, queries in zip(rows, reached, strict=True):
            scores[doc.paper.number] = {
                query: Score(score, meant.threshold.score, version)
                for query, score in queries
                if (meant := self._known[query]).meaning.paper != doc.paper.number
                and doc.id not in meant.query.ids_of_like
                and meant.query.matches(doc)
            }
        await self._leave_out_saved(scores)
        return [scores.get(doc.paper.number, {}) for doc in docs]

    async def _leave_out_saved(self, scores: Mapping[int, dict[int, Score]]) -> None:
        """Take away papers that are in the list that a query is made of."""
        persons = {query: self._known[query].meaning.list_of for queries in scores.values() for query in queries}
        pairs = {
            (person, paper)
            for paper, queries in scores.items()
            for query in queries
            if (person := persons[query]) is not None
        }
        if pairs:
            async with self._store.read() as unit:
                saved = await unit.meanings.saved(pairs)
            for paper, queries in scores.items():
                for query in [query for query in queries if (persons[query], paper) in saved]:
                    del queries[query]
