"""Text from outside as one line that every database takes."""

from __future__ import annotations

import re

# PostgreSQL refuses NUL, and a lone half of a surrogate pair (JSON can spell one) has no UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def one_line(text: str) -> str:
    """`text` with every run of white space as one blank, none at the ends, and without NUL and lone surrogates."""
    line = " ".join(text.split())
    return line if line.isascii() and "\0" not in line else " ".join(_UNSTORABLE.sub("", line).split())
