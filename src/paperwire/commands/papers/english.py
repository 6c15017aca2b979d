"""What is said of a query in another language that finds nothing: papers are in English, and how it is called there."""

from __future__ import annotations

from paperwire.commands.buttons import Verb
from paperwire.commands.context import Chat
from paperwire.core.messages.message import Button
from paperwire.texts import Texts


def in_english_line(text: str, texts: Texts) -> str:
    """That papers are in English, for a query of words that the reader's language has; else empty."""
    english = texts.query_in_english(text)
    if english == text:
        return ""
    return texts.gettext("No stored paper has these words, as papers are in English: %(query)s", query=english)


def in_english_row(context: Chat, verb: Verb, text: str, texts: Texts) -> list[Button]:
    """The button that takes the query in English; none where that is the same."""
    english = texts.query_in_english(text)
    return [] if english == text else [Button(english, context.long_texts.action(f"{verb}:", english))]
