"""Lists of papers as sections with a button each: components instead of embeds, which one message can't mix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import discord

from paperwire.channels.discord import markup
from paperwire.core.messages.fit import fit
from paperwire.core.messages.message import Button, Item, Message, Span
from paperwire.core.text.clean import cut

COMPONENTS = 40
"""The most components of one message, those within others included."""

TEXT_UNITS = 4000
"""The most that all texts of one message hold together, in UTF-16 units."""

_TITLE = 256


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of a message: whom it pings and what stands before the papers, each paper, and what stands after."""

    head: tuple[str, ...]
    papers: tuple[str, ...]
    foot: str


def layout(message: Message, commands: Mapping[str, str] = markup.NO_COMMANDS) -> discord.ui.LayoutView | None:
    """The message as one container, in which a paper that a numbered button opens is a section with that button.

    None where components can't hold it: it goes as embeds then. Needs a running event loop.
    """
    texts = fit(message, partial(_render, commands=commands), _measure, TEXT_UNITS)
    numbered = message.numbered
    shown: list[discord.ui.Item[Any]] = list(map(discord.ui.TextDisplay, texts.head))
    if numbered:
        shown += [
            discord.ui.Section(text, accessory=markup.component(button))
            for text, button in zip(texts.papers, numbered, strict=True)
        ]
    else:
        shown += map(discord.ui.TextDisplay, texts.papers)
    shown += [discord.ui.TextDisplay(texts.foot)] if texts.foot else []
    others = replace(message, buttons=tuple(tuple(_without(row, numbered)) for row in message.buttons))
    shown += [discord.ui.ActionRow(*map(markup.component, row)) for row in markup.button_rows(others)]
    if not shown or _measure(texts) > TEXT_UNITS or _count(shown) > COMPONENTS:
        return None
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(*shown, accent_colour=markup.COLOUR))
    view.stop()  # the library need not remember it: a press is known by its action, also after a restart
    return view


def changed(shown: discord.Message, keys: Mapping[str, tuple[Button, ...]]) -> discord.ui.LayoutView:
    """A message of sections with other buttons in place of some in the rows below, by their actions."""
    view = discord.ui.LayoutView.from_message(shown)
    for row in [item for item in view.walk_children() if isinstance(item, discord.ui.ActionRow)]:
        buttons: list[Any] = list(row.children)  # nothing else of ours stands in rows
        row.clear_items()
        for button in buttons:
            others = keys.get(button.custom_id or "")
            for item in (button,) if others is None else map(markup.component, others):
                row.add_item(item)
    view.stop()
    return view


def _without(row: tuple[Button, ...], numbered: list[Button]) -> Iterator[Button]:
    return (button for button in row if button not in numbered)


def _count(shown: list[discord.ui.Item[Any]]) -> int:
    """The components of a container, itself included: a section has a text and a button."""
    sections = sum(isinstance(item, discord.ui.Section) for item in shown)
    in_rows = sum(len(item.children) for item in shown if isinstance(item, discord.ui.ActionRow))
    return 1 + len(shown) + 2 * sections + in_rows


def _render(message: Message, commands: Mapping[str, str]) -> _Texts:
    head, mention = markup.rich_text(message.head, commands), markup.pings(message)
    foot = (markup.rich_text(message.foot, commands), markup.plain_links(message))
    return _Texts(
        tuple(text for text in (mention, head) if text),
        tuple(_paper(item, number) for item, number in zip(message.items, message.numbers, strict=True)),
        "\n".join(text for text in foot if text),
    )


def _measure(texts: _Texts) -> int:
    return sum(map(markup.units, (*texts.head, *texts.papers, texts.foot)))


def _paper(item: Item, number: str) -> str:
    title = markup.escape(cut(markup.one_line(item.title), _TITLE).replace("[", "(").replace("]", ")")) or "…"
    rows = [f"__{markup.escape(cut(markup.one_line(item.section), 100))}__"] if item.section else []
    if markup.linkable(item.url):
        rows.append(f"**{number}[{title}](<{item.url}>)**")
    else:
        rows += [f"**{number}{title}**", *([markup.code_text(item.url)] if item.url else [])]
    rows += [markup.line_text(line, is_ours=False) for line in item.lines]
    rows += [markup.line_text((Span(item.abstract),), is_ours=False)] if item.abstract else []
    return "\n".join(row for row in rows if row)
