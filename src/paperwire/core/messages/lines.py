"""Messages from texts and from lines with marks."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.core.messages.message import Button, Item, Line, Message, Rich, Span

PLACEHOLDER = "\ufffc"
"""The object replacement character, which no text of ours has."""


def message_of(
    *lines: str | Line,
    items: Sequence[Item] = (),
    foot: Sequence[str | Line] = (),
    buttons: Sequence[Sequence[Button]] = (),
) -> Message:
    """A message of lines, papers, more lines and rows of buttons; empty lines and rows are left out."""
    rows = tuple(tuple(row) for row in buttons if row)
    return Message(head=_rich(lines), items=tuple(items), foot=_rich(foot), buttons=rows)


def around(text: str, span: Span) -> Line:
    """A translated text with a span where its `PLACEHOLDER` stands; the rest has the span's style."""
    before, _, after = text.partition(PLACEHOLDER)
    pieces = (Span(before, span.style), span, Span(after, span.style))
    return tuple(piece for piece in pieces if piece.text)


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
