"""Sentences that people type where a query is read: "please send me everything on LLM agents"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REQUESTS = "i i'm im i'd i've me please interested"
_QUESTIONS = "my we you want looking everything anything papers articles about what how why which can could would"
_FILLERS = (
    "a all also am an and any are as at be been by do does for from get has have if in into is it its kind latest like"
    " more need new of on or other out related so some stuff that the their them these they things this those to topic"
    " topics up us was were when where will with your"
)
_ORDERS = "alert find follow get give keep notify preview search send show subscribe tell"
_REQUESTING = frozenset(_REQUESTS.split())
"""Words by which someone asks for something."""
_ASKING = _REQUESTING | frozenset(_QUESTIONS.split())
"""Words that no list of keywords has."""
_PLAIN = _ASKING | frozenset(_FILLERS.split())
"""Words that say nothing of a paper's topic."""
_VERBS = frozenset(_ORDERS.split())
"""Words that say what to do, where a sentence begins with them."""
_MANY = 3
"""Plain words that make a sentence."""
_MARKED = re.compile(r"[\"“”„:()*=|\\\[\]{}]|(?:^|\s)-\w|\b(?:OR|AND|NOT|ANDNOT)\b")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`words` are those that say what papers are about, and `topic` the piece from the first to the last of them.

    `is_request` says that someone asks for papers, so that it can be no list of keywords.
    """

    words: str
    topic: str
    is_request: bool


def sentence_in(text: str) -> Sentence | None:
    """The sentence that a query is; None for keywords, and for anything with the marks of a query."""
    if _MARKED.search(text):
        return None
    typed = [word.strip(".,;!?…") for word in text.replace("’", "'").split()]
    folded = [word.casefold() for word in typed]
    begins = bool(folded) and folded[0] in _VERBS and any(word in _PLAIN for word in folded[1:2])
    if not (begins or _ASKING.intersection(folded) or sum(word in _PLAIN for word in folded) >= _MANY):
        return None
    first = next((at for at, word in enumerate(folded) if word and word not in _PLAIN | _VERBS), len(folded))
    about = [at for at in range(first, len(folded)) if folded[at] and folded[at] not in _PLAIN]
    if not about or len(about) == len(folded):
        return None
    return Sentence(
        words=" ".join(typed[at] for at in about),
        topic=" ".join(typed[first : about[-1] + 1]),
        is_request=bool(_REQUESTING.intersection(folded)),
    )
