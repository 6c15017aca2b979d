"""What every kind of term says of itself: its place in the language, its evaluation, its facts, its index tokens."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from paperwire.core.index.tree import EVERYTHING, LONGEST_WORD, NOTHING, Ask, Has, ask_for, token
from paperwire.core.query.prepared import Doc
from paperwire.core.query.typed import TEX
from paperwire.core.text.words import STAR
from paperwire.errors import Refusal
from paperwire.texts import Texts

EVERY_PAPER = "every:paper"
"""The fact that holds of every paper."""


class ModifierRules(NamedTuple):
    """What is refused of a modifier: inside OR, NOT or brackets, a second one, one alone.

    A term that may stand `alone` (None) refuses a paper with no other term; one that goes `only_with` another is alone
    without it.
    """

    misplaced: Refusal
    repeated: Refusal
    alone: Refusal | None = None
    only_with: type[Term] | None = None


class Facts(NamedTuple):
    """Facts of which a paper that has a term has at least one; if `exact`, no other paper has any of them.

    A fact is a field and a value, `cat:cs.lg`. Where the field is one of `texts.FIELDS` the value is a sequence of
    labels that the matcher looks for in the texts; all others are what `Term.facts_of` says of a paper.
    """

    any_of: Sequence[str]
    exact: bool = True


@dataclass(frozen=True)
class Term(ABC):
    """One term of a query: `typed` (NFKC, without field, `=` and quotes) in `field`, between quotes if `quoted`.

    A kind of term is a subclass in a file of its own, which `kinds.KINDS` lists; one with further fields is a dataclass
    itself. Without facts or tokens of its own, each paper that the rest of the query leaves is tried by `holds`.
    """

    names: ClassVar[Mapping[str, str]] = {}
    """Names of fields as they may be typed, in small letters, and the name that is kept of each."""
    help: ClassVar[Sequence[tuple[str, str]]] = ()
    """Examples for `/help query`, and what each finds (English, translatable)."""
    described: ClassVar[Mapping[str, Sequence[str]]] = {}
    """What papers are that have a term and, where it may be negated, that haven't, by field: `papers by %(value)s`."""
    by_meaning: ClassVar[bool] = False
    """Whether it needs an encoder, and help on an instance without one leaves it out."""
    whole: ClassVar[bool] = False
    """Whether values are compared whole: no word in them is a beginning (`*`)."""
    listed: ClassVar[bool] = False
    """Whether values come from a list, such as categories, and are no words that a text has."""
    exactable: ClassVar[bool] = False
    """Whether `=` may stand before the value."""
    unknown: ClassVar[Refusal | None] = None
    """How a value that is none is refused, if not as a field without a word."""
    mixed: ClassVar[Refusal | None] = None
    """Set if a term stands alone: how a query is refused that has others too."""
    prefixes: ClassVar[frozenset[str]] = frozenset()
    """What may stand before a value with a colon and is no field."""
    later: ClassVar[bool] = False
    """Whether it may become true of a paper long after the paper was news, as its record grows: it then fires once."""
    modifier: ClassVar[ModifierRules | None] = None
    """Set if a term modifies the whole query and may occur once: the query carries it, nothing tries it."""

    field: str
    typed: str
    quoted: bool = False
    exact: bool = False

    @classmethod
    def stored_name(cls) -> str:
        """What stored queries call this kind, which never changes: a class with a new name gives the old one here."""
        return cls.__name__

    # --- the language --------------------------------------------------------------------------------------------

    @classmethod
    def begins(cls, text: str, place: int, group: str) -> bool:  # noqa: ARG003 -- for those who need it
        """Whether a term of this kind begins at `place` without its field's name, in a group of the field `group`."""
        return False

    @classmethod
    def bare(cls, run: str) -> Term:
        """The term that began so and ends where `end` says."""
        return cls(next(iter(cls.names.values())), run)

    @classmethod
    def end(cls, text: str, place: int) -> int | None:  # noqa: ARG003 -- for those who need it
        """Where a value that begins at `place` ends; None if it ends as words do."""
        return None

    @classmethod
    def stray_star(cls, text: str) -> int:
        """Where a whole value has a `*` that means nothing, -1 if it has none; a modifier is judged whole."""
        return -1 if cls.modifier else text.find("*")

    def show(self, within: str) -> str:
        """The term as it may be typed in a group of the field `within`."""
        text = self.typed.replace(STAR, "*")
        text = "=" * self.exact + (f'"{text}"' if self.quoted or TEX.fullmatch(text) else text)
        return text if self.field == within else f"{self.field}:{text}"

    def value(self, texts: Texts) -> str:  # noqa: ARG002 -- for those who need it
        """The value as `described` names it."""
        return self.typed

    def is_something(self) -> bool:
        """Whether there is a word or a value at all."""
        return any(map(str.isalnum, self.typed))

    @abstractmethod
    def normal(self) -> str:
        """The same text for all spellings that mean the same."""

    def parts(self) -> list[Any]:
        """What the term is made of, for storing: the arguments of its class."""
        return [self.field, self.typed, self.quoted, self.exact]

    # --- the evaluator -------------------------------------------------------------------------------------------

    @abstractmethod
    def holds(self, doc: Doc) -> bool:
        """Whether the paper has this term."""

    # --- the matcher ---------------------------------------------------------------------------------------------

    def facts(self, readings: int) -> Facts:  # noqa: ARG002 -- for those who need it
        """Facts of the term, with at most `readings` ways to read its words."""
        return Facts((EVERY_PAPER,), exact=False)

    def is_costly(self, readings: int) -> bool:  # noqa: ARG002 -- for those who need it
        """Whether `holds` takes much longer than most, and facts leave many papers to it."""
        return False

    @classmethod
    def facts_of(cls, doc: Doc) -> Iterable[str]:  # noqa: ARG003 -- for those who need it
        """All facts of this kind of term that hold of a paper, whether a query asks for them or not."""
        return ()

    @classmethod
    def frequency(cls, field: str, value: str) -> float:  # noqa: ARG003 -- for those who need it
        """A guess at how many of 1,000 papers a fact holds of; decides nothing but how fast matching is."""
        return 1_000

    # --- the word index ------------------------------------------------------------------------------------------

    def ask(self) -> Ask:
        """What to ask a word index for papers that have the term."""
        return Ask(NOTHING, EVERYTHING)

    @classmethod
    def tokens_of(cls, doc: Doc) -> Iterable[str]:  # noqa: ARG003 -- for those who need it
        """What a word index holds of a paper in its column `rest` because of this kind of term."""
        return ()


