"""Vectors and thresholds of queries with `like:`, and which of them are due to be calculated again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.matching.news import DueMeaning
from paperwire.core.meaning.aim import QueryMeaning, Score
from paperwire.core.meaning.threshold import FEW_DAYS, Threshold
from paperwire.core.papers.paper import Occasion
from paperwire.core.query.language import Query
from paperwire.store.database.locks import count_change, lock_queries
from paperwire.store.database.part import Part, chunks, rows_among, value_of
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import DeliveryRow, MatchRow, MatchScoreRow
from paperwire.store.database.tables.people import SavedRow
from paperwire.store.database.tables.subscriptions import MeaningRow, QueryRow, SubscriptionRow
from paperwire.store.queries import move_queries

MEANING = (
    col(MeaningRow.encoder),
    col(MeaningRow.packed),
    col(MeaningRow.list_of),
    col(MeaningRow.threshold),
    col(MeaningRow.papers),
    col(MeaningRow.days),
    col(MeaningRow.list_changes),
    col(MeaningRow.paper),
)
"""The columns of which `meaning_of` makes a meaning."""
RENEWED = timedelta(days=7)
"""A threshold older than this is recalculated."""
_EARLY = timedelta(days=1)
_URGENT = (col(MeaningRow.list_changes) != col(MeaningRow.made_after), col(MeaningRow.threshold).is_(None))


class Meanings(Part):
    """Everything about the meanings of queries, inside one transaction."""

    async def of(self, query: int) -> QueryMeaning | None:
        """The meaning of a query by number; None of one without `like:`."""
        row = (await self._db.execute(select(*MEANING).where(col(MeaningRow.query) == query))).first()
        return None if row is None else meaning_of(row)

    async def of_key(self, key: str) -> QueryMeaning | None:
        named = select(*MEANING).join(QueryRow, _IN_USE).where(col(QueryRow.key) == key)
        row = (await self._db.execute(named)).first()
        return None if row is None else meaning_of(row)

    async def due(self, encoder: str, after: int, limit: int) -> list[DueMeaning]:
        """Queries in use, after number `after`, whose meaning is to be calculated again.

        Another encoder made it, or it is old, sooner if it was taken from few days, or it is urgent.
        """
        old = col(MeaningRow.renewed_at) < self._now - RENEWED
        early = and_(col(MeaningRow.days) < FEW_DAYS, col(MeaningRow.renewed_at) < self._now - _EARLY)
        due = or_(col(MeaningRow.encoder) != encoder, old, early, *_URGENT)
        return await self._due(limit, due, col(MeaningRow.query) > after)

    async def urgent(self, encoder: str, after: int, limit: int) -> list[DueMeaning]:
        """Those of them that no other encoder made and that have no threshold, or whose list changed."""
        own = col(MeaningRow.encoder).in_(["", encoder])
        return await self._due(limit, own, or_(*_URGENT), col(MeaningRow.query) > after)

    async def those(self, queries: Collection[int]) -> list[DueMeaning]:
        """Those of these queries that are in use and have a meaning."""
        meant: list[DueMeaning] = []
        for piece in chunks(sorted(queries)):
            meant += await self._due(len(piece), col(MeaningRow.query).in_(piece))
        return meant

    async def _due(self, limit: int, *which: ColumnElement[bool]) -> list[DueMeaning]:
        statement = (
            select(col(QueryRow.number), col(QueryRow.dumped), *MEANING)
            .join(MeaningRow, col(MeaningRow.query) == col(QueryRow.number))
            .where(col(QueryRow.in_use), *which)
            .order_by(col(QueryRow.number))
            .limit(limit)
        )
        meant = [(row, Query.load(row.dumped)) for row in await self._db.execute(statement)]
        return [DueMeaning(row.number, query, query.like, meaning_of(row)) for row, query in meant if query.like]

    async def renew(self, meanings: Mapping[int, QueryMeaning]) -> None:
        """Give queries new meanings, which matchers take over."""
        await lock_queries(self._db)
        for number, meaning in sorted(meanings.items()):
            score, papers, days = meaning.threshold or (None, 0, 0)
            values = {"encoder": meaning.encoder, "packed": meaning.packed, "made_after": meaning.list_changes}
            values |= {"threshold": score, "papers": papers, "days": days, "paper": meaning.paper}
            values["renewed_at"] = self._now
            await self._db.execute(update(MeaningRow).where(col(MeaningRow.query) == number).values(values))
        await move_queries(self._db, sorted(meanings))

    async def saved(self, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        """Those of these pairs of a person and a paper where the person saved the paper."""
        papers: defaultdict[int, list[int]] = defaultdict(list)
        for person, paper in pairs:
            papers[person].append(paper)
        saved_papers: set[tuple[int, int]] = set()
        for person, papers_of_person in papers.items():
            saved = select(SavedRow).where(col(SavedRow.person) == person)
            saved_papers |= {
                (person, row.paper) for row in await rows_among(self._db, saved, col(SavedRow.paper), papers_of_person)
            }
        return saved_papers

    async def match_stored(
        self, query: int, occasion: Occasion, meaning: QueryMeaning, scores: Mapping[int, float]
    ) -> None:
        """Let a query match stored papers, by number, so that its feeds do not begin empty; none is owed."""
        if scores and meaning.threshold is not None:
            fact = {"query": query, "occasion": occasion.code, "seen_at": self._now, "quiet": True}
            new = insert_new(self._db, MatchRow).on_conflict_do_nothing()
            await self._db.execute(new, [fact | {"paper": paper} for paper in scores])
            least = meaning.threshold.score
            why = {
                (query, paper, occasion.code): Score(score, least, meaning.encoder) for paper, score in scores.items()
            }
            await self.keep_scores(why)
            await count_change(self._db)

    async def keep_scores(self, scores: Mapping[tuple[int, int, int], Score]) -> None:
        """Keep why matches (query, paper, code of the occasion) were made; what is kept already stays."""
        rows = [
            {"query": query, "paper": paper, "occasion": occasion}
            | {"score": score.score, "threshold": score.threshold, "encoder": score.encoder}
            for (query, paper, occasion), score in sorted(scores.items())
        ]
        if rows:
            await self._db.execute(insert_new(self._db, MatchScoreRow).on_conflict_do_nothing(), rows)

    async def scores_of(self, paper: int, queries: Iterable[int]) -> dict[int, Score]:
        """Why those of these queries matched a paper that did so by meaning, at the last occasion."""
        its = select(MatchScoreRow).where(col(MatchScoreRow.paper) == paper).order_by(col(MatchScoreRow.occasion))
        rows = await rows_among(self._db, its, col(MatchScoreRow.query), queries)
        return {row.query: value_of(Score, row) for row in rows}

    async def nearness(self, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], float]:
        """The last score of these pairs of a subscription and a paper that its query matched by meaning."""
        key = (col(SubscriptionRow.number), col(MatchScoreRow.paper))
        scores = (
            select(*key, col(MatchScoreRow.score))
            .join(MatchScoreRow, col(MatchScoreRow.query) == col(SubscriptionRow.query))
            .order_by(col(MatchScoreRow.occasion))
        )
        rows = await rows_among(self._db, scores, tuple_(*key), pairs)
        return {(row.number, row.paper): row.score for row in rows}

    async def sent_since(
        self, pairs: Collection[tuple[int, int]], since: datetime
    ) -> dict[tuple[int, int], tuple[int, datetime]]:
        """How many papers by meaning were sent for these pairs of a place and a subscription, and when the last one."""
        key = (col(DeliveryRow.destination), col(SubscriptionRow.number))
        sent = (
            select(*key, func.count().label("sent"), func.max(col(DeliveryRow.settled_at)).label("last"))
            .join_from(SubscriptionRow, MatchScoreRow, col(MatchScoreRow.query) == col(SubscriptionRow.query))
            .join(
                DeliveryRow,
                and_(
                    col(DeliveryRow.paper) == col(MatchScoreRow.paper),
                    col(DeliveryRow.occasion) == col(MatchScoreRow.occasion),
                ),
            )
            .where(col(DeliveryRow.state) == State.SENT, col(DeliveryRow.settled_at) >= since)
            .group_by(*key)
        )
        rows = await rows_among(self._db, sent, tuple_(*key), sorted(pairs))
        return {(row.destination, row.number): (row.sent, row.last) for row in rows}

    async def count(self) -> tuple[int, int]:
        """How many queries in use have `like:`, and how many of them no threshold."""
        counted = select(func.count(), func.count(col(MeaningRow.threshold)))
        there, encoded = (await self._db.execute(counted.join_from(MeaningRow, QueryRow, _IN_USE))).one()
        return there, there - encoded


_IN_USE = and_(col(QueryRow.number) == col(MeaningRow.query), col(QueryRow.in_use))


def meaning_of(row: Row[*tuple[Any, ...]]) -> QueryMeaning:
    threshold = None if row.threshold is None else Threshold(row.threshold, row.papers, row.days)
    return value_of(QueryMeaning, row, threshold=threshold)


async def begin_meaning(db: AsyncConnection, now: datetime, number: int, person: int) -> None:
    """Let a query that comes into use get its meaning; of a `person` (or 0) if it is of saved papers."""
    nothing = {"encoder": "", "packed": b"", "threshold": None}
    new = insert_new(db, MeaningRow).values({"query": number, "list_of": person or None, "renewed_at": now} | nothing)
    await db.execute(new.on_conflict_do_update(index_elements=["query"], set_=nothing))


async def note_list_change(db: AsyncConnection, person: int) -> None:
    """Let the meanings of queries of a person's list be calculated again."""
    statement = update(MeaningRow).where(col(MeaningRow.list_of) == person)
    await db.execute(statement.values(list_changes=col(MeaningRow.list_changes) + 1))


async def hand_over_meanings(db: AsyncConnection, *, gone: int, kept: int) -> None:
    """Let queries by one person's saved papers be of the other's, whom that person became one with."""
    await db.execute(update(MeaningRow).where(col(MeaningRow.list_of) == gone).values(list_of=kept))
    await note_list_change(db, kept)
