"""Queries from examples: which words and phrases set some papers apart from all others, joined to queries.

Words and phrases of the given papers are candidates, ranked by how much oftener they stand there than elsewhere. Those
and pairs or triples of them are clauses, which are joined by OR: greedily the one that finds most of what is not found
yet, as long as the whole stays below a number of papers a week. A clause counts for more the more of the given papers
share it, as what two of twenty share by chance finds nothing new. The terms of a clause are such as all papers have
together oftener than by chance, and what else it finds is mostly near to the given papers in meaning, where an encoder
tells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import chain, combinations, islice, product, takewhile
from math import ceil, log, sqrt
from operator import and_, or_

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse, parsed
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.words import Words
from paperwire.core.search.foreign import FILLERS
from paperwire.core.text.topical import is_topical
from paperwire.core.text.words import chunks_of, spans_of, spellings

MOST_EXAMPLES = 20
MOST_A_WEEK = 20
"""Papers a week that an offered query finds at most."""
NEAR_A_WEEK = 5 * MOST_A_WEEK
"""Papers a week that are taken as near to the examples in meaning: the nearest ones."""
ENOUGH_FOUND = 0.5
"""The part of further papers that a query has to find, or words won't do."""
_MOST_TERMS = 60
"""Words and phrases whose papers are counted; which they are is guessed from how common words are."""
_PAIRED, _TRIPLED = 25, 15  # the best of them, which are joined in pairs and triples
_LONGEST_PHRASE = 3
_TOO_COMMON = 0.15
"""Words in more of all papers than this say nothing, nor do phrases that begin or end with them or a filler."""
_FILLERS = frozenset(spellings(word)[1] for word in FILLERS)
_WITHIN = frozenset({"of", "to", "in"})  # fillers that a phrase may have inside
_BRACKET = re.compile(r"[()\[\]{}]")
_SHORTEST_ALONE = 3  # letters: "id" and "ai" stand in papers on anything
_FEW_EXAMPLES = 3  # of so few examples a clause may have one alone
_FEWEST_TESTED, _FEWEST_TRUSTED = 5, 8
"""Examples from which queries are tested, and from which the test is taken as it is."""
_ENOUGH_OF_FEW = 0.2
_SHAPES = ((MOST_A_WEEK, 5), (MOST_A_WEEK, 2), (5, 5), (10, 4), (MOST_A_WEEK, 1))
"""The most papers a week and clauses of the queries that are tried, until three are found."""
_OFFERED = 3
_MARGIN = 0.9  # of the rate is aimed at, as the next weeks are others
_WEEKLY_COST = 150.0
"""Papers a week that a clause costs in any case: those that find much are worth their rate."""
_ANOTHER_TERM = 0.85
"""What a clause is worth with one term more: the more terms, the more of what fits the examples does by chance."""
_LEAST_GAIN = 0.1
_LEAST_SHARE = 0.3
"""The part of the examples that has to have a clause, and two of them at least."""
_LEAST_OFFERED = 0.5
"""The part of the examples that an offered query finds at least."""
_LEAST_LIFT = 1.5
"""How much oftener than by chance other papers have two terms of a clause together, by the lower bound."""
_LEAST_NEAR = 0.5
"""The part of what else a clause finds that has to be near to the examples in meaning."""
_SHORTEST_STEM, _PART_OF_STEM = 5, 0.6
"""The letters that words of one stem begin with, and the part of the shorter word that these are."""
_ONE_SIDED = 1.64  # standard errors: 95 % are above the lower bound
_MOSTLY_WITHIN = 0.5
"""A term stands for a phrase around it if this part of its papers has the phrase."""
_FOLDS = 5
_RAREST = 1e-6


@dataclass(frozen=True, slots=True)
class Offer:
    """A query, how many of the examples it finds, and how many papers a week."""

    text: str
    examples: int
    a_week: float


