"""What a text that is no query asks for, by words or by meaning: `show me papers on lora from NeurIPS`, a reference."""

from __future__ import annotations

from paperwire.core.query.language import Query, parse, parsed
from paperwire.core.query.nodes import And
from paperwire.core.query.sentences import sentence_in
from paperwire.core.query.terms.words import Words
from paperwire.core.search.correction import repaired
from paperwire.core.search.references import title_in
from paperwire.core.search.suggestion import Difference, Suggestion
from paperwire.core.text.words import STAR


def spoken(query: Query) -> Suggestion | None:
    """What a query that was typed as a sentence asks for; None for keywords."""
    sentence = sentence_in(query.text)
    words = repaired(sentence.words) if sentence is not None else None
    meant = parsed(words) if words else None
    return Suggestion(Difference.CORRECTED, meant) if meant is not None and meant != query else None


def by_meaning(query: Query) -> Suggestion | None:
    """Papers near in meaning to two plain words or more, a sentence's topic or a reference's title; None for others."""
    parts = list(query.root.nodes) if isinstance(query.root, And) else [query.root]
    words = [part.typed for part in parts if isinstance(part, Words) and not (part.field or part.exact)]
    if query.modifiers or len(words) < len(parts) or len(" ".join(words).split()) < 2 or STAR in "".join(words):
        return None
    sentence = sentence_in(query.text)
    text = title_in(query.text) or (sentence.topic if sentence is not None else "") or " ".join(words)
    return Suggestion(Difference.MEANING, parse(f'like:"{text}"'))
