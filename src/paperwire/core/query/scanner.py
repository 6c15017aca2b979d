"""A query cut into tokens for the parser: where terms, groups and operators begin, and what is refused there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, NoReturn

from paperwire.core.query.terms import kinds
from paperwire.core.query.terms.category import InCategory, category_named
from paperwire.core.query.terms.term import Term
from paperwire.core.query.typed import TEX, Typed, starred
from paperwire.core.text.words import STAR
from paperwire.errors import Mistake, QueryError, Refusal

MAX_TERMS = 200
MAX_DEPTH = 32
MAX_BEGINNINGS = 32
"""Words with a `*`: for each an index reads the papers of all words that begin so, 20 CPU ms for three letters."""
TokenKind = Literal["AND", "OR", "NOT", "OPEN", "CLOSE", "TERM", "MODIFIER"]

_DASH_ALONE = re.compile(r"-+(?=\s|\)|$)")
_FIELD = re.compile(r"([A-Za-z]+):")
_GLUED = re.compile(r"[^\s)]")
_ONLY_A_COMMAND = re.compile(r"\s*\$\\[A-Za-z]+\$\s*")
"""Matches a query that is better typed as the letter or its name."""
_REFUSED = {"\\": Mistake.BACKSLASH, "|": Mistake.BAR, **dict.fromkeys("[]{}", Mistake.SPECIAL_CHARACTER)}
_OPERATORS: dict[str, tuple[TokenKind, ...]] = {
    "AND": ("AND",),
    "OR": ("OR",),
    "NOT": ("NOT",),
    "ANDNOT": ("AND", "NOT"),
}
JOINING = frozenset(name.casefold() for name in _OPERATORS)
"""The operators in small letters, as which they are refused or skipped."""


class Token(NamedTuple):
    """A piece of a query that begins at `place` of its uniform text; `text` of an OPEN is the field of its group."""

    kind: TokenKind
    text: str
    place: int
    term: Term | None = None


class Placed(NamedTuple):
    """A modifier, and where it was typed."""

    term: Term
    place: int


class _Owner(NamedTuple):
    """What stands glued before a term: a mistake at `place` if no term follows."""

    place: int
    kind: Mistake | Refusal
    field: str = ""


class _Opened(NamedTuple):
    """A bracket not closed yet: where it stands, the field it is in, the depth outside."""

    place: int
    field: str
    depth: int


class Scanner:
    """One query on its way into tokens; `modifiers` has the terms that are no tokens, known when all were read."""

    def __init__(self, query: Typed) -> None:
        self.query = query
        self.text = query.text
        self.place = 0
        self.modifiers: dict[type[Term], Placed] = {}
        self.opened: list[_Opened] = []
        self.last: Token | None = None
        self.previous: Token | None = None
        self.any_or = False  # outside brackets
        self._owner: _Owner | None = None
        self._start = 0
        self._negations = 0
        self._terms = self._beginnings = 0
        self._closings = _closings(query.text)

    def fail(self, place: int, kind: Mistake | Refusal, **values: object) -> NoReturn:
        """Refuse the query at `place` of its uniform text."""
        raise QueryError(kind, self.query.column(place), **values)

    def tokens(self) -> Iterator[Token]:
        """The tokens in order; raises QueryError at the first piece that means nothing."""
        while True:
            self._skip_spaces()
            if self.place >= len(self.text):
                return
            for token in self._next():
                self.previous, self.last = self.last, token
                yield token

    def complain(self, unexpected: Token | None) -> NoReturn:
        """Refuse the query at an unexpected token (None: its end), or at the one before that lacks its word."""
        before = self.last if unexpected is None else self.previous
        if before is not None and before.kind in {"AND", "OR", "NOT"}:
            self.fail(before.place, Mistake.LONE_OPERATOR, operator=before.text)
        if unexpected is None:
            if self.opened:
                self.fail(self.opened[0].place, Mistake.OPEN_BRACKET)
            self.fail(0, Mistake.NO_WORD)
        place = unexpected.place
        if unexpected.kind != "CLOSE":
            self.fail(place, Mistake.LONE_OPERATOR, operator=unexpected.text)
        if before is not None and before.kind == "OPEN":
            self.fail(before.place, Mistake.NO_WORD_IN_BRACKETS)
        self.fail(place, Mistake.UNOPENED_BRACKET)

    def _skip_spaces(self) -> None:
        while self.place < len(self.text) and self.text[self.place].isspace():
            self.place += 1

    @property
    def _group(self) -> str:
        return self.opened[-1].field if self.opened else ""

    def _next(self) -> Iterator[Token]:
        owner, self._owner = self._owner, None
        place = self._start = self.place
        char = self.text[place]
        if char == "(":
            yield self._open(place, self._group)
        elif char == ")":
            yield self._close(place)
        elif (kind := kinds.KINDS.beginning(self.text, place, self._group)) is None and char == "-":
            yield self._dash(place)
        elif kind is not None:
            yield self._unnamed(kind, place, owner)
        elif (field := self._field_at(place, self._group)) is not None:
            yield from self._after_field(place, field)
        else:
            yield from self._operand(place, self._group, owner)

    def _deeper(self, place: int) -> int:
        """How deep brackets and NOTs are nested with one more."""
        depth = (self.opened[-1].depth if self.opened else 0) + self._negations + 1
        if depth > MAX_DEPTH:
            self.fail(place, Mistake.TOO_DEEP, limit=MAX_DEPTH)
        return depth

    def _open(self, place: int, field: str) -> Token:
        self.opened.append(_Opened(place, field, self._deeper(place)))
        self._negations = 0
        self.place = place + 1
        return Token("OPEN", field, place)

    def _close(self, place: int) -> Token:
        if self.opened:
            self.opened.pop()
        self._negations = 0
        self.place = place + 1
        return Token("CLOSE", ")", place)

    def _dash(self, place: int) -> Token:
        if _DASH_ALONE.match(self.text, place):
            self.fail(place, Mistake.LONE_DASH)
        self._owner = _Owner(place, Mistake.LONE_DASH)
        self.place = place + 1
        return self._operator("NOT", "NOT", place)

    def _operator(self, kind: TokenKind, typed: str, place: int) -> Token:
        if kind == "NOT":
            self._deeper(place)
            self._negations += 1
        elif kind == "OR" and not self.opened:
            self.any_or = True
        return Token(kind, typed, place)

    def _unnamed(self, kind: type[Term], place: int, owner: _Owner | None) -> Token:
        """A term that needs no field's name: `arXiv:2510.00001`, `upvotes>=50`."""
        end = kind.end(self.text, place)
        if end is None:
            self.fail(place, kind.unknown or Mistake.NO_WORD)
        if kind.modifier and owner:
            self.fail(place, kind.modifier.misplaced)
        self.place = end
        return self._token(kind.bare(self.text[place:end]))

    def _field_at(self, place: int, inside: str) -> str | None:
        """The field that is named here; None if here is a word."""
        named = _FIELD.match(self.text, place)
        if named is None or named[1].casefold() in kinds.KINDS.by_field[inside].prefixes:
            return None
        field = kinds.KINDS.fields.get(named[1].casefold())
        if field is not None:
            if inside:
                self.fail(place, Mistake.NESTED_FIELD)
            return field
        if _GLUED.match(self.text, named.end()):
            if self.text.startswith("//", named.end()):
                self.fail(place, Mistake.ADDRESS)
            self.fail(place, Mistake.UNKNOWN_FIELD, name=named[1], nearest=kinds.KINDS.nearest_field(named[1]))
        return None

    def _after_field(self, place: int, field: str) -> Iterator[Token]:
        begin = self.text.index(":", place) + 1
        name = self.text[place : begin - 1]
        own = kinds.KINDS.by_field[field]
        if _GLUED.match(self.text, begin) is None or self.text[begin] == "-":
            self.fail(place, own.unknown or Mistake.LONE_FIELD, field=name)
        if self.text[begin] == "(":
            if own.modifier:
                self.fail(begin, own.unknown or Mistake.NESTED_FIELD)
            yield self._open(begin, field)
            return
        kind = kinds.KINDS.beginning(self.text, begin, field)
        if kind is not None and kind is not own:
            self.fail(begin, kind.modifier.misplaced if kind.modifier else Mistake.NESTED_FIELD)
        if self._field_at(begin, field) is not None:
            self.fail(begin, Mistake.NESTED_FIELD)
        yield from self._operand(begin, field, _Owner(place, own.unknown or Mistake.LONE_FIELD, name))

    def _operand(self, place: int, field: str, owner: _Owner | None) -> Iterator[Token]:
        """A phrase, a word, an operator, or nothing where a run without a word is skipped."""
        exact = self.text[place] == "="
        if exact:
            owner = _Owner(place, Mistake.LONE_EQUALS)
            place = self._after_equals(place, field)
        if self.text[place] == '"':
            yield self._phrase(place, field, exact=exact)
            return
        self.place = kinds.KINDS.by_field[field].end(self.text, place) or self._run_end(place)
        run = self.text[place : self.place]
        if not exact and run.casefold() in JOINING:
            yield from self._joining(run, place, owner)
            return
        if not (exact or field) and (name := category_named(run)):
            self.fail(place, InCategory.bare_word, name=name)
        term = self._term(place, field, run, quoted=False, exact=exact)
        if term is not None:
            yield term
        elif owner is not None:
            self.fail(owner.place, owner.kind, field=owner.field)

    def _after_equals(self, place: int, field: str) -> int:
        if not kinds.KINDS.by_field[field].exactable:
            self.fail(place, Mistake.EXACT_VALUE, field=field)
        if _GLUED.match(self.text, place + 1) is None or self.text[place + 1] in "=(":
            self.fail(place, Mistake.LONE_EQUALS)
        return place + 1

    def _joining(self, run: str, place: int, owner: _Owner | None) -> Iterator[Token]:
        """AND, OR, NOT, ANDNOT; `and` is skipped, the others in small letters are refused."""
        if run not in _OPERATORS and run.casefold() != "and":
            self.fail(place, Mistake.LOWERCASE_OPERATOR, operator=run.upper(), word=run)
        if owner is not None:
            self.fail(owner.place, owner.kind, field=owner.field)
        for kind in _OPERATORS.get(run, ()):
            yield self._operator(kind, run, place)

    def _phrase(self, place: int, field: str, *, exact: bool) -> Token:
        end = self.text.find('"', place + 1)
        if end < 0:
            self.fail(place, Mistake.OPEN_QUOTE)
        self.place = end + 1
        term = self._term(place + 1, field, self.text[place + 1 : end], quoted=True, exact=exact)
        if term is None:
            self.fail(place, Mistake.NO_WORD_IN_QUOTES)
        return term

    def _term(self, place: int, field: str, text: str, *, quoted: bool, exact: bool) -> Token | None:
        """The token of a term; None if `text` (which begins at `place`) holds no word."""
        kind = kinds.KINDS.by_field[field]
        if kind.whole:
            star = kind.stray_star(text)
            if star >= 0:
                self.fail(place + star, Mistake.STAR_IN_VALUE)
        else:
            text = starred(text)
            star = TEX.sub(lambda tex: " " * len(tex[0]), text).find("*")
            if star >= 0 and not quoted:
                self.fail(place + star, Mistake.MISPLACED_STAR)
        term = kind(field, text, quoted, exact)
        if not term.is_something():
            if kind.unknown is not None and any(map(str.isalnum, text)):
                self.fail(place, kind.unknown)
            return None
        return self._token(term)

    def _token(self, term: Term) -> Token:
        """The token of a term, which is one of many or a modifier."""
        kind, place = type(term), self._start
        if kind.modifier is not None:
            if self.opened or self._negations:
                self.fail(place, kind.modifier.misplaced)
            if kind in self.modifiers:
                self.fail(place, kind.modifier.repeated)
            self.modifiers[kind] = Placed(term, place)
            return Token("MODIFIER", self.text[place : self.place], place)
        self._terms += 1
        if self._terms > MAX_TERMS:
            self.fail(self._start, Mistake.TOO_MANY_TERMS, limit=MAX_TERMS)
        self._beginnings += term.typed.count(STAR)
        if self._beginnings > MAX_BEGINNINGS:
            self.fail(self._start, Mistake.TOO_MANY_BEGINNINGS, limit=MAX_BEGINNINGS)
        self._negations = 0
        return Token("TERM", term.typed, self._start, term)

    def _run_end(self, begin: int) -> int:
        """Where a run of a bare word ends: at a space, a quote or a bracket that is not part of the word."""
        is_command = _ONLY_A_COMMAND.fullmatch(self.text) is not None
        glued_to = tex_to = begin
        for place in range(begin, len(self.text)):
            char = self.text[place]
            if place < tex_to:
                continue
            if char == "$" and not is_command and (tex := TEX.match(self.text, place)):
                tex_to = tex.end()
                continue
            if char in _REFUSED:
                self.fail(place, _REFUSED[char], character=char)
            if char == '"' or char.isspace():
                return place
            if place <= glued_to and char in "()":
                continue
            if char == ")":
                return place
            if char == "(":
                if not self._is_glued(begin, place):
                    return place
                glued_to = self._closings[place]
        return len(self.text)

    def _is_glued(self, begin: int, place: int) -> bool:
        """Whether the bracket at `place` belongs to the word that begins at `begin`."""
        follows_word = place > begin and self.text[place - 1].isalnum()
        return follows_word and self.text[begin:place] not in _OPERATORS and place in self._closings


def _closings(text: str) -> dict[int, int]:
    """Each opening bracket that is closed before the next space or quote, with where that is."""
    closings: dict[int, int] = {}
    opened: list[int] = []
    for place, char in enumerate(text):
        if char == "(":
            opened.append(place)
        elif char == ")" and opened:
            closings[opened.pop()] = place
        elif char == '"' or char.isspace():
            opened.clear()
    return closings
