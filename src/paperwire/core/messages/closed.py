"""Tells the owner of a place why nothing is sent there, and what to do about it."""

from __future__ import annotations

from paperwire.core.text.clean import clean
from paperwire.errors import CloseReason
from paperwire.texts import Texts, gettext_noop

ASKED = "asked"
"""What is stored of a place that a person paused; `:` and their name may follow."""
_LONGEST_NAME = 100

# Translators: why a chat or address is paused, within sentences such as "Deliveries are paused here (%(reason)s)."
_REASONS = {
    CloseReason.REMOVED: gettext_noop("the bot was removed"),
    CloseReason.BLOCKED: gettext_noop("the bot is blocked, or may not send private messages"),
    CloseReason.DELETED: gettext_noop("it was deleted, or the bot can't find it"),
    CloseReason.SILENCED: gettext_noop("the bot may not post there"),
    CloseReason.HIDDEN: gettext_noop("the bot can't see it"),
    CloseReason.TOPIC_CLOSED: gettext_noop("the topic is closed"),
    CloseReason.ARCHIVED: gettext_noop("the thread is archived or locked"),
    CloseReason.REFUSED: gettext_noop("the address takes no messages"),
    CloseReason.NOT_ALLOWED: gettext_noop("its owner may not use this Paperwire"),
}
# Translators: what to do about a pause, as a sentence after its reason.
_REMEDIES = {
    CloseReason.REMOVED: gettext_noop("Add it again."),
    CloseReason.BLOCKED: gettext_noop("Unblock it, or allow private messages from it."),
    CloseReason.DELETED: gettext_noop("If it still exists, add the bot there again."),
    CloseReason.SILENCED: gettext_noop("Allow it to send messages with links there."),
    CloseReason.HIDDEN: gettext_noop("Give it access again."),
    CloseReason.TOPIC_CLOSED: gettext_noop("Reopen it."),
    CloseReason.ARCHIVED: gettext_noop("Open it again."),
    CloseReason.REFUSED: gettext_noop("Check the address, then subscribe it again."),
    CloseReason.NOT_ALLOWED: gettext_noop("Ask the operator to let you in."),
}


def paused_by(name: str) -> str:
    return f"{ASKED}:{name}" if name else ASKED


def is_asked_for(paused: str) -> bool:
    """Whether a person paused a place of which this is stored."""
    return paused.partition(":")[0] == ASKED


def pause_reason(paused: str, texts: Texts) -> str:
    """Why a place is paused, to stand within a sentence; what is of no known kind stands as it is."""
    if is_asked_for(paused):
        name = paused.partition(":")[2]
        # Translators: stands in sentences such as "Deliveries are paused here (%(reason)s)."
        return texts.gettext("paused by %(name)s", name=name) if name else texts.gettext("paused on request")
    return texts.gettext(_REASONS[CloseReason(paused)]) if paused in _REASONS else clean(paused, _LONGEST_NAME)


def remedy(paused: str, texts: Texts) -> str:
    """What the owner can do about it, as a sentence; empty where that is not known."""
    return texts.gettext(_REMEDIES[CloseReason(paused)]) if paused in _REMEDIES else ""
