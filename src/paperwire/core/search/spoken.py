"""The query that a sentence asks for: `show me papers on lora from NeurIPS` as `lora venue:NeurIPS`."""

from __future__ import annotations

from paperwire.core.query.language import Query, parsed
from paperwire.core.query.sentences import sentence_in
from paperwire.core.search.correction import repaired
from paperwire.core.search.suggestion import Difference, Suggestion


def spoken(query: Query) -> Suggestion | None:
    """What a query that was typed as a sentence asks for; None for keywords."""
    sentence = sentence_in(query.text)
    words = repaired(sentence.words) if sentence is not None else None
    meant = parsed(words) if words else None
    return Suggestion(Difference.CORRECTED, meant) if meant is not None and meant != query else None
