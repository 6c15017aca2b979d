"""Sentences that people type where a query is read: "please send me everything on LLM agents"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from paperwire.core.query import conditions
from paperwire.core.query.field_terms import FieldTerm, field_terms, without_elision
from paperwire.core.query.origins import Origin, Spoken, origins
from paperwire.core.query.plain_words import LANGUAGES, PlainWords, words
from paperwire.core.query.terms.category import category_named
from paperwire.core.query.unspaced import BRACKETS, any_of, unspaced

_PLAIN = frozenset().union(*(each.known | each.orders for each in LANGUAGES))
"""All words that make a sentence."""
_EXCLUDED_FILLERS = words("but no not any and aber keine keinen kein nicht und mais pas et")
_COMMAS = (",", ";", "，", "；", "、")
_MANY = 3  # plain words that make a sentence
_BUT_NO = {"but no", "but not", "aber keine", "aber nicht", "aber kein", "mais pas", "nicht über"}
_OF_SOMEONE = re.compile(r"(?:(?<=articles )|(?<=travaux ))d['’](?=[A-Z])")
_ALL_BUT = re.compile(
    r"\A(?:(?:anything|everything|papers?)\s(?:but|except|without)|without)\s"
    r"(\w+(?:\s(?:and\s|or\s)?\w+)?)\s(?:on|about)\s(.+)",
    re.IGNORECASE,
)
_CATEGORY = re.compile(r"[a-z-]+[.-][a-z-]+", re.IGNORECASE)
"""Matches names of categories that are no words: `math` is one."""
_MARKED = re.compile(r"[\"“”„《「『:()*=|\\\[\]{}]|(?:^|\s)-\w|\b(?:OR|AND|NOT|ANDNOT)\b")


_Part: TypeAlias = "tuple[range, str]"
"""Places of a sentence, and the query that they stand for."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """`words` are a query of those that say what papers are about, `topic` the piece from the first to the last.

    In the query, `au:` marks the name of an author, `org:` of an organisation, `venue:` where papers were accepted or
    published, and `-` words that papers must not have.

    `is_request` says that someone asks for papers, so that it can be no list of keywords.
    `is_translated` says that terms of the field in another language are in English in the query.
    """

    words: str
    topic: str
    is_request: bool
    is_translated: bool = False


def sentence_in(text: str) -> Sentence | None:
    """The sentence that a query is; None for keywords, and for anything with the marks of a query."""
    if _MARKED.search(text if text.isascii() else BRACKETS.sub(" ", text)) or conditions.STOPPING.match(text):
        return None
    if not text.isascii() and (request := unspaced(text)) is not None:
        parts = (*request.topics, *request.fields, *(f"-{query}" for query in request.excluded))
        return Sentence(" ".join(parts), _without_quotes(request.topics), is_request=True, is_translated=True)
    if _MARKED.search(text):
        return None
    topical, fields = conditions.separated(_OF_SOMEONE.sub("de ", _ALL_BUT.sub(r"everything on \2 except \1", text)))
    typed = [without_elision(word.strip(".,;!?¡¿…-–—")) for word in topical.replace("’", "'").split()]
    folded = [word.casefold() for word in typed]
    if _PLAIN.isdisjoint(folded):
        return None
    language = max(LANGUAGES, key=lambda each: _likeness(folded, each))
    plain = language.plain
    begins = bool(folded) and folded[0] in language.orders and any(_follows_order(word, plain) for word in folded[1:2])
    asks = begins or not language.asking.isdisjoint(_said(typed))
    is_sentence = asks or sum(word in plain for word in folded) >= _MANY
    if not is_sentence and (not language.table or (language.excluding | language.either).isdisjoint(folded)):
        return None
    commas = frozenset(at for at, word in enumerate(topical.split()) if word[-1] in _COMMAS)
    sentence = _of_words(typed, folded, commas, language, fields, asks=asks)
    return sentence if is_sentence or (sentence is not None and sentence.is_translated) else None


def _of_words(  # noqa: PLR0913 -- a sentence in its parts
    typed: list[str],
    folded: list[str],
    commas: frozenset[int],
    language: PlainWords,
    fields: list[str],
    *,
    asks: bool,
) -> Sentence | None:
    """The sentence of these words; None if nothing in them, or all of it, is a topic."""
    terms = list(field_terms(language.table).find(typed)) if language.table else []
    of_terms = frozenset(at for term in terms for at in term.places)
    end = next((at for at in range(len(folded)) if at not in of_terms and _excludes(folded, at, language)), len(folded))
    spoken = Spoken(typed[:end], folded[:end], commas, language.plain, language.by)
    about = sorted({*_about(spoken, language.orders), *(at for at in of_terms if at < end)})
    named = list(origins(spoken, about))
    in_names = frozenset(at for origin in named for at in origin.places)
    frame = _frame(folded, language) if of_terms else 0
    topics = [at for at in about if at not in in_names and (at >= frame or at in of_terms or not typed[at].islower())]
    nothing = language.plain | language.excluding | _EXCLUDED_FILLERS | {""}
    excluded = [at for at in range(end, len(folded)) if at in of_terms or folded[at] not in nothing]
    if not (about or fields or excluded) or len(about) == len(folded):
        return None
    without = [f"-{query}" for _, query in _queries(excluded, typed, terms)]
    either = language.either if asks or terms else frozenset()
    is_alternative = bool(topics) and len(named) == 1 and _is_alternative(named[0], spoken, either)
    others = [*(origin.query for origin in named if not is_alternative), *without, *fields]
    alternatives = _alternatives(list(_queries(topics, typed, terms)), spoken, either)
    is_whole = len(alternatives) + len(others) + is_alternative == 1
    queries = [any_of(each, is_whole=is_whole) for each in alternatives]
    span = " ".join(typed[min(topics or about) : max(topics or about) + 1]) if about else ""
    parts = [" ".join(queries), *(origin.query for origin in named if is_alternative)]
    return Sentence(
        words=" ".join([*([any_of(parts, is_whole=not others)] if is_alternative else queries), *others]),
        topic=_without_quotes(queries) if terms and queries else span,
        is_request=not language.requests.isdisjoint(_said(typed)) or bool(terms and asks),
        is_translated=bool(terms),
    )


def _is_alternative(origin: Origin, spoken: Spoken, either: frozenset[str]) -> bool:
    """Whether papers may be from there or about the topics: `about transformers or by Hinton`."""
    before = spoken.folded[max(origin.places.start - 2, 0) : max(origin.places.start - 1, 0)]
    return not either.isdisjoint([*before, *spoken.folded[origin.places.stop : origin.places.stop + 1]])


def _said(typed: Sequence[str]) -> frozenset[str]:
    """The words in small letters without abbreviations: in `MIR spectroscopy` no one says `mir`."""
    are_capitals = all(map(str.isupper, typed))
    return frozenset(word.casefold() for word in typed if are_capitals or len(word) < 2 or not word.isupper())


def _frame(folded: Sequence[str], language: PlainWords) -> int:
    """How many words stand before the first that asks for papers: two in `avez-vous des articles sur LoRA`."""
    return next((at for at, word in enumerate(folded) if word in language.questions), 0)


def _alternatives(queries: Sequence[_Part], spoken: Spoken, either: frozenset[str]) -> list[list[str]]:
    """The queries of topics, those together of which any will do: `GANs, VAEs or normalizing flows`."""
    groups = [[query] for _, query in queries[-1:]]
    is_list = False
    for (before, query), (after, _) in reversed([*pairwise(queries)]):
        is_next = before.stop == after.start
        is_comma = before.stop - 1 in spoken.commas
        is_either = not either.isdisjoint(spoken.folded[before.stop : after.start])
        is_list = is_either or (is_list and is_next)
        if is_either or (is_list and is_comma):
            groups[0].insert(0, query)
        elif is_next and not is_comma:
            groups[0][0] = f"{query} {groups[0][0]}"
        else:
            groups.insert(0, [query])
    return groups


def _queries(places: Sequence[int], typed: Sequence[str], terms: Sequence[FieldTerm]) -> Iterator[_Part]:
    """The words at these places as a query has them, terms of the field in English.

    Next to such terms, other words in letters that English lacks are left out, and so are years: no paper has them.
    """
    translated = {at: term for term in terms for at in term.places}
    are_terms = not translated.keys().isdisjoint(places)
    seen: set[str] = set()
    for at in places:
        query = translated[at].english if at in translated else _named(typed[at])
        part = translated[at].places if at in translated else range(at, at + 1)
        is_told = at in translated or (query.isascii() and not query.isdecimal())
        if not are_terms or (is_told and query not in seen):
            yield part, query
        seen.add(query)


def _without_quotes(queries: Iterable[str]) -> str:
    return re.sub(r"[\"()]| OR(?= )", "", " ".join(queries))


def _likeness(folded: list[str], language: PlainWords) -> int:
    """How many words a language would have as no topic; an order counts where it begins the sentence."""
    begins = folded[:1] != [] and folded[0] in language.orders
    return begins + sum(word in language.known for word in folded)


def _follows_order(word: str, plain: frozenset[str]) -> bool:
    return word in plain or _named(word).startswith("cat:")


def _named(word: str) -> str:
    """The word, or the category that it names, as a query has it."""
    category = category_named(word) if _CATEGORY.fullmatch(word) else ""
    return f"cat:{category}" if category else word


def _about(spoken: Spoken, orders: frozenset[str]) -> list[int]:
    """The places of the words that say what papers are about, or whom they are from."""
    nothing = spoken.plain | orders
    places = range(len(spoken.folded))
    first = next((at for at in places if spoken.folded[at] and spoken.folded[at] not in nothing), len(places))
    return [at for at in places[first:] if spoken.folded[at] and spoken.folded[at] not in spoken.plain]


def _excludes(folded: list[str], at: int, language: PlainWords) -> bool:
    """Whether what follows is to be excluded: `except surveys`, `but no surveys`."""
    return folded[at] in language.excluding or " ".join(folded[at : at + 2]) in _BUT_NO
