"""`like:2510.01234`, `like:2510.01234,2510.05678`, `like:"graph neural networks"`, `like:saved`: near in meaning."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from paperwire.core.meaning.aim import Aim
from paperwire.core.query.prepared import Doc, plain_id
from paperwire.core.query.repairs import moved_to_end, named, replaced
from paperwire.core.query.terms.id import Id
from paperwire.core.query.terms.term import ModifierRules, Term
from paperwire.core.text.words import chunks_of, spans_of
from paperwire.errors import QueryError, Refusal
from paperwire.texts import Texts, gettext_noop

MOST_IDS = 20
_ANY = named("like")
_drop = replaced(_ANY, " ")
_UNQUOTED = re.compile(r"(?:(?!\b(?:OR|AND|NOT|ANDNOT)\b|[-=(]*[A-Za-z]+:)[^\s()\"\\|\[\]{}]+\s*)+")


def _quote(text: str, error: QueryError) -> str:
    """`like:graph neural networks` becomes `like:"graph neural networks"`; `like:` without anything is left out."""
    at = error.column - 1
    begin = at + len("like:") * text[at:].casefold().startswith("like:")
    value = text[begin:].lstrip(" (")
    if value.startswith('"'):
        return text[:begin] + value
    meant = _UNQUOTED.match(value)
    if meant is None:
        return _drop(text, error)
    words = meant[0].strip().strip("'`‘’")
    if words.casefold() == Like.SAVED or (words.count(" ") == 0 and any(map(str.isdigit, words))):
        return f"{text[:begin]}{words} {value[meant.end() :]}"
    return f'{text[:begin]}"{words}" {value[meant.end() :]}'


def _move(text: str, error: QueryError) -> str:
    """With `like:` at the end; without it where it was to exclude papers, as the opposite isn't meant."""
    before = text[: error.column - 1].rstrip()
    excluding = _EXCLUDING.search(before)
    if excluding is None:
        return _move_to_end(text, error)
    return before[: excluding.start()] + _ANY.sub(" ", text[error.column - 1 :], count=1)


_move_to_end = moved_to_end(_ANY)
_EXCLUDING = re.compile(r"-$|(?<!\S)(?:(?:AND\s+)?NOT|ANDNOT)$")


def _join(text: str, error: QueryError) -> str:
    """`like:2510.01234 like:2510.01235` as `like:2510.01234,2510.01235`; without the second if one is no id."""
    ids = [match[1] for match in _OF_IDS.finditer(text)]
    others = _ANY.sub(" ", text)
    is_all = len(ids) == len(_ANY.findall(text)) and are_ids(ids)
    return f"{others} like:{','.join(ids)}" if is_all else _drop(text, error)


_OF_IDS = re.compile(r"(?<![\w:-])like:([^\s()\"]+)", re.IGNORECASE)


def ids_in(typed: str) -> tuple[str, ...]:
    """The ids between commas, each once."""
    return tuple(dict.fromkeys(Id("id", name).name for name in typed.split(",") if name.strip()))


def are_ids(ids: Sequence[str]) -> bool:
    """Whether these may be ids, which have digits, and are not too many."""
    return 0 < len(ids) <= MOST_IDS and all(any(map(str.isdigit, plain_id(name))) for name in ids)


def normal_ids(ids: Sequence[str]) -> str:
    """The same text for the same papers in any order."""
    return " ".join(map(json.dumps, sorted(ids)))


@dataclass(frozen=True)
class Like(Term):
    """Papers like some that are stored, like a text in quotes, or like those that a person saved.

    What it means is resolved outside of the language: `aim` is that, for evaluation, and no part of text, key or dump.
    A subscription to `like:saved` is one to the list of `person` (0: no one's yet), who is part of the key and not of
    the text.
    """

    names = {"like": "like"}  # noqa: RUF012 -- declared in Term
    help = (
        ("like:2510.01234", gettext_noop("like another paper, even when the words differ")),
        ("like:2510.01234,2510.05678", gettext_noop("like both papers")),
        ('like:"proofs by language models"', gettext_noop("about this, even when the words differ")),
        ("like:saved", gettext_noop("like the papers you saved")),
    )
    # Translators: follows "Papers" or stands in a list of such parts: %(value)s is what was typed.
    described = {"like": (gettext_noop("close in meaning to %(value)s"),)}  # noqa: RUF012 -- declared in Term
    by_meaning = True
    whole = True
    unknown = Refusal(
        "like: without an id, a text in quotes or saved",
        gettext_noop("like: takes a paper's id, a text in quotes, or saved"),
        gettext_noop('Type like:2510.01234, up to 20 ids with commas, like:"proofs by language models" or like:saved'),
        _quote,
        example="lora like:qlora",
    )
    prefixes = Id.prefixes
    modifier = ModifierRules(
        misplaced=Refusal(
            "like: inside OR, NOT or brackets",
            gettext_noop("like: isn't allowed in OR, NOT or brackets"),
            gettext_noop("Type it at the end: (lora OR qlora) like:2510.01234"),
            _move,
            example="lora -like:saved",
        ),
        repeated=Refusal(
            "like: twice",
            gettext_noop("like: is allowed only once"),
            gettext_noop("Keep the one you mean, or make two subscriptions."),
            _join,
            example="like:saved like:saved",
        ),
    )

    SAVED: ClassVar[str] = "saved"

    person: int = 0
    aim: Aim | None = field(default=None, compare=False, repr=False)

    @classmethod
    def end(cls, text: str, place: int) -> int | None:
        """The end of an arXiv id, with the category and day of a PDF's stamp; not of several."""
        end = Id.end(text, place)
        return None if end is None or text[end : end + 1] == "," else end

    @property
    def text(self) -> str:
        """The text that papers are to be like, empty for an id and for saved papers."""
        return self.typed if self.quoted else ""

    @property
    def is_saved(self) -> bool:
        return not self.quoted and self.typed.casefold() == self.SAVED

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of the papers that others are to be like, each once; none of a text and of saved papers."""
        return () if self.quoted or self.is_saved else ids_in(self.typed)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The folded words of a text, none of an id and of saved papers."""
        return tuple(spans_there[0].folded for chunk in chunks_of(self.text) for spans_there in spans_of(chunk))

    def is_something(self) -> bool:
        if self.quoted:
            return bool(self.words)
        return self.is_saved or are_ids(self.ids)

    def value(self, texts: Texts) -> str:
        if self.is_saved:
            # Translators: %(value)s of "close in meaning to %(value)s", and nowhere else.
            return texts.pgettext("close in meaning to", "the papers you saved")
        # Translators: words in the quotes of the language.
        return texts.gettext("“%(words)s”", words=self.text) if self.text else texts.join(self.ids)

    def normal(self) -> str:
        """The folded words, the ids in any order, or whose papers."""
        if self.quoted:
            return f"like:text {json.dumps(' '.join(self.words))}"
        return f"like:saved {self.person}" if self.is_saved else f"like:{normal_ids(self.ids)}"

    def parts(self) -> list[Any]:
        return [*super().parts(), self.person]

    def of(self, person: int) -> Like:
        """The same, and of saved papers those of this person."""
        return replace(self, person=person) if self.is_saved else self

    def holds(self, doc: Doc) -> bool:
        """Whether the paper is near enough; never before the term was resolved."""
        return self.aim is not None and doc.vector is not None and self.aim.reaches(doc.paper.number, doc.vector)
