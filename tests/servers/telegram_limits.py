"""Telegram's flood limits as the fake Bot API counts them: breaches get a 429 and are written down."""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from servers.telegram_world import Refusal


@dataclass
class Limits:
    """One message a second per chat (with a small burst), twenty a minute per group, thirty a second in all."""

    burst: int = 3
    per_group_minute: int = 20
    per_second: int = 30
    violations: list[str] = field(default_factory=list)
    _tokens: dict[int, tuple[float, float]] = field(default_factory=dict)
    _groups: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _all: deque[float] = field(default_factory=deque)
    _banned: dict[int, float] = field(default_factory=dict)

    def wait(self, chat: int, now: float) -> int:
        """Count a message to `chat` at `now` (seconds); return the whole seconds to wait, 0 if it may pass."""
        rule, after = self._broken(chat, now)
        if rule:
            self.violations.append(f"{rule}: chat {chat}")
            whole = max(1, int(after + 0.999))
            self._banned[chat] = max(self._banned.get(chat, 0), now + whole)
            return whole
        self._tokens[chat] = self._left(chat, now) - 1, now
        if chat < 0:
            self._groups[chat].append(now)
        self._all.append(now)
        return 0

    def rest(self, seconds: float) -> None:
        """Count from now on as if nothing had been sent for so much longer."""
        self._tokens = {chat: (tokens, at - seconds) for chat, (tokens, at) in self._tokens.items()}
        self._all = deque(at - seconds for at in self._all)

    def _left(self, chat: int, now: float) -> float:
        tokens, at = self._tokens.get(chat, (self.burst, now))
        return min(self.burst, tokens + (now - at))

    def _broken(self, chat: int, now: float) -> tuple[str, float]:
        if self._banned.get(chat, 0) > now:
            return "sent during a flood wait", self._banned[chat] - now
        group = self._groups[chat]
        while group and group[0] <= now - 60:
            group.popleft()
        while self._all and self._all[0] <= now - 1:
            self._all.popleft()
        if self._left(chat, now) < 1:
            return "over 1 a second", 1.0
        if len(group) >= self.per_group_minute:
            return "over 20 a minute", group[0] + 60 - now
        if len(self._all) >= self.per_second:
            return "over 30 a second in all", 1.0
        return "", 0.0


def checked_menu(values: dict[str, Any]) -> list[dict[str, str]]:
    """The commands of a menu, if its language has two letters and each description fits."""
    commands: list[dict[str, str]] = json.loads(values["commands"])
    if not re.fullmatch(r"([a-z]{2})?", values.get("language_code") or ""):
        raise Refusal(400, "Bad Request: invalid language code specified")
    if len(commands) > 100 or not all(1 <= len(each["description"]) <= 256 for each in commands):
        raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def checked_toast(values: dict[str, Any]) -> dict[str, Any]:
    """The answer to a press, if its text fits."""
    if len(values.get("text") or "") > 200:
        raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
    return values
