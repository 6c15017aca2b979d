"""MathML as one line of text that keeps its grouping.

Scripts are Unicode's own where these exist for every character of the group, else `^` or `_` with one character or
brackets. Numerators, denominators and radicands of more than one atom stand in brackets, and so does a fraction next to
anything that binds as tightly. Spaces around operators are for reading and stand at the outermost level only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple


class Node(NamedTuple):
    """An element: its tag, its attributes as they were written, and what is in it; a text has no tag."""

    tag: str
    attributes: str
    children: list[Node]


class _Atom(NamedTuple):
    """A piece of the line that nothing divides; `kind` says how it behaves towards its neighbours."""

    text: str
    kind: str


# Kinds of atoms.
_ORD = "ordinary"  # a letter, a number, a word, and each of these with scripts
_NAME = "name"  # of a function, set apart from its neighbours
_TEXT = "text"
_OPEN, _CLOSE = "open", "close"
_WEAK, _BINARY, _TIGHT, _COMMA = "weak", "binary", "tight", "comma"
_FRACTION, _ROOT, _INDEXED = "fraction", "root", "indexed root"
_SPACE = "space"

_SUPER = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ",
        strict=True,
    )
)
_RAISED = "′″‴†‡∘°"  # characters that are raised without a script

_SUB = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
_SCRIPT_LETTERS = frozenset(_SUPER.values()) | frozenset(_SUB.values())
_ACCENTS = {
    "ˆ": "\u0302", "^": "\u0302", "\u0302": "\u0302", "˜": "\u0303", "~": "\u0303", "\u0303": "\u0303", "¯": "\u0304",
    "‾": "\u0305", "\u0332": "\u0305", "_": "\u0332", "˙": "\u0307", "¨": "\u0308", "ˇ": "\u030c", "˘": "\u0306",
    "´": "\u0301", "`": "\u0300", "˚": "\u030a", "\u030a": "\u030a", "⃗": "\u20d7", "→": "\u20d7", "⏞": "", "⏟": "",
}  # fmt: skip
_BELOW = {"\u0332": "\u0332", "_": "\u0332", "⏟": ""}
_NAMES = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "overline", "\u20d7": "vec"}
_SAME = str.maketrans({"−": "-", "∗": "*", "∣": "|", "\ufe00": None, "\ufe01": None, "\u2062": None, "\u2063": None})
_RELATIONS = frozenset("=<>≤≥≠≈≃≅≡∼∽≂∝∈∉∋⊂⊃⊆⊇⊊⊋⊄→←↔⇒⇐⇔↦⟶⟵⟷⟹⟸⟺⟼↪↩↠⇀⇌≪≫≲≳⪅⪆≶≺≻⪯⪰≼≽⊢⊨⊣⊥≔≐≜≝⩽⩾≍⋈∥⋘⋙⊑⊒⩲")
_BINARIES = frozenset("×·⋅÷*∘∙•⊕⊗⊖⊘⊙∩∪∧∨∖⊔⊓⊎⋆⋊⋉△")
_SIGNS = frozenset("+-±∓")
_FENCES = frozenset("|‖")
_ONE = re.compile(r".[\u0300-\u036f\u20d0-\u20ff]*", re.DOTALL)
_WIDTH = re.compile(r'width="([\d.]+)em"')
_WIDE_ENOUGH = 0.15


def line_of(nodes: list[Node], *, before: bool, after: bool) -> str:
    """The elements as one line; `before` and `after` say that it touches a letter or digit on that side."""
    return _joined(_atoms(nodes), loose=True, before=before, after=after).strip()


# --- atoms -----------------------------------------------------------------------------------------------------------


def _atoms(nodes: list[Node]) -> list[_Atom]:
    atoms: list[_Atom] = []
    for node in nodes:
        atoms += _READ[node.tag](node) if node.tag in _READ else _atoms(node.children)
    return atoms


def _text(node: Node) -> str:
    return node.attributes if not node.tag else "".join(map(_text, node.children))


def _identifier(node: Node) -> list[_Atom]:
    text = _text(node).translate(_SAME)
    return [_Atom(text, _ORD if text != ":" else _COMMA)]


def _operator(node: Node) -> list[_Atom]:
    text = _text(node).translate(_SAME)
    if text == "\u2061":  # between a function and its argument
        return [_Atom("", _NAME)]
    if text in _RELATIONS:
        kind = _WEAK
    elif text in _SIGNS:
        kind = _SIGN
    elif text in _BINARIES:
        kind = _BINARY
    elif text in _FENCES:
        kind = _FENCE
    elif text in {",", ";", ":"}:
        kind = _COMMA
    elif text == ".":
        return [_Atom(text, _ORD)]
    else:
        kind = _by_category(text)
    return [_Atom(text, kind)] if text else []


_SIGN, _FENCE = "sign", "fence"


def _by_category(text: str) -> str:
    categories = {unicodedata.category(char) for char in text}
    if categories == {"Ps"}:
        return _OPEN
    return _CLOSE if categories == {"Pe"} else _TIGHT


def _words(node: Node) -> list[_Atom]:
    text = _text(node).replace("\u00a0", " ").replace("--", "–").translate(_SAME)
    if not text.strip():
        return [_Atom(" ", _SPACE)]
    atoms = [_Atom(text.strip(), _ORD)]
    return [_Atom(" ", _SPACE)] * text[0].isspace() + atoms + [_Atom(" ", _SPACE)] * text[-1].isspace()


def _space(node: Node) -> list[_Atom]:
    width = _WIDTH.search(node.attributes)
    return [_Atom(" ", _SPACE)] if width and float(width[1]) > _WIDE_ENOUGH else []


def _fraction(node: Node) -> list[_Atom]:
    above, below = node.children
    if 'linethickness="0"' in node.attributes:
        return [_Atom(f"{_tight([above])} choose {_tight([below])}", _TEXT)]
    return [_Atom(f"{_grouped([above])}/{_grouped([below])}", _FRACTION)]


def _indexed_root(node: Node) -> list[_Atom]:
    radicand, index = node.children
    return [_Atom(f"{_script(_tight([index]), _SUPER, '^')}√{_grouped([radicand], scripts=False)}", _INDEXED)]


def _scripted(node: Node) -> list[_Atom]:
    base, *scripts = node.children
    signs = {"msub": "_", "msup": "^", "munder": "_", "mover": "^"}.get(node.tag, "_^")
    if len(scripts) == 1 and "accent" in node.attributes:
        return _accented(base, _text(scripts[0]).translate(_SAME), below=signs == "_")
    head = _base(base)
    if signs != "_^":
        text = _script(_tight(scripts), *_SCRIPTS[signs])
    else:
        below, above = (_script(_tight([script]), *_SCRIPTS[sign]) for script, sign in zip(scripts, signs, strict=True))
        # `x_i²` would be read as a square of the index.
        text = below + above
    return [_Atom(head.text + text, head.kind)]


_SCRIPTS = {"^": (_SUPER, "^"), "_": (_SUB, "_")}


def _script(text: str, letters: dict[str, str], sign: str) -> str:
    if not text:
        return ""
    head = text[: len(text) - len(text.lstrip(_RAISED))] if sign == "^" else ""
    primes = text[len(head) :]
    if all(char in letters for char in primes):  # a prime after a letter is the letter's
        return head.replace("∘", "°") + "".join(map(letters.__getitem__, primes))
    return head + sign + (primes if _ONE.fullmatch(primes) or _is_bracketed(primes) else f"({primes})")


def _base(node: Node) -> _Atom:
    """What scripts are put on, in brackets where more than words would be read as their base."""
    atoms = _atoms([node])
    kinds = [atom.kind for atom in atoms if atom.kind != _SPACE]
    if not kinds:
        return _Atom("", _ORD)
    text = _joined(atoms, loose=False).strip()
    if len(kinds) == 1 and kinds[0] not in {_FRACTION, _ROOT, _INDEXED}:
        return _Atom(text, kinds[0])
    # In `{\rm km\,s}^{-1}` all see a power of the second.
    fenced = kinds[0] in {_OPEN, _FENCE} and kinds[-1] in {_CLOSE, _FENCE} and text[0] != "("
    if fenced or _is_bracketed(text) or set(kinds) == {_ORD}:
        return _Atom(text, _ORD)
    return _Atom(f"({text})", _ORD)


def _accented(base: Node, accent: str, *, below: bool) -> list[_Atom]:
    mark = (_BELOW if below else _ACCENTS).get(accent, "")
    text = _tight([base])
    if not mark:
        return _atoms([base])
    if _is_plain(text):
        return [_Atom("".join(unicodedata.normalize("NFC", char + mark) for char in text), _ORD)]
    if len(atoms := _atoms([base])) == 1 and text[:1].isalpha():  # scripts come after the accent
        return [_Atom(unicodedata.normalize("NFC", text[0] + mark) + text[1:], _ORD)]
    name = _NAMES.get(mark)
    return [_Atom(f"{name}({text})", _ORD)] if name and text else atoms


def _table(node: Node) -> list[_Atom]:
    rows = [
        [_joined(_atoms(cell.children), loose=True).strip() for cell in row.children if cell.tag == "mtd"]
        for row in node.children
    ]
    return [_Atom("; ".join(map(_row, rows)), _TEXT)]


def _row(cells: list[str]) -> str:
    row = ""
    for cell in filter(None, cells):
        if row and cell[0] in _RELATIONS:
            row += f" {cell[0]} {cell[1:].lstrip()}"
        else:
            row += ", " * bool(row) + cell
    return row


def _unknown(node: Node) -> list[_Atom]:
    """A command that only the paper defines: its name is the best that is known."""
    return [_Atom(" ", _SPACE), _Atom(_text(node).lstrip("\\"), _TEXT), _Atom(" ", _SPACE)]


_READ: dict[str, Callable[[Node], list[_Atom]]] = {
    "mi": _identifier,
    "mn": _identifier,
    "mo": _operator,
    "mtext": _words,
    "mspace": _space,
    "mfrac": _fraction,
    "msqrt": lambda node: [_Atom(f"√{_grouped(node.children, scripts=False)}", _ROOT)],
    "mroot": _indexed_root,
    **dict.fromkeys(("msub", "msup", "msubsup", "munder", "mover", "munderover"), _scripted),
    "mtable": _table,
    "merror": _unknown,
    "mphantom": lambda _: [],
}


# --- the line --------------------------------------------------------------------------------------------------------


def _tight(nodes: list[Node]) -> str:
    """Without the spaces that are only for reading."""
    return _joined(_atoms(nodes), loose=False).strip()


def _grouped(nodes: list[Node], *, scripts: bool = True) -> str:
    """One atom as it is, more in brackets; without `scripts` also one that has any."""
    atoms = [atom for atom in _atoms(nodes) if atom.kind != _SPACE]
    text = _joined(_atoms(nodes), loose=False).strip()
    if len(atoms) == 1 and atoms[0].kind in {_ORD, _ROOT} and (scripts or _is_plain(text)):
        return text
    return text if _is_bracketed(text) else f"({text})"


def _is_plain(text: str) -> bool:
    """Whether this is one character, number or word, without scripts."""
    if _ONE.fullmatch(text):
        return True
    return text.replace(".", "", 1).isalnum() and _SCRIPT_LETTERS.isdisjoint(text)


def _is_bracketed(text: str) -> bool:
    """Whether one pair of round brackets encloses all of it."""
    depth = 0
    for place, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return place == len(text) - 1 and char == ")"
    return False


_BEGINNERS = frozenset({_ORD, _TEXT, _OPEN, _FRACTION, _ROOT, _INDEXED, _FENCE})
_OPERANDS = frozenset({_ORD, _TEXT, _CLOSE, _FRACTION, _ROOT, _INDEXED, _FENCE})
_LOOSE = frozenset({None, _WEAK, _SIGN, _COMMA, _FENCE})
"""What binds less tightly than a fraction; nothing at all does, too."""


def _joined(atoms: list[_Atom], *, loose: bool, before: bool = False, after: bool = False) -> str:
    """The atoms as text; `loose` puts spaces around operators and after commas."""
    solid = [place for place, atom in enumerate(atoms) if atom.kind != _SPACE and atom.text]
    text = ""
    left: _Atom | None = None
    for number, place in enumerate(solid):
        atom = atoms[place]
        right = atoms[solid[number + 1]] if number + 1 < len(solid) else None
        kinds = (left.kind if left else _ORD if before else None, right.kind if right else _ORD if after else None)
        piece = _bracketed(atom, *kinds)
        marks = _between(atoms, solid, number - 1) if left else set()
        if right and _NAME in _between(atoms, solid, number):
            marks.add(_NAME)
        if left and _is_apart(left, atom, piece, marks, loose=loose):
            text = f"{text.rstrip()} "
        if loose and _is_infix(left, atom, right):
            text = f"{text.rstrip()} {piece} "
        elif loose and atom.kind == _COMMA and right and not _in_number(left, right):
            text = f"{text.rstrip()}{piece} "
        else:
            text += piece
        left = atom
    return text


def _bracketed(atom: _Atom, left: str | None, right: str | None) -> str:
    """The atom's text, in brackets where a neighbour would bind a part of it."""
    text = atom.text
    if atom.kind in {_ROOT, _INDEXED} and right in _OPERANDS | {_OPEN} and right not in {_FENCE, _TEXT, _CLOSE}:
        head, _, radicand = text.partition("√")
        text = text if _is_bracketed(radicand) else f"{head}√({radicand})"
    if atom.kind == _FRACTION and not (left in _LOOSE | {_OPEN} and right in _LOOSE | {_CLOSE}):
        return f"({text})"
    return f"({text})" if atom.kind == _INDEXED and left in _OPERANDS - {_FENCE, _TEXT} else text


def _between(atoms: list[_Atom], solid: list[int], number: int) -> set[str]:
    """What stands between a solid atom and the next."""
    return {atom.kind for atom in atoms[solid[number] + 1 : solid[number + 1]]}


def _is_apart(left: _Atom, atom: _Atom, piece: str, marks: set[str], *, loose: bool) -> bool:
    """Whether a space stands between two neighbours, besides those of operators."""
    spaced = _SPACE in marks
    if left.kind not in _OPERANDS or piece[0] == "(":
        return spaced and loose and left.kind != _OPEN and atom.kind in _BEGINNERS
    if atom.kind not in _BEGINNERS:
        return False
    return spaced or _NAME in marks


def _is_infix(left: _Atom | None, atom: _Atom, right: _Atom | None) -> bool:
    if left is None or left.kind not in _OPERANDS:
        return False
    return atom.kind == _WEAK or (atom.kind in {_SIGN, _BINARY} and right is not None)


def _in_number(left: _Atom | None, right: _Atom) -> bool:
    return left is not None and left.text[-1:].isdecimal() and right.text[:1].isdecimal()