class Value(Term):
    """A term that asks for one value of those that a paper has."""

    whole = True
    usual: ClassVar[float]
    """How many of 1,000 papers have a value, for most values."""
    letter: ClassVar[str] = ""
    """What its tokens begin with, if not with the field's first letter."""

    @cached_property
    def name(self) -> str:
        """The value as papers have it: as typed, regardless of case and stops at its ends."""
        return plain_value(self.typed)

    @classmethod
    @abstractmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        """The values of a paper."""

    def normal(self) -> str:
        return f"{self.field}:{json.dumps(self.name)}"

    def holds(self, doc: Doc) -> bool:
        return self.name in self.values(doc)

    def facts(self, readings: int) -> Facts:  # noqa: ARG002 -- a value has one
        return Facts((f"{self.field}:{self.name}",))

    @classmethod
    def facts_of(cls, doc: Doc) -> Iterable[str]:
        return (f"{field}:{value}" for field in set(cls.names.values()) for value in cls.values(doc))

    @classmethod
    def frequency(cls, field: str, value: str) -> float:  # noqa: ARG003 -- for those who need it
        return cls.usual

    def ask(self) -> Ask:
        value = token(self.letter or self.field[0], self.name)
        return ask_for(Has(value, "rest"), is_exact=len(self.name) <= LONGEST_WORD)

    @classmethod
    def tokens_of(cls, doc: Doc) -> Iterable[str]:
        return (token(cls.letter or field[0], value) for field in set(cls.names.values()) for value in cls.values(doc))


def plain_value(typed: str) -> str:
    """A value as typed, regardless of case and stops at its ends."""
    return typed.casefold().strip(" ,;")
