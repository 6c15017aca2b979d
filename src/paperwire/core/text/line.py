"""Text from outside as one line that every database takes."""

from __future__ import annotations

import re

# PostgreSQL refuses NUL, and a lone half of a surrogate pair (JSON can spell one) has no UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


# The longest real abstract has 3,500 characters; PostgreSQL indexes no text of a megabyte.
_LONGEST_LINE = 50_000


def one_line(text: str) -> str:
    """`text` with every run of white space as one space, none at the ends, and without NUL and lone surrogates.

    What exceeds 50,000 characters is dropped.
    """
    line = " ".join(text[:_LONGEST_LINE].split())
    return line if line.isascii() and "\0" not in line else " ".join(_UNSTORABLE.sub("", line).split())
