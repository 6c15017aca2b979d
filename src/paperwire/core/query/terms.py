"""The terms of a query: frozen values that know whether a paper has them, how they are typed and their normal form."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from paperwire.core.papers.identity import stamp_at
from paperwire.core.query.authors import is_author, name_pieces, readings_of
from paperwire.core.query.prepared import plain_id
from paperwire.core.text.words import STAR, pieces, spans, spellings

if TYPE_CHECKING:
    from paperwire.core.query.authors import Reading
    from paperwire.core.query.prepared import Doc, Field
    from paperwire.core.text.words import Piece, Span


@dataclass(frozen=True)
class Term(ABC):
    """One term of a query: `typed` (NFKC, without field, `=` and quotes) in `field`, between quotes if `quoted`."""

    field: str
    typed: str
    quoted: bool = False
    exact: bool = False

    def show(self, within: str) -> str:
        """The term as it may be typed in a group of the field `within`."""
        text = self.typed.replace(STAR, "*")
        text = "=" * self.exact + (f'"{text}"' if self.quoted else text)
        return text if self.field == within else f"{self.field}:{text}"

    def is_something(self) -> bool:
        """Whether there is a word or a value at all."""
        return any(map(str.isalnum, self.typed))

    @abstractmethod
    def holds(self, doc: Doc) -> bool:
        """Whether the paper has this term."""

    @abstractmethod
    def normal(self) -> str:
        """The same text for all spellings that mean the same."""


@dataclass(frozen=True)
class Words(Term):
    """One word or a sequence of words, `typed` with `STAR` behind beginnings, in title or abstract (`ti`, `abs`)."""

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The words in order."""
        return tuple(pieces(self.typed))

    @cached_property
    def spans(self) -> tuple[tuple[Span, ...], ...]:
        """At each place the words that begin there, joined ones too."""
        return spans(self.pieces)

    @cached_property
    def word(self) -> str | None:
        """The folded word of a term that is a single whole word, not exact: then `word in doc.words` is the truth."""
        only = self.pieces[0] if len(self.pieces) == 1 else None
        return only.folded if only and not only.star and not self.exact else None

    def is_something(self) -> bool:
        """Whether there is a word."""
        return bool(self.pieces)

    def holds(self, doc: Doc) -> bool:
        """Whether title or abstract (or the field's) has the words in sequence."""
        if self.word is not None and not self.field:
            return self.word in doc.words
        return self._needed <= doc.words and any(self._is_in(field) for field in doc.fields(self.field))

    @cached_property
    def _needed(self) -> frozenset[str]:
        """Folded words that the paper must have: those that are neither beginnings nor at a joint."""
        after_joint = (False, *(piece.joint for piece in self.pieces))
        return frozenset(
            piece.folded
            for piece, before in zip(self.pieces, after_joint, strict=False)
            if not (piece.star or piece.joint or before)
        )

    def _is_in(self, field: Field) -> bool:
        """Whether the field has the words in sequence.

        Bit p of `reached[n]`: the first n words end before place p. Bits rather than a search, so that the work
        has a bound however words repeat in query and text.
        """
        if len(self.pieces) == 1:
            return self._one_is_in(field, self.pieces[0])
        size = len(self.spans)
        reached = [(1 << len(field.places)) - 1, *([0] * size)]
        furthest = 0
        known: dict[Span, dict[int, int]] = {}  # the same word may be wanted a thousand times
        for wanted, here in enumerate(self.spans):
            if wanted > furthest:
                return False
            for want in here if reached[wanted] else ():
                if want not in known:
                    known[want] = self._places(field, want)
                for length, places in known[want].items():
                    met = reached[wanted] & places
                    if met:
                        furthest = max(furthest, wanted + want.length)
                        reached[wanted + want.length] |= met << length
        return bool(reached[size])

    def _places(self, field: Field, want: Span) -> dict[int, int]:
        """Where in the field the wanted word stands, as bits, by the number of words that it is joined of there."""
        found: dict[int, int] = {}
        for place, length in field.everywhere() if want.star else field.occurrences(want.folded):
            if self._same(want, field.places[place][length - 1]):
                found[length] = found.get(length, 0) | 1 << place
        return found

    def _one_is_in(self, field: Field, only: Piece) -> bool:
        """A single word: whole, exact or a beginning."""
        if not only.star:
            return only.exact in field.exact if self.exact else only.folded in field.words
        if self.exact:
            return any(word.startswith(only.exact) for word in field.exact)
        return field.begins(only.plain)

    def _same(self, want: Span, have: Span) -> bool:
        if self.exact:
            return have.exact.startswith(want.exact) if want.star else have.exact == want.exact
        return have.plain.startswith(want.plain) if want.star else have.folded == want.folded

    def normal(self) -> str:
        """The words folded (beginnings plain, exact ones as they are) with their joints."""
        text = self._spelled() if self.exact else self._folded()
        return f"{self.field}:" * bool(self.field) + "=" * self.exact + text

    def _spelled(self) -> str:
        return "".join(p.exact + "*" * p.star + ("-" if p.joint else " ") for p in self.pieces)[:-1]

    def _folded(self) -> str:
        """Joined words are told where folding each word tells something else than folding them joined."""
        shown, odd = "", set()
        for start, here in enumerate(self.spans):
            piece = self.pieces[start]
            shown += (piece.plain + "*" if piece.star else piece.folded) + ("-" if piece.joint else " ")
            joined = here[0].folded
            for place, span in enumerate(here[1:], start + 1):
                joined += self.pieces[place].folded
                if not span.star and span.folded != spellings(joined)[1]:
                    odd.add(span.folded)
        return shown[:-1] + "".join(f"~{word}" for word in sorted(odd))


