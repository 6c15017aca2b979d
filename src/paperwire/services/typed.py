"""What people type, as values; and the numbers that buttons carry."""

from __future__ import annotations

import re

from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, TimeError
from paperwire.texts import Texts
from paperwire.wording.cadences import time_refusal

_FENCE = re.compile(r"```[a-z]*\s(.*)```|(`+)([^`]*)\2", re.DOTALL)


def unquoted(text: str) -> str:
    """What was typed, without the code formatting that people copy along, on one line."""
    text = text.strip()
    if match := _FENCE.fullmatch(text):
        text = match[1] if match[1] is not None else match[3]
    return " ".join(text.split())


def read_number(name: str, value: str, most: int, texts: Texts) -> int:
    """The number from 1 to `most` that an option was given; raises CommandError."""
    word = value.strip()
    if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= most:
        return int(word)
    typed = clean(f"{name}:{value}", 40)
    raise CommandError(
        texts.gettext('Can\'t read "%(typed)s". Use a number from 1 to %(limit)s.', typed=typed, limit=most)
    )


class StaleButton(CommandError):
    """The action of a button cannot be read, or what it is about is no longer known."""


def action_number(text: str) -> int:
    """The number in a button's action; raises StaleButton if it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise StaleButton
    return int(text)


def read_cadence(text: str, texts: Texts) -> str:
    """A cadence in its canonical form (`daily 07:30`); raises CommandError."""
    try:
        return str(Cadence.parse(text))
    except TimeError as error:
        raise time_refusal(error, texts) from None
