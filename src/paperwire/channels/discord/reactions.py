"""Reactions that are votes: Discord tells of one at a time, and all of a person's to a message are one vote."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from paperwire.channels._conversation import UPVOTES

if TYPE_CHECKING:  # nothing here needs the library at run time
    from discord import RawReactionActionEvent

_REMEMBERED_REACTIONS = 10_000


class Reactions:
    """Which reactions of people stand under messages, of the last 10,000 pairs of both that this process was sent.

    Of what was added before, nothing is known: the end of one reaction is then the end of the vote.
    """

    def __init__(self) -> None:
        self._standing: OrderedDict[tuple[int, int], set[str]] = OrderedDict()

    def vote(self, reaction: RawReactionActionEvent) -> str:
        """`upvoted` if this reaction is a vote, `unvoted` if it was the last one that is, else nothing."""
        emoji = reaction.emoji.name or ""
        if not emoji.startswith(UPVOTES):
            return ""
        whose = (reaction.message_id, reaction.user_id)
        standing = self._standing.pop(whose, set())
        if reaction.event_type == "REACTION_ADD":
            self._standing[whose] = standing | {emoji}
            if len(self._standing) > _REMEMBERED_REACTIONS:
                self._standing.popitem(last=False)
            return "upvoted"
        if remaining := standing - {emoji}:
            self._standing[whose] = remaining
            return ""
        return "unvoted"
