"""What is said about arXiv's next announcement, and about how complete the days of a source are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_NAMED = 8
_WHY = {
    "stale": "its feed still shows an older list",
    "unseen": "nothing of it was seen yet",
    "unproved": "not confirmed by the second view yet",
}


def moment(at: datetime) -> str:
    """A time in New York as arXiv speaks of it: `Sunday 20:00 ET`."""
    return f"{_DAYS[at.weekday()]} {at:%H:%M} ET"


def outlook(*, tonight: bool, holiday: str, next_at: datetime, known: bool = True) -> str:
    """One line for `/status`: when the next papers come, and why there are none tonight; `next_at` in New York.

    `holiday` is its name, or `closed` for an evening that the settings name. `known` says whether arXiv's holidays of
    that year are known here.
    """
    unknown = "" if known else f" (unless it is a holiday: those of {next_at.year} are not known here)"
    if tonight:
        return f"next arXiv batch {moment(next_at)}{unknown}"
    nothing = {"": "arXiv announces nothing on Friday and Saturday", "closed": "arXiv is closed"}
    why = nothing.get(holiday, "US holiday")
    named = "" if holiday in nothing else f" ({holiday})"
    return f"no papers tonight: {why}, next batch {moment(next_at)}{named}{unknown}"


def day_name(day: date) -> str:
    """A day of a source: `Wed 12 Aug`."""
    return f"{day:%a} {day.day} {day:%b}"


def no_batch(holiday: str) -> str:
    """A day without any batch."""
    return f"nothing announced, {holiday}" if holiday else "nothing announced"


def counts(new: int, crossed: int, replaced: int) -> str:
    """What a day holds."""
    parts = [f"{new:,} new"]
    parts += [f"{crossed:,} cross-listed"] if crossed else []
    parts += [f"{replaced:,} replaced"] if replaced else []
    return ", ".join(parts)


def complete(late: int) -> str:
    """A day that is whole."""
    if not late:
        return "complete"
    return "complete, 1 paper of it found late" if late == 1 else f"complete, {late:,} papers of it found late"


def awaited(*, failed: bool, settled: int, parts: int, waiting: Sequence[tuple[str, str]]) -> str:
    """A day that is not whole: `waiting` are names of classes (or servers, feeds), each with why it is waited for."""
    word = "NOT COMPLETE" if failed else "not complete yet"
    if parts == 1:
        return f"{word}, {_WHY[waiting[0][1]]}"
    reasons: dict[str, list[str]] = {}
    for name, why in waiting:
        reasons.setdefault(why, []).append(name)
    told = "; ".join(f"{_named(names)}: {_WHY[why]}" for why, names in reasons.items())
    return f"{word}, {settled} of {parts} classes are ({told})"


def _named(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def day_line(source: str, day: str, state: str, held: str) -> str:
    """One day of one source, in one line."""
    return f"{source}, {day}: {state}" + (f" ({held})" if held else "")
