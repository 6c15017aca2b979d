"""Messages in Telegram's HTML: only our own links and styles take effect, whatever stands in the papers' texts."""

from __future__ import annotations

import html
import re
from itertools import groupby, islice
from urllib.parse import urlsplit

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from paperwire.core.messages.fit import fit
from paperwire.core.messages.message import Button, Item, Line, Message, Rich, Span
from paperwire.core.papers.identity import stated_repositories
from paperwire.core.text.clean import encodable, safe_url
from paperwire.errors import Rejected

TEXT_UNITS = 4096
"""The longest text in UTF-16 units, after markup is taken away."""

RAW_BYTES = 32 * 1024
"""The longest text with markup."""

ENTITIES = 96
"""How many links and styles one message has at most; about 100 take effect."""

ACTION_BYTES = 64
_LABEL = 60
_ROW = 8
_BUTTONS = 100
_LINKS = 5  # how many addresses of code are links in one text of a paper

_JOINER = "\u2060"
"""Takes no room, and ends what Telegram would make a mention, a command or a link of. Papers' own are gone by now."""

_TRIGGERS = re.compile(
    r"""
      @(?=\w)                            # @name
    | \#(?=\w)(?!\d+(?:[\s,;:)]|$))      # #tag, but not a number like #1
    | \$(?=[A-Z1])                       # $TSLA
    | \.(?=[^\W\d_]{2})                  # arxiv.org  cs.AI
    | \.(?=\d{1,3}\.\d{1,3}\.\d{1,3})    # 10.0.0.1
    | :(?=//)                            # tg://resolve?domain=x
    | \+(?=\d[\d\ ()-]{5})               # +1 212 555 0123
    """,
    re.VERBOSE,
)
_CARD = re.compile(r"\d(?:[ -]*\d){12,}")  # 4111 1111 1111 1111 counts as a bank card
_SIX = re.compile(r"(?:\d[ -]*){6}")
_SEAM = re.compile(r"(?:[@#$/:+]|#\d+|\.[^\W\d_]?)\n[\w/]|\d[ -]*\n[ -]*[\d.]")
_COMMAND = re.compile(r"(?<!\w)/(?=\w)")
_TAG = re.compile(r"<[^>]*>")
_STYLES = {"bold": "b", "italic": "i", "code": "code"}
_QUOTE = "<blockquote expandable>"


def fitted(message: Message) -> str:
    """Return the message as HTML within Telegram's limits.

    Raises Rejected if no shortening makes it fit, or if there is nothing in it.
    """
    text = fit(message, render, measure, TEXT_UNITS)
    if measure(text) > TEXT_UNITS:
        raise Rejected("the message is too long for Telegram")
    if not _TAG.sub("", text).strip(_JOINER + " \n"):
        raise Rejected("there is nothing in the message")
    return text


def render(message: Message) -> str:
    """Return the whole message as HTML, of any length; past 96 entities only the links stay."""
    text = _document(message, styled=True)
    return text if _entities(text) <= ENTITIES else _document(message, styled=False)


