"""The table of abbreviations, learned from abstracts: `python .ci/abbreviations.py PAPERS.jsonl.gz > TABLE.tsv`.

Pairs are found where an abstract defines them, "large language model (LLM)", by the rule of Schwartz and Hearst ("A
simple algorithm for identifying abbreviation definitions in biomedical text", 2003). A pair is kept if it is defined in
five papers or more, stands for 80 % of the definitions of its abbreviation, is the usual abbreviation of its words, and
is hardly ever a word in small letters. The table has words and counts alone, nothing of any one paper.
"""

import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from paperwire.core.text.tex import reduce_tex
from paperwire.core.text.words import pieces

FEWEST = 5
"""Papers that define a pair."""
FEWEST_OF_ONE_WORD = 10
"""The same where the long form is a single word."""
SHARE = 0.8
"""Of the definitions of an abbreviation, those with these words."""
IN_CAPITALS = 0.8
"""Of the papers that have an abbreviation in any case, those that have it as it is defined."""
RARELY = 0.1
"""Of the papers that define a pair, those with its words in small letters, of names next to none."""

_DEFINED = re.compile(r"\(([A-Za-z][A-Za-z0-9-]{1,9})\)")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"[.;:!?()\[\]]\s|[(),]")
_PLAIN = re.compile(r"[\w '’-]+")
_DULL = frozenset("a an the of for and or in on to with by from as is are we our".split())  # noqa: SIM905 -- words


def long_form(short: str, before: str) -> str | None:
    """The words at the end of `before` that `short` abbreviates; None if its letters aren't there in order.

    Words whose initials it is come first; else the fewest words that have its letters, the first where a word begins.
    """
    sentence = _SENTENCE.split(before)[-1].rstrip()
    parts = list(_PART.finditer(sentence))[-len(short) :]
    if "".join(part[0][0] for part in parts).casefold() == short.casefold():
        return sentence[parts[0].start() :]
    words = list(_WORD.finditer(sentence))[-min(len(short) + 5, len(short) * 2) :]
    place, begin = len(sentence) - 1, words[0].start() if words else len(sentence)
    for number, letter in enumerate(reversed(short.casefold())):
        is_first = number == len(short) - 1
        while place >= begin and (sentence[place].casefold() != letter or (is_first and _is_inside(sentence, place))):
            place -= 1
        if place < begin:
            return None
        place -= 1
    return sentence[place + 1 :]


def _is_inside(text: str, place: int) -> bool:
    """Whether another character of the same word stands before."""
    return place > 0 and (text[place - 1].isalnum() or text[place - 1] in "-'’")


def definitions(abstract: str) -> Iterator[tuple[str, str, str]]:
    """The abbreviations that an abstract defines, each with its words as they stand there, and folded."""
    text = reduce_tex(abstract)
    for match in _DEFINED.finditer(text):
        short = match[1]
        short = short[:-1] if short[-1] == "s" and short[-2].isupper() else short
        if sum(map(str.isupper, short)) < 2:
            continue
        words = long_form(short, text[: match.start()])
        folded = " ".join(piece.folded for piece in pieces(words)) if words and _PLAIN.fullmatch(words) else ""
        if words and folded and _is_sound(short, folded):
            yield short, " ".join(words.split()), folded


def _is_sound(short: str, folded: str) -> bool:
    words = folded.split()
    is_whole = words[0] not in _DULL and words[-1] not in _DULL and short.casefold() not in words
    return is_whole and len(words) <= len(short) + 1 and len(folded) > len(short) + 2


def usual_form(forms: Counter[str]) -> str:
    """How words are mostly written; in small letters where that isn't rare, as many capitals only explain a letter."""
    small = [form for form, papers in forms.most_common() if form.islower() and papers >= RARELY * forms.total()]
    return small[0] if small else forms.most_common(1)[0][0]


def main(path: str) -> None:
    """Print the table of the papers in a file."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    shorts: dict[str, Counter[str]] = defaultdict(Counter)
    forms: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    any_case, as_defined = Counter[str](), Counter[str]()
    with gzip.open(Path(path), "rt", encoding="utf-8") as papers:
        for line in papers:
            abstract = json.loads(line)["abstract"]
            for short, words, folded in {each[0]: each for each in definitions(abstract)}.values():
                counts[short][folded] += 1
                shorts[folded][short] += 1
                forms[short, folded][words] += 1
            typed = set(re.findall(r"[A-Za-z0-9]+", abstract))
            as_defined.update(typed | {word[:-1] for word in typed if len(word) > 2 and word[-1] == "s"})
            any_case.update({word.casefold() for word in typed} | {word.casefold().removesuffix("s") for word in typed})
    print("short\tlong\tpapers\tshare")
    for short, of_short in sorted(counts.items(), key=lambda item: (item[0].casefold(), item[0])):
        folded, papers_of_pair = of_short.most_common(1)[0]
        share = papers_of_pair / of_short.total()
        fewest = FEWEST if " " in folded else FEWEST_OF_ONE_WORD
        is_usual = shorts[folded].most_common(1)[0][0] == short
        is_abbreviation = "-" in short or as_defined[short] >= IN_CAPITALS * any_case[short.casefold()]
        if papers_of_pair >= fewest and share >= SHARE and is_usual and is_abbreviation:
            print(f"{short}\t{usual_form(forms[short, folded])}\t{papers_of_pair}\t{share:.2f}")


if __name__ == "__main__":
    main(sys.argv[1])
