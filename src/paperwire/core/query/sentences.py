"""Sentences that people type where a query is read: "please send me everything on LLM agents"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from paperwire.core.query.terms.category import category_named

_REQUESTS = "i i'm im i'd i've me please interested"
_QUESTIONS = (
    "my we you want looking everything anything papers articles about what what's whats how why which can could would"
)
_FILLERS = (
    "a all also am an and any are as at be been by do does for from get has have if in into is it its kind latest like"
    " more need new of on or other out related so some stuff that the their them these they things this those to topic"
    " topics up us was were when where will with your something appears appear appearing comes published released"
    " recent newest interesting publications preprints submissions by"
)
_ORDERS = "add alert find follow get give keep notify preview search send show subscribe tell"
_REQUESTING = frozenset(_REQUESTS.split())
"""Words by which someone asks for something."""
_ASKING = _REQUESTING | frozenset(_QUESTIONS.split())
"""Words that no list of keywords has."""
_PLAIN = _ASKING | frozenset(_FILLERS.split())
"""Words that say nothing of a paper's topic."""
_VERBS = frozenset(_ORDERS.split())
"""Words that say what to do, where a sentence begins with them."""
_EXCLUDING = frozenset("except excluding without but no not any and".split())  # noqa: SIM905 -- words
_MANY = 3
"""Plain words that make a sentence."""
_CATEGORY = re.compile(r"[a-z-]+[.-][a-z-]+", re.IGNORECASE)
"""Matches names of categories that are no words: `math` is one."""
_MARKED = re.compile(r"[\"“”„:()*=|\\\[\]{}]|(?:^|\s)-\w|\b(?:OR|AND|NOT|ANDNOT)\b")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`words` are a query of those that say what papers are about, `topic` the piece from the first to the last.

    In the query, `au:` marks the name of an author, and `-` words that papers must not have.

    `is_request` says that someone asks for papers, so that it can be no list of keywords.
    """

    words: str
    topic: str
    is_request: bool


def sentence_in(text: str) -> Sentence | None:
    """The sentence that a query is; None for keywords, and for anything with the marks of a query."""
    if _MARKED.search(text):
        return None
    typed = [word.strip(".,;!?…-–—") for word in text.replace("’", "'").split()]
    folded = [word.casefold() for word in typed]
    begins = bool(folded) and folded[0] in _VERBS and any(map(_follows_verb, folded[1:2]))
    if not (begins or _ASKING.intersection(folded) or sum(word in _PLAIN for word in folded) >= _MANY):
        return None
    end = next((at for at in range(len(folded)) if _excludes(folded, at)), len(folded))
    topics, authors = _about(typed[:end], folded)
    about = topics + authors
    excluded = [typed[at] for at in range(end, len(folded)) if folded[at] and folded[at] not in _PLAIN | _EXCLUDING]
    if not about or len(about) == len(folded):
        return None
    author = " ".join(typed[at] for at in authors)
    return Sentence(
        words=" ".join(
            [
                *(_named(typed[at]) for at in topics),
                *([f'au:"{author}"'] if author else []),
                *(f"-{word}" for word in excluded),
            ]
        ),
        topic=" ".join(typed[min(topics or authors) : max(topics or authors) + 1]),
        is_request=bool(_REQUESTING.intersection(folded)),
    )


def _follows_verb(word: str) -> bool:
    return word in _PLAIN or _named(word).startswith("cat:")


def _named(word: str) -> str:
    """The word, or the category that it names, as a query has it."""
    category = category_named(word) if _CATEGORY.fullmatch(word) else ""
    return f"cat:{category}" if category else word


def _about(typed: list[str], folded: list[str]) -> tuple[list[int], list[int]]:
    """The places of the words that say what papers are about, and of those of an author after `by`."""
    first = next((at for at in range(len(typed)) if folded[at] and folded[at] not in _PLAIN | _VERBS), len(typed))
    about = [at for at in range(first, len(typed)) if folded[at] and folded[at] not in _PLAIN]
    by = next((at for at in about if at and folded[at - 1] in {"by", "from"} and typed[at][0].isupper()), None)
    authors = [at for at in about if by is not None and at >= by and typed[at][0].isupper()]
    if authors and authors[-1] - authors[0] >= len(authors):  # not next to each other
        authors = []
    return [at for at in about if at not in authors], authors


def _excludes(folded: list[str], at: int) -> bool:
    """Whether what follows is to be excluded: `except surveys`, `but no surveys`."""
    is_but = folded[at] == "but" and folded[at + 1 : at + 2] in (["no"], ["not"])
    return folded[at] in {"except", "excluding", "without"} or is_but
