"""Which words a person would name a topic by, and how a text writes them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from paperwire.core.text.words import chunks_of, spans_of

_FORMULA = re.compile(r"\$[^$]{1,300}\$")
_SHORTEST = 4  # letters of a word that no one has counted; a shorter one has to be an abbreviation


def is_topical(word: str) -> bool:
    """Whether a folded word may name a topic, as "diffusion" does and "efficient", "pass" or "let" don't."""
    return len(word) > 1 and not word.isdigit() and word not in _speech()


@cache
def _speech() -> frozenset[str]:
    """Words of any text, whatever it is about: spread evenly over all fields, or hardly ever in titles.

    Counted in 85,114 recorded papers: by the entropy over arXiv's archives (0.945 of the highest), or in the title of
    less than 9 % of the papers that have it. With articles, pronouns and the like added by hand.
    """
    return _listed("speech_words.tsv")


@cache
def _fragments() -> frozenset[str]:
    """Words that hardly ever stand alone: `adic`, `armed`, `navier`.

    Of 86,881 recorded papers that have such a word, 8 or more have it in compounds alone, and less than 30 % alone.
    """
    return _listed("fragments.tsv")


def _listed(name: str) -> frozenset[str]:
    lines = files("paperwire.core.text").joinpath(name).read_text("utf-8").splitlines()
    return frozenset(lines[1:])


def topical_words(title: str, abstract: str = "") -> dict[str, str]:
    """The folded words of a text that may name a topic, joined ones too, as the text writes them.

    Formulas are left out, as are short words that are no abbreviations. `Graph-level tasks by LLMs` gives
    `graph`, `level`, `graphlevel` (as `graph-level`) and `llm` (as `LLMs`). A word that hardly ever stands alone is
    written as its compound, `adic` as `p-adic`, and left out of formulas such as `H_2O`. A name keeps its capital.
    """
    written: dict[str, str] = {}
    lower = set(_LOWER.findall(abstract))
    names = _names(abstract, lower)
    for chunk in chunks_of(_FORMULA.sub(" ", _LETTER.sub(r"\1-", f"{title} . {abstract}"))):
        places = spans_of(chunk)
        for place, spans in enumerate(places):
            for span in spans:
                parts = [places[place + offset][0] for offset in range(span.length)]
                is_known = all(is_topical(part.folded) or span.length > 1 for part in parts)
                exact = _exact(chunk, [part.exact for part in parts], span.folded)
                if is_known and any(is_topical(part.folded) for part in parts) and _is_word(exact):
                    keeps = exact in names or (_is_abbreviation(exact) and exact.casefold() not in lower)
                    written.setdefault(span.folded, exact if keeps else exact.casefold())
    return written


_LETTER = re.compile(r"\$([A-Za-z])\$-")
_NAME = re.compile(r"[A-Z][^\W\d_]+(?:-{1,2}[A-Z]?[^\W\d_]+)*")
_LOWER = re.compile(r"\b[a-z][^\W\d_]+(?:-[a-z][^\W\d_]+)*")


def _names(abstract: str, lower: set[str]) -> set[str]:
    """The words that an abstract writes with a capital between words without one, and nowhere without it."""
    words = abstract.split()
    names = [
        name[0]
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False)
        if before[:1].islower()
        and before[-1:] not in ".:?!"
        and not after[:1].isupper()
        and (name := _NAME.match(word))
    ]
    pieces = {piece for name in names for piece in (name, *name.split("-"))}
    return {piece for piece in pieces if piece[:1].lower() + piece[1:] not in lower}


_DASHES = re.compile(r"[-\u2010-\u2015]+")
_COMPOUND = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_LONGEST_COMPOUND = 40  # characters


def _exact(chunk: str, parts: list[str], folded: str) -> str:
    """A word as its text writes it: a fragment or a part of a compound as the whole one; empty for a lone fragment."""
    if len(parts) == 1 and folded not in _fragments():
        return parts[0]
    joined = "-".join(parts)
    for compound in _COMPOUND.findall(_DASHES.sub("-", chunk)):
        if f"-{joined}-" in f"-{compound}-":
            return compound if len(compound) <= _LONGEST_COMPOUND else joined
    is_lone = _DASHES.sub("-", chunk) == chunk.strip("-") and len(spans_of(chunk)) == 1
    return "".join(parts) if len(parts) > 1 or is_lone else ""


def _is_word(exact: str) -> bool:
    return (len(exact) >= _SHORTEST and any(map(str.isalpha, exact))) or _is_abbreviation(exact)


def _is_abbreviation(exact: str) -> bool:
    """Whether a capital stands after the first letter, or next to a digit: LLM, GPT-4, 3D, LoRA."""
    capitals = sum(map(str.isupper, exact))
    return capitals > 1 or (capitals == 1 and (not exact[0].isupper() or any(map(str.isdigit, exact))))
