"""Phrases of a language and their English: times as people type them, and terms of the field.

They stand in `locale/LANGUAGE/times.tsv` and `terms.tsv`, a phrase and its English in each line; `#` in both stands for
a number. A language needs no catalogue for them. Scripts without spaces have no edges of words: there the English gets
spaces around it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from paperwire.languages import closest, folder

TIMES, TERMS = "times.tsv", "terms.tsv"
_NUMBER = "[0-9]{1,4}"


class Phrases:
    """The phrases of one table, found in a text as whole words; longer ones first."""

    def __init__(self, lines: str) -> None:
        rows = [line.split("\t") for line in lines.splitlines()]
        self._english = dict(sorted(rows, key=lambda row: -len(row[0])))
        patterns = map(_pattern, self._english)
        self._found = re.compile("|".join(f"({pattern})" for pattern in patterns) or "(?!)", re.IGNORECASE)

    def in_english(self, text: str) -> str:
        """The text with the English of each phrase in its place; itself where there is none."""
        return self._found.sub(self._replaced, text)

    def _replaced(self, match: re.Match[str]) -> str:
        numbers = iter(re.findall(_NUMBER, match[0]))
        english = list(self._english.values())[(match.lastindex or 1) - 1]
        words = re.sub("#", lambda _: next(numbers), english)
        before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
        return f"{' ' * _joined(match[0][0], before)}{words}{' ' * _joined(match[0][-1], after)}"


def in_english(text: str, reads: str, table: str) -> str:
    """A text of someone who reads a language, by a table of that language."""
    return _table(reads, table).in_english(text)


@lru_cache(maxsize=64)
def _table(reads: str, table: str) -> Phrases:
    languages = folder()
    having = (
        [entry.name for entry in languages.iterdir() if entry.joinpath(table).is_file()] if languages.is_dir() else []
    )
    language = closest(reads, having)
    return Phrases(languages.joinpath(language, table).read_text("utf-8") if language else "")


def _pattern(phrase: str) -> str:
    """A phrase as whole words, quoted or not."""
    inner = re.escape(phrase).replace(r"\#", _NUMBER).replace(r"\ ", r"\s+")
    bare = rf"(?<!\w){inner}(?!\w)" if phrase.upper() != phrase.lower() else inner
    return f'"{inner}"|{bare}'


def _joined(edge: str, neighbour: str) -> bool:
    """Whether a letter or digit follows without a space, as scripts without spaces have it."""
    return edge.isalnum() and neighbour.isalnum()
