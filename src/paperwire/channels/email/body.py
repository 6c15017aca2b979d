"""The two parts of a mail: plain text, and HTML with its styles at each element, as many clients drop others."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from paperwire.core.messages.fit import fit
from paperwire.core.messages.message import Button, Item, Message, Rich, Span
from paperwire.core.text.clean import ELLIPSIS, clean, cut

SIZE = 98_000
"""Bytes of the HTML part; Gmail cuts what is longer than 102 KB, and the link to leave stands at the end."""
_WIDTH = 76
_SUBJECT, _PREHEADER = 150, 140
_LONG = 5
"""More papers than this get a table of contents."""


class MailParts(NamedTuple):
    """The subject and both parts of a mail."""

    subject: str
    text: str
    html: str


def parts(message: Message) -> MailParts:
    """The parts of a message, with as much of it as fits; no paper and no link is ever left out."""
    return fit(message, _rendered, lambda made: len(made.html.encode()), SIZE)


def _rendered(message: Message) -> MailParts:
    lines = _lines(message.head)
    titles = [item.title for item in message.items]
    subject = _encodable(clean(next(iter([*lines, *titles]), ""), _SUBJECT)) or "Paperwire"
    if not lines and len(message.items) == 1:
        (paper,) = message.items
        preview = paper.abstract or " ".join(_lines(paper.lines))
    else:
        preview = "; ".join(titles) or " ".join(lines[1:])
    # Buttons that open a page: one that needs an answer is of no use in a mail.
    links = [button for row in message.buttons for button in row if button.url]
    html = _template().render(
        message=message,
        subject=subject,
        preheader=cut(clean(preview, 2 * _PREHEADER), _PREHEADER),
        contents=len(message.items) > _LONG,
        links=links,
    )
    return MailParts(subject, _encodable(_text(message, links)), _inliner().inline(_encodable(html)))


def _encodable(text: str) -> str:
    """The text without lone surrogates, which UTF-8 has not."""
    return text.encode("utf-8", "replace").decode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("paperwire.channels.email", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("mail.html")


@cache
def _inliner() -> css_inline.CSSInliner:
    """Keeps the rules for dark mode, which can't stand at an element, and fetches nothing."""
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _text(message: Message, links: Sequence[Button]) -> str:
    numbered = len(message.items) > 1
    blocks = ["\n".join(_lines(message.head))]
    blocks += [_paper(item, f"{number}. " if numbered else "") for number, item in enumerate(message.items, 1)]
    blocks.append("\n".join(f"{button.label}: {button.url}" for button in links))
    blocks.append("\n".join(_lines(message.foot)))
    if message.leave is not None:
        blocks.append(f"-- \n{message.leave.label}: {message.leave.url}")
    return "\n\n".join(block for block in blocks if block) + "\n"


def _paper(item: Item, number: str) -> str:
    section = [item.section, "=" * min(len(item.section), _WIDTH), ""] if item.section else []
    lines = [*section, _filled(number + item.title), item.url, *_lines(item.lines)]
    if item.abstract:
        lines += ["", _filled(item.abstract)]
    return "\n".join(lines)


def _filled(text: str) -> str:
    """The text in lines, broken at spaces alone: an address stays whole, however long it is."""
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _lines(rich: Rich) -> list[str]:
    """The lines as text; of a link in one also the address, between the marks that no address contains."""
    return ["".join(_shown(span) for span in line) for line in rich]


def _shown(span: Span) -> str:
    if not span.url:
        return span.text
    if span.url.startswith(span.text.removesuffix(ELLIPSIS)):
        return span.url
    return f"{span.text} <{span.url}>"
