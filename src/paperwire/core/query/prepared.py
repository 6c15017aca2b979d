"""A paper prepared for the evaluator, and the same words as tokens for a full-text index."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from paperwire.core.meaning.vectors import Packed
from paperwire.core.papers.categories import TWIN
from paperwire.core.papers.identity import code_link
from paperwire.core.papers.paper import Paper
from paperwire.core.query.authors import name_words
from paperwire.core.text.words import WordSpan, chunks_of, places_of, words_of

_TWIN = {name.casefold(): other.casefold() for name, other in TWIN.items()}
_VERSION = re.compile(r"(?<=\d)v\d+$")
_OLD_CLASS = re.compile(r"^([a-z-]+)\.[a-z]{2}(?=/\d{7}$)")


class RecordText(NamedTuple):
    """A text of a paper's record besides title and abstract: which, and the mark of its tokens."""

    of: Callable[[Paper], str]
    mark: str


def _organisation(paper: Paper) -> str:
    return " ".join(dict.fromkeys([paper.hub.organisation, paper.hub.organisation_handle]))


RECORD_TEXTS = {"co": RecordText(attrgetter("comment"), "o"), "org": RecordText(_organisation, "r")}
"""Those that queries can read, by field."""


def plain_id(text: str) -> str:
    """An id regardless of case, `arXiv:` or `doi:`, version and the category in old ids (`math.GT/0309136`)."""
    text = text.strip().casefold().removeprefix("arxiv:").removeprefix("doi:")
    return _OLD_CLASS.sub(r"\1", _VERSION.sub("", text))


def classes_of(categories: Iterable[str]) -> frozenset[str]:
    """The categories of a paper in small letters, each with its twin; ACM and MSC terms have digits and don't count."""
    own = {category.casefold() for category in categories if not any(map(str.isdigit, category))}
    return frozenset(own | {_TWIN[category] for category in own if category in _TWIN})


@lru_cache(maxsize=1_000)
def _lineage(categories: tuple[str, ...]) -> frozenset[str]:
    """Categories and all above them; few papers have categories that none before had."""
    names: set[str] = set()
    for name in classes_of(categories):
        parts = name.split(".")
        names.update(".".join(parts[: count + 1]) for count in range(len(parts)))
    return frozenset(names)


class Field:
    """The words of one field, each kind made when the first term needs it."""

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def chunks(self) -> list[str]:
        """The text without TeX, cut at spaces and stops; made each time, as it takes more memory than all the rest."""
        return chunks_of(self._text)

    @cached_property
    def words(self) -> set[str]:
        """The folded words, joined ones too."""
        return words_of(self.chunks)

    @cached_property
    def places(self) -> list[tuple[WordSpan, ...]]:
        """At each place the words that begin there."""
        return places_of(self.chunks)

    @cached_property
    def _single(self) -> list[str]:
        return [spans_there[0].folded for spans_there in self.places]

    @cached_property
    def _joined(self) -> dict[str, list[tuple[int, int]]]:
        places_of: dict[str, list[tuple[int, int]]] = {}
        for place, spans_there in enumerate(self.places):
            if len(spans_there) > 1:
                for span in spans_there[1:]:
                    places_of.setdefault(span.folded, []).append((place, span.length))
        return places_of

    def occurrences(self, word: str) -> Iterator[tuple[int, int]]:
        """Where a folded word begins and of how many words it is joined there."""
        place = -1
        single = self._single
        for _ in range(single.count(word)):
            place = single.index(word, place + 1)
            yield place, 1
        yield from self._joined.get(word, ())

    def everywhere(self) -> Iterator[tuple[int, int]]:
        """Where any word begins and of how many words it is joined there."""
        return ((place, span.length) for place, spans_there in enumerate(self.places) for span in spans_there)

    @cached_property
    def _plain(self) -> list[str]:
        return sorted({span.plain for span in chain.from_iterable(self.places)})

    def begins(self, beginning: str) -> bool:
        """Whether a word begins so, its plural not folded."""
        words = self._plain
        place = bisect_left(words, beginning)
        return place < len(words) and words[place].startswith(beginning)

    @cached_property
    def exact(self) -> frozenset[str]:
        """The words as a reader sees them, joined ones too."""
        return frozenset(span.exact for span in chain.from_iterable(self.places))


class Doc:
    """A paper as the evaluator reads it; cheap to make, everything is made on demand and kept."""

    def __init__(self, paper: Paper, vector: Packed | None = None) -> None:
        self.paper = paper
        self.vector = vector
        self.title = Field(paper.title)
        self.abstract = Field(paper.abstract)
        self._record: dict[str, Field] = {}

    @cached_property
    def words(self) -> set[str]:
        """The folded words of title and abstract, joined ones too."""
        return words_of(self.title.chunks + self.abstract.chunks)

    def record_text(self, field: str) -> Field:
        """The text that a field of `RECORD_TEXTS` reads."""
        if field not in self._record:
            self._record[field] = Field(RECORD_TEXTS[field].of(self.paper))
        return self._record[field]

    @classmethod
    def of(cls, paper: Paper, vector: Packed | None = None) -> Doc:
        return cls(paper, vector)

    @cached_property
    def author_words(self) -> frozenset[str]:
        """Every word by which an author of the paper can be met in full."""
        return frozenset(word for name in self.paper.authors for word in name_words(name)[0])

    @property
    def lineage(self) -> frozenset[str]:
        """The paper's categories and all above them: `cs.cv`, `cs`."""
        return _lineage(tuple(self.paper.categories))  # rows of a database have lists

    @cached_property
    def id(self) -> str:
        """The paper's id as `id:` compares it."""
        return plain_id(self.paper.id)

    @cached_property
    def source(self) -> str:
        """The paper's source in small letters; a record without one is arXiv's."""
        return self.paper.source.casefold() or "arxiv"

    @cached_property
    def has_code(self) -> bool:
        """Whether the source names a repository, or abstract or comment hold an address of one."""
        return bool(code_link(self.paper))

    def fields(self, field: str) -> tuple[Field, ...]:
        """The fields a term reads: `ti`, `abs`, or both for an empty name."""
        if field:
            return (self.title if field == "ti" else self.abstract,)
        return (self.title, self.abstract)
