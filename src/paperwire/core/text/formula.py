r"""A formula in TeX as MathML, and as a line of text that keeps its grouping.

`O(n^{2/3})` reads `O(n^(2/3))`, `\frac{a+b}{c}` reads `(a+b)/c`, `10^{-3}` reads `10⁻³`. A library (math-core) knows
what the commands mean; what it cannot read has no MathML, and its text comes from `core/text/display.py`.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

from math_core import LatexError, LatexToMathML

from paperwire.core.text.linear import Node, line_of

_LONGEST_FORMULA = 600
_DEEPEST = 16
"""The library's stack overflows, and ends the process, at 100 levels in a thread of 128 KB, at 5,000 in one of 8 MB."""

_MOST_COMMANDS = 100
_MACROS = {
    "AA": "Å",
    "Bar": r"\bar{#1}",
    "arcmin": "′",
    "arcsec": "″",
    "ce": r"\mathrm{#1}",
    "degree": "°",
    "eps": r"\epsilon",
    "farcs": "″.",
    "hbox": r"\text{#1}",
    "mbox": r"\text{#1}",
    "num": "#1",
    "percent": r"\%",
    "SI": r"#1\,\mathrm{#2}",
    "si": r"\mathrm{#1}",
    "upmu": "μ",
    "ZZ": r"\mathbb{Z}",
}
_OPTIONS = {"fancy_error": False, "macros": _MACROS, "max_expansions": 20, "allow_unreliable_rendering": True}
_STRICT = LatexToMathML(**_OPTIONS)  # type: ignore[arg-type]  # a dictionary of unlike values
_LENIENT = LatexToMathML(ignore_unknown_commands=True, **_OPTIONS)  # type: ignore[arg-type]  # the same

# Old switches with an argument (`x_\rm{max}`), and angles as fences, which the library takes in their new form only.
_SWITCH = re.compile(r"\\(rm|bf|it|sf|tt|cal)\s*(?=\{)|(?<=[_^])\\(rm|bf|it|sf|tt|cal)\s+(?=\w)")
_ANGLES = re.compile(r"\\(left|right|big[lr]?|Big[lr]?)\s*([<>])")
_CODE_POINT = re.compile(r"\\unicode\s*\{\s*[xX\"]([0-9a-fA-F]{2,5})\s*\}")
_LINK = re.compile(r"\\(?:hyperlink|texorpdfstring)\s*\{[^{}]*\}\s*(?=\{)|\\(?:label|tag)\s*\{[^{}]*\}")
_DEFINES = re.compile(r"\\(?:[egx]?def|let|(?:re)?newcommand|providecommand|DeclareMathOperator)(?![A-Za-z])")
_DEEPER = re.compile(r"(\{|\\left(?![a-z])|\\begin)|(\}|\\right(?![a-z])|\\end)")


def mathml(tex: str) -> str:
    """The formula as a `<math>` element, as the library writes it; empty where it cannot read it."""
    return _converted(_STRICT, tex)


@lru_cache(maxsize=50_000)
def formula_text(tex: str, *, before: bool = False, after: bool = False) -> str:
    """The formula as text; empty where nothing can read it.

    `before` and `after` say that it touches a letter or digit on that side, so that a fraction needs brackets.
    """
    return line_of(_tree(_converted(_LENIENT, tex)), before=before, after=after)


def _converted(converter: LatexToMathML, tex: str) -> str:
    """What the library makes of a formula; nothing where it cannot read it."""
    ready = _ready(tex)
    try:
        return converter.convert_with_local_state(ready, displaystyle=False) if ready else ""
    except (LatexError, UnicodeEncodeError):
        return ""
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's, which cannot be imported
            raise
        return ""


def _ready(tex: str) -> str:
    """The formula in the library's dialect; empty for what is too long or too deep for it, or defines commands."""
    if len(tex) > _LONGEST_FORMULA or tex.count("\\") > _MOST_COMMANDS or "\0" in tex or _DEFINES.search(tex):
        return ""
    deepest = depth = 0
    for step in _DEEPER.finditer(tex):
        depth += 1 if step[1] else -1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        return ""
    tex = _LINK.sub("", _CODE_POINT.sub(lambda match: chr(int(match[1], 16)), tex))
    tex = _SWITCH.sub(lambda match: f"\\math{match[1] or match[2]} ", tex)
    return _ANGLES.sub(lambda match: rf"\{match[1]}{_FENCES[match[2]]} ", tex)


_FENCES = {"<": r"\langle", ">": r"\rangle"}
_TOKEN = re.compile(r"<(?P<end>/?)(?P<tag>\w+)(?P<attributes>[^<>]*?)(?P<empty>/?)>|(?P<text>[^<]+)")


def _tree(markup: str) -> list[Node]:
    root: list[Node] = []
    open_lists = [root]
    for token in _TOKEN.finditer(markup):
        if token["text"]:
            open_lists[-1].append(Node("", html.unescape(token["text"]), []))
        elif token["end"]:
            open_lists.pop()
        else:
            node = Node(token["tag"], token["attributes"], [])
            open_lists[-1].append(node)
            if not token["empty"]:
                open_lists.append(node.children)
    return root
