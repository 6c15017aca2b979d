"""Texts too long for a button, remembered for as long as people may press it."""

from __future__ import annotations

import base64
from collections import OrderedDict
from hashlib import blake2b

ROOM = 64
"""The most bytes a button's action may have (Telegram's callback_data)."""
_KEPT = 5000
_MARK = "~"  # no query begins so: a query with it is refused


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
        if len(self._texts) > _KEPT:
            self._texts.popitem(last=False)
        return start + key

    def text(self, part: str) -> str | None:
        """The text that `action` put in; None if it was too long and is no longer remembered."""
        return self._texts.get(part) if part.startswith(_MARK) else part
