r"""TeX reduced to the words a reader sees: linear, total, and unaware of comments.

Words of queries and papers come from here; what people read of TeX is `core/text/display.py`.
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331", "t": "",
}  # fmt: skip
_LOWER_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
    "phi chi psi omega"
)
GREEK = dict(zip(_LOWER_GREEK, _GREEK_NAMES.split(), strict=True)) | {"ς": "sigma", "ϝ": "digamma"}
GREEK |= {letter.upper(): name.capitalize() for letter, name in GREEK.items()}
"""Each Greek letter's English name; capitals have capital names."""

LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ",
    "NG": "Ŋ", "ell": "l", "hbar": "ħ", "angstrom": "Å", "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX",
    "textendash": "-", "textemdash": "-", "textquoteright": "'", "textunderscore": "_", "textmu": "μ",
    "micro": "μ", "textohm": "Ω", "ohm": "Ω",
}  # fmt: skip
_OPERATORS = (
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log "
    "max min mod bmod Pr sec sin sinh sup tan tanh"
)
_SIGNS = (
    "times cdot div pm mp ast star circ bullet oplus ominus otimes odot oslash cap cup vee wedge setminus wr "
    "le leq leqslant ll ge geq geqslant gg ne neq equiv sim simeq approx cong propto asymp doteq prec succ preceq "
    "succeq subset supset subseteq supseteq in ni notin mid parallel perp models vdash dashv bowtie lesssim gtrsim "
    "to gets rightarrow leftarrow Rightarrow Leftarrow leftrightarrow Leftrightarrow longrightarrow Longrightarrow "
    "longleftarrow mapsto longmapsto hookrightarrow uparrow downarrow rightleftharpoons iff implies land lor lnot "
    "infty partial nabla forall exists emptyset varnothing angle triangle prime dagger dag ddagger ddag sum prod "
    "int oint iint coprod dots ldots cdots vdots ddots colon degree textdegree langle rangle lfloor rfloor lceil "
    "rceil vert Vert lvert rvert lVert rVert backslash slash par newline linebreak item quad qquad xspace hspace "
    "vspace space enspace thinspace footnote thanks Box square blacksquare over choose"
)
_COMMANDS = (
    LETTERS
    | {name: f" {name} " for name in _OPERATORS.split()}
    | dict.fromkeys(_SIGNS.split(), " ")
    | {name.lower(): letter for letter, name in GREEK.items() if letter in _LOWER_GREEK}
    | {name: letter for letter, name in GREEK.items() if name[0].isupper()}
    | {f"var{GREEK[letter]}": letter for letter in "εθκπρσφ"}
    | {"digamma": "ϝ"}
)
_SYMBOLS = {"!": "", "-": "", "/": "", "(": "", ")": "", "[": "", "]": "", "@": ""} | {c: c for c in "%&#_"}

BASE = r"(?:\\[ij](?![A-Za-z])\s*|[^\W\d_])"
# Each way begins with a plain character: only so does the regex engine skip quickly to where one may begin.
_TEX = re.compile(
    rf"""
      \\(?:
          (?P<mark>["'`^~=.])\s?\{{?\s*(?P<base>{BASE})
        | (?P<named>[bcdHkrtuv])(?:\s*\{{\s*|\s+)(?P<under>{BASE})
        | (?:begin|end)\s*\{{[^{{}}]*\}}(?P<gap>)
        | (?:href|textcolor|color)\s*\{{[^{{}}]*\}}(?P<unseen>)
        | [dt]?frac\s*\{{(?P<above>[^{{}}]*)\}}\s*(?=\{{)
        | (?P<command>[A-Za-z]+)(?:\*(?=\{{))?\s*
        | (?P<symbol>.)
        | (?P<last>)
      )
    | ''(?P<closing>)
    | ``(?P<opening>)
    """,
    re.VERBOSE | re.DOTALL,
)
_DROPPED = ("$", "{", "}")


def reduce_tex(text: str) -> str:
    r"""What a reader sees of `text`: accents composed, commands, `$` and braces gone, arguments kept.

    `Schr\"{o}dinger` is `Schrödinger`, `H$_2$O` is `H_2O`, `$\Lambda$CDM` is `ΛCDM`, `5\% of \emph{all}` is
    `5% of all`. `^` and `_` stay (they join words). Takes any text, never raises, works in linear time.
    """
    # Most texts have none of this: each search for a character is a hundred times faster than the regex.
    if "\\" in text or "''" in text or "``" in text:
        text = _TEX.sub(_seen, text)
    for sign in _DROPPED:
        text = text.replace(sign, "")
    return text.replace("~", " ")


def _seen(match: re.Match[str]) -> str:
    """What is seen of one piece of TeX."""
    match match.lastgroup:
        case "base":
            seen = accented(match["mark"], match["base"])
        case "under":
            seen = accented(match["named"], match["under"])
        case "command":
            seen = _COMMANDS.get(match["command"], "")
            seen += " " * (
                len(seen) > 1 and seen.isalpha() and match[0][-1].isspace()
            )  # `\LaTeX code` is read as two words
        case "symbol":
            seen = _SYMBOLS.get(match["symbol"], " ")
        case "above":
            seen = reduce_tex(match["above"]) + "/"
        case "closing" | "opening":
            seen = '"'
        case "gap":
            seen = " "
        case _:
            seen = ""
    return seen


def accented(mark: str, base: str) -> str:
    """The letter with its accent; a dotless i or j gets its dot's place back."""
    letter = base[1] if base[0] == "\\" else base
    return unicodedata.normalize("NFC", letter + _MARKS[mark])
