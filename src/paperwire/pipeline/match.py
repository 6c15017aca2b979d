"""Second stage: what is news is matched against all queries, and each match becomes deliveries."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from types import MappingProxyType

import structlog

from paperwire import observe
from paperwire.core.matching.matcher import Matcher
from paperwire.core.matching.news import Matched, News, QueryChange
from paperwire.core.meaning.aim import Score
from paperwire.core.papers.paper import BECOMES_KNOWN, NOTICES, Occasion
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc
from paperwire.core.subscriptions.cadence import NextSlot
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.fan_out import advance_slots, announce, fan_out, record, record_scores
from paperwire.pipeline.match_later import BecameTrue, became_true, by_paper, told_instead
from paperwire.pipeline.match_meaning import MatchingByMeaning
from paperwire.ports.options import Now
from paperwire.store.unit import Store

_log = structlog.get_logger(__name__)

NEWS_PER_ROUND = 2_000
"""Maximum news that are announced together: more than an announcement has."""
NEWS_PER_MATCH = 500
"""News that are matched in one go; at 1,000,000 queries that is some tenths of a second."""
MOST_MATCHES = 1_000_000
"""Matches in memory beyond which the rest of the news is left for the next batch."""
_CHANGES = 10_000
_SHOWN = 10  # events that one log line names
_NO_WORDS = Matcher()  # for news that have been matched by words before


class Matching:
    """Keeps the index of all queries in step with the store and turns news into matches and deliveries."""

    def __init__(self, store: Store, *, now: Now, next_slot: NextSlot, calibration: Calibration | None = None) -> None:
        self._store = store
        self._now = now
        self._next_slot = next_slot
        self._matcher = Matcher()
        self._by_meaning = MatchingByMeaning(store, calibration, now=now)
        self._thresholds: dict[int, int] = {}
        self._seq = 0
        self._scores: dict[tuple[int, int], Score] = {}  # by query and paper, until they are kept
        self._papers: set[int] = set()
        self._matches = self._deliveries = 0

    async def run(self) -> int:
        """Match until nothing is left; the number of news that were matched, submissions to lists among them."""
        began, total = time.perf_counter(), 0
        self._papers.clear()
        self._matches = self._deliveries = 0
        await self._pass_over_orphans()
        while done := await self._batch() or await self._awaiting_batch():
            total += done
        if total:
            _log.info(
                "matched",
                papers=len(self._papers),
                matches=self._matches,
                deliveries=self._deliveries,
                seconds=round(time.perf_counter() - began, 2),
            )
        return total + await announce(self._store, self._now(), self._next_slot)

    async def _pass_over_orphans(self) -> None:
        """Take news whose paper is gone off the queue, and log it once."""
        async with self._store.read() as unit:
            events = await unit.papers.orphans()
        if not events:
            return
        async with self._store.write() as unit:
            await unit.papers.pass_over(events)
        _log.warning("news of papers that are gone was passed over", events=events[:_SHOWN], number=len(events))

    async def rest(self) -> timedelta | None:
        """How long until a source stops waiting for the rest of its burst; None if none waits."""
        async with self._store.read() as unit:
            until = await unit.sources.waits_until()
        return None if until is None else until - self._now()

    async def _batch(self) -> int:
        async with self._store.read() as unit:
            news = await unit.papers.unmatched(NEWS_PER_ROUND)
        if not news:
            return 0
        # After the news, never before: a query stored while they were read is then seen as well.
        await self.follow()
        if len(self._by_meaning):
            await self._by_meaning.prepare(news)
            await self.follow()
        vectors = await self._by_meaning.vectors(news)
        news = await self._match_and_owe(news, vectors, self._matcher)
        # Last: a batch that a crash interrupts is matched again, and every step before this may be repeated.
        async with self._store.write() as unit:
            await unit.papers.settle_matched(news, awaiting=self._by_meaning.awaiting(news, vectors))
        return len(news)

    async def _awaiting_batch(self) -> int:
        """Match what was matched by words before its papers had vectors."""
        await self.follow()
        if not self._by_meaning.is_ready:
            return 0
        async with self._store.read() as unit:
            news = await unit.papers.awaiting_meaning(NEWS_PER_ROUND)
        vectors = await self._by_meaning.vectors(news)
        news = [item for item in news if item.paper.number in vectors or not len(self._by_meaning)]
        if not news:
            return 0
        news = await self._match_and_owe(news, vectors, _NO_WORDS)
        async with self._store.write() as unit:
            await unit.papers.settle_meaning(news)
        return len(news)

    async def _match_and_owe(self, news: list[News], vectors: Mapping[int, bytes], by_words: Matcher) -> list[News]:
        """Match news and owe what that makes, all of it or as many as memory bears; returns which."""
        news = await self._match_once(news, vectors, by_words)
        if await self._is_outdated():  # a subscription changed, and may have left a query just matched
            await self.follow()
            news = await self._match_once(news, vectors, by_words)
        self._papers.update(item.paper.number for item in news)
        return news

    async def _match_once(self, news: list[News], vectors: Mapping[int, bytes], by_words: Matcher) -> list[News]:
        matched: list[Matched] = []
        done: list[News] = []
        count = 0
        for items in by_paper(news, NEWS_PER_MATCH):
            matches = await self._match(items, vectors, by_words)
            match = partial(self._queries_of, vectors=vectors, by_words=by_words)
            new = await became_true(self._store, items, matches, match)
            now_true: list[Sequence[int]] = [
                numbers if item.before is None else sorted(new[item.event])
                for item, numbers in zip(items, matches, strict=True)
            ]
            piece = [*self._as_matched(items, matches, new), *await self._passed_before(items, now_true)]
            done += items
            count += sum(len(item.queries) for item in piece)
            matched += piece
            if count >= MOST_MATCHES:
                break
            await asyncio.sleep(0)  # answers to people go between
        await self._owe(matched)
        return done

    async def _owe(self, matched: Sequence[Matched]) -> None:
        await advance_slots(self._store.write, self._now(), self._next_slot)
        await record_scores(self._store.write, matched, self._scores)
        self._scores.clear()
        added = await record(self._store.write, matched)
        observe.MATCHES.inc(added)
        self._matches += added
        self._deliveries += await fan_out(self._store.write, matched)

    async def _is_outdated(self) -> bool:
        """Whether queries changed since they were last followed."""
        async with self._store.read() as unit:
            return bool(await unit.subscriptions.query_changes(self._seq, 1))

    async def follow(self) -> int:
        """Take over what changed among the queries since the last time; how many are now followed."""
        while True:
            async with self._store.read() as unit:
                changes = await unit.subscriptions.query_changes(self._seq, _CHANGES)
            for change in changes:
                self._take_over(change)
            if len(changes) < _CHANGES:
                return len(self._matcher)

    def _take_over(self, change: QueryChange) -> None:
        self._seq = change.seq
        self._thresholds.pop(change.number, None)
        self._by_meaning.take_over(change)
        if change.dumped is None:
            self._matcher.remove(change.number)
            return
        if change.meaning is None:
            self._matcher.add(change.number, Query.load(change.dumped))
        if change.upvotes is not None:
            self._thresholds[change.number] = change.upvotes

    async def _match(
        self, news: Sequence[News], vectors: Mapping[int, bytes], by_words: Matcher
    ) -> list[Sequence[int]]:
        began = time.perf_counter()
        docs = [Doc.of(item.paper) for item in news]
        matches = await self._queries_of(docs, vectors, by_words, scores=self._scores)
        observe.MATCH_SECONDS.observe(time.perf_counter() - began)
        return matches

    async def _queries_of(
        self,
        docs: Sequence[Doc],
        vectors: Mapping[int, bytes],
        by_words: Matcher,
        scores: dict[tuple[int, int], Score] | None = None,
    ) -> list[Sequence[int]]:
        """The queries that match papers by words and by meaning; `scores` gets why the latter do."""
        matches: list[Sequence[int]] = list(by_words.match_many(docs))
        for place, near in enumerate(await self._by_meaning.match(docs, vectors)):
            if near:
                matches[place] = sorted([*matches[place], *near])
                if scores is not None:
                    scores.update({(query, docs[place].paper.number): score for query, score in near.items()})
        return matches

    def _as_matched(
        self, news: Sequence[News], matches: Sequence[Sequence[int]], became_true: BecameTrue = MappingProxyType({})
    ) -> list[Matched]:
        instead = told_instead(news, became_true)
        return [
            Matched(
                paper=item.paper,
                occasion=occasion,
                seen_at=item.seen_at,
                queries=queries,
                quiet=item.quiet,
                told_at=item.told_at,
                late=item.late,
                after_quiet=item.after_quiet,
            )
            for item, numbers in zip(news, matches, strict=True)
            for occasion, queries in self._occasions(
                item, numbers, became_true.get(item.event, {}), instead.get(item.event, frozenset())
            ).items()
        ]

    def _occasions(
        self,
        item: News,
        numbers: Sequence[int],
        became_true: Mapping[int, Occasion],
        told_instead: frozenset[int],
    ) -> dict[Occasion, list[int]]:
        """The queries to which `item` is news, by occasion; a trending query waits for its threshold.

        Those in `told_instead` hear of what became true of its paper.
        """
        occasions: defaultdict[Occasion, list[int]] = defaultdict(list)
        if item.before is not None:
            for number, occasion in became_true.items():
                if number not in self._thresholds:
                    occasions[occasion].append(number)
            return dict(occasions)
        if item.score_to is None:
            if item.occasion.kind in BECOMES_KNOWN or item.occasion in NOTICES:  # for followers of the paper
                return {item.occasion: []}
            others = self._thresholds.keys() | told_instead
            return {item.occasion: [number for number in numbers if number not in others]}
        for number in numbers:
            threshold = self._thresholds.get(number)
            if threshold is not None and (item.score_from or 0) < threshold <= item.score_to:
                occasions[Occasion.upvotes(threshold)].append(number)
        return dict(occasions)

    async def _passed_before(self, news: Sequence[News], matches: Sequence[Sequence[int]]) -> list[Matched]:
        """Trending queries that are true only now, by what is said of a paper that passed their threshold before."""
        passed = [
            (item, number, threshold)
            for item, numbers in zip(news, matches, strict=True)
            if item.score_to is None and item.paper.upvotes and item.occasion.kind not in BECOMES_KNOWN
            for number in numbers
            if (threshold := self._thresholds.get(number)) is not None and threshold <= item.paper.upvotes
        ]
        if not passed:
            return []
        keys = {(number, item.paper.number, Occasion.upvotes(least).code) for item, number, least in passed}
        async with self._store.read() as unit:
            rises = await unit.papers.rises(sorted({item.paper.number for item, _, _ in passed}))
            known_since = await unit.fanout.matched_at(keys)
        matched: list[Matched] = []
        for item, number, least in passed:
            occasion = Occasion.upvotes(least)
            # A batch that a crash interrupted finds its own matches again.
            is_new = known_since.get((number, item.paper.number, occasion.code), item.seen_at) == item.seen_at
            rise = next(
                (
                    candidate
                    for candidate in rises.get(item.paper.number, ())
                    if candidate.above < least <= candidate.to
                ),
                None,
            )
            if is_new and rise is not None and not rise.quiet:
                matched.append(
                    Matched(
                        paper=item.paper,
                        occasion=occasion,
                        seen_at=item.seen_at,
                        queries=[number],
                        reached_at=rise.seen_at,
                    )
                )
        return matched
