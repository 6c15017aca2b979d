"""One idiom for one thing: how the source names columns and classes, and words that no native would write.

`idioms.txt` is the list of those words.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "paperwire"
MIGRATIONS = SOURCE / "store" / "migrations"
FILES = [file for file in sorted(SOURCE.rglob("*.py")) if not file.is_relative_to(MIGRATIONS)]
WORDS = Path(__file__).with_name("idioms.txt")
PROSE = {".css", ".html", ".js", ".md", ".py", ".sh", ".toml", ".txt"}


def test_columns_are_named_by_the_class_of_their_table():
    """`col(PaperRow.title)`, not the table by its name; only what looks at a whole schema asks the catalogue."""
    by_name = re.compile(r"metadata\.tables|__table__")
    assert [file.name for file in FILES if by_name.search(file.read_text())] == ["schema.py"]


def prose():
    """All files of the project that hold sentences, but for the list itself."""
    for name in ("src", "tests", "docs", "benchmarks", ".ci"):
        for file in sorted((ROOT / name).rglob("*")):
            if file.suffix in PROSE and file != WORDS and not file.parent.name.endswith(".egg-info"):
                yield file
    yield from (file for file in sorted(ROOT.glob("*")) if file.suffix in PROSE)


def idioms():
    """Each pattern of the list, compiled for whole words, what to write instead, and whether tests may have it."""
    for line in WORDS.read_text().splitlines():
        if not line.startswith("#"):
            pattern, better, *where = line.split("\t")
            spaced = pattern.replace(" ", r"(?:\s+(?:#\s*)?|[_-])")
            yield re.compile(rf"(?<![^\W_])(?:{spaced})(?![^\W_])", re.IGNORECASE), better, where == ["not in tests"]


def test_no_word_of_the_list_is_used():
    listed = list(idioms())
    used = [
        f"{file.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()!r}: {better}"
        for file in prose()
        for text in [file.read_text()]
        for pattern, better, not_in_tests in listed
        if not (not_in_tests and file.is_relative_to(ROOT / "tests"))
        for hit in pattern.finditer(text)
    ]
    assert used == []
