"""What a text that is no query asks for, by words or by meaning: `show me papers on lora from NeurIPS`, a reference."""

from __future__ import annotations

from collections.abc import Iterator

from paperwire.core.query.language import Query, parse, parsed
from paperwire.core.query.nodes import And
from paperwire.core.query.sentences import sentence_in
from paperwire.core.query.terms.words import Words
from paperwire.core.search.correction import repaired
from paperwire.core.search.references import title_in
from paperwire.core.search.suggestion import Difference, Suggestion, wider
from paperwire.core.text.words import STAR
from paperwire.texts import Texts


def spoken(query: Query) -> Suggestion | None:
    """What a query that was typed as a sentence asks for; None for keywords."""
    sentence = sentence_in(query.text)
    words = repaired(sentence.words) if sentence is not None else None
    meant = parsed(words) if words else None
    return Suggestion(Difference.CORRECTED, meant) if meant is not None and meant != query else None


def wider_than(query: Query) -> Iterator[Suggestion]:
    """Queries that match more; for a sentence what it asks for and wider ones than that, not any of its words."""
    meant = spoken(query)
    if meant is None:
        yield from wider(query)
        return
    yield meant
    yield from (other for other in wider(query) if other.change is Difference.TRANSLATED)
    sentence = sentence_in(query.text)
    is_translated = sentence is not None and sentence.is_translated
    yield from (other for other in wider(meant.query) if not (is_translated and other.change is Difference.EITHER))


def in_english(text: str, texts: Texts) -> str:
    """A query as typed in English: what a sentence asks for, elsewhere with terms of the reader's language."""
    sentence = sentence_in(text)
    if sentence is None:
        return texts.query_in_english(text)
    return (repaired(sentence.words) or text) if sentence.is_translated else text


def by_meaning(query: Query) -> Suggestion | None:
    """Papers near in meaning to two plain words or more, a sentence's topic or a reference's title; None for others."""
    parts = list(query.root.nodes) if isinstance(query.root, And) else [query.root]
    words = [part.typed for part in parts if isinstance(part, Words) and not (part.field or part.exact)]
    if query.modifiers or len(words) < len(parts) or len(" ".join(words).split()) < 2 or STAR in "".join(words):
        return None
    sentence = sentence_in(query.text)
    text = title_in(query.text) or (sentence.topic if sentence is not None else "") or " ".join(words)
    return Suggestion(Difference.MEANING, parse(f'like:"{text}"'))
