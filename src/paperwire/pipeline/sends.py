"""How the last sends of each channel ended, which says more of it than its connection does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from paperwire.core.health import is_up
from paperwire.core.text.clean import clean
from paperwire.errors import Moved, Retry, SendError
from paperwire.ports.channels import Channel
from paperwire.ports.options import Now

REFUSALS = 5
"""Sends in a row that fail before a channel isn't called working; one is enough where it concerns all places."""
LONGEST_REQUESTED_PAUSE = timedelta(minutes=10)
"""How long a platform may ask us to wait, from the first time on, before that is a failure, too."""
_LONGEST_REASON = 200


@dataclass
class _Failing:
    since: datetime
    count: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Sends:
    """The sends of this process since one got through, by kind of channel."""

    now: Now
    _failing: dict[str, _Failing] = field(default_factory=dict)

    def failed(self, kind: str, error: SendError) -> None:
        """Take note of a send or probe that failed; to slow down for a while or to find a new address is no failure."""
        if isinstance(error, Moved):
            return
        failing = self._failing.setdefault(kind, _Failing(self.now()))
        asked = timedelta(seconds=error.after) if isinstance(error, Retry) and error.asked else None
        if asked is not None and self.now() + asked < failing.since + LONGEST_REQUESTED_PAUSE:
            return
        everywhere = isinstance(error, Retry) and error.everywhere
        failing.count = max(failing.count + 1, REFUSALS if everywhere else 0)
        failing.reason = clean(str(error), _LONGEST_REASON)

    def worked(self, kind: str) -> None:
        """Take note of a message that got through."""
        self._failing.pop(kind, None)

    def state(self, channel: Channel) -> str:
        """The state of a channel in its own words, unless it calls itself working and nothing gets through."""
        state, failing = channel.state(), self._failing.get(channel.kind)
        if failing is None or failing.count < REFUSALS or not is_up(state):
            return state
        return f"nothing sent since {failing.since:%Y-%m-%d %H:%M} UTC: {failing.reason}"