@dataclass(frozen=True, slots=True)
class Offers:
    """At most three queries, the one that finds most examples first.

    `expected` is the part of further papers like the examples that the first finds: measured on some of the examples
    with queries made from the others. None where there are too few of them. Those made without some of only a few
    examples find much less than the one made from all: `are_few` asks less of them.
    """

    queries: tuple[Offer, ...]
    expected: float | None
    are_few: bool = False

    @property
    def words_will_do(self) -> bool:
        """Whether a query can be expected to find enough."""
        enough = _ENOUGH_OF_FEW if self.are_few else ENOUGH_FOUND
        return bool(self.queries) and (self.expected is None or self.expected >= enough)


@dataclass(frozen=True, slots=True)
class Background:
    """The papers of some `weeks` (their number), and the numbers of those that match each term.

    Of these `own` are the examples themselves, and `near` those near to them in meaning; None where no encoder tells.
    """

    papers: int
    weeks: float
    having: Mapping[str, Collection[int]]
    own: Collection[int] = ()
    near: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class _Others:
    """What a clause finds besides the examples: how much of that is near to them."""

    papers: int
    weeks: float
    own: int
    near: int | None

    def count(self, background: int) -> int:
        return (background & ~self.own).bit_count()

    def share_near(self, background: int) -> float:
        """The part of what is found that is near; all of it where nothing is found or no encoder tells."""
        count = self.count(background)
        return 1.0 if self.near is None or not count else self.count(background & self.near) / count


@dataclass(frozen=True, slots=True, eq=False)
class _Term:
    """A word or phrase, compared by identity; `examples` and `background` are the papers that have it, as bits."""

    text: str
    examples: int
    background: int


@dataclass(frozen=True, slots=True)
class _Clause:
    """Terms that papers must all have. `worth` is how much of what it finds is no chance."""

    terms: tuple[_Term, ...]
    examples: int
    background: int
    worth: float

    @property
    def text(self) -> str:
        return " ".join(term.text for term in self.terms)


class Examples:
    """Papers that someone gave, at most 20 of them, and the terms by which queries might find more."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._docs = [Doc.of(paper) for paper in papers[:MOST_EXAMPLES]]
        self.terms = tuple(self._candidates())
        """Words and quoted phrases as they are typed, of which `offers` wants to know the papers."""

    def offers(self, background: Background) -> Offers:
        whole = (1 << len(self._docs)) - 1
        terms, others = self._counted(background)
        candidates = list(_clauses(terms, whole, others))
        queries: dict[str, Offer] = {}
        for most, clauses in _SHAPES:
            chosen = _choose(candidates, whole, others, most=most, clauses=clauses)
            count = _found(chosen).bit_count()
            if chosen and count >= _LEAST_OFFERED * len(self._docs) and len(queries) < _OFFERED:
                text = " OR ".join(clause.text for clause in chosen)
                a_week = _matched(chosen).bit_count() / background.weeks
                queries.setdefault(parse(text).key, Offer(text, count, a_week))
        offered = sorted(queries.values(), key=lambda offer: (-offer.examples, offer.a_week))
        expected = self._cross_checked(terms, whole, others)
        return Offers(tuple(offered), expected, are_few=len(self._docs) < _FEWEST_TRUSTED)

    def _cross_checked(self, terms: Sequence[_Term], whole: int, others: _Others) -> float | None:
        """The part of the examples that queries find which were made without them."""
        count = len(self._docs)
        if count < _FEWEST_TESTED:
            return None
        most, clauses = _SHAPES[0]
        matched_examples = 0
        for fold in range(_FOLDS):
            left_out = sum(1 << place for place in range(fold, count, _FOLDS))
            candidates = list(_clauses(terms, whole & ~left_out, others))
            chosen = _choose(candidates, whole & ~left_out, others, most=most, clauses=clauses)
            matched_examples |= _found(chosen) & left_out
        return matched_examples.bit_count() / count

    def _candidates(self) -> Iterator[str]:
        """The terms that most likely set the examples apart, the likeliest first.

        Each has a word that may name a topic, and counts up to twice if it stands in titles.
        """
        count = len(self._docs)
        having = Counter(term for doc in self._docs for term in set(_phrases(doc.paper.title, doc.paper.abstract)))
        titled = Counter(term for doc in self._docs for term in set(_phrases(doc.paper.title)))
        shared = {term: number for term, number in having.items() if number >= min(2, count) and _names_topic(term)}
        scores = {
            term: _surprise(number, count, _guessed(term)) * (1 + titled[term] / number)
            for term, number in shared.items()
        }
        ranked = sorted(shared, key=lambda term: (-scores[term], len(term), term))
        texts = (text for term in ranked if (text := _typed(term)))
        yield from islice(texts, _MOST_TERMS)

    def _counted(self, background: Background) -> tuple[list[_Term], _Others]:
        """The terms with the examples and the background's papers that have them, without pieces of phrases."""
        having = {term: background.having.get(term, ()) for term in self.terms}
        places = {paper: place for place, paper in enumerate(sorted(set().union(*having.values())))}
        near = None if background.near is None else _bits(background.near, places)
        others = _Others(background.papers, background.weeks, _bits(background.own, places), near)
        counted = []
        for text, papers in having.items():
            query = parse(text)
            examples = sum(1 << place for place, doc in enumerate(self._docs) if query.matches(doc))
            counted.append(_Term(text, examples, _bits(papers, places)))
        return [term for term in counted if not any(_is_piece(term, phrase, others) for phrase in counted)], others


