"""Papers' texts for pages: formulas as MathML, everything else escaped.

The library's markup passes a list of what MathML may hold, so that nothing a paper says becomes markup of its own;
styles go (the pages' policy has none in line), and a formula that holds anything else is shown as text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup, escape

from paperwire.core.text.clean import ELLIPSIS, clean, cut, single_line, visible
from paperwire.core.text.display import Formula, display_pieces
from paperwire.core.text.formula import mathml

_WIDE = 28
"""A formula whose text is longer than this many characters may be wider than a phone, and scrolls by itself."""

_TAG = re.compile(r"<(/?)([a-z]+)((?: [a-z-]+=\"[^\"<>]*\")*) ?(/?)>")
_ATTRIBUTE = re.compile(r" ([a-z-]+)=(\"[^\"<>&]*\")")
_ELEMENTS = (
    "math mrow mi mn mo mtext mspace msup msub msubsup munder mover munderover mfrac msqrt mroot mtable mtr mtd "
    "mpadded mphantom"
)
_STYLED_TEXT = {"b": "b", "i": "i", "code": "code", "span": ""}
_ATTRIBUTES = (
    "mathvariant stretchy symmetric largeop movablelimits form lspace rspace minsize maxsize accent accentunder width "
    "height depth linethickness displaystyle scriptlevel fence separator"
)
_KNOWN = frozenset(_ELEMENTS.split())
_KEPT = frozenset(_ATTRIBUTES.split())
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot);|#)[A-Za-z]+;")
_APPLICATION = "\u2061"


def marked(text: str, limit: int) -> Markup:
    """`text` for a page, with its formulas as MathML, of at most `limit` characters as they are read."""
    parts: list[str] = []
    left = limit
    for piece in display_pieces(single_line(text[: limit * 8 + 4096])):
        words = piece if isinstance(piece, str) else piece.text
        if len(words) > left:
            parts.append(escape(cut(words, left) if left else ELLIPSIS))
            break
        parts.append(escape(words) if isinstance(piece, str) else _formula(piece))
        left -= len(words)
    return Markup("").join(parts)


def _formula(formula: Formula) -> Markup:
    markup = _checked(formula.tex)
    if not markup:
        return escape(clean(formula.text, len(formula.text)))
    if len(formula.text) <= _WIDE:
        return Markup(markup)  # noqa: S704 -- checked piece by piece
    return Markup(f'<span class="formula">{markup}</span>')  # noqa: S704 -- the same


@lru_cache(maxsize=10_000)
def _checked(tex: str) -> str:
    """The formula as MathML that may stand in a page, or nothing."""
    markup = visible(mathml(tex)).replace("&ApplyFunction;", _APPLICATION)
    if not markup or _ENTITY.search(markup) or len(markup) > 20 * 1024:
        return ""
    place = 0
    parts: list[str] = []
    for tag in _TAG.finditer(markup):
        if "<" in markup[place : tag.start()] or ">" in markup[place : tag.start()]:
            return ""
        parts += [markup[place : tag.start()], element := _element(tag)]
        if not element and tag[2] not in _STYLED_TEXT:
            return ""
        place = tag.end()
    rest = markup[place:]
    return "" if "<" in rest or ">" in rest else "".join([*parts, rest])


def _element(tag: re.Match[str]) -> str:
    """One tag with the attributes that MathML has; empty for a tag that is not shown or not known."""
    end, name, attributes, empty = tag.groups()
    if name in _STYLED_TEXT:
        return f"<{end}{_STYLED_TEXT[name]}>" if _STYLED_TEXT[name] else ""
    if name not in _KNOWN:
        return ""
    kept = "".join(f" {key}={value}" for key, value in _ATTRIBUTE.findall(attributes) if key in _KEPT)
    # An HTML parser ignores the slash of an element that is not void, but not within MathML.
    return f"<{end}{name}{kept}{'/' * bool(empty)}>"
