"""Texts of subscribing: previews and their rate, the list of subscriptions, and one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

SUBSCRIBED = "Subscribed: "
SUBSCRIBED_AGAIN = "Subscribed again: "
UNSUBSCRIBED = "Unsubscribed: "
CHANGED = "Changed: "
PREVIEW_OF = "Preview of "
HERE = "here"

WHEN = "When…"
EDIT = "Edit"
OPEN = "Open"
DELETE = "Delete"
PAUSE = "Pause"
RESUME = "Resume"

NOTHING_HELD = "No papers are held yet, so there is no preview; the first ones are being read."
TOO_MANY = '⚠ That is more than 30 a day. Narrow it with another word, a "phrase", ti: or cat:, or take a daily digest.'
NEVER = "⚠ It never would have matched. Check the spelling, or try fewer words or a beginning such as diffus*."
NO_SUBSCRIPTIONS = "You have no subscription yet. Begin with /subscribe and what you care about."
NO_SUBSCRIPTIONS_HERE = "Nothing is subscribed in this place yet. Managers begin with /subscribe and a query."
NO_SUCH_SUBSCRIPTION = "There is no such subscription here. /subscriptions lists those there are."
OPEN_ONE = "Open one by its button, or by /subscriptions and its number."
PAUSED = "paused"
PAUSED_LINE = "This subscription is paused."
EDIT_BY_TYPING = "Send this with another query in place of the old one:"
WHICH_CADENCE = "How often should papers come for "
OTHER_TIMES = "For other times: /digest for this whole place, or when: behind /subscribe, such as when:daily 07:30"
WHICH_TO_END = "Which subscription do you want to end?"
FOR_EVERYBODY_HERE = "Everybody here sees them; managers change them with /subscriptions."

_OCCASIONS = {"arrival": "new papers", "versions": "new versions", "withdrawn": "withdrawals"}


def greeting(name: str) -> str:
    """What an address is told when somebody names it for the first time; their query follows."""
    return f"{name or 'Someone'} asked for new papers here"


def sent_by(url: str) -> str:
    """Where a message comes from that nobody may have expected."""
    return f"Sent by Paperwire, {url}. The person who subscribed can stop it with /unsubscribe."


def papers(count: int) -> str:
    """A number of papers."""
    return "1 paper" if count == 1 else f"{count:,} papers"


def would_have_matched(total: int, held: int, days: int, until: date, *, at_least: bool) -> str:
    """How many of the last days' papers a query would have found, and how many that makes."""
    count = f"at least {total:,}" if at_least else f"{total:,}"
    span = f"the day of {until.isoformat()}" if days == 1 else f"{days} days up to {until.isoformat()}"
    return f"It would have matched {count} of {papers(held)} in {span}: {rate(total, days)}."


def rate(total: int, days: int) -> str:
    """`about 14 a week, from 9 days`."""
    source = "from 1 day" if days == 1 else f"from {days} days"
    a_week = total * 7 / days
    if total == 0:
        return f"none, {source}"
    if a_week >= 1:
        return f"about {a_week:,.0f} a week, {source}"
    return f"about {max(total * 30 / days, 1):.0f} a month, {source}"


def nobody_collects(classes: Sequence[str]) -> str:
    """A query asks for classes that are not followed."""
    names = ", ".join(classes[:5])
    return f"⚠ Nobody collects {names} here, so nothing of it will come. Ask whoever runs this service to add it."


def try_subscribe(text: str) -> str:
    """How to go on from a preview."""
    return (
        f"To be told of each new one: /subscribe {text}"
        if len(text) <= 200
        else "To be told of each new one: /subscribe"
    )


def comes(cadence: str, where: str) -> str:
    """How and where the papers will come."""
    when = "at once" if cadence == "instant" else cadence
    return f"Each new one comes {where}, {when}."


def place_is_paused(reason: str) -> str:
    """The place of a new subscription is closed."""
    return f"⚠ This place is paused ({reason}); nothing comes until /resume."


def subscriptions(count: int) -> str:
    """The heading of the list."""
    return "1 subscription" if count == 1 else f"{count:,} subscriptions"


def open_number(number: int) -> str:
    """The button that opens a subscription of the list."""
    return f"Open {number}"


def notes(parts: Sequence[str]) -> str:
    """What is special about a subscription in the list."""
    return f" ({', '.join(parts)})"


def goes_to(places: Sequence[str], cadences: Sequence[str]) -> str:
    """Where a subscription goes, and how often."""
    return f"Goes to {', '.join(places) or 'no place'}, {' and '.join(cadences) or 'never'}."


def tells_of(occasions: Sequence[str]) -> str:
    """What a subscription tells of."""
    return f"Tells of {', '.join(_OCCASIONS.get(name, name) for name in occasions)}."


def toggle(occasion: str, *, on: bool) -> str:
    """The button that adds or drops an occasion."""
    return f"{'Without' if on else 'Also'} {_OCCASIONS[occasion]}"


def began(when: str) -> str:
    """When a subscription was made."""
    return f"Since {when}."


def instead_of(text: str) -> str:
    """What a changed subscription was before."""
    return f"Before: {text}"


def cadence(choice: str) -> str:
    """A choice of cadence on a button."""
    return {"instant": "At once", "default": "As this place has it"}.get(choice, choice)


def now_comes(choice: str) -> str:
    """A cadence was chosen."""
    return f": {cadence(choice)}."


def delete(number: int, text: str) -> str:
    """A button that ends a subscription."""
    return f"#{number} {text}"[:60]


def too_many_subscriptions(most: int) -> str:
    """The quota is used up."""
    return f"You have {most} subscriptions, which is the most there can be. End one with /unsubscribe first."


NO_ROLE = "role: takes a role of this server, as in role:@Reading-group chosen from the list."
