"""TeX as a person reads it on a screen: pylatexenc where it helps, the text as it was where it fails."""

from __future__ import annotations

import re
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalkerError, get_default_latex_context_db

_CONVERTER = LatexNodes2Text(math_mode="text", keep_comments=True)
_COMMANDS = get_default_latex_context_db()  # which the library would make anew for each piece
# A formula, or a command with its arguments: only these go through the library, which reads letter by letter.
_BRACED = r"\{(?:[^{}$]|\{[^{}$]*\})*\}"
_PIECE = re.compile(rf"""\$\$?[^$]*\$\$?|\\["'`^~=.](?:{_BRACED}|\\?[A-Za-z])|\\(?:[A-Za-z]+|.)(?:{_BRACED})*""")
_PLAIN_FORMULA = re.compile(r"\$([^$\\{}^_]*)\$")
_UNESCAPED_PERCENT = re.compile(r"(?<!\\)%")
_BLANKS = re.compile(r"\s+")


def shown(text: str) -> str:
    r"""`text` with its TeX turned into Unicode for reading: `$\alpha$-divergence` becomes `α-divergence`.

    Never raises: what the library cannot read is shown as it was written.
    """
    if "\\" not in text and "$" not in text:
        return text
    return _BLANKS.sub(" ", _PIECE.sub(lambda piece: _piece(piece[0]), text)).strip() or text


@lru_cache(maxsize=10_000)
def _piece(tex: str) -> str:
    plain = _PLAIN_FORMULA.fullmatch(tex)
    if plain:
        return plain[1]
    try:
        # `%` would start a comment; papers mean the sign.
        converted: str = _CONVERTER.latex_to_text(_UNESCAPED_PERCENT.sub(r"\\%", tex), latex_context=_COMMANDS)
    except (LatexWalkerError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return tex  # the library raises all of these on real abstracts
    return converted
