"""Papers near in meaning to one that is stored, and which words bring them close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paperwire.errors import CommandError
from paperwire.ports.encoders import Explaining

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paperwire.core.meaning.vectors import Share
    from paperwire.core.papers.paper import Paper
    from paperwire.pipeline.nearness import Nearness
    from paperwire.store.unit import Store
    from paperwire.texts import Texts

SIMILAR = 5


@dataclass(frozen=True, slots=True)
class Similar:
    """A paper near another one; `shares` are empty where the encoder can't tell words apart."""

    paper: Paper
    shares: Sequence[Share]


async def similar(store: Store, nearness: Nearness | None, paper: Paper, texts: Texts) -> list[Similar]:
    """The stored papers nearest to one, nearest first.

    Raises CommandError where no encoder is on, or where the paper has no vector yet.
    """
    if nearness is None:
        raise CommandError(texts.gettext("Search by meaning is off here."))
    vectors = await nearness.of([paper.number])
    if not len(vectors):
        raise CommandError(texts.gettext("This paper isn't indexed by meaning yet. Try again in a few minutes."))
    query = vectors[0]
    near = await nearness.near(query, SIMILAR, without={paper.number})
    async with store.read() as unit:
        papers = await unit.papers.by_number([one.paper for one in near])
    encoder = nearness.encoder
    explain = encoder.shares if isinstance(encoder, Explaining) else lambda _text, _query: []
    found = [papers[one.paper] for one in near if one.paper in papers]
    return [Similar(one, explain((one.title, one.abstract), query)) for one in found]


def closeness(shares: Sequence[Share], texts: Texts) -> str:
    """Which words bring a paper close: `Close in: hallucination 47%, truthfulness 14%`; nothing without shares."""
    if not shares:
        return ""
    words = ", ".join(f"{share.word} {share.part:.0%}" for share in shares)
    return texts.gettext("Close in: %(words)s", words=words)
