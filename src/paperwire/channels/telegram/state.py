"""How the connection to Telegram is, in words for `/status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from paperwire.channels.telegram.faults import explained
from paperwire.channels.telegram.transport import ApiError
from paperwire.wording import telegram as words

if TYPE_CHECKING:
    from datetime import datetime

    from telegram.error import TelegramError

    from paperwire.ports import Now

log = structlog.get_logger(__name__)


class Line:
    """The state that the listener reports, or, in a process that only sends, the sender."""

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
        """All is well."""
        if self._since is not None:
            log.info("telegram_connected_again")
        self._since = None
        self.words = words.CONNECTED if self._listening else words.SENDING_ONLY

    def down(self, error: TelegramError) -> None:
        """Something failed; the state keeps since when."""
        reason = explained(error)
        if self._since is None:
            self._since = self._now()
            log.warning("telegram_disconnected", reason=reason)
        code = error.code if isinstance(error, ApiError) else 0
        if code in {401, 404}:
            self.words = words.token_refused(self._since)
        elif code == 409:
            self.words = words.other_poller(self._since)
        else:
            self.words = words.reconnecting(self._since, reason)

    def sent(self, error: TelegramError | None = None) -> None:
        """How the last message or probe fared; the listener, where there is one, knows better."""
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
