"""What the `like:` of a query means now: a paper's vector, a text's, or the mean of those that a person saved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

import numpy as np

from paperwire.core.meaning.aim import Direction
from paperwire.core.meaning.vectors import Floats, pack
from paperwire.core.query.language import Query
from paperwire.core.query.terms.like import Like
from paperwire.errors import EncoderError, LikeError, Unresolved
from paperwire.pipeline.nearness import Nearness
from paperwire.store.unit import Store

FEWEST_SAVED = 3


async def direction_of(store: Store, nearness: Nearness | None, query: Query) -> Direction:
    """What the `like:` of a query means to the encoder that is on; of saved papers those of the term's person.

    Raises LikeError where there is none.
    """
    like = query.like
    assert like is not None  # noqa: S101 -- the callers asked for it
    if nearness is None:
        _refuse(query, Unresolved.OFF)
    if like.text:
        return await _of_text(nearness, query, like.text)
    if like.is_saved:
        return await _of_saved(store, nearness, query, like.person)
    async with store.read() as unit:
        paper = await unit.papers.get(like.id) or await unit.papers.get(like.typed)
    if paper is None:
        _refuse(query, Unresolved.NOT_STORED, paper=like.typed)
    return await _mean(store, nearness, query, [paper.number], fewest=1)


async def _of_text(nearness: Nearness, query: Query, text: str) -> Direction:
    try:
        vector = await nearness.encode(text)
    except EncoderError as error:
        _refuse(query, Unresolved.FAILING, reason=str(error))
    if not vector.any():
        _refuse(query, Unresolved.UNKNOWN_WORDS)
    return _direction(nearness, vector, ())


async def _of_saved(store: Store, nearness: Nearness, query: Query, person: int) -> Direction:
    if not person:
        _refuse(query, Unresolved.NO_PERSON)
    async with store.read() as unit:
        papers = [paper.number for paper in await unit.people.saved(person)]
    if len(papers) < FEWEST_SAVED:
        _refuse(query, Unresolved.FEW_SAVED, count=len(papers), fewest=FEWEST_SAVED)
    return await _mean(store, nearness, query, papers, fewest=FEWEST_SAVED)


async def _mean(store: Store, nearness: Nearness, query: Query, papers: list[int], *, fewest: int) -> Direction:
    """The mean direction of papers, of which a number must have a vector."""
    vectors = await nearness.of(papers)
    if len(vectors) < fewest:
        async with store.read() as unit:
            waiting = await unit.vectors.count_unencoded()
        _refuse(query, Unresolved.NOT_ENCODED, waiting=waiting)
    return _direction(nearness, vectors.mean(axis=0), papers)


def _direction(nearness: Nearness, vector: Floats, papers: Iterable[int]) -> Direction:
    return Direction(nearness.encoder.version, pack(vector[np.newaxis])[0], frozenset(papers))


def _refuse(query: Query, why: Unresolved, **values: object) -> NoReturn:
    raise LikeError(why, query.column_of(Like), **values)
