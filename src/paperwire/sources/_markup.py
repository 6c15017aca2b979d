"""What readers see of markup that sources send: HTML, and the JATS of publishers."""

from __future__ import annotations

import html
import re

import nh3

from paperwire.core.text.clean import one_line

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


# Publishers deposit pieces of JATS, whose headings would be HTML's <title>, and formulas a second time as TeX.
_JATS = re.compile(r"<(/?)jats:([a-z-]{1,30})\b[^<>]{0,300}>", re.IGNORECASE)
_TEX = re.compile(r"<jats:tex-math\b.{0,2000}?</jats:tex-math>", re.DOTALL | re.IGNORECASE)
_JATS_BLOCKS = {"title": "h4", "p": "p", "sec": "div", "list": "ul", "list-item": "li", "disp-formula": "div"}
_HEADING = re.compile(r"abstract[\s:.]*", re.IGNORECASE)


def abstract_of(markup: str) -> str:
    """The text of an abstract in HTML or JATS, without the heading that says that it is one; one line."""
    markup = _JATS.sub(lambda tag: f"<{tag[1]}{_JATS_BLOCKS.get(tag[2].lower(), 'i')}>", _TEX.sub(" ", markup))
    lines = lines_of(markup)
    return " ".join(lines[1:] if lines and _HEADING.fullmatch(lines[0]) else lines)
