"""Outages of the fake platforms: faults that last until the test ends them, for sends, probes and the rest apart."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

KINDS = (
    "server_error",
    "unavailable",
    "bad_gateway",
    "no_body",
    "garbage",
    "hang",
    "hang_after",
    "reset",
    "reset_after",
    "flood",
    "unauthorized",
)
"""What both fakes know: 500 and 503 with the API's body, 502 with a page, 502 with nothing, a page with 200, no answer,
a torn connection, 429, 401. Those named `after` obey the request first."""


@dataclass
class Outage:
    """The faults of requests while it lasts: set as `server.outage`, and ended with `server.outage = None`.

    `share` of the sends fail, each in one of the ways `sends`, drawn with `seed`; every probe fails as `probe` says and
    every other request as `others` says, no word for not at all. `value` is the seconds that a 429 names. `met` counts
    what befell which part.
    """

    sends: tuple[str, ...] = ()
    probe: str = ""
    others: str = ""
    share: float = 1.0
    seed: int = 7
    value: float = 1
    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        unknown = {kind for kind in (*self.sends, self.probe, self.others) if kind} - set(KINDS)
        assert not unknown, unknown

    def kind(self, part: str) -> str:
        """How a request of `part` (`send`, `probe` or `other`) fails; empty if it does not."""
        if part == "send":
            kind = self._random.choice(self.sends) if self.sends and self._random.random() < self.share else ""
        else:
            kind = self.probe if part == "probe" else self.others
        if kind:
            self.met[part, kind] += 1
        return kind
