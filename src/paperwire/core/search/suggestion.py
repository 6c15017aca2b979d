"""Other queries for one that matches too many papers or none: each keeps at least half of its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, pairwise, product, takewhile
from string import ascii_uppercase
from typing import TypeGuard

from paperwire.core.query.attributions import by_person
from paperwire.core.query.language import Query, parse, parsed
from paperwire.core.query.nodes import And, Node, Not, Or, joined
from paperwire.core.query.origins import PARTICLES
from paperwire.core.query.terms.author import Author
from paperwire.core.query.terms.category import InCategory
from paperwire.core.query.terms.record import RecordWords
from paperwire.core.query.terms.term import Term
from paperwire.core.query.terms.venue import AtVenue, names_conference
from paperwire.core.query.terms.words import Words
from paperwire.core.search.catalogues import from_author, from_initials
from paperwire.core.search.correction import keeps_half, repaired
from paperwire.core.search.foreign import FOREIGN
from paperwire.core.search.pasted import SLIP


class Difference(StrEnum):
    """How a suggestion differs from the query."""

    TITLES = "in titles only"
    PHRASE = "the words as a phrase"
    CATEGORY = "in one category only"
    TRANSLATED = "as it is written here"
    EXCLUSIONS = "without the exclusions"
    UPVOTES = "without the upvotes"
    ANYWHERE = "in title or abstract"
    LOOSE = "the words of phrases apart"
    WITHOUT = "without one term"
    EITHER = "any of the words"
    VENUE = "accepted or published there"
    EXACT = "in exactly this spelling"
    STARLESS = "without the star in quotes"
    SPELLED = "in another spelling"
    CORRECTED = "as you may have meant it"
    MEANING = "by meaning"
    OTHER_FORM = "with the abbreviation or its words too"
    AUTHOR = "by an author of this name"
    NAME = "one author with the whole name"
    NAMED = "the name in another spelling"
    ANY = "any of those between commas"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another query; `subject` is the category it is limited to, or the term that it leaves out or adds."""

    change: Difference
    query: Query
    subject: str = ""


Changed = tuple[Difference, "Node", "tuple[Term, ...]", str]
"""How a query was changed, its new root and modifiers, and the subject."""


def narrower(query: Query, categories: Sequence[str] = ()) -> Iterator[Suggestion]:
    """Queries that match fewer papers; `categories` are those that most of its papers are in."""
    yield from _sound(query, _narrower(query, categories))


def wider(query: Query) -> Iterator[Suggestion]:
    """Queries that match more papers, the nearest one first."""
    if (author := by_author(query)) is not None:
        yield author
    for translate in FOREIGN:
        text = translate(query.text)
        understood = repaired(text) if text is not None else None
        if understood is not None and keeps_half(query.text, understood) and parse(understood) != query:
            yield Suggestion(Difference.TRANSLATED, parse(understood))
    yield from _sound(query, _wider(query))


def at_venue(query: Query) -> Iterator[Suggestion]:
    """The query with a conference that is named among its words, perhaps with a year, as `venue:`."""
    parts = _parts(query.root)
    for length, begin in product((3, 2, 1), range(len(parts))):
        words = [part for part in parts[begin : begin + length] if isinstance(part, Words) and not part.field]
        typed = " ".join(word.typed for word in words)
        if len(words) == length and names_conference(typed):
            term = AtVenue("venue", typed, quoted=" " in typed)
            root = joined(And, [*parts[:begin], term, *parts[begin + length :]])
            yield from _sound(query, [(Difference.VENUE, root, query.modifiers, "")])
            return


_BY = re.compile(r"(?:(?:written )?by|(?:from |first |last )?author)\s+(?=\w)")
_TITLE = re.compile(r"(?:(?:prof|dr|professor)\b\.?\s*)+", re.IGNORECASE)
_BOTH = re.compile(r"\s+(?:&|and)\s+")
_LONGEST_NAME = 4


def by_author(query: Query) -> Suggestion | None:
    """The words of a query as authors' names, if they are written so: `van der Maaten`, `Tao on primes`."""
    if not _plain_words(query):
        return None
    names = [_TITLE.sub("", name) for name in _BOTH.split(_BY.sub("", query.text.strip(), count=1))]
    typed = (
        " ".join(f'au:"{name}"' for name in names)
        if all(map(_is_whole_name, names))
        else from_initials(query.text) or by_person(query.text.strip())
    )
    author = parsed(typed) if typed else None
    return Suggestion(Difference.AUTHOR, author) if author is not None else None


def _is_whole_name(name: str) -> bool:
    words = name.split()
    names = [word for word in words if word not in PARTICLES]
    are_names = 1 <= len(words) <= _LONGEST_NAME and bool(names) and all(map(_is_name, names)) and words[-1] in names
    return are_names and any(len(word) > 1 for word in names)


def _plain_words(query: Query) -> list[str]:
    """The words of a query of nothing but words without field and quotes; empty for any other."""
    parts = _parts(query.root)
    words = [part.typed for part in parts if _is_plain(part)]
    return words if len(words) == len(parts) and not query.modifiers else []


