"""XML from outside, read so that nothing in it can reach beyond its own text."""

from __future__ import annotations

import re

from lxml import etree

from paperwire.errors import SourceGarbled

_MAX_TAGS = 400_000
"""A page of 2,500 records of OAI-PMH has about 110,000; an element takes more than a hundred bytes in memory."""
_MAX_ATTRIBUTES = 64
_TOO_MANY = re.compile(
    rb"<[^\s<>!?/]++(?:\s++[^\s<>=]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+')){%d}" % (_MAX_ATTRIBUTES + 1)
)
"""Read before the tree is built, which takes hundreds of bytes for each of them."""
_BEFORE_ROOT = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.IGNORECASE)
# In these the bytes of `<!` are the characters `<!`, so that a DOCTYPE cannot hide.
_PLAIN_ENCODINGS = {b"utf-8", b"utf8", b"us-ascii", b"ascii", b"iso-8859-1", b"iso-8859-15", b"windows-1252", b"latin1"}


def parse_xml(body: bytes) -> etree._Element:
    """The root element of `body`.

    A DOCTYPE is refused, entities and network are off, depth (256, the library's), tags and attributes are capped,
    and only encodings in which `<!DOCTYPE` cannot hide are read. Comments and processing instructions are dropped.
    Raises SourceGarbled for all else, within a second.
    """
    _refuse_unsafe(body)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceGarbled(f"the XML is broken or cut off ({str(error)[:120]})") from None


def _refuse_unsafe(body: bytes) -> None:
    text = body.removeprefix(b"\xef\xbb\xbf")
    declared = _ENCODING.match(text.lstrip())
    # The parser guesses UTF-16 and EBCDIC from the first bytes.
    plain = text.lstrip().startswith(b"<") and b"\0" not in body[:64]
    if not plain or (declared and declared[1].lower() not in _PLAIN_ENCODINGS):
        raise SourceGarbled("the answer is no XML, or in an encoding that is not based on ASCII")
    prolog = _BEFORE_ROOT.match(text)
    if prolog and text.startswith((b"<!D", b"<!d", b"<!E"), prolog.end()):
        raise SourceGarbled("the XML has a DOCTYPE, which no honest source sends")
    if body.count(b"<") > _MAX_TAGS or _TOO_MANY.search(body):
        raise SourceGarbled("the answer has more elements or attributes than any honest answer")


def text_of(element: etree._Element | None, limit: int = 50_000) -> str:
    """The first `limit` characters within `element` as one line with single spaces; empty for None."""
    if element is None:
        return ""
    pieces: list[str] = []
    for piece in element.itertext():
        pieces.append(str(piece)[:limit])
        limit -= len(pieces[-1])
        if limit <= 0:
            break
    return " ".join("".join(pieces).split())
