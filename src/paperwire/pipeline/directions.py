"""What the `like:` of a query means now: the mean of papers, a text's vector, or the mean of saved papers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

import numpy as np

from paperwire.core.meaning.aim import Direction
from paperwire.core.meaning.vectors import Floats, pack, unpack
from paperwire.core.query.language import Query
from paperwire.core.query.terms.like import Like
from paperwire.core.query.terms.unlike import Unlike
from paperwire.core.text.words import chunks_of, words_of
from paperwire.errors import EncoderError, LikeError, Unresolved
from paperwire.pipeline.nearness import Nearness
from paperwire.ports.encoders import Spelling
from paperwire.store.unit import Store

FEWEST_SAVED = 3
AWAY = 0.3
"""How much of the direction of `-like:` is taken away."""


async def direction_of(store: Store, nearness: Nearness | None, query: Query) -> Direction:
    """What the `like:` of a query means to the encoder that is on; of saved papers those of the term's person.

    Raises LikeError where there is none.
    """
    like = query.like
    assert like is not None  # noqa: S101 -- the callers asked for it
    if nearness is None:
        _refuse(query, Unresolved.OFF)
    if like.text:
        direction = await _of_text(nearness, query, like.text)
    elif like.is_saved:
        direction = await _of_saved(store, nearness, query, like.person)
    else:
        papers = await _numbers(store, query, like)
        direction = await _mean(store, nearness, query, papers, fewest=1)
    if query.unlike is None:
        return direction
    papers = await _numbers(store, query, query.unlike)
    return _turned(direction, await _mean(store, nearness, query, papers, fewest=1))


def _turned(direction: Direction, away: Direction) -> Direction:
    """The direction turned away from another, by whose papers it isn't met either."""
    vector, other = unpack(np.stack([direction.packed, away.packed]))
    turned = pack((vector - np.float32(AWAY) * other)[np.newaxis])[0]
    return Direction(direction.encoder, turned, direction.papers | away.papers)


async def _numbers(store: Store, query: Query, term: Like | Unlike) -> list[int]:
    """The numbers of the papers that a term names; LikeError for one that isn't stored."""
    numbers = []
    async with store.read() as unit:
        for name in term.ids:
            paper = await unit.papers.get(name)
            if paper is None and len(term.ids) == 1:
                paper = await unit.papers.get(term.typed)
            if paper is None:
                raise LikeError(Unresolved.NOT_STORED, query.column_of(type(term)), paper=name)
            numbers.append(paper.number)
    return numbers


async def _of_text(nearness: Nearness, query: Query, text: str) -> Direction:
    try:
        vector = await nearness.encode(text)
    except EncoderError as error:
        _refuse(query, Unresolved.FAILING, reason=str(error))
    if not vector.any() or _is_foreign(nearness, text):
        _refuse(query, Unresolved.UNKNOWN_WORDS)
    return _direction(nearness, vector, ())


_JOINING = frozenset(
    "de des du la le les un une et en para por con el los las y der die das fur im von mit del di il per da do dos e"  # noqa: SIM905 -- words
    " no na em os as".split()
)
"""Folded words between others in languages that papers aren't in, which say nothing of a topic."""


def _is_foreign(nearness: Nearness, text: str) -> bool:
    """Whether an encoder with a list of words knows only what joins the others: `réseaux de neurones`."""
    encoder, words = nearness.encoder, words_of(chunks_of(text))
    if not isinstance(encoder, Spelling):
        return False
    known_words = {word for word in words if encoder.knows(word)}
    return known_words != words and known_words <= _JOINING


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
