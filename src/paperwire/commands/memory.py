"""What is kept in memory between two messages: questions that wait for an answer, and texts too long for a button."""

from __future__ import annotations

import base64
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from paperwire.ports.callers import Caller
from paperwire.ports.requests import Question, Request

LONGEST_WAIT = timedelta(minutes=15)
CANCEL = "cancel"
"""What is typed, as a word or a command, to answer with nothing."""
_REMEMBERED = 5000
ROOM = 64
"""The most bytes a button's action may have (Telegram's callback_data)."""
_MARK = "~"  # no query begins so: a query with it is refused


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question, and the request that it is to complete."""

    question: Question
    request: Request
    since: datetime

    def answered(self, request: Request) -> Request:
        """The request with its answer, under the rights of the person who answers; its own words follow it."""
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
        if len(self._waiting) > _REMEMBERED:
            self._waiting.popitem(last=False)

    def take(self, caller: Caller, now: datetime) -> Waiting | None:
        """The question that waits for this person there, which is then over; None if there is none or it is old."""
        waiting = self._waiting.pop(_key(caller), None)
        return waiting if waiting is not None and now - waiting.since <= LONGEST_WAIT else None


def _key(caller: Caller) -> tuple[str, str, str]:
    return caller.actor.channel, caller.actor.user_id, caller.place.address


class Recent:
    """Puts texts into actions: as they are where they fit, else as a short key to the newest 5,000 long ones."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()

    def action(self, start: str, text: str) -> str:
        """The action `start` + `text`, of at most 64 bytes; `start` is short and ends in a colon."""
        if len((start + text).encode("utf-8", "surrogatepass")) <= ROOM and not text.startswith(_MARK):
            return start + text
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
        key = _MARK + base64.urlsafe_b64encode(digest).decode("ascii")
        self._texts[key] = text
        self._texts.move_to_end(key)
        if len(self._texts) > _REMEMBERED:
            self._texts.popitem(last=False)
        return start + key

    def text(self, part: str) -> str | None:
        """The text that `action` put in; None if it was too long and is no longer remembered."""
        return self._texts.get(part) if part.startswith(_MARK) else part
