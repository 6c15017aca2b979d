"""Queries as people type them."""

from __future__ import annotations

from paperwire.core.query.language import Query, parse
from paperwire.core.search.correction import corrected
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, QueryError
from paperwire.texts import Texts
from paperwire.wording.queries import explain

_CARET_WINDOW = 60
_LABEL = 40
"""The longest correction that its button shows in whole everywhere."""


class QueryRefused(CommandError):
    """The refusal of a query that cannot be read, for the `error` of `parse`.

    `corrected` is what may be typed instead, empty if nothing is known; the button `verb` takes it as `text`, with what
    followed the query.
    """

    def __init__(self, message: str, error: QueryError, corrected: str, verb: str, suffix: str) -> None:
        super().__init__(message)
        self.error = error
        self.corrected = corrected
        self.verb = verb
        self.text = f"{corrected} {suffix}".strip()


def read_query(text: str, texts: Texts, *, verb: str = "", suffix: str = "", lists: bool = False) -> Query:
    """The query that was typed; raises CommandError that points at what is wrong with it.

    With a `verb` the error is a `QueryRefused`, which offers what to type as a button. A list is refused unless `lists`
    may be followed here.
    """
    if not text:
        raise CommandError(
            texts.gettext("Add what to search for, such as: diffusion model. /help query shows what is possible.")
        )
    try:
        query = parse(text)
    except QueryError as error:
        message, hint = explain(error, texts)
        head = texts.gettext("%(message)s (column %(column)s):", message=message, column=error.column)
        better = (corrected(text) or "") if verb else ""
        lines = [head, *_caret(text, error.column), hint]
        if len(better) > _LABEL:
            lines += [texts.gettext("What it could be:"), f"    {better}"]
        raise QueryRefused("\n".join(lines), error, better, verb, suffix) from None
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
