"""The buttons that turn the pages of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.core.messages.message import Button

if TYPE_CHECKING:
    from paperwire.texts import Texts


def turns(earlier: str, later: str, texts: Texts) -> list[Button]:
    """Buttons with these actions; an empty action has none."""
    labels = (texts.gettext("« Back"), earlier), (texts.gettext("Next »"), later)
    return [Button(label, action) for label, action in labels if action]


def offset_turns(verb: str, offset: int, size: int, total: int, texts: Texts) -> list[Button]:
    """Buttons of a list of `total` entries, `size` a page, whose actions are `VERB:OFFSET`."""
    earlier = f"{verb}:{max(offset - size, 0)}" if offset else ""
    return turns(earlier, f"{verb}:{offset + size}" if offset + size < total else "", texts)
