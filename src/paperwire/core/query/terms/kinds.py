"""All kinds of terms, and what they are together: the fields of the language."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cached_property

from paperwire.core.query.terms.author import Author
from paperwire.core.query.terms.category import InCategory
from paperwire.core.query.terms.having import Having
from paperwire.core.query.terms.id import Id
from paperwire.core.query.terms.like import Like
from paperwire.core.query.terms.number import Number
from paperwire.core.query.terms.on_list import OnList
from paperwire.core.query.terms.rate import Rate
from paperwire.core.query.terms.record import Comment, Organisation
from paperwire.core.query.terms.source import FromSource
from paperwire.core.query.terms.submitter import Submitter
from paperwire.core.query.terms.term import Term
from paperwire.core.query.terms.unlike import Unlike
from paperwire.core.query.terms.upvotes import Upvotes
from paperwire.core.query.terms.venue import AtVenue
from paperwire.core.query.terms.words import Words


class Kinds:
    """Kinds of terms, in the order of the help."""

    def __init__(self, *kinds: type[Term]) -> None:
        self._kinds = kinds

    def __iter__(self) -> Iterator[type[Term]]:
        return iter(self._kinds)

    @cached_property
    def fields(self) -> dict[str, str]:
        """Every name of a field in small letters, and the name that is kept of it; `all` is no field."""
        return {name: stored for kind in self for name, stored in kind.names.items()}

    @cached_property
    def value_of_list(self) -> re.Pattern[str]:
        """Matches a field with a value that is no word of a text."""
        names = [name for kind in self if kind.listed for name in kind.names]
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(names)}):\S+", re.IGNORECASE)

    @cached_property
    def comparison(self) -> re.Pattern[str]:
        """Matches a comparison of a number, well-formed or not."""
        counted = [kind.counted for kind in self if issubclass(kind, Number)]
        return re.compile(rf"\b(?:{'|'.join(counted)})\s*[<>=!≥≤≠:]+\s*\d*", re.IGNORECASE)

    @cached_property
    def by_field(self) -> dict[str, type[Term]]:
        """The kind of each field, by the name that is kept; words have none."""
        return {stored: kind for kind in self for stored in kind.names.values()}

    @cached_property
    def by_name(self) -> dict[str, type[Term]]:
        """Each kind by what stored queries call it."""
        return {kind.stored_name(): kind for kind in self}

    def nearest_field(self, name: str) -> str:
        """The field with the most similar name, empty if none is similar."""
        return next(iter(difflib.get_close_matches(name.casefold(), self.fields, n=1)), "")

    def beginning(self, text: str, place: int, group: str) -> type[Term] | None:
        """The kind of a term that begins at `place` without its field's name, None for a word or a field."""
        return next((kind for kind in self if kind.begins(text, place, group)), None)

    def frequency(self, fact: str) -> float:
        """A guess at how many of 1,000 papers a fact holds of."""
        field, _, value = fact.partition(":")
        return self.by_field[field].frequency(field, value) if field in self.by_field else 1_000


KINDS = Kinds(
    Words, Author, InCategory, FromSource, Id, Having, Comment, AtVenue, Organisation, Submitter, OnList, Upvotes, Like,
    Unlike, Rate,
)  # fmt: skip
"""All there are. A new kind is a file in this folder and a name in these lines."""
