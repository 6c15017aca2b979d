"""Bundles the deliveries due at one destination into messages: single papers, lists and digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, Literal, TypeVar

from paperwire.core.messages.digests import Digest
from paperwire.core.subscriptions.meeting import Reminder

T = TypeVar("T")

SINGLES = 5
"""Maximum deliveries due at once that are sent as messages of their own."""
SINGLES_WHEN_LATE = 10
"""Maximum single messages for a destination after an outage; more go as digests."""
OUTAGE_DELAY = timedelta(hours=6)
"""A delivery overdue by more than this means an outage."""
LONGEST_BACKLOG = timedelta(minutes=10)
"""A backlog that takes longer than this at the platform's limit is sent as digests alone."""


@dataclass(frozen=True, slots=True)
class Bundle(Generic[T]):
    """The deliveries that one message carries, in order: message `part` of `parts` that tell of `whole` papers.

    Its papers are numbered from `first` on. `digest` is the one of a slot that it belongs to, `sectioned` if its papers
    stand under several subscriptions. What comes at once, up to `size` papers a message, is `brought_by` these
    subscriptions, the one with most first. A `reminder` of a meeting is a message that carries no deliveries. What is
    `left_out`, it only counts. `facts` are the numbers of papers of the whole that are no new ones, by what is news.
    """

    form: Literal["single", "list", "digest"]
    owed: tuple[T, ...]
    part: int = 1
    parts: int = 1
    whole: int = 0
    first: int = 1
    digest: Digest | None = None
    sectioned: bool = False
    brought_by: tuple[int, ...] = ()
    size: int = 0
    reminder: Reminder | None = None
    left_out: tuple[T, ...] = ()
    facts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many deliveries a destination has due at once, and how long the oldest is overdue.

    `count` includes those whose message was begun and `unloaded` ones.
    """

    count: int
    unloaded: int = 0
    overdue: timedelta = timedelta(0)

    def is_flood(self, per_minute: int) -> bool:
        """Whether single messages would be too many: at this rate too slow, or all at once after an outage."""
        slow = timedelta(minutes=self.count / per_minute) > LONGEST_BACKLOG
        return slow or (self.overdue > OUTAGE_DELAY and self.count > SINGLES_WHEN_LATE)


def make_bundles(instant: Sequence[T], *, style: str, per_minute: int, size: int, backlog: Backlog) -> list[Bundle[T]]:
    """Bundle the deliveries of a destination, in order, that are due at once.

    `style` is the destination's setting (`auto`, `cards`, `compact`, `list`), `per_minute` the platform's limit there,
    and `size` the maximum number of papers in a message.
    """
    whole = len(instant) + backlog.unloaded
    if backlog.is_flood(per_minute):
        return _chunks("digest", instant, size, whole=whole)
    if style in {"cards", "compact"} or (style != "list" and len(instant) <= SINGLES):
        return [Bundle("single", (delivery,)) for delivery in instant]
    return _chunks("list", instant, size, whole=whole)


def digest_bundles(
    begun: Sequence[Sequence[T]], members: Sequence[T], digest: Digest, *, size: int, sectioned: bool
) -> list[Bundle[T]]:
    """What is left of a slot's digest: the messages that were `begun`, as they were, then its other `members`.

    Papers are numbered through all its messages, of which those that went out were full. A digest of a single paper
    looks like any single paper, and one of none still is a message.
    """
    groups = [*map(tuple, begun), *(tuple(members[start : start + size]) for start in range(0, len(members), size))]
    if not digest.papers:
        groups = [()]
    form: Literal["single", "digest"] = "single" if digest.papers == 1 and groups[:1] != [()] else "digest"
    parts = max(digest.parts, digest.sent + len(groups))
    before = [digest.sent * size + sum(map(len, groups[:number])) for number in range(len(groups))]
    return [
        Bundle(form, group, digest.sent + number, parts, digest.papers, first + 1, digest, sectioned)
        for number, (group, first) in enumerate(zip(groups, before, strict=True), 1)
    ]


def _chunks(form: Literal["list", "digest"], owed: Sequence[T], size: int, *, whole: int) -> list[Bundle[T]]:
    parts = -(-whole // size)
    return [
        Bundle(form, tuple(owed[start : start + size]), start // size + 1, parts, whole, start + 1)
        for start in range(0, len(owed), size)
    ]
