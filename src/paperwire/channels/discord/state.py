"""How the connection to Discord is, in words for `/status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from paperwire.wording import discord as words

if TYPE_CHECKING:
    from datetime import datetime

    from paperwire.ports import Now

log = structlog.get_logger(__name__)


class Line:
    """The state that the listener reports, or, in a process that only sends, the sender."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._since: datetime | None = None
        self._listening = False
        self.words = words.SENDING_ONLY

    @property
    def is_up(self) -> bool:
        """Whether the gateway is connected."""
        return self._listening and self._since is None and self.words == words.CONNECTED

    def connecting(self) -> None:
        """The listener starts."""
        self._listening = True
        self._since = None
        self.words = words.CONNECTING

    def up(self) -> None:
        """All is well."""
        if self._since is not None:
            log.info("discord_connected_again")
        self._since = None
        self.words = words.CONNECTED if self._listening else words.SENDING_ONLY

    def down(self, reason: str, *, token_refused: bool = False) -> None:
        """Something failed; said once, and the state keeps since when."""
        if self._since is None:
            self._since = self._now()
            log.warning("discord_disconnected", reason=reason)
        self.words = words.token_refused(self._since) if token_refused else words.reconnecting(self._since, reason)

    def sent(self, reason: str = "", *, token_refused: bool = False) -> None:
        """How the last message fared (no `reason` = well); the listener, where there is one, knows better."""
        if self._listening:
            return
        if reason:
            self.down(reason, token_refused=token_refused)
        else:
            self.up()

    def closed(self) -> None:
        """The listener has ended."""
        self._listening = False
        self._since = None
        self.words = words.SENDING_ONLY
