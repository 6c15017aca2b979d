"""A made-up language in which each of our texts stands in brackets, and what stands outside of them.

`⟦Paused until ⟨%(when)s⟩.⟧`: a text put into another one untranslated shows, as values have brackets of their own, and
so does one glued from pieces, as a whole text has one pair of brackets around it.
"""

import ast
import io
import re
import tomllib
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo

from paperwire import languages
from paperwire.texts import texts_in

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "paperwire"
LITERALS = {"gettext": 1, "gettext_noop": 1, "ngettext": 2, "pgettext": 2, "pgettext_noop": 2, "npgettext": 3}
CONTEXTS = {"pgettext", "pgettext_noop", "npgettext"}
LOCALE = "eo"  # any language that Babel knows and nobody has translated yet
BRANDS = (
    "Paperwire",
    "arXiv",
    "Hugging Face",
    "alphaXiv",
    "bioRxiv",
    "PDF",
    "BibTeX",
    "RIS",
    "DOI",
    "API",
    "Atom",
    "RSS",
    "JSON",
    "UTC",
    "English",  # in the menu of languages, by their own names
    "Esperanto",
)
_PLACEHOLDER = re.compile(r"(%\(\w+\)s)")
_PAIRS = {"⟧": "⟦", "⟩": "⟨"}
_ENDS = (".", "!", "?", "…", ":", "👍")
_SEPARATES_AFTER = re.compile(r"\s*(?:[·–—•→|«»✓]|\(|\[|$)|[)]")
_SEPARATES_BEFORE = re.compile(r"(?:[·–—•→←|✗⚠👍✓▲+−)\]]|[\d.:,-]+\.?|\()\s*$")
_SEPARATORS = {"sentences", "list", "clauses"}
"""The contexts of what stands between two texts."""
CODE = "¤"
"""Stands for what is typed or copied."""
INVISIBLE = "\u2060"
_INLINE = {"a", "span", "strong", "em", "b", "i", "code", "time", "mark", "q", "kbd"}
_BLOCKS = {"p", "li", "dd", "dt", "h1", "h2", "h3", "label", "legend", "summary"}
_APART = {"facts", "actions", "acts"}
_WORD = re.compile(r"[^\W\d_]{2,}")
_READ_ATTRIBUTES = ("title", "placeholder", "aria-label", "alt")


@cache
def messages():
    """All messages of the package with their contexts, as `extracted` finds them, in a tenth of the time."""
    found = set()
    for file in set(PACKAGE.rglob("*.py")) - set((PACKAGE / "cli").rglob("*.py")):
        text = file.read_text("utf-8")
        if "gettext" in text:
            found.update(filter(None, map(_message_of, ast.walk(ast.parse(text)))))
    return found | _extracted(lambda mapping: mapping["pattern"] != "**.py")


def extracted():
    """All messages of the package with their contexts, as the command in pyproject.toml finds them."""
    return _extracted(lambda _mapping: True)


def _extracted(is_wanted):
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    mappings = [mapping for mapping in mappings if is_wanted(mapping)]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {mapping["pattern"]: mapping.get("options", {}) for mapping in mappings}
    keywords = {**DEFAULT_KEYWORDS, "gettext_noop": None, "pgettext_noop": ((1, "c"), 2)}
    found = extract_from_dir(PACKAGE, methods, options, keywords)
    return {(context, message) for _file, _line, message, _comments, context in found}


