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
    lines = files("paperwire.core.text").joinpath("speech_words.tsv").read_text("utf-8").splitlines()
    return frozenset(lines[1:])


def topical_words(text: str) -> dict[str, str]:
    """The folded words of a text that may name a topic, joined ones too, as the text writes them.

    Formulas are left out, as are short words that are no abbreviations. `Graph-level tasks by LLMs` gives
    `graph`, `level`, `graphlevel` (as `graph-level`) and `llm` (as `LLMs`).
    """
    written: dict[str, str] = {}
    for chunk in chunks_of(_FORMULA.sub(" ", text)):
        places = spans_of(chunk)
        for place, spans in enumerate(places):
            for span in spans:
                parts = [places[place + offset][0] for offset in range(span.length)]
                exact = "-".join(part.exact for part in parts)
                is_known = all(is_topical(part.folded) or span.length > 1 for part in parts)
                if is_known and any(is_topical(part.folded) for part in parts) and _is_word(exact):
                    written.setdefault(span.folded, exact if _is_abbreviation(exact) else exact.casefold())
    return written


def _is_word(exact: str) -> bool:
    return (len(exact) >= _SHORTEST and any(map(str.isalpha, exact))) or _is_abbreviation(exact)


def _is_abbreviation(exact: str) -> bool:
    """Whether a capital stands after the first letter, or next to a digit: LLM, GPT-4, 3D, LoRA."""
    capitals = sum(map(str.isupper, exact))
    return capitals > 1 or (capitals == 1 and (not exact[0].isupper() or any(map(str.isdigit, exact))))
