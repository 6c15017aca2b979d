"""The state of the connection to Telegram, in words for `/status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from telegram.error import Conflict, InvalidToken

from paperwire.channels.telegram.faults import fault
from paperwire.wording import telegram as words

if TYPE_CHECKING:
    from datetime import datetime

    from telegram.error import TelegramError

    from paperwire.ports import Now

log = structlog.get_logger(__name__)


class ConnectionState:
    """What the listener reports, or, in a process that only sends, the sender."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._since: datetime | None = None
        self._listening = False
        self.words = words.SENDING_ONLY

    def connecting(self) -> None:
        """The listener starts."""
        self._listening = True
        self.words = words.CONNECTING

    def up(self) -> None:
        """A request succeeded."""
        if self._since is not None:
            log.info("telegram_connected_again")
        self._since = None
        self.words = words.CONNECTED if self._listening else words.SENDING_ONLY

    def down(self, error: TelegramError) -> None:
        """A request failed; the state keeps since when."""
        reason = str(fault(error))
        if self._since is None:
            self._since = self._now()
            log.warning("telegram_disconnected", reason=reason)
        if isinstance(error, InvalidToken):
            self.words = words.token_refused(self._since)
        elif isinstance(error, Conflict):
            self.words = words.other_poller(self._since)
        else:
            self.words = words.reconnecting(self._since, reason)

    def sent(self, error: TelegramError | None = None) -> None:
        """How the last message or probe went; the listener, where there is one, knows better."""
        if self._listening:
            return
        if error is None:
            self.up()
        else:
            self.down(error)

    def closed(self) -> None:
        """The listener has ended."""
        self._listening = False
        self._since = None
        self.words = words.SENDING_ONLY
