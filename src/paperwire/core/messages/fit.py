"""Making a message fit a channel: abstracts shrink first, then lines and titles, and no paper is ever left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from paperwire.core.messages.message import Item, Line, Message, Rich, Span
from paperwire.core.text.clean import ELLIPSIS, cut

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Rung:
    """The most characters an abstract, a line of a paper and a title have, and what head and foot may hold."""

    abstract: int
    line: int = 2000
    title: int = 512
    rows: int = 400
    width: int = 4000


_ABSTRACTS = (8000, 5000, 3500, 2600, 1900, 1400, 1000, 700, 500, 350, 250, 160, 0)
_ROWS = ((120, 2000), (80, 1000), (50, 600), (30, 400), (18, 250), (10, 160), (5, 100), (2, 60))
_LADDER = (
    *(_Rung(size) for size in _ABSTRACTS),
    *(_Rung(0, size) for size in (400, 160, 80)),
    *(_Rung(0, 80, size) for size in (300, 160, 100, 60)),
    _Rung(0, 0, 60),
    *(_Rung(0, 0, 60, rows, width) for rows, width in _ROWS),
    _Rung(0, 0, 30, 1, 60),
)


def fit(message: Message, render: Callable[[Message], T], measure: Callable[[T], int], limit: int) -> T:
    """The channel's rendering of `message`, of a measure of at most `limit`, with as much of it as fits.

    `render` writes a message in the channel's markup and `measure` counts it the channel's way (UTF-16 units, the
    sum over embeds). Shortens abstracts, then lines, then titles; drops the lines under the papers; cuts head and
    foot, from their ends. Papers and their links all stay: if they alone are too much, the shortest rendering is
    returned, and it is the caller who put too many papers in one message.
    """
    shortest = render(message)
    for rung in _LADDER:
        if measure(shortest) <= limit:
            break
        shortest = render(_at(rung, message))
    return shortest


def _at(rung: _Rung, message: Message) -> Message:
    return replace(
        message,
        head=_rows(message.head, rung),
        items=tuple(_item(item, rung) for item in message.items),
        foot=_rows(message.foot, rung),
    )


def _item(item: Item, rung: _Rung) -> Item:
    lines = tuple(_line(line, rung.line) for line in item.lines) if rung.line else ()
    return replace(item, title=cut(item.title, rung.title), lines=lines, abstract=cut(item.abstract, rung.abstract))


def _rows(rows: Rich, rung: _Rung) -> Rich:
    lines = tuple(_line(line, rung.width) for line in rows[: rung.rows])
    return (*lines, (Span(ELLIPSIS),)) if len(rows) > rung.rows else lines


def _line(line: Line, limit: int) -> Line:
    """The spans of a line that `limit` characters leave room for; the last of them may be cut."""
    spans: list[Span] = []
    for span in line:
        if limit <= 0:
            break
        spans.append(replace(span, text=cut(span.text, limit)))
        limit -= len(span.text)
    return tuple(spans)
