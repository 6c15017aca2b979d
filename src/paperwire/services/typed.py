"""What people type, as values: numbers, times and queries; and the numbers that buttons carry."""

from __future__ import annotations

import re

from paperwire.core.papers.named import paper_named
from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import Query
from paperwire.core.search.correction import corrected
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, QueryError, TimeError
from paperwire.texts import Texts
from paperwire.wording.cadences import time_refusal
from paperwire.wording.queries import explain

_FENCE = re.compile(r"```[a-z]*\s(.*)```|(`+)([^`]*)\2", re.DOTALL)
_CARET_WINDOW = 60
_LARGEST = 2**31 - 1  # what PostgreSQL takes for an integer, as the numbers of all that is stored are
_LABEL = 40  # the longest correction that its button shows in whole everywhere


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
    """The number of something stored in a button's action; raises StaleButton if it is none, or no database has it."""
    number = action_integer(text)
    if number > _LARGEST:
        raise StaleButton
    return number


def action_integer(text: str) -> int:
    """A time, or where a search goes on, in a button's action; raises StaleButton if it is no number."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise StaleButton
    return int(text)


def read_cadence(text: str, texts: Texts) -> str:
    """A cadence in its canonical form (`daily 07:30`); raises CommandError."""
    try:
        return str(Cadence.parse(texts.time_in_english(text)))
    except TimeError as error:
        raise time_refusal(error, texts) from None


# --- queries -----------------------------------------------------------------------------------------------------


class QueryRefused(CommandError):
    """The refusal of a query that cannot be read, for the `error` of `read`.

    `corrected` is what may be typed instead, empty if nothing is known; the button `verb` takes it as `text`, with the
    options after the query.
    """

    def __init__(self, message: str, error: QueryError, corrected: str, verb: str, options: str) -> None:
        super().__init__(message)
        self.error = error
        self.corrected = corrected
        self.verb = verb
        self.text = f"{corrected} {options}".strip()


def read_query(text: str, texts: Texts, *, verb: str = "", options: str = "", lists: bool = False) -> Query:
    """The query that was typed; raises CommandError that points at what is wrong with it.

    With a `verb` the error is a `QueryRefused`, which offers what to type as a button. A list is refused unless `lists`
    may be followed here. What names a paper is refused: `paper_named` tells it, and who can show a paper asks first.
    """
    if not text:
        raise CommandError(
            texts.gettext("Add what to search for, such as: diffusion model. /help query shows what is possible.")
        )
    if paper_id := paper_named(text):
        raise CommandError(
            texts.gettext("This is a paper, not a query. For papers like it, type like:%(paper)s", paper=paper_id)
        )
    try:
        query = read(text)
    except QueryError as error:
        message, hint = explain(error, texts)
        # Translators: %(message)s says what is wrong with a query, %(column)s at which character; the query follows.
        head = texts.gettext("%(message)s (column %(column)s):", message=message, column=error.column)
        better = (corrected(text) or "") if verb else ""
        lines = [head, *_caret(text, error.column), hint]
        if len(better) > _LABEL:
            lines += [texts.gettext("You may have meant:"), f"    {better}"]
        raise QueryRefused("\n".join(lines), error, better, verb, options) from None
    if query.list and not lists:
        raise CommandError(
            texts.gettext("A list can't be searched. /trending here shows it, and /subscribe follows it.")
        )
    return query


def _caret(text: str, column: int) -> tuple[str, str]:
    """The text around a column and a line that points at it; four spaces mark them as code."""
    start = max(0, min(column - _CARET_WINDOW // 2, len(text) - _CARET_WINDOW))
    shown = "".join(letter if clean(letter, 1) else " " for letter in text[start : start + _CARET_WINDOW])
    return f"    {shown}", f"    {' ' * (column - 1 - start)}^"
