"""What services work with: the database, the clock, what can be asked, and what the settings allow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from paperwire.core.papers.paper import Paper
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.nearness import Nearness
from paperwire.ports.channels import Channel
from paperwire.ports.options import Now
from paperwire.services.access import Access
from paperwire.store.unit import Store
from paperwire.wording.expectations import Announcing


@dataclass(frozen=True, kw_only=True)
class Context:
    """The values that services work with.

    `followed` are the arXiv categories that are collected, spelled out. `lookup` asks the sources for one paper that is
    not stored, `lookup_many` for several by their ids, and both raise SourceError. `sources` are the intervals of those
    that are on, by name. `closures` are the New York evenings on which the settings expect no announcement of arXiv's.
    `channels` are all that can be asked, and `down_until` tells until when one is left alone, None if it isn't.
    `access` says who may use this instance, `max_subscriptions` how many one owner may have. `zone` is the time zone
    of new places. `public_list` says that this instance has a public list. `calibration` finds papers by
    meaning, where an encoder is on, and makes what subscriptions by meaning ask for.
    """

    store: Store
    secret_key: bytes = field(repr=False)
    public_url: str
    followed: Sequence[str]
    channels: Mapping[str, Channel]
    lookup: Callable[[str], Awaitable[Paper | None]]
    lookup_many: Callable[[Sequence[str]], Awaitable[Mapping[str, Paper]]]
    now: Now
    sources: Mapping[str, timedelta]
    closures: frozenset[date]
    access: Access
    max_subscriptions: int
    zone: str
    down_until: Callable[[str], datetime | None]
    public_list: bool
    calibration: Calibration | None

    def announcing(self) -> Announcing:
        """What is known now of announcements."""
        return Announcing(self.now(), self.sources, self.closures)

    @property
    def nearness(self) -> Nearness | None:
        """How near papers are to each other, where an encoder is on."""
        return None if self.calibration is None else self.calibration.nearness