@dataclass(frozen=True)
class Author(Term):
    """The words of an author's name (`au:`)."""

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The words, given ones first."""
        return name_pieces(self.typed)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """All ways to read the words."""
        return readings_of(self.pieces)

    def is_something(self) -> bool:
        """Whether there is a word."""
        return bool(self.pieces)

    def holds(self, doc: Doc) -> bool:
        """Whether one author is meant."""
        return any(is_author(self.readings, name) for name in doc.paper.authors)

    def normal(self) -> str:
        """The words in order of the alphabet, those at joints together."""
        text = "".join(p.plain + "*" * p.star + ("-" if p.joint else " ") for p in self.pieces)
        return "au:" + " ".join(sorted(text.split()))


def _value(typed: str) -> str:
    return typed.casefold().strip(" ,;")


@dataclass(frozen=True)
class Category(Term):
    """A class and all below it (`cat:cs.CV`, `cat:cs`, `cat:cs.*`)."""

    @cached_property
    def name(self) -> str:
        """The class in small letters, without `.*`."""
        return _value(self.typed).removesuffix(".*").rstrip(".")

    def holds(self, doc: Doc) -> bool:
        """Whether one of the paper's classes is this one or below it."""
        return self.name in doc.classes or any(one.startswith(f"{self.name}.") for one in doc.classes)

    def normal(self) -> str:
        """The class."""
        return f"cat:{json.dumps(self.name)}"


@dataclass(frozen=True)
class Source(Term):
    """Where the paper was read (`source:arxiv`)."""

    @cached_property
    def name(self) -> str:
        """The source in small letters."""
        return _value(self.typed)

    def holds(self, doc: Doc) -> bool:
        """Whether the paper is from this source."""
        return self.name == doc.source

    def normal(self) -> str:
        """The source."""
        return f"source:{json.dumps(self.name)}"


@dataclass(frozen=True)
class Id(Term):
    """One paper (`id:2510.00001`)."""

    @cached_property
    def name(self) -> str:
        """The id as papers' ids are compared."""
        typed = _value(self.typed)
        stamp = stamp_at(typed)
        return stamp[0] if stamp and stamp[1] == len(typed) else plain_id(typed)

    def holds(self, doc: Doc) -> bool:
        """Whether it is this paper."""
        return self.name == doc.id

    def normal(self) -> str:
        """The id."""
        return f"id:{json.dumps(self.name)}"


@dataclass(frozen=True)
class HasCode(Term):
    """A paper with a repository (`has:code`)."""

    def is_something(self) -> bool:
        """Whether it is code that is asked for."""
        return _value(self.typed) == "code"

    def holds(self, doc: Doc) -> bool:
        """Whether the paper comes with code."""
        return doc.has_code

    def normal(self) -> str:
        """It has one form only."""
        return "has:code"
