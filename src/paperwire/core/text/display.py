"""TeX as a person reads it: text and the formulas in it, each formula also as a line of text."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple, TypeAlias

from paperwire.core.text.clean import clean, safe_url
from paperwire.core.text.formula import formula_text
from paperwire.core.text.tex import BASE, LETTERS, accented

_DEEPEST = 16
_MOST_ARGUMENTS = 2
_NESTED = 8
_SHORT = 15
_LONGEST_TEXT = 40_000


class Formula(NamedTuple):
    """A formula: its TeX without dollars, and as text."""

    tex: str
    text: str


Piece: TypeAlias = "str | Formula"

_SIGNS_OF_TEX = ("\\", "$", "^{", "_{")
_SPACES = re.compile(r"\s{2,}|[^\S ]")
_SPECIAL = re.compile(r"[\\${}^_]")
_COMMAND = re.compile(r"\\([A-Za-z]+)(\*(?=\{))?")
_ACCENT = re.compile(
    rf"""\\(?: (["'`^~=.])\s?(?:\{{\s*({BASE})\s*\}} | ({BASE}))
            | ([bcdHkrtuv])(?:\s*\{{\s*({BASE})\s*\}} | \s+({BASE})) )""",
    re.VERBOSE,
)
_ENVIRONMENT = re.compile(r"\\begin\s*\{((?:equation|align|gather|multline|eqnarray|displaymath|math)\*?)\}")
_AROUND = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}")
_SWITCHES = "rm bf it sf tt sl sc em normalfont bfseries itshape ttfamily small tiny large Large"
_STYLES = (
    "textbf textit textrm textsf texttt textsc textsl textup textmd textnormal emph underline uline ul mbox hbox text "
    "uppercase lowercase enquote ensuremath boldmath protect noindent centering selectfont revise rev replaced added "
    "smash boxed footnotesize scriptsize allowbreak nonumber displaystyle textstyle url path nolinkurl verb "
    "footnote thanks"
)
_DROPPED = "label vspace hspace color textcolor hyperlink texorpdfstring tag bibliographystyle"
_SPACERS = "quad qquad enspace thinspace space newline linebreak par item medskip bigskip xspace"
_KINDS = {
    name: kind
    for kind, names in {"switch": _SWITCHES, "style": _STYLES, "dropped": _DROPPED, "space": _SPACERS}.items()
    for name in names.split()
}
_CITES = re.compile(r"(?:no)?(?:cite[a-z]*|parencite|textcite|citeproc|ref|eqref|cref|Cref|autoref)")
_TEXTS = LETTERS | {
    "textendash": "–", "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘", "textbackslash": "",
    "textless": "<", "textgreater": ">", "textasciitilde": "~", "textasciicircum": "^", "textbar": "|",
    "textregistered": "®", "texttrademark": "™", "copyright": "©", "textcopyright": "©", "textdegree": "°",
    "textperthousand": "‰", "textperiodcentered": "·", "textrightarrow": "→", "texttimes": "×", "ie": "i.e.",
    "eg": "e.g.", "etc": "etc.", "faGithub": "", "percent": "%", "and": "and", "lq": "‘", "rq": "’",
}  # fmt: skip
_SIGNS = dict.fromkeys(",;: \\\n", " ") | dict.fromkeys("!-/@()[]", "")
# Set in another type, and no formula: lines break in it.
_ONLY_WORDS = re.compile(r"(?:\s*\\(?:text(?:bf|it|rm|sf|tt|sc|sl|up|normal)?|emph|mbox)\s*\{[^{}\\$^_]*\})+\s*")
_SCRIPTS = {"textsuperscript": "^", "textsubscript": "_"}
_WORD = re.compile(r"\w")


def shown(text: str) -> str:
    r"""`text` with its TeX as Unicode: `$\alpha$-divergence` becomes `α-divergence`, `$x^{2/3}$` becomes `x^(2/3)`.

    Never raises: what is unreadable loses its backslashes and dollars. Of hostile length only the beginning is read.
    """
    return "".join(piece if isinstance(piece, str) else piece.text for piece in display_pieces(text))


def shown_line(text: str, limit: int) -> str:
    """`text` as people read it, harmless, in at most `limit` characters."""
    return clean(shown(text), limit)


def display_pieces(text: str) -> list[Piece]:
    """The text without TeX and the formulas in it, in order; spaces are single."""
    if not any(sign in text for sign in _SIGNS_OF_TEX):
        return [text]
    pieces: list[Piece] = []
    for piece in _TexReader(text[:_LONGEST_TEXT]).read():
        before = pieces[-1] if pieces else ""
        if isinstance(piece, str) and isinstance(before, str) and pieces:
            pieces[-1] = before + piece
        else:
            pieces.append(piece)
    if not pieces:
        return [text]
    tidied = [_SPACES.sub(" ", piece) if isinstance(piece, str) else piece for piece in pieces]
    if isinstance(tidied[0], str):
        tidied[0] = tidied[0].lstrip()
    if isinstance(tidied[-1], str):
        tidied[-1] = tidied[-1].rstrip()
    return tidied if any(tidied) else [text]


class _TexReader:
    """Reads a text once from its beginning to its end; groups by themselves, at most 16 deep."""

    def __init__(self, text: str, depth: int = 0) -> None:
        self._text = text
        self._depth = depth
        self._found: list[Piece] = []
        self._ends = _ends(text)
        self._dollars = _dollars(text)
        self._place = 0

    def read(self) -> list[Piece]:
        text = self._text
        while special := _SPECIAL.search(text, self._place):
            start = special.start()
            self._put(text[self._place : start])
            self._place = start
            match text[start]:
                case "\\":
                    self._read_command()
                case "$":
                    self._read_dollar()
                case "{" | "}":
                    self._read_brace()
                case sign:
                    self._read_script(sign)
        self._put(text[self._place :])
        return self._found

    def _put(self, text: str) -> None:
        if text:
            self._found.append(text)

    def _put_formula(self, tex: str, raw: str) -> None:
        """A formula up to here; as plain text where the library cannot read it."""
        text = "" if "\\href" in tex or _ONLY_WORDS.fullmatch(tex) else self._formula_text(tex, self._place)
        if text:
            self._found.append(Formula(tex, text))
        elif tex.strip() and self._depth < _DEEPEST:
            self._found += _TexReader(raw, self._depth + 1).read()

    def _formula_text(self, tex: str, end: int) -> str:
        before = self._found[-1] if self._found else ""
        last = (before if isinstance(before, str) else before.text)[-1:]
        after = self._text[end : end + 1]
        return formula_text(tex, before=bool(_WORD.match(last)), after=bool(_WORD.match(after)))

    def _put_group(self, inner: str) -> None:
        if self._depth < _DEEPEST:
            self._found += _TexReader(inner, self._depth + 1).read()
        else:
            self._put(inner.translate(_NO_TEX))

    # --- formulas -----------------------------------------------------------------------------------------------------

    def _read_dollar(self) -> None:
        """A formula between dollars, or the sign of money."""
        start = self._place
        width = 2 if self._text.startswith("$$", start) else 1
        end = self._closing(start + width)
        tex = self._text[start + width : end] if end else ""
        if not end or _is_money(tex, self._text[end + 1 : end + 2]) or _is_prose(tex):
            self._place = start + 1
            self._put("$")
            return
        self._place = end + (width if self._text.startswith("$$", end) else 1)
        self._put_formula(tex, tex)

    def _closing(self, start: int) -> int:
        """Where the formula that begins at `start` ends: at the next dollar sign, better one in no group of it."""
        ahead = self._dollars[bisect_left(self._dollars, start) :][:_NESTED]
        for end in ahead:
            inner = self._text[start:end]
            if inner.count("{") == inner.count("}"):
                return end
        return ahead[0] if ahead else 0

    def _read_script(self, sign: str) -> None:
        """`^{...}` outside of a formula; a sign without a group stays."""
        group = self._group(self._place + 1)
        if group is None:
            self._put(sign)
            self._place += 1
            return
        inner, self._place = group
        self._put_formula(f"{sign}{{{inner}}}", f"{sign}({inner})")

    def _read_brace(self) -> None:
        """A group around TeX loses its braces; others may be meant as they are."""
        group = self._group(self._place)
        if group and group[0].lstrip().startswith("\\"):
            inner, self._place = group
            self._put_group(inner)
        else:
            self._put(self._text[self._place])
            self._place += 1

    # --- commands -----------------------------------------------------------------------------------------------------

    def _read_command(self) -> None:
        text, start = self._text, self._place
        if match := _ACCENT.match(text, start):
            mark, base = match[1] or match[4], match[2] or match[3] or match[5] or match[6]
            self._place = match.end()
            self._put(accented(mark, base))
        elif text.startswith(("\\(", "\\["), start) and (end := text.find(_CLOSED_BY[text[start + 1]], start)) > 0:
            self._place = end + 2
            self._put_formula(text[start + 2 : end], text[start + 2 : end])
        elif (match := _ENVIRONMENT.match(text, start)) and (
            end := text.find(closing := f"\\end{{{match[1]}}}", match.end())
        ) > 0:
            self._place = end + len(closing)
            inner = text[match.end() : end]
            whole = text[start : self._place] if match[1].startswith(("align", "gather")) else inner
            self._put_formula(whole, inner)
        elif match := _AROUND.match(text, start):
            self._place = match.end()
            self._put(" ")
        elif match := _COMMAND.match(text, start):
            self._place = match.end()
            self._read_named(match[1], start)
        else:
            sign = text[start + 1 : start + 2]
            self._place = start + 1 + len(sign)
            self._put(_SIGNS.get(sign, sign))

    def _read_named(self, name: str, start: int) -> None:
        group = self._group(self._place)
        kind = _KINDS.get(name)
        if name == "href":
            self._read_link()
        elif name in _SCRIPTS and group:
            inner, self._place = group
            self._put_formula(f"{_SCRIPTS[name]}{{\\text{{{inner}}}}}", inner)
        elif kind in {"switch", "style"}:
            self._read_style(group, takes_space=kind == "switch")
        elif kind == "dropped":
            self._place = group[1] if group else self._place
        elif group and _CITES.fullmatch(name):
            inner, self._place = group
            self._put(f"[{inner.translate(_NO_TEX)}]")
        elif kind == "space":
            self._put(" ")
        elif name in _TEXTS:
            self._read_letter(_TEXTS[name])
        else:
            self._read_symbol(name, start)

    def _read_style(self, group: tuple[str, int] | None, *, takes_space: bool) -> None:
        """The type that a text is set in is not shown, its text is."""
        if group:
            inner, self._place = group
            self._put_group(inner)
        elif takes_space and self._text.startswith(" ", self._place):
            self._place += 1

    def _read_letter(self, letter: str) -> None:
        r"""A letter takes the space after it, as in `Stra\ss e`; a word leaves it."""
        if self._text.startswith("{}", self._place):
            self._place += 2
        elif len(letter) == 1 and letter.isalpha() and self._text.startswith(" ", self._place):
            self._place += 1
        self._put(letter)

    def _read_symbol(self, name: str, start: int) -> None:
        """A command of formulas without dollars, with its arguments; of an unknown one these, or else its name."""
        place = self._place
        groups: list[str] = []
        while len(groups) < _MOST_ARGUMENTS and (group := self._group(place)):
            groups.append(group[0])
            place = group[1]
        tex = self._text[start:place]
        text = self._formula_text(tex, place)
        self._place = place
        if text and name not in text:
            self._found.append(Formula(tex, text))
        elif not any(groups):
            self._put(text or name)
        for inner in groups if not text or name in text else ():
            self._put_group(inner)

    def _read_link(self) -> None:
        r"""`\href{address}{words}` as the words, with the address after them unless it is in them."""
        first = self._group(self._place)
        second = self._group(first[1]) if first else None
        if first is None or second is None:
            self._place = first[1] if first else self._place
            self._put(first[0].translate(_NO_TEX) if first else "")
            return
        self._place = second[1]
        self._put_group(second[0])
        address = safe_url(first[0].replace("\\", ""))
        if address and address.partition("//")[2].rstrip("/") not in second[0].replace("\\", ""):
            self._put(f" ({address})")

    def _group(self, start: int) -> tuple[str, int] | None:
        """What is in the group that begins at `start`, maybe after spaces, and where it ends."""
        while self._text.startswith(" ", start):
            start += 1
        end = self._ends.get(start)
        return None if end is None else (self._text[start + 1 : end], end + 1)


_NO_TEX = str.maketrans(dict.fromkeys("\\${}"))
_CLOSED_BY = {"(": "\\)", "[": "\\]"}
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_DOLLARS = re.compile(r"\\.|\$", re.DOTALL)


def _ends(text: str) -> dict[int, int]:
    """Where each group of braces ends, by where it begins."""
    ends: dict[int, int] = {}
    if "{" not in text:
        return ends
    begun: list[int] = []
    for brace in _BRACES.finditer(text):
        if brace[0] == "{":
            begun.append(brace.start())
        elif brace[0] == "}" and begun:
            ends[begun.pop()] = brace.start()
    return ends


def _dollars(text: str) -> list[int]:
    """Where dollar signs are, less those with a backslash."""
    return [dollar.start() for dollar in _DOLLARS.finditer(text) if dollar[0] == "$"]


def _is_money(tex: str, after: str) -> bool:
    """Whether two dollar signs are the beginnings of two amounts: `$5 to $10`."""
    return tex[:1].isdigit() and tex[-1:] in {" ", "-", "–"} and after.isdigit()


_GROUP = re.compile(r"\{[^{}]*\}")
_PROSE = re.compile(r"(?:(?<![\\A-Za-z])[A-Za-z]{2,}[,.;:]?\s+){4}")


def _is_prose(tex: str) -> bool:
    """Whether a dollar sign went missing, so that what stands between two of them is plain text."""
    return len(tex) > _SHORT and _PROSE.search(_GROUP.sub("", tex)) is not None
