"""Questions that wait for an answer: the next message of the person who was asked, in the same place."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from paperwire.ports.requests import Caller, Question, Request

LONGEST_WAIT = timedelta(minutes=15)
CANCEL = "cancel"
"""What is typed, as a word or a command, to answer with nothing."""
_KEPT = 5000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question, and the request that it is to complete."""

    question: Question
    request: Request
    since: datetime

    def answered(self, request: Request) -> Request:
        """The request with its answer, under the rights of the person who answers; its own words go behind."""
        args = f"{request.args} {self.request.args}".strip()
        return replace(request, command=self.request.command, args=args, options=self.request.options)


class Questions:
    """In memory, one for each person and place; after a restart an answer is text without a command."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, str, str], Waiting] = OrderedDict()

    def ask(self, question: Question, request: Request, now: datetime) -> None:
        """Wait for an answer; an older question to this person there is forgotten."""
        self._waiting[_key(request)] = Waiting(question, request, now)
        self._waiting.move_to_end(_key(request))
        if len(self._waiting) > _KEPT:
            self._waiting.popitem(last=False)

    def take(self, caller: Caller, now: datetime) -> Waiting | None:
        """The question that waits for this person there, which is then over; None if there is none or it is old."""
        waiting = self._waiting.pop(_key(caller), None)
        return waiting if waiting is not None and now - waiting.since <= LONGEST_WAIT else None


def _key(caller: Caller) -> tuple[str, str, str]:
    return caller.actor.channel, caller.actor.user_id, caller.place.address
