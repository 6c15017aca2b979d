"""Discord's rate limits as the fake API counts them: breaches get a 429 and are written down."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field


@dataclass
class Limits:
    """Five messages in five seconds a channel, fifty requests a second in all, ten thousand refusals in ten minutes."""

    per_channel: int = 5
    window: float = 5.0
    per_second: int = 50
    most_invalid: int = 10_000
    nonce_memory: float = 300.0
    violations: list[str] = field(default_factory=list)
    invalid: deque[float] = field(default_factory=deque)
    _buckets: dict[int, tuple[int, float]] = field(default_factory=lambda: defaultdict(lambda: (0, 0.0)))
    _all: deque[float] = field(default_factory=deque)

    def whole(self, now: float) -> float:
        """Count a request of the bot; return the seconds to wait, 0 if it may pass."""
        while self._all and self._all[0] <= now - 1:
            self._all.popleft()
        if len(self._all) >= self.per_second:
            self.violations.append(f"over {self.per_second} a second in all")
            return max(0.05, self._all[0] + 1 - now)
        self._all.append(now)
        return 0.0

    def bucket(self, channel: int, now: float) -> tuple[float, dict[str, str]]:
        """Count a message to `channel`; return the seconds to wait, 0 if it may pass, and the headers."""
        used, ends = self._buckets[channel]
        if now >= ends:
            used, ends = 0, now + self.window
        after = 0.0
        if used >= self.per_channel:
            self.violations.append(f"over {self.per_channel} in {self.window} s: channel {channel}")
            after = max(0.001, ends - now)
        else:
            used += 1
        self._buckets[channel] = used, ends
        return after, {
            "X-RateLimit-Bucket": "messages",
            "X-RateLimit-Limit": str(self.per_channel),
            "X-RateLimit-Remaining": str(self.per_channel - used),
            "X-RateLimit-Reset": f"{1_700_000_000 + ends:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.0, ends - now):.3f}",
        }

    def refused(self, now: float) -> None:
        """Count a 401, 403 or 429."""
        while self.invalid and self.invalid[0] <= now - 600:
            self.invalid.popleft()
        self.invalid.append(now)
        if len(self.invalid) >= self.most_invalid:
            self.violations.append(f"{len(self.invalid)} refused requests in ten minutes")
