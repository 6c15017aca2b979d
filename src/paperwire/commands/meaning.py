"""Queries with `like:`: whose saved papers they mean, which papers are near enough, and why; papers like one."""

from __future__ import annotations

from paperwire.commands.context import Chat
from paperwire.core.messages.message import Button
from paperwire.texts import Texts

LITTLE = 5
"""Words that find no more papers than that are offered a search by meaning."""


def by_meaning(context: Chat, text: str, texts: Texts) -> list[Button]:
    """A button that searches by meaning for words that find little; none without an encoder or for more than words."""
    words = text.replace('"', " ").split()
    if context.calibration is None or len(words) < 2 or any(mark in text for mark in ":()*="):
        return []
    return [Button(texts.gettext("Search by meaning"), context.recent.action("look:", f'like:"{" ".join(words)}"'))]


# --- papers like one ---------------------------------------------------------------------------------------------
