"""Texts of `/why`: the stages a paper goes through, in the order in which they are walked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MATCHES = "The query finds this paper:"
DOES_NOT_MATCH = "The query does not find this paper:"
NOT_STORED = (
    "This paper is not stored: it has not been announced since Paperwire began to read, or comes with the next batch."
)
NO_SUBSCRIPTIONS = "You have no subscription yet, so nothing could reach you. Begin with /subscribe and a query."
NO_SUBSCRIPTIONS_HERE = "Nothing is subscribed in this place, so no paper comes here."
NONE_MATCHES = "It is stored, but none of the subscriptions finds it:"
FOUND_BY = "Found by "
FOUND_BEFORE = "It was found by a subscription that has been deleted or changed since:"
SUBSCRIPTION_PAUSED = "→ not sent: this subscription is paused"
QUIET = "→ not sent: it came with the first run, an import or a backfill, and those are sent to nobody"
THIS_SUBSCRIPTION = "this subscription"
NOT_YET_MATCHED = "→ it has just come in and is about to be matched"


def class_not_collected(classes: Sequence[str]) -> str:
    """None of a paper's categories is collected."""
    return f"This paper isn't stored: {', '.join(classes[:5])} isn't collected here."


def term(text: str, *, holds: bool, wanted: bool) -> str:
    """One term of a query against a paper."""
    if wanted:
        return f"✓ {text}" if holds else f"✗ {text}: not in it"
    return f"✗ {text}: in it, but excluded" if holds else f"✓ -{text}"


def score(upvotes: int, threshold: int) -> str:
    """A paper's upvotes against a query's threshold."""
    return f"{'✓' if upvotes >= threshold else '✗'} {upvotes:,} of {threshold:,} upvotes"


def lacks(text: str) -> str:
    """A wanted term is missing."""
    return f"no {text}"


def has_excluded(text: str) -> str:
    """An excluded term is there."""
    return f"has {text}, which is excluded"


def failed(reasons: Sequence[str]) -> str:
    """Why one subscription did not find a paper."""
    return f": {'; '.join(reasons)}" if reasons else ""


def sent(place: str, when: str) -> str:
    """It was delivered."""
    return f"→ sent to {place}, {when}"


def waits_paused(place: str, reason: str) -> str:
    """It waits for a paused place."""
    return f"→ held: {place} is paused ({reason}); /resume sends it"


def waits(place: str, when: str) -> str:
    """It waits for its slot, or its turn."""
    return f"→ due in {place}, {when}"


def muted(place: str, what: str) -> str:
    """A mute keeps it away."""
    return f"→ not sent: {what} is muted in {place} (/mutes lifts it)"


def before(seen: str, began: str) -> str:
    """It came before the subscription began."""
    return f"→ not sent: it came {seen}, before this subscription began, {began}"


def nothing_owed(place: str) -> str:
    """None of the other reasons applies."""
    return f"→ nothing is owed to {place}: it was muted or paused there when the paper came, or sent long ago"
