"""Messages to people, before any platform's markup: spans, lines, items and buttons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Self, TypeAlias

from paperwire.texts import Texts, isolated

_NUMBER = re.compile(r"(\d+)(?:\. |$)")

_Style: TypeAlias = Literal["", "bold", "italic", "code"]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of plain text with at most one style and at most one link (an absolute URL).

    `user` is the platform's id of the person whom the text names and the message notifies, `at` the instant that the
    text says: platforms that can show both as their own, such as by the reader's clock.
    """

    text: str
    style: _Style = ""
    url: str = ""
    user: str = ""
    at: datetime | None = None


Line: TypeAlias = tuple[Span, ...]
Rich: TypeAlias = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: either an `action` that comes back to us, or a `url` to open.

    `action` is `verb:argument[:argument]`, at most 64 bytes in UTF-8 (Telegram's callback_data), e.g. `save:123`.
    """

    label: str
    action: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One paper in a message: linked title, short lines under it, and an abstract that may be folded away.

    `url` is the paper's source page and appears once. `section` stands above the first paper of each part of a digest.
    All texts are plain. `more` brings the whole abstract, where one that cannot be folded away is shown in part.
    `image` is the address of a picture, for platforms that fetch it themselves. `acts` is the address of the page where
    the reader of a mail saves or mutes the paper and sees why it came, at `#save`, `#mute` and `#why`.
    """

    title: str
    url: str
    lines: Rich = ()
    abstract: str = ""
    more: Button | None = None
    section: str = ""
    image: str = ""
    acts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: lines, then papers, then lines, then rows of buttons.

    `key` is the same for the same delivery on every attempt (a nonce is made of it); `silent` asks for no sound.
    `mention` is a role or user a subscription may ping, empty for none. `leave` is the page where its reader ends what
    comes to the place without signing in; the last part of its address names the place. Channels of strangers show it.
    `thread` is what a thread for its discussion is called, empty for none; platforms without threads take no notice.
    `slot` is the local date and time of the digest that it belongs to (`2026-01-05T08:00`), empty for any other.
    `subject` is what a mail with it is called, empty for its first line; `locale` that of its texts.
    """

    head: Rich = ()
    items: tuple[Item, ...] = ()
    foot: Rich = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    key: str = ""
    silent: bool = False
    mention: str = ""
    leave: Button | None = None
    slot: str = ""
    thread: str = ""
    subject: str = ""
    locale: str = "en"

    @property
    def image(self) -> str:
        """The picture of a message with one paper, empty for none."""
        return self.items[0].image if len(self.items) == 1 else ""

    def without_images(self) -> Self:
        return replace(self, items=tuple(replace(item, image="") for item in self.items)) if self.image else self

    @property
    def numbered(self) -> list[Button]:
        """The buttons that begin with a number, if there is one for each paper."""
        numbered = [button for row in self.buttons for button in row if _NUMBER.match(button.label)]
        return numbered if len(numbered) == len(self.items) else []

    @property
    def numbers(self) -> list[str]:
        """What stands before each paper: the numbers that buttons begin with, if there is one for each."""
        labels = [_NUMBER.match(button.label) for button in self.numbered]
        return [f"{label[1]}. " for label in labels if label] or [""] * len(self.items)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a reply: its name, media type and bytes."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


# Stand for styled spans while a text is translated; `clean` removes noncharacters from all data.
FIRST, SECOND, THIRD = _MARKS = "\ufdd1\ufdd2\ufdd3"
_MARK = re.compile(f"([{_MARKS}])")


def message_of(
    *lines: str | Line,
    items: Sequence[Item] = (),
    foot: Sequence[str | Line] = (),
    buttons: Sequence[Sequence[Button]] = (),
) -> Message:
    """A message of lines, papers, more lines and rows of buttons; empty lines and rows are left out."""
    rows = tuple(tuple(row) for row in buttons if row)
    return Message(head=_rich(lines), items=tuple(items), foot=_rich(foot), buttons=rows)


def styled(text: str, *parts: Span | Line, style: _Style = "") -> Line:
    """A translated text of one `style`, with spans where `FIRST`, `SECOND` and `THIRD` stand."""
    lines = [(part,) if isinstance(part, Span) else part for part in parts]
    for mark, line in zip(_MARKS, lines, strict=False):
        shown = "".join(span.text for span in line)
        text = text.replace(mark, isolated(shown).replace(shown, mark)) if shown else text
    pieces = [piece for piece in _MARK.split(text) if piece]
    spans = [lines[_MARKS.index(piece)] if piece in _MARKS else (Span(piece, style),) for piece in pieces]
    return tuple(span for line in spans for span in line)


def row(name: Span | Line, text: str, texts: Texts) -> Line:
    """A line of a list that says something of what it names."""
    return styled(texts.row(FIRST, text), name)


def with_link(text: str, url: str) -> Line:
    """A sentence in which an address is a link, also on platforms that make none of plain text."""
    before, address, after = text.partition(url)
    return tuple(span for span in (Span(before), Span(address, url=address), Span(after)) if span.text)


def _rich(lines: Sequence[str | Line]) -> Rich:
    """Lines with marks; a text is as many lines as it has, without the empty ones."""
    marked: list[Line] = []
    for line in lines:
        if isinstance(line, str):
            marked += [(Span(piece),) for piece in line.split("\n") if piece]
        else:
            marked.append(line)
    return tuple(marked)
