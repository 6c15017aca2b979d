"""A question as a form with a field for its answer."""

from __future__ import annotations

import discord

from paperwire.channels.discord import markup
from paperwire.ports.requests import Question

_LABEL, _PLACEHOLDER, _FIELD = 45, 100, 4000
"""The longest title and label of a form, example in its field, and text in it, in characters."""


class Form(discord.ui.Modal):
    """A question, what explains it, and a field for its answer."""

    def __init__(self, question: Question) -> None:
        super().__init__(title=question.label[:_LABEL], timeout=None)
        style = discord.TextStyle.paragraph if question.is_long else discord.TextStyle.short
        words: discord.ui.TextInput[Form] = discord.ui.TextInput(
            style=style, placeholder=question.example[:_PLACEHOLDER], default=question.value[:_FIELD] or None
        )
        if question.explanation:
            self.add_item(discord.ui.TextDisplay(markup.rich_text(question.explanation, markup.NO_COMMANDS)))
        self.add_item(discord.ui.Label(text=question.label[:_LABEL], component=words))
        self.stop()  # the library need not remember it: what is filled in names it, also after a restart
