"""Messages as Discord's embeds: only our own links and styles take effect, whatever stands in the papers' texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from typing import Any
from urllib.parse import urlsplit

import discord

from paperwire.core.messages.fit import fit
from paperwire.core.messages.message import Button, Item, Line, Message, Rich, Span
from paperwire.core.papers.identity import stated_repositories
from paperwire.core.text.clean import cut, encodable, safe_url
from paperwire.errors import Rejected

EMBEDS = 10
TOTAL_UNITS = 6000
"""The most that all embeds of one message hold together; all lengths are in UTF-16 units, the safe way to count."""

TITLE_UNITS = 256
TEXT_UNITS = 4096
CONTENT_UNITS = 2000
ABSTRACT = 400
"""The most characters of an abstract that a button brings the rest of: Discord cannot fold it away."""

ACTION_LENGTH = 100
_SECTION = 100
_LABEL = 80
_ROW = 5
_ROWS = 5
_LINK_LENGTH = 512
_IMAGE_LENGTH = 2048
_LINKS = 5  # how many addresses of code are links in one text of a paper

COLOUR = 0x2F6F8F

_JOINER = "\u2060"  # takes no room, and keeps two stretches of markup from becoming one. Papers' own are gone by now.

_MARKS = re.compile(
    r"""
      [\\*_~|`<@\[]                          # emphasis, spoilers, code, mentions, times, links
    | :(?=/|[\w+~-]+:)                       # https://…  :smile:
    """,
    re.VERBOSE,
)
_SEAM = re.compile(r":[\w+~-]*\n(?:[\w+~-]*:|/)|[*`]\n[*`]")
_LINE_START = re.compile(r"^(\s*)(?:(>|#{1,3}\s|[+-]\s|-\#)|(\d+)([.)]\s))")
_COMMAND = re.compile(r"(?<![\w/<\\:.])/([a-z]+)(?![\w/])", re.ASCII)  # a command in a text of ours

NO_COMMANDS: Mapping[str, str] = {}
_SPACES = re.compile(r"\s+")
_STYLES = {"bold": "**", "italic": "*"}
_BREAKS_LINK = re.compile(r"[()']")


@dataclass(frozen=True, slots=True)
class Body:
    """What a message looks like on Discord, without its buttons."""

    content: str
    embeds: tuple[discord.Embed, ...]


def fitted(message: Message, commands: Mapping[str, str] = NO_COMMANDS) -> Body:
    """Return the message within Discord's limits; `commands` are the ids of those that can be tapped, by name.

    Raises Rejected if no shortening makes it fit, or if there is nothing in it.
    """
    if len(message.items) > EMBEDS:
        raise Rejected(f"there are over {EMBEDS} papers in the message")
    body = fit(message, partial(render, commands=commands), measure, TOTAL_UNITS)
    if measure(body) > TOTAL_UNITS:
        raise Rejected("the message is too long for Discord")
    if not body.content and not body.embeds:
        raise Rejected("there is nothing in the message")
    return body


def render(message: Message, commands: Mapping[str, str] = NO_COMMANDS) -> Body:
    """Return the whole message, of any length: an embed a paper, and our own lines before and after them.

    Where ten papers leave no room for those, they are plain text above.
    """
    head = rich_text(message.head, commands)
    foot = "\n".join(part for part in (rich_text(message.foot, commands), plain_links(message)) if part)
    papers = [
        _paper(item, number, whole=len(message.items) == 1)
        for item, number in zip(message.items, message.numbers, strict=True)
    ]
    _part_equal_links(papers)
    if not papers:
        texts = [text for text in (head, foot) if text]
        embeds = [_embed("\n\n".join(texts))] if texts else []
        return Body(pings(message), tuple(embeds))
    if len(papers) + bool(head) + bool(foot) <= EMBEDS:
        embeds = [*([_embed(head)] if head else ()), *papers, *([_embed(foot)] if foot else ())]
        return Body(pings(message), tuple(embeds))
    content = "\n".join(text for text in (pings(message), head, foot) if text)
    return Body(content, tuple(papers))


def measure(body: Body) -> int:
    """The share of Discord's limits that `body` takes, the largest of all, as units of 6,000."""
    titles = [units(embed.title or "") for embed in body.embeds]
    texts = [units(embed.description or "") for embed in body.embeds]
    return max(
        sum(titles) + sum(texts) + sum(units(embed.author.name or "") for embed in body.embeds),
        _share(max(titles, default=0), TITLE_UNITS),
        _share(max(texts, default=0), TEXT_UNITS),
        _share(units(body.content), CONTENT_UNITS),
    )


def mentions(message: Message) -> discord.AllowedMentions:
    """Who may be pinged: the message's own role and the people whom it names, no others."""
    roles = [_object(role)] if (role := _role(message)) else []
    users = [_object(user) for user in _users(message)]
    return discord.AllowedMentions(everyone=False, users=users or False, roles=roles or False, replied_user=False)


def _object(number: int) -> discord.Object:
    pinged = discord.Object(number)
    pinged.id = str(number)  # type: ignore[assignment]  # ids go out as text, and the library writes down what it finds
    return pinged


def view(message: Message) -> discord.ui.View | None:
    """Return the buttons under the message, or None; links that Discord refuses stand in the text instead.

    Needs a running event loop. Raises Rejected for an action over 100 characters.
    """
    rows = button_rows(message)
    if not rows:
        return None
    shown = discord.ui.View(timeout=None)
    for number, row in enumerate(rows):
        for button in row:
            shown.add_item(component(button, number))
    shown.stop()  # the library need not remember it: a press is known by its action, also after a restart
    return shown


def linkable(url: str) -> bool:
    """Whether Discord takes `url` for a link: http or https, and a host with a dot in it (so no `localhost`)."""
    return _is_plain(url) and "." in (urlsplit(url).hostname or "").strip(".")


def _is_plain(url: str) -> bool:
    """Whether `url` is an address that can stand in a link's markup."""
    return bool(safe_url(url)) and not _BREAKS_LINK.search(url)


def escape(text: str) -> str:
    """`text` with a backslash before everything that could start markup within a line."""
    return _MARKS.sub(r"\\\g<0>", encodable(text))


def units(text: str) -> int:
    """The length of `text` in UTF-16 units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


# --- buttons -----------------------------------------------------------------------------------------------------


def button_rows(message: Message) -> list[list[Button]]:
    """The buttons in rows as they were given or, where those are too many, in as few rows as possible."""
    actions: set[str] = set()
    rows: list[list[Button]] = []
    for row in _with_more(message):
        buttons: list[Button] = []
        for button in row:
            if button.action in actions or not (button.action or _fits_button(button.url)):
                continue  # Discord takes each action once
            actions |= {button.action} - {""}
            buttons.append(button)
        rows += [buttons[start : start + _ROW] for start in range(0, len(buttons), _ROW)]
    if len(rows) > _ROWS:
        flat = [button for row in rows for button in row]
        rows = [flat[start : start + _ROW] for start in range(0, len(flat), _ROW)]
    return rows[:_ROWS]


def _with_more(message: Message) -> list[tuple[Button, ...]]:
    """The rows of buttons; one that brings the rest of an abstract stands in the last row that has room."""
    rows = list(message.buttons)
    more = message.items[0].more if len(message.items) == 1 else None
    if more is None or len(one_line(message.items[0].abstract)) <= ABSTRACT:
        return rows
    if rows and len(rows[-1]) < _ROW:
        return [*rows[:-1], (*rows[-1], more)]
    return [*rows, (more,)]


def component(button: Button, row: int | None = None) -> discord.ui.Button[Any]:
    """A button as Discord takes it. Raises Rejected for an action over 100 characters."""
    label = encodable(button.label)[:_LABEL].strip() or "…"
    if not button.action:
        return discord.ui.Button(label=label, url=button.url, row=row)
    if len(button.action) > ACTION_LENGTH:
        raise Rejected(f"the action of the button {label!r} is over {ACTION_LENGTH} characters")
    return discord.ui.Button(style=discord.ButtonStyle.secondary, label=label, custom_id=button.action, row=row)


def _fits_button(url: str) -> bool:
    return linkable(url) and len(url) <= _LINK_LENGTH


def plain_links(message: Message) -> str:
    plain = [b for row in message.buttons for b in row if not b.action and b.url and not _fits_button(b.url)]
    return "\n".join(f"{_started(escape(b.label))}: {code_text(b.url)}" for b in plain)


# --- texts -------------------------------------------------------------------------------------------------------


def _embed(text: str) -> discord.Embed:
    return discord.Embed(description=text)


def _paper(item: Item, number: str, *, whole: bool) -> discord.Embed:
    url = item.url if linkable(item.url) else ""
    rows = [line_text(line, is_ours=False) for line in item.lines]
    if not url and item.url:
        rows.insert(0, code_text(item.url))
    text = "\n".join(row for row in rows if row)
    if item.abstract:
        abstract = cut(one_line(item.abstract), ABSTRACT) if whole and item.more else one_line(item.abstract)
        text = "\n\n".join(part for part in (text, _started(_linked(abstract))) if part)
    title = _title(number, one_line(item.title))
    embed = discord.Embed(title=title, url=url or None, description=text or None, colour=COLOUR)
    if linkable(item.image) and len(item.image) <= _IMAGE_LENGTH:
        embed.set_image(url=item.image)
    return embed.set_author(name=cut(one_line(item.section), _SECTION)) if item.section else embed


def _title(number: str, text: str) -> str:
    """The title escaped, its plain text cut so that all of it stays within the limit."""
    room = TITLE_UNITS
    while units(title := number + escape(cut(text, room))) >= TITLE_UNITS:
        room = min(room, len(text)) - max(1, (units(title) - TITLE_UNITS) // 2)
    return (title if number else _started(title)) or "…"


def _part_equal_links(papers: list[discord.Embed]) -> None:
    """Discord makes one embed of two with the same address: only the first keeps it."""
    seen: set[str] = set()
    for embed in papers:
        if embed.url in seen:
            embed.url = None
        seen |= {embed.url} if embed.url else set()


def _role(message: Message) -> int:
    digits = message.mention.removeprefix("<@&").removesuffix(">")
    return int(digits) if _is_id(digits) else 0


def pings(message: Message) -> str:
    """The content that pings: mentions within embeds notify no one."""
    role = _role(message)
    return " ".join([*([f"<@&{role}>"] if role else []), *(f"<@{user}>" for user in _users(message))])


def _users(message: Message) -> list[int]:
    lines = [*message.head, *(line for item in message.items for line in item.lines), *message.foot]
    return list(dict.fromkeys(int(span.user) for line in lines for span in line if _is_id(span.user)))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def rich_text(lines: Rich, commands: Mapping[str, str]) -> str:
    rows: list[str] = []
    for code, alike in groupby(lines, key=lambda line: len(line) == 1 and line[0].style == "code" and not line[0].url):
        group = list(alike)
        if code and len(group) > 1:  # one below the other, letter under letter
            inner = "\n".join(encodable(line[0].text).replace("`", "ˋ") for line in group)
            rows.append(f"```\n{inner}\n```")
        else:
            rows += [line_text(line, is_ours=True, commands=commands) for line in group]
    text = "\n".join(rows)
    return text if text.strip(_JOINER + " \n") else ""


def line_text(line: Line, *, is_ours: bool, commands: Mapping[str, str] = NO_COMMANDS) -> str:
    """The spans of one line, with a joiner between two that only together would make markup."""
    text = ""
    for span in line:
        piece = _native(span) or _span(span, is_ours=is_ours)
        if is_ours and not span.style and not span.url:
            piece = _COMMAND.sub(lambda match: _tappable(match[1], commands), piece)
        if _SEAM.search(f"{text[-40:]}\n{piece[:40]}"):
            text += _JOINER
        text += piece
    return _started(text)


def _tappable(name: str, commands: Mapping[str, str]) -> str:
    return f"</{name}:{commands[name]}>" if name in commands else f"/{name}"


def _started(line: str) -> str:
    """A line that does not begin a heading, quote, list or small print."""
    return _LINE_START.sub(
        lambda match: f"{match[1]}\\{match[2]}" if match[2] else f"{match[1]}{match[3]}\\{match[4]}", line
    )


def _span(span: Span, *, is_ours: bool) -> str:
    """One span; links stay as they are, and in our own lines bare addresses do."""
    text = one_line(span.text)
    if not text.strip():
        return text
    link = span.url if is_ours or linkable(span.url) else ""
    if url := link or (text if is_ours and _is_plain(text) else ""):
        if not _is_plain(url):
            return escape(text)
        label = escape(text.replace("[", "(").replace("]", ")"))  # brackets would end the link
        marks = "**" if span.style == "bold" else ""
        return f"<{url}>" if text == url else f"{marks}[{label}](<{url}>){marks}"
    if span.style == "code":
        return code_text(text)
    if not is_ours and not span.style:
        return _linked(text)
    marks = _STYLES.get(span.style, "")
    if marks == "*":
        text = text.replace("*", "∗")  # not every client minds a backslash within these
    bare = text.strip(" ")
    before, after = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
    return f"{before}{marks}{escape(bare)}{marks}{after}"


def _native(span: Span) -> str:
    """An instant or a person as Discord's own markup, empty for any other span."""
    marks = _STYLES.get(span.style, "")
    if span.at is not None:
        return f"{marks}<t:{int(span.at.timestamp())}:F>{marks}"
    return f"{marks}<@{span.user}>{marks}" if _is_id(span.user) else ""


def _linked(text: str) -> str:
    """A paper's text: addresses of code are links, as they stand there, and nothing else is."""
    parts: list[str] = []
    place = 0
    for start, end, url in islice(stated_repositories(text), _LINKS):
        if linkable(url):
            parts += [escape(text[place:start]), f"<{url}>"]
            place = end
    return "".join([*parts, escape(text[place:])])


def code_text(text: str) -> str:
    return f"`{one_line(text).replace('`', 'ˋ')}`"


def one_line(text: str) -> str:
    return _SPACES.sub(" ", encodable(text))


def _share(size: int, limit: int) -> int:
    return -(-size * TOTAL_UNITS // limit)