def measure(text: str) -> int:
    """The share of Telegram's limits that rendered `text` takes, the largest of three, as UTF-16 units of 4,096."""
    visible = html.unescape(_TAG.sub("", text))
    units = len(visible) + sum(letter > "\uffff" for letter in visible)
    raw = -(-len(text.encode()) * TEXT_UNITS // RAW_BYTES)
    return max(units, raw, _entities(text) * TEXT_UNITS // 100)


def expanded(shown: str, message: Message) -> str:
    """A message that is `shown` as HTML with as much of the abstract of one paper below it as there is room for.

    One that has it already stays as it is.
    """
    if _QUOTE in shown:
        return shown
    return fit(message, lambda cut: "\n".join([shown, *map(_abstract, _abstracts(cut))]), measure, TEXT_UNITS)


def keyboard(message: Message) -> InlineKeyboardMarkup | None:
    """Return the buttons under the message, or None; links that Telegram refuses stand in the text instead.

    Raises Rejected for an action over 64 bytes.
    """
    rows: list[list[InlineKeyboardButton]] = []
    for row in message.buttons:
        shown = [_button(button) for button in row if button.action or linkable(button.url)]
        rows += [shown[start : start + _ROW] for start in range(0, len(shown), _ROW)]
    left = _BUTTONS
    for number, keys in enumerate(rows):
        rows[number] = keys[: max(left, 0)]
        left -= len(keys)
    return InlineKeyboardMarkup([keys for keys in rows if keys]) if rows else None


def linkable(url: str) -> bool:
    """Whether Telegram takes `url` for a link: http or https, and a host with a dot in it (so no `localhost`)."""
    return bool(safe_url(url)) and "." in (urlsplit(url).hostname or "").strip(".")


def _button(button: Button) -> InlineKeyboardButton:
    label = encodable(button.label)[:_LABEL] or "…"
    if button.url:
        return InlineKeyboardButton(label, url=button.url)
    if len(button.action.encode()) > ACTION_BYTES:
        raise Rejected(f"the action of the button {label!r} is over {ACTION_BYTES} bytes")
    return InlineKeyboardButton(label, callback_data=button.action)


def _document(message: Message, *, styled: bool) -> str:
    plain = [b for row in message.buttons for b in row if not b.action and b.url and not linkable(b.url)]
    blocks = [
        _rich(message.head, styled=styled),
        *(_item(item, number, styled=styled) for item, number in zip(message.items, message.numbers, strict=True)),
        _rich(message.foot, styled=styled),
        "\n".join(f"{_escape(b.label)}: <code>{_escape(b.url)}</code>" for b in plain),
    ]
    return "\n\n".join(block for block in blocks if block)


def _rich(lines: Rich, *, styled: bool) -> str:
    """Our own lines; those of code that follow each other are one block, letter under letter."""
    rows: list[str] = []
    for is_code, alike in groupby(lines, key=lambda line: len(line) == 1 and line[0].style == "code"):
        group = list(alike)
        if is_code and styled and len(group) > 1:
            rows.append("<pre>{}</pre>".format("\n".join(_escape(line[0].text) for line in group)))
        else:
            rows += [_line(line, is_ours=True, styled=styled) for line in group]
    return "\n".join(rows)


def _item(item: Item, number: str, *, styled: bool) -> str:
    title = _escape(_defused(item.title))
    if linkable(item.url):
        title = f'<a href="{_escape(item.url)}">{title}</a>'
    section = _escape(_defused(item.section))
    rows = [f"<u>{section}</u>" if styled else section] if section else []
    rows.append(number + (f"<b>{title}</b>" if styled else title))
    rows += [_line(line, is_ours=False, styled=styled) for line in item.lines]
    if item.abstract:
        rows.append(_abstract(item.abstract))
    return "\n".join(rows)


def _abstracts(message: Message) -> list[str]:
    return [item.abstract for item in message.items if item.abstract]


def _abstract(text: str) -> str:
    return f"{_QUOTE}{_linked(text)}</blockquote>"


def _line(line: Line, *, is_ours: bool, styled: bool) -> str:
    """The spans of one line, with a joiner between two that only together would make a mention or the like."""
    parts: list[str] = []
    before = ""
    for span in line:
        if _SEAM.search(f"{before[-20:]}\n{span.text[:20]}"):
            parts.append(_JOINER)
        parts.append(_span(span, is_ours=is_ours, styled=styled))
        before = span.text or before
    return "".join(parts)


def _span(span: Span, *, is_ours: bool, styled: bool) -> str:
    """One span; code stays as it is, and in our own lines commands, links and bare addresses do."""
    if not span.text:
        return ""
    url = span.url or (span.text if is_ours and re.fullmatch(r"https?://\S+", span.text) else "")
    if url and not linkable(url):
        return f"<code>{_escape(span.text)}</code>" if is_ours else _escape(_defused(span.text))
    exact = (is_ours and bool(url)) or (span.style == "code" and styled)
    if is_ours or url or exact:
        text = _escape(span.text if exact else _defused(span.text, commands=not is_ours))
    else:
        text = _linked(span.text)
    if url:
        link = f'<a href="{_escape(url)}">{text}</a>'
        return f"<b>{link}</b>" if styled and span.style == "bold" else link
    if span.user.isdecimal():
        text = f'<a href="tg://user?id={span.user}">{text}</a>'
    tag = _STYLES.get(span.style) if styled else None
    return f"<{tag}>{text}</{tag}>" if tag else text


def _linked(text: str) -> str:
    """A paper's text as HTML: addresses of code are links, as they stand there, and nothing else is."""
    text = encodable(text)
    parts: list[str] = []
    place = 0
    for start, end, url in islice(stated_repositories(text), _LINKS):
        parts += [_escape(_defused(text[place:start])), f'<a href="{_escape(url)}">{_escape(text[start:end])}</a>']
        place = end
    return "".join([*parts, _escape(_defused(text[place:]))])


def _defused(text: str, *, commands: bool = True) -> str:
    """`text` with a joiner in what would become a mention, tag, link, number or (with `commands`) command."""
    text = _TRIGGERS.sub(_joined, encodable(text))
    text = _CARD.sub(lambda digits: _SIX.sub(_joined, digits[0]), text)
    return _COMMAND.sub("/" + _JOINER, text) if commands else text


def _joined(match: re.Match[str]) -> str:
    return match[0] + _JOINER


def _escape(text: str) -> str:
    return html.escape(encodable(text)).replace("&#x27;", "'")


def _entities(text: str) -> int:
    return text.count("</")