def _is_plain(part: Node) -> TypeGuard[Words]:
    """Whether a part is a word without field, quotes and `=`."""
    return isinstance(part, Words) and not (part.field or part.quoted or part.exact)


def _is_name(word: str) -> bool:
    """`LeCun`, `O'Brien`, `J.`; no word in capitals alone or small letters."""
    letters = word.strip(".").replace("-", "").replace("'", "").replace("’", "")
    return letters.isalpha() and letters[0].isupper() and (len(letters) == 1 or not letters.isupper())


def respelled(query: Query) -> Iterator[Suggestion]:
    """Other queries that are often meant by one written like this.

    An author's whole name (`au:Kaiming He`), a lone capital (`R`) exactly so, the words of `"graph * network"` apart,
    any of those between commas, a phrase in other quotes.
    """
    yield from _sound(query, chain(_whole_name(query), _with_year(query), _respelled(query)))
    for change, typed in ((Difference.ANY, _any_of(query)), (Difference.PHRASE, _in_other_quotes(query.text))):
        other = parsed(typed)
        if other is not None and other != query:
            yield Suggestion(change, other)


def _whole_name(query: Query) -> Iterator[Changed]:
    parts = _parts(query.root)
    for place, part in enumerate(parts):
        if not isinstance(part, Author) or part.quoted or part.field != "au":
            continue
        others = takewhile(_may_be_of_a_name, parts[place + 1 : place + _LONGEST_NAME])
        words = [part.typed, *(word.typed for word in others if isinstance(word, Words))]
        if len(words) > 1:
            name = replace(part, typed=" ".join(words), quoted=True)
            root = joined(And, [*parts[:place], name, *parts[place + len(words) :]])
            yield Difference.NAME, root, query.modifiers, ""


def _with_year(query: Query) -> Iterator[Changed]:
    """`venue:neurips 2025` as `venue:"neurips 2025"`."""
    parts = _parts(query.root)
    for place, (venue, year) in enumerate(pairwise(parts)):
        if isinstance(venue, AtVenue) and isinstance(year, Words) and _YEAR.fullmatch(year.typed) and not year.field:
            both = replace(venue, typed=f"{venue.typed} {year.typed}", quoted=True)
            root = joined(And, [*parts[:place], both, *parts[place + 2 :]])
            yield Difference.VENUE, root, query.modifiers, ""


_YEAR = re.compile(r"20\d\d")


def _may_be_of_a_name(part: Node) -> bool:
    return _is_plain(part) and (_is_name(part.typed) or part.typed in PARTICLES)


def _any_of(query: Query) -> str:
    """`lora, qlora` as `lora OR qlora`; empty where that isn't a list, or an author as catalogues have them."""
    items = [item for item in map(str.strip, _BETWEEN.split(query.text)) if item]
    is_list = len(items) > 1 and all(map(_is_item, items)) and not SLIP.search(query.text)
    if not is_list or not _all_words(query) or from_author(query.text):
        return ""
    return " OR ".join(f'"{item}"' if " " in item and item[0] != '"' else item for item in items)


def _is_item(item: str) -> bool:
    """Whether a text between commas is a few words or one phrase."""
    if item[0] == '"':
        return item.count('"') == 2 and item[-1] == '"'
    return len(item.split()) <= _LONGEST_ITEM and item[-1].isalpha() and not {'"', ":"} & {*item}


def _all_words(query: Query) -> bool:
    """Whether the query is words and phrases, all to be in title or abstract."""
    words = [part for part in _parts(query.root) if isinstance(part, Words) and not (part.field or part.exact)]
    return len(words) == len(_parts(query.root)) and not query.modifiers


def _in_other_quotes(text: str) -> str:
    quoted = _OTHER_QUOTES.fullmatch(text.strip())
    return f'"{quoted[1]}"' if quoted else ""


_BETWEEN = re.compile(r"[,;，；、]")
_LONGEST_ITEM = 4
_OTHER_QUOTES = re.compile(r"(?:``|[\'‘`«])([^\'‘’`«»\"]+ [^\'‘’`«»\"]+)(?:\'\'|[\'’`»])")


def _respelled(query: Query) -> Iterator[Changed]:
    parts = [] if from_author(query.text) else _parts(query.root)
    for place, part in enumerate(parts):
        if not isinstance(part, Words) or isinstance(part, RecordWords):
            continue
        other: Node
        is_initial = place > 0 and isinstance(parts[place - 1], Author)
        if part.typed in _LONE_LETTERS and not (part.quoted or part.exact or is_initial):
            change, other = Difference.EXACT, replace(part, exact=True)
        elif part.quoted and "*" in part.typed:
            change, other = Difference.STARLESS, _loosened(replace(part, typed=part.typed.replace("*", " ")))
        else:
            continue
        yield change, joined(And, [*parts[:place], other, *parts[place + 1 :]]), query.modifiers, ""


_LONE_LETTERS = frozenset(ascii_uppercase) - {"A", "I"}