def _is_piece(term: _Term, phrase: _Term, others: _Others) -> bool:
    """Whether a term is hardly ever without the longer phrase, as "dark" is where "dark matter" is the topic."""
    words, around = (" " + each.text.strip('"') + " " for each in (term, phrase))
    if words == around or words not in around or term.examples != phrase.examples:
        return False
    having = others.count(term.background)
    return having > 0 and others.count(phrase.background) >= _MOSTLY_WITHIN * having


def _phrases(*texts: str) -> Iterator[tuple[str, ...]]:
    """The words and phrases of texts, folded, that neither begin nor end with a common word nor cross a bracket."""
    for text in chain.from_iterable(map(_BRACKET.split, texts)):
        words = [spans_there[0].folded for chunk in chunks_of(text) for spans_there in spans_of(chunk)]
        telling = [_is_telling(word) for word in words]
        for length in range(1, _LONGEST_PHRASE + 1):
            for start in range(len(words) - length + 1):
                if telling[start] and telling[start + length - 1]:
                    yield tuple(words[start : start + length])


def _names_topic(term: tuple[str, ...]) -> bool:
    """Whether a word or phrase may name a topic: "chain of thought" does, "average task success" doesn't."""
    *before, last = term
    if not before:
        return len(last) >= _SHORTEST_ALONE and is_topical(last)
    inner_fillers = _FILLERS.intersection(term) - _WITHIN
    return is_topical(last) and not inner_fillers and any(map(is_topical, before))


@cache
def _is_telling(word: str) -> bool:
    is_word = len(word) > 1 and not word.isdigit() and word not in _FILLERS
    return is_word and Words.frequency("", word) < _TOO_COMMON * 1000


def _guessed(term: tuple[str, ...]) -> float:
    """In what part of all papers a term stands, guessed from its words."""
    return Words.frequency("", " ".join(term)) / 1000


def _typed(term: tuple[str, ...]) -> str:
    """A term as it is typed; empty for a word that is an operator."""
    text = term[0] if len(term) == 1 else f'"{" ".join(term)}"'
    return text if parsed(text) else ""


def _surprise(having: int, count: int, part: float) -> float:
    """How unlikely it is that `having` of `count` papers have what a `part` of all has (log-likelihood ratio)."""
    share, part = having / count, min(max(part, _RAREST), 1 - _RAREST)
    if share <= part:
        return 0.0
    missing = (count - having) * log((1 - share) / (1 - part)) if having < count else 0.0
    return having * log(share / part) + missing


