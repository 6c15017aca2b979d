"""One idiom for one thing: how the source names columns and classes."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "paperwire"
MIGRATIONS = SOURCE / "store" / "migrations"
FILES = [file for file in sorted(SOURCE.rglob("*.py")) if not file.is_relative_to(MIGRATIONS)]


def test_columns_are_named_by_the_class_of_their_table():
    """`col(PaperRow.title)`, not the table by its name; only what looks at a whole schema asks the catalogue."""
    by_name = re.compile(r"metadata\.tables|__table__")
    assert [file.name for file in FILES if by_name.search(file.read_text())] == ["schema.py"]
