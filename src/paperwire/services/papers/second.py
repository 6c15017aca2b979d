"""The nearest papers put in order by two encoders: the built-in word table next to a neural or static one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from paperwire.core.meaning.aim import Direction
from paperwire.core.meaning.categories import NEAREST
from paperwire.core.meaning.nearby import Nearby
from paperwire.core.meaning.second import agreed
from paperwire.core.meaning.vectors import Floats, unit
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.ports.encoders import Encoder
from paperwire.store.unit import Store

_MOST_ORIGINS = 50
"""Saved papers whose vectors are made for one search, the latest of them."""


async def reranked(store: Store, second: Encoder | None, query: Query, direction: Direction, near: Nearby) -> Nearby:
    """The same with its first papers in the order of both encoders; as it is without a second, and with `-like:`."""
    if second is None or query.unlike is not None or query.like is None:
        return near
    first = near.first(NEAREST)
    origins = sorted(direction.papers)[-_MOST_ORIGINS:]
    async with store.read() as unit_:
        papers = await unit_.papers.by_number([*first, *origins])
    aim = await _aim(second, query.like.text, [papers[number] for number in origins if number in papers])
    answers = [papers[number] for number in first if number in papers]
    vectors = await second.encode([(paper.title, paper.abstract) for paper in answers])
    if not (answers and aim.any()):
        return near
    scores = near.scores(np.array(first, np.int64))
    of_second = {paper.number: float(row @ aim) for paper, row in zip(answers, vectors, strict=True)}
    changes = agreed(dict(zip(first, scores.tolist(), strict=True)), of_second)
    added = {number: near.added.get(number, 0) + change for number, change in changes.items()}
    return replace(near, added={**near.added, **added})


async def _aim(second: Encoder, text: str, origins: Sequence[Paper]) -> Floats:
    """The direction of a text or papers for the second encoder."""
    texts = [(paper.title, paper.abstract) for paper in origins] or [(text, "")]
    return np.asarray(unit((await second.encode(texts)).mean(axis=0, keepdims=True))[0], np.float32)
