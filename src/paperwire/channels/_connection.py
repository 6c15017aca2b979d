"""The connection of a channel that people talk to, in words for `/status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from datetime import datetime

    from paperwire.ports import Now

log = structlog.get_logger(__name__)


class ConnectionState:
    """What the listener reports, or, in a process that only sends, the sender; `kind` is the channel's."""

    def __init__(self, kind: str, now: Now) -> None:
        self._kind = kind
        self._now = now
        self._since: datetime | None = None
        self._listening = False
        self.closed()

    @property
    def is_up(self) -> bool:
        """Whether the listener is connected."""
        return self._listening and self.words == "connected"

    def connecting(self) -> None:
        """The listener starts."""
        self._listening, self._since = True, None
        self.words = "connecting"

    def up(self) -> None:
        """Something succeeded."""
        if self._since is not None:
            log.info("channel_connected_again", channel=self._kind)
        self._since = None
        self.words = "connected" if self._listening else "sending only"

    def down(self, reason: str, *, token_refused: bool = False) -> None:
        """Something failed; logged once, and the state keeps since when."""
        if self._since is None:
            self._since = self._now()
            log.warning("channel_disconnected", channel=self._kind, reason=reason)
        since = f"since {self._since:%Y-%m-%d %H:%M} UTC"
        if token_refused:
            self.words = f"token refused {since}: check channels.{self._kind}.token"
        else:
            self.words = f"reconnecting {since}: {reason}"

    def sent(self, reason: str = "", *, token_refused: bool = False) -> None:
        """How the last message or probe went (no `reason` = well); the listener, where there is one, knows better."""
        if self._listening:
            return
        if reason:
            self.down(reason, token_refused=token_refused)
        else:
            self.up()

    def closed(self) -> None:
        """The listener has ended."""
        self._listening, self._since = False, None
        self.words = "sending only"
