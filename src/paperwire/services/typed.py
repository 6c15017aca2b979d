"""What people type, as values: numbers, times, queries and time zones; and the numbers that buttons carry."""

from __future__ import annotations

import difflib
import re
from functools import cache
from zoneinfo import available_timezones

from paperwire.core.query.language import Query, parse
from paperwire.core.search.correction import corrected
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, QueryError, TimeError
from paperwire.texts import Texts
from paperwire.wording.cadences import time_refusal
from paperwire.wording.queries import explain

_FENCE = re.compile(r"```[a-z]*\s(.*)```|(`+)([^`]*)\2", re.DOTALL)
_CARET_WINDOW = 60
_LABEL = 40
"""The longest correction that its button shows in whole everywhere."""
COMMON_ZONES = (
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
)


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


# --- queries -----------------------------------------------------------------------------------------------------


class QueryRefused(CommandError):
    """The refusal of a query that cannot be read, for the `error` of `parse`.

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


# --- time zones --------------------------------------------------------------------------------------------------


@cache
def _zones() -> dict[str, str]:
    """IANA names by how people type them: whole, or the last part alone where only one zone ends so."""
    names = {name for name in available_timezones() if not name.startswith(("posix", "right", "System"))}
    by_city: dict[str, list[str]] = {}
    for name in sorted(names):
        by_city.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    cities = {city: zones[0] for city, zones in by_city.items() if len(zones) == 1}
    return cities | {name.casefold(): name for name in names} | {"utc": CHOSEN_UTC}


def read_zone(text: str, texts: Texts, *, timed: bool = True) -> str:
    """The IANA time zone that is meant (`Europe/Berlin`, `berlin`, `new york`); raises CommandError.

    After words that are not `timed`, what is no zone may also be meant as a day or a time.
    """
    typed = "_".join(text.casefold().split())
    if zone := _zones().get(typed):
        return zone
    if not timed and "/" not in typed:
        raise CommandError(
            texts.gettext(
                'Can\'t read "%(typed)s". Use a day such as mon, a time such as 08:00, or a time zone such as '
                "Europe/Berlin.",
                typed=clean(text, 40),
            )
        )
    near = difflib.get_close_matches(typed, _zones(), n=1, cutoff=0.75)
    hint = (
        texts.gettext("Did you mean %(zone)s?", zone=_zones()[near[0]])
        if near
        else texts.gettext("Use a city, such as Europe/Berlin or America/New_York.")
    )
    raise CommandError(texts.gettext("%(typed)s isn't a time zone. %(hint)s", typed=clean(text, 40), hint=hint))


def zones_like(text: str) -> list[str]:
    """The zones whose name or city begins with `text`, in order."""
    typed = "_".join(text.casefold().split())
    return sorted({zone for name, zone in _zones().items() if name.startswith(typed) or f"/{typed}" in name})