def _message_of(node):
    """The context, if any, and the message of a call such as `texts.gettext("...")`; of a plural both forms."""
    if not isinstance(node, ast.Call):
        return None
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    literals = LITERALS.get(name, 0)
    strings = [
        part.value for part in node.args[:literals] if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    if not literals or len(strings) < literals:
        return None
    context = strings.pop(0) if name in CONTEXTS else None
    return context, strings[0] if len(strings) == 1 else tuple(strings)


def bracketed(message):
    values = _PLACEHOLDER.sub(r"⟨\1⟩", message)
    return f"⟦{values}⟧"


def install(folder, monkeypatch):
    """Make the language known to the product, with its catalogue below `folder`: its texts."""
    file = folder / "locale" / LOCALE / "LC_MESSAGES" / "paperwire.mo"
    file.parent.mkdir(parents=True)
    file.write_bytes(_compiled())
    serve_from(folder, monkeypatch)
    return texts_in(LOCALE)


@cache
def _compiled():
    """The catalogue as the product reads it."""
    catalogue = Catalog(locale=LOCALE)
    for context, message in messages():
        forms = (message,) if isinstance(message, str) else message
        both = forms if context in _SEPARATORS else tuple(map(bracketed, forms))
        catalogue.add(message, both[0] if isinstance(message, str) else both, context=context)
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def serve_from(folder, monkeypatch):
    """Let the catalogues below `folder`, which may be empty, be all that the product knows."""
    monkeypatch.setattr(languages, "files", lambda _package: folder)
    texts_in.cache_clear()


def untranslated(text, *data):
    """The words outside our brackets that are neither brands nor `data`, and the lines that are glued from pieces."""
    outside = "".join(letter if not is_ours else " " for letter, is_ours, _depth in _read(text))
    for known in sorted({*BRANDS, *data}, key=len, reverse=True):
        outside = outside.replace(known, " ")
    return _WORD.findall(outside) + glued(text)


def glued(text):
    """The lines with texts of ours next to data or each other, except for sentences and what a sign separates."""
    return [line for line in text.split("\n") if _is_glued(line)]


def _is_glued(line):
    pieces = _top(line)
    for (before, is_before_ours), (after, is_after_ours) in pairwise(pieces):
        if is_before_ours and is_after_ours:
            if not before.endswith(_ENDS) and not after.startswith("("):
                return True
        elif not (_SEPARATES_AFTER.match(after) if is_before_ours else _SEPARATES_BEFORE.search(before)):
            return True
    return False


def _top(line):
    """The pieces of a line, and whether each stands in brackets, without the space between two that do."""
    pieces = [("", False)]
    for letter, _is_ours, depth in _read(line):
        if bool(depth) != pieces[-1][1]:
            pieces.append(("", bool(depth)))
        pieces[-1] = (pieces[-1][0] + letter, bool(depth))
    shown = [(piece.replace(INVISIBLE, ""), is_ours) for piece, is_ours in pieces]
    return [(piece, is_ours) for piece, is_ours in shown if piece.strip()]


def _read(text):
    """Each letter, whether it is of a text of ours, and in how many brackets it stands."""
    open_brackets = []
    for letter in text:
        if letter in _PAIRS.values():
            open_brackets.append(letter)
        elif letter in _PAIRS and open_brackets and open_brackets[-1] == _PAIRS[letter]:
            open_brackets.pop()
            if not open_brackets:
                yield INVISIBLE, False, 0
        else:
            yield letter, bool(open_brackets) and open_brackets[-1] == "⟦", len(open_brackets)


class Page(HTMLParser):
    """What people read or hear of a page, without code and the elements of the classes that are `left_out`.

    What stands in one paragraph or cell is one line, except for rows of links and facts.
    """

    def __init__(self, html, left_out=()):
        super().__init__()
        self._left_out = left_out
        self._hidden = []
        self._line = []
        self._attributes = []
        self._lines = []
        self.feed(html)
        self._break()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if self._hidden or tag in {"code", "script", "style"} or given.get("class") in self._left_out:
            self._hidden += [tag] if tag not in {"meta", "link", "img", "input", "br"} else []
            self._line += [CODE] if tag == "code" and len(self._hidden) == 1 else []
        else:
            self._attributes += [given[name] for name in _READ_ATTRIBUTES if given.get(name)]
            if tag not in _INLINE or self._is_apart:
                self._break()
            if tag in _BLOCKS:
                self._is_apart = given.get("class") in _APART

    _is_apart = True

    def handle_endtag(self, tag):
        if self._hidden:
            if self._hidden[-1] == tag:
                self._hidden.pop()
            return
        if tag not in _INLINE or self._is_apart:
            self._break()
        if tag in _BLOCKS:
            self._is_apart = True

    def handle_data(self, data):
        self._line += [] if self._hidden else [data]

    def _break(self):
        line = "".join(self._line)
        if line.count("⟦") > line.count("⟧"):
            return
        self._lines += [" ".join(line.split())] if line.strip() else []
        self._line = []

    def __str__(self):
        return "\n".join([*self._lines, *self._attributes])
