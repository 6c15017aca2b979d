"""Typing errors in a query, by the words that are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from string import ascii_lowercase

from paperwire.core.query.language import Query, parsed
from paperwire.core.query.nodes import Node
from paperwire.core.query.terms.record import RecordWords
from paperwire.core.query.terms.term import Term
from paperwire.core.query.terms.words import Words, frequency_of
from paperwire.core.search.suggestion import Difference, Suggestion, with_terms
from paperwire.core.text.words import spellings

_MOST_SPELLINGS = 3
_SHORTEST_MISSPELLED = 4
_VERY_COMMON = 20  # papers of 1,000
_LONGEST_MISSPELLED = 200
"""Characters of a query: each letter of a word makes 54 others, which are all looked up."""


def spelled(query: Query, knows: Callable[[str], bool]) -> Iterator[Suggestion]:
    """The query with words one letter away that it `knows` for others; at most three, none of a long query."""
    seen = {query}
    for number in range(_MOST_SPELLINGS if len(query.text) <= _LONGEST_MISSPELLED else 0):
        root = with_terms(query.root, partial(_spelled, knows=knows, number=number))
        other = parsed(str(Query("", root, query.modifiers)))
        if other is not None and other not in seen:
            seen.add(other)
            yield Suggestion(Difference.SPELLED, other)


def _spelled(term: Term, knows: Callable[[str], bool], number: int) -> Node:
    """The term with the spelling of this number for each of its words, the last one where there are fewer."""
    if not isinstance(term, Words) or isinstance(term, RecordWords) or term.exact:
        return term
    words = []
    for word in term.typed.split():
        folded = spellings(word)[1]
        is_word = len(word) >= _SHORTEST_MISSPELLED and word.isalpha()
        is_wrong = is_word and (not knows(folded) or _is_swapped(folded))
        near = sorted(filter(knows, _one_away(folded) - {folded}), key=partial(_distance, folded))
        words.append(near[min(number, len(near) - 1)] if is_wrong and near else word)
    return replace(term, typed=" ".join(words))


def _is_swapped(word: str) -> bool:
    """Whether a rare word has two letters of a very common one swapped: papers have `langauge`, too."""
    return frequency_of(word) < 1 and any(frequency_of(other) >= _VERY_COMMON for other in _swapped(word))


def _distance(word: str, other: str) -> tuple[bool, float, str]:
    """The order in which others are likely to be meant: with the same first letter, common ones first."""
    return other[0] != word[0], -frequency_of(other), other


def _swapped(word: str) -> set[str]:
    """All texts with two neighbours changed."""
    return {word[:place] + word[place + 1] + word[place] + word[place + 2 :] for place in range(len(word) - 1)}


def _one_away(word: str) -> set[str]:
    """All texts with one letter more, less or another, two neighbours changed, or another letter doubled."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    return {
        *(before + after[1:] for before, after in cuts if after),
        *_swapped(word),
        *_doubled_elsewhere(word),
        *(before + letter + after[1:] for before, after in cuts if after for letter in ascii_lowercase),
        *(before + letter + after for before, after in cuts for letter in ascii_lowercase),
    }


def _doubled_elsewhere(word: str) -> Iterator[str]:
    """`diffusion` for `difussion`."""
    for place in (place for place, letters in enumerate(pairwise(word)) if len(set(letters)) == 1):
        single = word[:place] + word[place + 1 :]
        yield from (single[:at] + single[at] + single[at:] for at in range(len(single)))
