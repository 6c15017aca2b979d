"""What a reader sees of the HTML in a feed."""

from __future__ import annotations

import html
import re

import nh3

from paperwire.core.text.line import one_line

_BLOCK = re.compile(r"<(?:br|/?p|/?div|/?li|/?h[1-6]|/?tr|/?td|/?blockquote|/?ul|/?ol|hr)\b", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*\b[^<>]*>|<!--|&#?\w+;", re.IGNORECASE)


def text_of(markup: str) -> str:
    """No tags, no scripts, entities as characters, blocks apart; one line."""
    return " ".join(lines_of(markup))


def lines_of(markup: str) -> list[str]:
    """The same with a line for each block, none of them empty."""
    if not _MARKUP.search(markup):
        return [line] if (line := one_line(markup)) else []
    blocks = _BLOCK.sub("\n\\g<0>", one_line(markup))
    return [line for block in nh3.clean(blocks, tags=set()).split("\n") if (line := one_line(html.unescape(block)))]
