"""How the service fares, as values: what bots, the status page and the shell say from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from paperwire.core.calendar import Outlook
    from paperwire.core.days import Day


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """One source: when it was last read well, when it is asked next, and what went wrong since (empty if nothing).

    `first_done` tells that its first run has ended.
    """

    name: str
    ok_at: datetime | None = None
    next_at: datetime | None = None
    error: str = ""
    first_done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """One channel, in its own words: `connected`, `reconnecting since ...`, `off: no token`."""

    kind: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageHealth:
    """A stage of this process that keeps failing: since when, and when it is tried again; the log says why."""

    name: str
    since: datetime
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The whole service: what it holds, what it owes, and how its sources and channels are.

    `days` are the last days of each source, the latest first, with how complete they are; `outlook` is what to expect
    of arXiv, if that is read. `troubles` are what fails in this process; `held_since` is when all deliveries were put
    on hold, if they are. `given_up` deliveries were refused, `unknown` ones may have arrived; neither is sent again.
    """

    papers: int = 0
    first_day: date | None = None
    last_day: date | None = None
    subscriptions: int = 0
    owed: int = 0
    given_up: int = 0
    unknown: int = 0
    sources: tuple[SourceHealth, ...] = ()
    days: tuple[Day, ...] = ()
    outlook: Outlook | None = None
    channels: tuple[ChannelHealth, ...] = ()
    troubles: tuple[StageHealth, ...] = ()
    held_since: datetime | None = None
    started_at: datetime | None = None