def _bits(papers: Iterable[int], places: Mapping[int, int]) -> int:
    """The papers that have a place, as bits of one number."""
    bits = bytearray(len(places) // 8 + 1)
    for place in (places[paper] for paper in papers if paper in places):
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")


# --- choosing ------------------------------------------------------------------------------------------------------


def _choose(candidates: Sequence[_Clause], examples: int, others: _Others, *, most: int, clauses: int) -> list[_Clause]:
    """Clauses that together find most of these examples, within a maximum of clauses and of papers a week."""
    room = most * _MARGIN * others.weeks
    left = [clause for clause in candidates if clause.background.bit_count() <= room]
    missing = [float(examples >> place & 1) for place in range(examples.bit_length())]
    chosen: list[_Clause] = []
    matched = 0
    while left and len(chosen) < clauses:
        best, value = None, 0.0
        for clause in left:
            gain = clause.worth * sum(part for place, part in enumerate(missing) if clause.examples >> place & 1)
            together = (matched | clause.background).bit_count()
            if gain < _LEAST_GAIN or together > room:
                continue
            cost = (together - matched.bit_count()) / others.weeks + _WEEKLY_COST
            if gain / cost > value:
                best, value = clause, gain / cost
        if best is None:
            break
        chosen.append(best)
        matched |= best.background
        missing = [
            part * (1 - best.worth) if best.examples >> place & 1 else part for place, part in enumerate(missing)
        ]
        left = [clause for clause in left if not set(best.terms) <= set(clause.terms)]
    return _without_idle(chosen)


def _clauses(terms: Sequence[_Term], examples: int, others: _Others) -> Iterator[_Clause]:
    """The best terms alone, in pairs and in triples, if enough of the examples have them and few papers afar."""
    count = examples.bit_count()
    least = max(min(2, count), ceil(_LEAST_SHARE * count))
    scores = {
        term: _surprise(having, count, term.background.bit_count() / max(others.papers, 1))
        for term in terms
        if (having := (term.examples & examples).bit_count()) >= least
    }
    best = sorted(scores, key=lambda term: (-scores[term], len(term.text), term.text))
    akin = {pair for pair in combinations(best[:_PAIRED], 2) if _are_akin(*pair, others)}
    for size, candidates in ((1, best[:_PAIRED]), (2, best[:_PAIRED]), (3, best[:_TRIPLED])):
        for joined in combinations(candidates, size):
            if not akin.issuperset(combinations(joined, 2)):
                continue
            words = list(chain.from_iterable(map(_words_of, joined)))
            having, matched = examples, -1
            for term in joined:
                having, matched = having & term.examples, matched & term.background
            if having.bit_count() < least or len(words) > len(set(words)):
                continue
            if (near := others.share_near(matched)) >= _LEAST_NEAR:
                worth = _worth(having.bit_count(), count) * _ANOTHER_TERM ** (size - 1) * sqrt(near)
                yield _Clause(joined, having, matched, worth)


def _are_akin(one: _Term, other: _Term, others: _Others) -> bool:
    """Whether papers have both terms oftener than by chance, and not as they are one word: "planning" and "planner"."""
    if any(_of_one_stem(*pair) for pair in product(_words_of(one), _words_of(other))):
        return False
    together = others.count(one.background & other.background)
    apart = others.count(one.background) * others.count(other.background)
    return (together - _ONE_SIDED * sqrt(together)) * others.papers >= _LEAST_LIFT * apart


def _words_of(term: _Term) -> list[str]:
    return term.text.strip('"').split()


def _of_one_stem(word: str, other: str) -> bool:
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, other, strict=False)))
    return shared >= _SHORTEST_STEM and shared >= _PART_OF_STEM * min(len(word), len(other))


def _worth(having: int, count: int) -> float:
    return (having - 1) / having if count > _FEW_EXAMPLES else having / (having + 1)


def _found(clauses: Sequence[_Clause]) -> int:
    return reduce(or_, (reduce(and_, (term.examples for term in clause.terms)) for clause in clauses), 0)


def _matched(clauses: Sequence[_Clause]) -> int:
    return reduce(or_, (clause.background for clause in clauses), 0)


def _without_idle(chosen: Sequence[_Clause]) -> list[_Clause]:
    """Those that find something which the others don't."""
    clauses = list(chosen)
    for clause in reversed(chosen):
        others = [other for other in clauses if other is not clause]
        if others and not (clause.background & ~_matched(others) or clause.examples & ~_found(others)):
            clauses = others
    return clauses