def _sound(query: Query, changed: Iterable[Changed]) -> Iterator[Suggestion]:
    """Those that can be typed, differ from the query and each other, and keep half of its words."""
    seen = {query}
    for change, root, modifiers, subject in changed:
        other = parsed(str(Query("", root, modifiers)))  # None: a word of a phrase means something else on its own
        if other is not None and other not in seen and keeps_half(str(query), str(other)):
            seen.add(other)
            yield Suggestion(change, other, subject)


# --- narrower ------------------------------------------------------------------------------------------------------


def _narrower(query: Query, categories: Sequence[str]) -> Iterator[Changed]:
    root, modifiers = query.root, query.modifiers
    yield Difference.TITLES, _in_titles(root), modifiers, ""
    if (phrase := _as_phrase(root)) is not None:
        yield Difference.PHRASE, phrase, modifiers, ""
    if not query.categories():
        for name in categories:
            yield Difference.CATEGORY, joined(And, [root, InCategory("cat", name)]), modifiers, name


def _in_titles(node: Node) -> Node:
    """The node with its words in titles; a group of nothing else is `ti:(...)`."""
    if isinstance(node, And | Or):
        nodes = tuple(map(_in_titles, node.nodes))
        only = all(isinstance(each, Words | And | Or) and each.field == "ti" for each in nodes)
        return replace(node, nodes=nodes, field="ti" if only else node.field)
    return replace(node, field="ti") if isinstance(node, Words) and not node.field else node


def _as_phrase(root: Node) -> Node | None:
    """The plain words of the query in sequence; None if there are not two."""
    if not isinstance(root, And):
        return None
    words = [node for node in root.nodes if isinstance(node, Words) and not (node.quoted or node.exact)]
    if len(words) < 2 or len({word.field for word in words}) > 1:
        return None
    phrase = replace(words[0], typed=" ".join(word.typed for word in words), quoted=True)
    return joined(And, [phrase, *(node for node in root.nodes if node not in words)])


# --- wider ---------------------------------------------------------------------------------------------------------


def _wider(query: Query) -> Iterator[Changed]:
    root, modifiers = query.root, query.modifiers
    parts = _parts(root)
    parts_kept: list[Node] = [part for part in parts if not isinstance(part, Not)]
    yield Difference.EXCLUSIONS, joined(And, parts_kept), modifiers, ""
    yield Difference.UPVOTES, root, (), ""
    for part in parts:
        if len(parts) > 1 and not isinstance(part, Words | Author | And | Or | Not):
            yield Difference.WITHOUT, _without(parts, part), modifiers, part.show("")
    anywhere, loose = with_terms(root, _anywhere), with_terms(root, _loosened)
    yield Difference.ANYWHERE, anywhere, modifiers, ""
    yield Difference.LOOSE, loose, modifiers, ""
    both = with_terms(anywhere, _loosened)
    yield Difference.LOOSE, both, modifiers, ""
    yield from ((Difference.WITHOUT, node, modifiers, subject) for node, subject in _fewer(_parts(both)))
    yield Difference.EITHER, _either(_parts(both)), modifiers, ""


def _parts(root: Node) -> list[Node]:
    return list(root.nodes) if isinstance(root, And) else [root]


def _without(parts: Sequence[Node], part: Node) -> Node:
    return joined(And, [each for each in parts if each is not part])


def with_terms(node: Node, change: Callable[[Term], Node]) -> Node:
    """The node with its wanted terms changed; what must not match stays."""
    if isinstance(node, And | Or):
        return joined(type(node), [with_terms(each, change) for each in node.nodes])
    return node if isinstance(node, Not) else change(node)


def _anywhere(term: Term) -> Node:
    return replace(term, field="") if isinstance(term, Words) and not isinstance(term, RecordWords) else term


def _loosened(term: Term) -> Node:
    """The words of a phrase, or a word in any spelling."""
    if not isinstance(term, Words) or not (term.quoted or term.exact):
        return term
    words = [replace(term, typed=typed, quoted=False, exact=False) for typed in term.typed.split()]
    return joined(And, [word for word in words if word.is_something()])


def _fewer(parts: Sequence[Node]) -> Iterator[tuple[Node, str]]:
    """Without one of the words, the last one first; of four and more also each half of them."""
    words = [part for part in parts if isinstance(part, Words | Author)]
    if len(words) < 2:
        return
    for word in reversed(words):
        yield _without(parts, word), _shown([word])
    if len(words) > 3:
        half = (len(words) + 1) // 2
        others = [part for part in parts if part not in words]
        for half_kept, left_out in ((words[:half], words[half:]), (words[-half:], words[:-half])):
            yield joined(And, [*half_kept, *others]), _shown(left_out)


def _shown(words: Iterable[Node]) -> str:
    return " ".join(word.show("").strip(",;") for word in words)


def _either(parts: Sequence[Node]) -> Node:
    words = [part for part in parts if isinstance(part, Words | Author)]
    if len(words) < 2:
        return joined(And, list(parts))
    return joined(And, [Or(tuple(words)), *(part for part in parts if part not in words)])


@dataclass(frozen=True, slots=True)
class Rated:
    """A suggestion, and how many papers match it within `days`; of one that adds a form, those that it adds."""

    suggestion: Suggestion
    total: int
    days: int

    @property
    def text(self) -> str:
        return str(self.suggestion.query)
