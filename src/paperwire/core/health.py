"""The service's health as values, from which bots, the status page and the shell report it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from paperwire.core.days.calendar import Outlook
from paperwire.core.days.completeness import Day

_INTERVALS = 3  # intervals of a source without any attempt that make it overdue
_UP = frozenset({"connected", "ready", "open", "sending only"})
"""The states in which a channel takes messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHealth:
    """A part or feed of a source that fails: why, and when it is tried again."""

    name: str
    error: str
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """One source: when it was last read well, when it is asked next, and what went wrong since (empty if nothing).

    `first_done` tells that its first run has ended. `overdue_since` is the last attempt, if there should have been
    others since. `failing` are its parts that fail, where it has several.
    """

    name: str
    ok_at: datetime | None = None
    next_at: datetime | None = None
    error: str = ""
    first_done: bool = False
    overdue_since: datetime | None = None
    failing: tuple[PartHealth, ...] = ()


def is_overdue(tried_at: datetime, due_at: datetime, every: timedelta, now: datetime) -> bool:
    """Whether a source that is read at an interval of `every` has not been tried for three of them.

    `tried_at` is the last attempt at any of its parts, `due_at` is when the first of them was to be read: a source that
    waits longer after a failure is not overdue before its time.
    """
    return now - tried_at > _INTERVALS * every and now - due_at > (_INTERVALS - 1) * every


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """One channel, in its own words: `connected`, `reconnecting since ...`; empty where no process runs it."""

    kind: str
    state: str

    @property
    def is_up(self) -> bool:
        """Whether a process runs it and no failure of its messages is known."""
        return is_up(self.state)


def is_up(state: str) -> bool:
    return state in _UP


@dataclass(frozen=True, slots=True, kw_only=True)
class StageHealth:
    """A stage of this process that keeps failing: since when, why, and when it is tried again.

    `database` tells that it is the database that fails; of other faults `reason` is the kind alone, and the log says
    more.
    """

    name: str
    since: datetime
    next_at: datetime
    reason: str = ""
    database: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The whole service: what it holds, what it owes, and how its sources and channels are.

    `days` are the last days of each source, the latest first, with how complete they are; `outlook` is what to expect
    of arXiv, if that is read. `troubles` are what fails in this process, `database_problem` says why it cannot use the
    database as it must; `held_since` is when all deliveries were put on hold, if they are. Of the deliveries that will
    not be sent, `given_up` were refused and `unknown` may have arrived. `closed` chats and addresses, to which papers
    would go, take none. `encoder` is the version of the one that makes vectors of papers, empty where none ever did;
    `unencoded` papers wait for it. Of the `by_meaning` queries that subscriptions ask with `like:`, some have
    `no_threshold` yet.

    `unmatched` news waits for a matcher, the first since `unmatched_since`. Of the `owed` deliveries `due` ones should
    have been sent by now, the first since `due_since`; `held` ones are due as well, and wait for a person: at paused or
    closed chats and addresses, or all of them while deliveries are on hold. `processes` counts those that run, by role;
    `missing` are the roles that the settings need and no process has, while any runs.
    """

    papers: int = 0
    first_day: date | None = None
    last_day: date | None = None
    subscriptions: int = 0
    owed: int = 0
    given_up: int = 0
    unknown: int = 0
    closed: int = 0
    sources: tuple[SourceHealth, ...] = ()
    days: tuple[Day, ...] = ()
    outlook: Outlook | None = None
    channels: tuple[ChannelHealth, ...] = ()
    troubles: tuple[StageHealth, ...] = ()
    database_problem: str = ""
    held_since: datetime | None = None
    started_at: datetime | None = None
    encoder: str = ""
    unencoded: int = 0
    by_meaning: int = 0
    no_threshold: int = 0
    unmatched: int = 0
    unmatched_since: datetime | None = None
    due: int = 0
    due_since: datetime | None = None
    held: int = 0
    processes: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
