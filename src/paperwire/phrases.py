"""Phrases of a language and their English: times as people type them, terms of the field, and words such as yes.

They stand in `locale/LANGUAGE/times.tsv`, `terms.tsv` and `words.tsv`, a phrase and its English in each line; `#` in
both stands for a number, and `'` for ’ too. A word of `words.tsv` is a whole message. A language needs no catalogue for
them. Scripts without spaces have no edges of words: there the English gets spaces around it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import accumulate

from paperwire.languages import closest, folder

TIMES, TERMS, _WORDS = "times.tsv", "terms.tsv", "words.tsv"
_MARKS = re.compile(r"[^\w\s'-]+")
_NUMBER = "([0-9]{1,4})"


class Phrases:
    """The phrases of one table, found in a text as whole words: longer ones first, then those without a number."""

    def __init__(self, lines: str) -> None:
        rows = [line.replace("’", "'").split("\t") for line in lines.splitlines()]
        rows.sort(key=lambda row: (-len(row[0]), "#" in row[0]))
        patterns = [f"({_pattern(phrase)})" for phrase, _ in rows]
        self._phrases = re.compile("|".join(patterns) or "(?!)", re.IGNORECASE)
        groups = accumulate((re.compile(pattern).groups for pattern in patterns), initial=1)
        self._english = {group: english for group, (_, english) in zip(groups, rows, strict=False)}

    def in_english(self, text: str) -> str:
        """The text with the English of each phrase in its place; itself where there is none."""
        return self._phrases.sub(self._replaced, text)

    def _replaced(self, match: re.Match[str]) -> str:
        phrase, before, after = match[0], match.string[: match.start()], match.string[match.end() :]
        english = self._english[match.lastindex or 1]
        if english == "and" and not after.strip():
            return phrase  # nothing to join: `daily 8am ET` names a time zone
        numbers = iter([number for number in match.groups()[match.lastindex or 1 :] if number is not None])
        words = re.sub("#", lambda _: next(numbers), english)
        return f"{' ' * _joined(phrase[0], before[-1:])}{words}{' ' * _joined(phrase[-1], after[:1])}"


def in_english(text: str, reads: str, table: str) -> str:
    """A text of someone who reads a language, by a table of that language."""
    return _table(reads, table).in_english(text)


def word_in_english(text: str, reads: str) -> str:
    """The English of a text that is, without capitals and marks, one of the words of a language; else the text."""
    spoken = " ".join(_MARKS.sub(" ", unicodedata.normalize("NFKC", text).replace("’", "'").casefold()).split())
    return _words(reads).get(spoken, text)


def terms_of(language: str) -> list[list[str]]:
    """The terms of the field in a language, each with its English query."""
    return [row.replace("’", "'").split("\t") for row in _lines(language, TERMS).splitlines()]


@lru_cache(maxsize=64)
def _table(reads: str, table: str) -> Phrases:
    return Phrases(_lines(reads, table))


@lru_cache(maxsize=64)
def _words(reads: str) -> dict[str, str]:
    rows = (row.split("\t") for row in _lines(reads, _WORDS).splitlines())
    return {word.casefold(): english for word, english in rows}


def _lines(reads: str, table: str) -> str:
    languages = folder()
    having = (
        [entry.name for entry in languages.iterdir() if entry.joinpath(table).is_file()] if languages.is_dir() else []
    )
    language = closest(reads, having)
    return languages.joinpath(language, table).read_text("utf-8") if language else ""


def _pattern(phrase: str) -> str:
    """A phrase as whole words, quoted or not; its numbers are groups."""
    inner = re.escape(phrase).replace(r"\#", _NUMBER).replace(r"\ ", r"\s+").replace("'", "['’]")
    bare = rf"(?<!\w){inner}(?!\w)" if phrase.upper() != phrase.lower() else inner
    return f'"{inner}"|{bare}'


def _joined(edge: str, neighbour: str) -> bool:
    """Whether a letter or digit follows without a space, as scripts without spaces have it."""
    return edge.isalnum() and neighbour.isalnum()
