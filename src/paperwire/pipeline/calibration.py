"""Calculates vectors and thresholds of queries by meaning from the papers of the last 60 days, and renews them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

import numpy as np
import structlog
from numpy.typing import NDArray

from paperwire.core.matching.news import DueMeaning
from paperwire.core.meaning.aim import Direction, QueryMeaning
from paperwire.core.meaning.threshold import CALIBRATED_DAYS, Threshold, threshold_of
from paperwire.core.meaning.vectors import Floats, unpack
from paperwire.core.papers.paper import ARRIVAL, Occasion, Paper
from paperwire.core.query.language import Query
from paperwire.core.query.nodes import And
from paperwire.core.query.terms.rate import USUAL
from paperwire.core.subscriptions.feeds import MOST_OLD, WINDOW
from paperwire.errors import EncoderError, LikeError, Unresolved
from paperwire.pipeline.directions import direction_of
from paperwire.pipeline.nearness import ENCODER, NO_VECTOR, Nearness, encode_papers
from paperwire.ports.options import Now
from paperwire.store.unit import Store

QUERIES_PER_PRODUCT = 100
"""Queries in one product with all papers of 60 days: at 50,000 of them 20 MB of scores."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RecentPapers:
    """The papers of the last 60 days by number, latest day first, with the ordinal of the day of each."""

    papers: NDArray[np.int64]
    days: NDArray[np.int64]

    @property
    def since(self) -> date | None:
        """The first of these days, whether it has papers or not; None if no papers are stored."""
        return _first_day(date.fromordinal(int(self.days[0]))) if len(self.days) else None


