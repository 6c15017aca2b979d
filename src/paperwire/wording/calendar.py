"""What is said about arXiv's next announcement, and about how complete the days of a source are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_NAMED = 8
_VIEWS = {"rss": "the feed", "oai": "OAI-PMH", "list": "the listing page"}


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


def no_batch(reason: str) -> str:
    """A day without any batch; `reason` is a holiday, `weekend` or `closed`, if there is any."""
    reason = "arXiv is closed" if reason == "closed" else reason
    return f"nothing announced, {reason}" if reason else "nothing announced"


def counts(new: int, crossed: int, replaced: int) -> str:
    """What a day holds."""
    parts = [f"{new:,} new"]
    parts += [f"{crossed:,} cross-listed"] if crossed else []
    parts += [f"{replaced:,} replaced"] if replaced else []
    return ", ".join(parts)


def complete(late: int) -> str:
    """A day that is proven whole."""
    if not late:
        return "complete"
    return "complete, 1 paper of it found late" if late == 1 else f"complete, {late:,} papers of it found late"


EXPECTED = "expected, nothing seen yet"
BACKFILLED = "backfilled, from before the first look"
"""A day of which nothing is claimed."""
_HARMLESS = {
    "history": "not enough history to judge the number",
    "rest": "the other categories are not in yet",
    "open": "not read after its end yet",
    "alone": "read after it closed; no second view to compare",
}


def doubt(why: str, views: Sequence[str] = (), count: int = 0, usual: float = 0) -> str:
    """What is missing for a proof; the words are those of `core.doubt.Why`."""
    names = [_VIEWS.get(view, view) for view in views]
    match why:
        case "stale":
            return f"{names[0]} still shows an older list"
        case "lacks":
            return f"not in {' or '.join(names)} yet"
        case "differ":
            return f"{' and '.join(names)} differ by {_papers(count)}"
        case "low" | "high":
            return f"unusually {'few' if why == 'low' else 'many'} papers, {count:,} where {usual:,.0f} are usual"
    return _HARMLESS[why]


def _papers(count: int) -> str:
    return "1 paper" if count == 1 else f"{count:,} papers"


def unconfirmed(*, of_all: Sequence[str], proven: int, parts: int, unproven: Sequence[tuple[str, str]]) -> str:
    """A day that is not proven: `of_all` is in doubt of all of it, `unproven` are categories, each with what is of it.

    `proven` of its `parts` are complete. Servers and feeds are parts as categories are.
    """
    reasons: dict[str, list[str]] = {}
    for name, why in unproven:
        if why:
            reasons.setdefault(why, []).append(name)
    shared = [why for why, names in reasons.items() if len(names) == parts]
    listed = [f"{_named(names)}: {why}" for why, names in reasons.items() if why not in shared]
    told = "; ".join([*of_all, *shared, *listed])
    if proven or listed:
        return f"unconfirmed, {proven} of {parts} categories are complete ({told})"
    return f"unconfirmed: {told}" if told else "unconfirmed"


def _named(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def day_line(source: str, day: str, state: str, held: str) -> str:
    """One day of one source, in one line."""
    return f"{source}, {day}: {state}" + (f" ({held})" if held else "")
