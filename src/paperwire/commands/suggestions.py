"""Narrower and wider queries for a subscription, each with its rate and a button that takes it."""

from __future__ import annotations

from paperwire.commands.context import Chat
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.search.rated import Rated
from paperwire.texts import Texts
from paperwire.wording.suggestions import rated_words


def suggestion_lines(rated: list[Rated], texts: Texts) -> list[Line]:
    """Each suggestion with its query."""
    return [(Span(each.text, "code"), Span(f" – {rated_words(each, texts)}")) for each in rated]


def suggestion_rows(context: Chat, rated: list[Rated], number: int, texts: Texts) -> list[list[Button]]:
    """A button for each, which gives subscription `number` that query: `swap:N:QUERY`."""
    return [[Button(rated_words(each, texts), context.recent.action(f"swap:{number}:", each.text))] for each in rated]