@dataclass(frozen=True, slots=True)
class Sample:
    """The papers of a window that pass the rest of a query, with their scores, and how many days they cover."""

    papers: NDArray[np.int64]
    days: NDArray[np.int64]
    scores: Floats
    covered: int

    def threshold(self, query: Query) -> Threshold | None:
        """What a score must be so that a query gets its rate; None if no paper is like that."""
        return threshold_of(self.scores, self.days, (query.rate or USUAL).a_week, self.covered)

    def latest(self, threshold: Threshold, since: date, most: int) -> dict[int, float]:
        """The latest papers since a day that reach a threshold, by number, with their scores."""
        reaches = (self.scores >= threshold.score) & (self.days >= since.toordinal())
        places = np.flatnonzero(reaches)[:most]
        return dict(zip(self.papers[places].tolist(), self.scores[places].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a query means now, and as which occasion it matches which stored papers, with their scores."""

    meaning: QueryMeaning
    occasion: Occasion
    scores: Mapping[int, float]


class Calibration:
    """Makes the meanings of queries; `run` goes over all that are due, `renew` over some."""

    def __init__(self, store: Store, nearness: Nearness, *, now: Now) -> None:
        self._store = store
        self.nearness = nearness
        self._now = now
        self.encoder = nearness.encoder
        self._urgent_after = 0

    async def run(self) -> int:
        """Renew what is due; how many queries that were. Raises EncoderError.

        What another encoder made is left until all papers of the last 60 days have a vector of this one, and then
        changed in one transaction.
        """
        renewed = after = 0
        switched: dict[int, Calibrated] = {}
        window = await self._window()
        while due := await self._due(after):
            after = due[-1].number
            foreign = {meaning.number for meaning in due if self._is_foreign(meaning)}
            made = await self._calibrate([meaning for meaning in due if meaning.number not in foreign], window)
            await self._keep(made)
            renewed += len(made)
            if foreign and await self._is_encoded(window):
                switched |= await self._calibrate([meaning for meaning in due if meaning.number in foreign], window)
        if switched:
            await self._keep(switched)
            _log.info("switched encoders", queries=len(switched), encoder=self.encoder.version)
        return renewed + len(switched)

    async def urgent(self) -> None:
        """Renew some of the queries that have no threshold or whose list changed: the next ones each time."""
        async with self._store.read() as unit:
            due = await unit.meanings.urgent(self.encoder.version, self._urgent_after, QUERIES_PER_PRODUCT)
        self._urgent_after = due[-1].number if len(due) == QUERIES_PER_PRODUCT else 0
        if due:
            await self._keep(await self._calibrate(due, await self._window()))

    async def renew(self, queries: Collection[int]) -> None:
        """Renew those of these queries, by number, that have `like:`. Raises EncoderError."""
        async with self._store.read() as unit:
            meant = await unit.meanings.those(queries)
        if meant:
            await self._keep(await self._calibrate(meant, await self._window()))

    async def threshold(self, query: Query, direction: Direction) -> Threshold | None:
        """What a score must be for a query in this direction: what alerts go by, if it is in use and means the same."""
        async with self._store.read() as unit:
            stored = await unit.meanings.of_key(query.key)
        if stored is not None and stored.threshold and stored.packed == direction.packed.tobytes():
            return stored.threshold
        return (await self.sample(query, direction)).threshold(query)

    async def sample(self, query: Query, direction: Direction) -> Sample:
        """The papers from which the threshold of a query with this direction is taken."""
        window = await self._window()
        scores = await self.nearness.scores_of(window.papers.tolist(), unpack(direction.packed[np.newaxis]))
        return await self._sample(query, direction, window, scores[:, 0])

    def _is_foreign(self, due: DueMeaning) -> bool:
        return due.before.encoder not in {"", self.encoder.version}

    async def _due(self, after: int) -> list[DueMeaning]:
        async with self._store.read() as unit:
            return await unit.meanings.due(self.encoder.version, after, QUERIES_PER_PRODUCT)

    async def _is_encoded(self, window: RecentPapers) -> bool:
        async with self._store.read() as unit:
            is_begun = await unit.settings.get(ENCODER) == self.encoder.version
            return is_begun and not await unit.vectors.count_unencoded(window.since)

    async def _window(self) -> RecentPapers:
        async with self._store.read() as unit:
            last = await unit.papers.latest_day()
            by_day = {} if last is None else await unit.papers.numbers_since(_first_day(last))
        papers = list(chain.from_iterable(by_day.values()))
        days = [day.toordinal() for day, numbers in by_day.items() for _ in numbers]
        return RecentPapers(np.array(papers, np.int64), np.array(days, np.int64))

    async def _calibrate(self, due: Sequence[DueMeaning], window: RecentPapers) -> dict[int, Calibrated]:
        if not due:
            return {}
        await self._encode_named(due)
        directions = [await self._direction(meaning) for meaning in due]
        queries = unpack(np.stack([direction.packed for direction in directions]))
        scores = await self.nearness.scores_of(window.papers.tolist(), queries)
        made = {}
        for at, (meaning, direction) in enumerate(zip(due, directions, strict=True)):
            sample = await self._sample(meaning.query, direction, window, scores[:, at])
            made[meaning.number] = self._calibrated(meaning, direction, sample)
        return made

    async def _encode_named(self, due: Sequence[DueMeaning]) -> None:
        """Make the vectors that papers lack which queries name or people saved, whatever else waits for one."""
        papers: dict[int, Paper] = {}
        async with self._store.read() as unit:
            for meaning in due:
                for name in meaning.query.ids_of_like:
                    if (paper := await unit.papers.get(name)) is not None:
                        papers[paper.number] = paper
            for person in {meaning.before.list_of for meaning in due if meaning.before.list_of is not None}:
                papers |= {paper.number: paper for paper in await unit.people.saved(person)}
            made = await unit.vectors.of(self.encoder.version, papers)
        await encode_papers(self._store, self.encoder, [papers[number] for number in papers.keys() - made.keys()])

    async def _direction(self, due: DueMeaning) -> Direction:
        """What a query means now; as before if too little is saved by now, and nothing (zeros) otherwise."""
        before, version = due.before, self.encoder.version
        try:
            return await direction_of(self._store, self.nearness, due.query.of(before.list_of or 0))
        except LikeError as error:
            if error.kind is Unresolved.FAILING:
                raise EncoderError(str(error.values["reason"])) from error
            if before.encoder == version and due.like.is_saved:
                return Direction(version, np.frombuffer(before.packed, np.int8))
            return Direction(version, np.zeros(self.encoder.width, np.int8))

    def _calibrated(self, due: DueMeaning, direction: Direction, sample: Sample) -> Calibrated:
        threshold, before = sample.threshold(due.query), due.before
        meaning = QueryMeaning(
            encoder=direction.encoder,
            packed=direction.packed.tobytes(),
            threshold=threshold,
            list_of=before.list_of,
            list_changes=before.list_changes,
            paper=next(iter(direction.papers), None) if len(due.query.ids_of_like) == 1 else None,
        )
        upvotes = due.query.upvotes
        occasion = ARRIVAL if upvotes is None else Occasion.upvotes(upvotes)
        is_first = threshold is not None and before.threshold is None
        scores = sample.latest(threshold, (self._now() - WINDOW).date(), MOST_OLD) if threshold and is_first else {}
        return Calibrated(meaning, occasion, scores)

    async def _sample(self, query: Query, direction: Direction, window: RecentPapers, scores: Floats) -> Sample:
        has_score = scores > NO_VECTOR
        if not has_score.any():
            return Sample(window.papers[has_score], window.days[has_score], scores[has_score], 0)
        since = int(window.days[has_score].min())
        counts = has_score & ~np.isin(window.papers, list(direction.papers))
        if window.since is not None and (query.root != And(()) or query.upvotes is not None):
            async with self._store.search() as unit:
                passing = await unit.search.passing(query, window.since)
            counts &= np.isin(window.papers, list(passing.papers))
            since = max(since, passing.since.toordinal())
        covered = int(window.days[0]) - since + 1
        return Sample(window.papers[counts], window.days[counts], scores[counts], covered)

    async def _keep(self, made: Mapping[int, Calibrated]) -> None:
        if not made:
            return
        async with self._store.write() as unit:
            await unit.meanings.renew({number: calibrated.meaning for number, calibrated in made.items()})
            for number, calibrated in made.items():
                await unit.meanings.match_stored(number, calibrated.occasion, calibrated.meaning, calibrated.scores)


def _first_day(last: date) -> date:
    return last - timedelta(days=CALIBRATED_DAYS - 1)
