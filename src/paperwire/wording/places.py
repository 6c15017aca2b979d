"""Texts about places: how often papers come, quiet hours, style, mutes, pausing, and places named by `to`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


HOW_DIGEST = "Change it: /digest instant, /digest daily 08:00 Europe/Berlin, /digest weekly mon 08:00."
HOW_QUIET = "Change it: /quiet 22:00-07:00 Europe/Berlin, or /quiet off."
HOW_STYLE = "Change it: /style auto, /style cards (a message each) or /style list."
NAME_A_ZONE = "The times are UTC. Name your time zone behind them if you live elsewhere, such as Europe/Berlin."

PLACE_PAUSED = "Paused: nothing is sent here until /resume. What matches meanwhile is kept for you."
PLACE_RESUMED = "Resumed: papers come here again, and what was missed follows."
PLACE_WAS_OPEN = "This place was not paused: papers come as before."
CLOSED_TO_US = "the bot was removed or blocked"
BACK_AGAIN = "Back again. Nothing was lost meanwhile: /resume sends what was missed."

HOW_TO_OPEN = "What comes meanwhile is kept. Once the bot may write there again, /resume in that place sends it."

NO_MUTES = "Nothing is muted here. The Mute… button under a paper mutes an author, a class or a subscription."
MUTED_HERE = "Muted here; press one to hear of it again:"
WHAT_TO_MUTE = "What do you not want to hear of in this place?"
LIFTED = "Unmuted."
NO_SUCH_MUTE = "That was not muted here. /mutes lists what is."


def closed_places(count: int) -> str:
    """The heading of what an owner is told of places that were closed to us."""
    return "Papers no longer reach one of your places:" if count == 1 else f"Papers no longer reach {count:,} places:"


def closed_place(name: str, reason: str) -> str:
    """One closed place, and why."""
    return f"{name}: {reason}"


def and_more(count: int) -> str:
    """Entries of a list that are not named."""
    return f"and {count:,} more"


def a_place(kind: str, channel: str) -> str:
    """A place without a title."""
    return f"{kind} on {channel}"


def place_cadence(cadence: str, zone: str) -> str:
    """How often papers come to a place."""
    return "Papers come here at once." if cadence == "instant" else f"Papers come here {cadence} ({zone})."


def next_digest(when: str) -> str:
    """When the next digest comes."""
    return f"The next one: {when}."


def quiet(hours: str, zone: str) -> str:
    """The quiet hours of a place."""
    return (
        f"Nothing is sent here in {hours} ({zone}); it waits until then." if hours else "There are no quiet hours here."
    )


def style(name: str) -> str:
    """The style of a place."""
    return {
        "cards": "Papers come here as one message each.",
        "list": "Papers come here in lists.",
    }.get(name, "Up to five papers come here as one message each, more as lists.")


def no_zone(text: str, nearest: str) -> str:
    """An unknown time zone."""
    hint = f"Did you mean {nearest}?" if nearest else "Say a city, such as Europe/Berlin or America/New_York."
    return f"{text} is no time zone. {hint}"


def paused_by(name: str) -> str:
    """Why a place is paused."""
    return f"paused by {name}" if name else "paused by request"


def lift(name: str) -> str:
    """The button that lifts a mute."""
    return f"Unmute {name}"[:60]


def mute_name(kind: str, value: str) -> str:
    """What is muted, in words."""
    return {"author": f"the author {value}", "subscription": f"subscription #{value}"}.get(kind, value)


def mute_author(name: str) -> str:
    """The button that mutes an author."""
    return f"Author {name}"


def mute_subscription(name: str) -> str:
    """The button that mutes a subscription in this place."""
    return f"Subscription {name}"


def muted(name: str) -> str:
    """Something was muted."""
    return f"Muted here: {name}."


def cannot_write_there(place: str, problem: str) -> str:
    """The bot lacks a right in a place."""
    return f"Nothing can be sent to {place}: {problem}. Then ask again."


def unknown_channel(kind: str, known: Sequence[str]) -> str:
    """`to` names a channel that is not connected."""
    return f"{kind} is not connected here. Connected: {', '.join(known) or 'none'}."


def other_channel(kind: str) -> str:
    """`to` names a place on another channel, where nobody can check who manages it."""
    return f"A place on {kind} can only be named from {kind}: there it is known what you manage."


def no_such_place(address: str, reason: str) -> str:
    """`to` names a place that is not there for us."""
    return f"There is no place {address} that this bot can reach: {reason}"


def not_your_place(place: str) -> str:
    """The actor does not manage a place."""
    return f"Only managers of {place} can change what comes there."


def cannot_check(reason: str) -> str:
    """Rights cannot be looked up just now."""
    return f"Your rights there cannot be checked just now: {reason}. Nothing was changed; try again in a minute."


def change_it_there(place: str) -> str:
    """A place on another channel has to be managed there."""
    return f"This goes to {place} on another channel: change it there."
