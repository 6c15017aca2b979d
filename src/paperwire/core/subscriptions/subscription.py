"""Who wants what, where: people, destinations and subscriptions as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who uses Paperwire; `number` is ours, accounts on channels point to it. `zone` is an IANA name."""

    number: int
    name: str
    locale: str
    zone: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One place on one channel.

    `kind` is `private`, `group`, `channel`, `topic`, `thread`, `mailbox`, `address` or `terminal`.
    `address` is the channel's own (Telegram `-100123/45` for topic 45 of a supergroup). `cadence` is the place's
    default as text (`instant`, `daily 08:00`, `weekly mon 08:00`), `quiet` `HH:MM-HH:MM` or empty, `style` `auto`,
    `cards` or `list`. `paused` says why nothing is sent there, empty when it is open; `failures` counts the attempts
    in a row that failed. `locale` is the owner's, which texts sent there are in. A digest waits for `digest_min`
    papers, lists `digest_max` at most (0: all), and is sent even without any if `digest_empty`.
    """

    number: int
    channel: str
    address: str
    kind: str
    title: str
    owner: int
    cadence: str
    zone: str
    quiet: str
    style: str
    paused: str
    failures: int = 0
    locale: str = "en"
    digest_min: int = 1
    digest_max: int = 0
    digest_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A person's query as typed, with what it wants and where it goes.

    `query` is the stored query's number and `key` its key. `occasions` holds `arrival` and any of `versions`,
    `withdrawn`. `cadence` is empty when the place's default counts. `mention` is a role that its alerts ping, empty for
    none. `destinations` are numbers.
    """

    number: int
    person: int
    query: int
    key: str
    text: str
    name: str
    occasions: frozenset[str]
    cadence: str
    paused: bool
    began_at: datetime
    destinations: tuple[int, ...]
    mention: str = ""
