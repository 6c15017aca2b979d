"""The bytes of a feed as the world sends them, mended into XML that our own safe reader takes."""

from __future__ import annotations

import codecs
import re
import sys
from html.entities import html5
from typing import TYPE_CHECKING

from paperwire.errors import SourceGarbled
from paperwire.sources._xml import parse_xml

if TYPE_CHECKING:  # nothing here needs the library at run time
    from lxml import etree

_WIDE = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
"""How a text begins that says its encoding by its first bytes."""
# What the web calls an encoding, and what it means by that (encoding.spec.whatwg.org): a superset that reads more.
_SUPERSETS = {
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "cp936": "gb18030",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "utf-16": "utf-8",  # of single bytes after all, as the declaration could be read
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "windows-31j": "cp932",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
}
_READ = re.compile(
    r"utf-8|cp(?:125\d|866|874|932|949|950)|koi8-[ru]|gb18030|big5hkscs|euc_jp|iso2022_jp|iso8859-\d+|mac-roman"
)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
_BEFORE_ROOT = re.compile(r"(?:\s|\ufeff|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)(?:\s+(?:\"[^\"<>]*\"|'[^'<>]*'|\w+))*+\s*>", re.IGNORECASE)
_PAGE = re.compile(r"html\b|<html\b", re.IGNORECASE)
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMES = {name.rstrip(";"): "".join(f"&#{ord(char)};" for char in text) for name, text in html5.items()}
_MAX_REFERENCES = 200_000  # each that is looked at takes 60 bytes
# A CDATA section, or a reference: HTML's names and a lone `&` mean nothing to XML, nor do numbers of no character, none
# of which lies between 32 and 49,999.
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|&(?!(?:amp|lt|gt|quot|apos|#(?:3[2-9]|[4-9]\d|\d{3,4}|[1-4]\d{4}));)"
    r"(?:#(\d{1,7});|#[xX]([0-9a-fA-F]{1,6});|([a-zA-Z][a-zA-Z0-9]{1,31});)?",
    re.DOTALL,
)


def read_document(body: bytes, charset: str) -> etree._Element:
    """The root of a feed, from any usual encoding; `charset` is what the answer's header says of it.

    Whatever stands before the root is dropped, DOCTYPE included, so none is ever read. Characters that XML has not are
    left out, and HTML's entities are the characters they name. Raises SourceGarbled with what the answer is instead.
    """
    text = _decoded(body, charset.lower())
    text = text[_before_root(text) :]
    if not text.startswith("<"):
        raise SourceGarbled(f"the answer is {_kind(text)}, not an RSS or Atom feed")
    text = _NO_CHARACTER.sub("", text)
    if sum(1 for _ in _REFERENCE.finditer(text)) > _MAX_REFERENCES:
        raise SourceGarbled("the feed has more references that XML doesn't know than any honest feed")
    return parse_xml(_REFERENCE.sub(_reference, text).encode())


def _decoded(body: bytes, charset: str) -> str:
    """The text: by its first bytes, else as it declares itself, else by the header, else as UTF-8."""
    for start, wide in _WIDE.items():
        if body.startswith(start):
            return body.decode(wide, "replace")
    declared = _DECLARED.match(body)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    codec = _codec(name) if declared else _codec(charset) or "utf-8"
    if not codec:
        raise SourceGarbled(f"the answer is in the encoding {name[:40]}, which isn't read; UTF-8 is")
    for trial in (codec, "utf-8"):
        try:
            return body.decode(trial)
        except UnicodeDecodeError:
            continue
    return body.decode(codec, "replace")


def _codec(name: str) -> str:
    """Python's codec for the encoding of that name; empty if it isn't read."""
    try:
        codec_name = codecs.lookup(_SUPERSETS.get(name, name)).name
    except LookupError:
        return ""
    codec = _SUPERSETS.get(codec_name, codec_name)
    return codec if _READ.fullmatch(codec) else ""


def _before_root(text: str) -> int:
    """Where the root element begins; a DOCTYPE that names a document type alone is harmless and skipped."""
    start = _end(text, 0)
    if _PAGE.match(text, start) or text[start : start + 9].upper() != "<!DOCTYPE":
        return _no_page(text, start)
    doctype = _DOCTYPE.match(text, start)
    if not doctype:
        raise SourceGarbled("the feed declares entities of its own in its DOCTYPE, which are never read")
    _no_page(text, doctype.start(1))
    return _no_page(text, _end(text, doctype.end()))


def _end(text: str, start: int) -> int:
    match = _BEFORE_ROOT.match(text, start)
    return match.end() if match else start


def _no_page(text: str, start: int) -> int:
    if _PAGE.match(text, start):
        raise SourceGarbled("the answer is an HTML page, not an RSS or Atom feed; look there for the feed's address")
    return start


def _kind(text: str) -> str:
    if not text:
        return "empty"
    return "JSON" if text.startswith(("{", "[")) else "no XML"


def _reference(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if decimal or hexadecimal:
        number = int(decimal) if decimal else int(hexadecimal, 16)
        return "" if number > sys.maxunicode or _NO_CHARACTER.match(chr(number)) else match[0]
    if name:
        return _NAMES.get(name) or f"&amp;{name};"
    return match[0] if match[0].startswith("<") else "&amp;"
