"""Reads lists of queries and feeds: pasted lines, text files, and the OPML files of feed readers and feed bots."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from lxml.etree import QName

from paperwire.core.query.language import parsed
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, SourceGarbled
from paperwire.services.subscriptions.feed_addresses import is_address
from paperwire.services.subscriptions.subscriptions import read_draft
from paperwire.sources._xml import parse_xml
from paperwire.texts import Texts

MOST_LINES = 200
MOST_CHARACTERS = 500_000
"""The longest list, an OPML file included, with all that it says of feeds."""
_LONGEST_LABEL = 120
_HEAD = 2_000  # characters of an OPML file in which its first element stands
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_BULLET = re.compile(r"(?:[-*•]|\d{1,3}[.)])\s+")
_LONGEST_TYPED = 300  # the longest line that is taken for a query in words that nothing says is a list


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a list: its line, or its place among the feeds of an OPML file, both from 1, and its title there."""

    line: int
    text: str
    title: str = ""

    @property
    def label(self) -> str:
        """One line by which its owner knows it again."""
        return clean(self.text, _LONGEST_LABEL)


def is_opml(text: str) -> bool:
    return _is_xml(text) and "<opml" in text[:_HEAD].casefold()


def _is_xml(text: str) -> bool:
    return text[:_HEAD].lstrip("\ufeff \t\r\n").startswith("<")


def is_list(text: str, texts: Texts) -> bool:
    """Whether words that someone typed are a list: several lines, each short and a query or an address."""
    lines = _lines(text)
    return len(lines) > 1 and all(
        len(entry.text) <= _LONGEST_TYPED and _is_readable(entry.text, texts) for entry in lines
    )


def _is_readable(text: str, texts: Texts) -> bool:
    try:
        return is_address(text) or parsed(read_draft(text, {}, texts).text) is not None
    except CommandError:
        return False


async def read_entries(text: str, texts: Texts) -> list[ListEntry]:
    """The entries of a list; raises CommandError for an empty or broken one, or one with more than 200."""
    text = text.lstrip("\ufeff")
    if len(text) > MOST_CHARACTERS:
        limit = texts.number(MOST_CHARACTERS)
        raise CommandError(texts.gettext("This list is too long: at most %(limit)s characters are read.", limit=limit))
    entries = await asyncio.to_thread(_outlines, text, texts) if _is_xml(text) else _lines(text)
    if not entries:
        raise CommandError(
            texts.gettext("This list is empty. Send one query or feed address per line, or an OPML file.")
        )
    if len(entries) > MOST_LINES:
        raise CommandError(
            texts.gettext(
                "This list has %(count)s entries, and at most %(limit)s are imported at once. Send it in parts.",
                count=texts.number(len(entries)),
                limit=texts.number(MOST_LINES),
            )
        )
    return entries


def _lines(text: str) -> list[ListEntry]:
    """The lines that say something: no empty ones, comments or code fences; without bullets and numbers."""
    lines = ((number, _BULLET.sub("", line.strip(), count=1)) for number, line in enumerate(text.splitlines(), 1))
    return [ListEntry(number, line) for number, line in lines if line and not line.startswith(("#", "```"))]


def _outlines(text: str, texts: Texts) -> list[ListEntry]:
    """The feeds of an OPML file, in whatever folders they are."""
    try:
        root = parse_xml(_DECLARATION.sub("", text, count=1).strip().encode("utf-8", "replace"))
    except SourceGarbled as error:
        raise CommandError(texts.gettext("This OPML file can't be read: %(problem)s.", problem=error)) from None
    if QName(root).localname.casefold() != "opml":
        raise CommandError(
            texts.gettext("This isn't an OPML file. Feed readers can export their list of feeds as one.")
        )
    feeds: list[ListEntry] = []
    for outline in root.iter("{*}outline"):
        values = {str(name).casefold(): str(value) for name, value in outline.attrib.items()}
        if address := " ".join(values.get("xmlurl", "").split()):
            title = clean(values.get("title") or values.get("text") or "", _LONGEST_LABEL)
            feeds.append(ListEntry(len(feeds) + 1, address, title))
    return feeds
