"""Takes back what a command or a button changed of a place's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paperwire.core.subscriptions.cadence import Quiet
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC, UNASKED
from paperwire.errors import TimeError
from paperwire.ports.callers import Caller
from paperwire.services.context import Context
from paperwire.services.places.places import MOST_IN_DIGEST, SettingsChange, digest_place, update_at
from paperwire.services.places.zones import read_zone
from paperwire.services.typed import StaleButton, read_cadence
from paperwire.texts import Texts
from paperwire.wording.places import STYLES

_TIMES = ("cadence", "quiet")
_WORDS = (*_TIMES, "zone", "style", "threads")
_NUMBERS = {"digest_min": 1, "digest_max": 0}  # settings that are numbers, and their least values
_FLAGS = ("digest_empty", "digest_sections")


def former_settings(changed: SettingsChange) -> dict[str, list[Any]]:
    """What was changed of a place: [before, now] by the names of its settings."""
    before, now = changed
    return {
        name: [getattr(before, name), getattr(now, name)]
        for name in (*_WORDS, *_NUMBERS, *_FLAGS)
        if getattr(before, name) != getattr(now, name)
    }


async def restore_settings(context: Context, caller: Caller, part: str, changes: Mapping[str, list[Any]]) -> bool:
    """Take back changes of the place that `digest_place` finds, except for what was changed again since.

    A zone stays with times that were set in it since. Returns whether anything was left to take back. Raises
    CommandError and, for what no button says, StaleButton.
    """
    place = await digest_place(context, caller, part)
    undone = {
        name: _read(name, before, caller.texts)
        for name, (before, now) in changes.items()
        if getattr(place, name, None) == now
    }
    if any(name in changes and name not in undone for name in _TIMES):
        undone.pop("zone", None)
    if undone:
        await update_at(context, caller, part, **undone)
    return bool(undone)


def _read(name: str, value: Any, texts: Texts) -> str | int:
    """A former value of a setting that a button carries; raises StaleButton for what is none."""
    if isinstance(value, bool) and name in _FLAGS:
        return value
    if isinstance(value, int) and name in _NUMBERS and _NUMBERS[name] <= value <= MOST_IN_DIGEST:
        return value
    if not isinstance(value, str):
        raise StaleButton
    choices = {"style": STYLES, "threads": ("", "on", "refused")}
    if name in choices and value in choices[name]:
        return value
    readers = {"cadence": read_cadence, "zone": _zone, "quiet": _hours}
    if name not in readers:
        raise StaleButton
    return readers[name](value, texts)


def _zone(name: str, texts: Texts) -> str:
    return name if name in {CHOSEN_UTC, UNASKED} else read_zone(name, texts)


def _hours(text: str, _: Texts) -> str:
    """Quiet hours as stored, empty for none; raises StaleButton for what is none."""
    try:
        return str(Quiet.split(text)[0]) if text else ""
    except TimeError:
        raise StaleButton from None
