"""A delivery whose time has come, and who wants it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from paperwire.core.papers.paper import Occasion, Paper
from paperwire.core.papers.revision import Revision


@dataclass(frozen=True, slots=True)
class Interest:
    """What a message says of a subscription that wants what it carries, which is to be `silent` if all are.

    `cadence` is empty for the place's own.
    """

    number: int
    text: str
    name: str
    mention: str
    cadence: str
    silent: bool = False


Key: TypeAlias = tuple[int, Occasion]
"""Which delivery of a place: the paper's number and the occasion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One delivery whose time has come.

    `label` is the word of the strongest statement that made an arrival (`new`, `cross`, `listed`, or `late`),
    otherwise the occasion's own; `before` is, for a replacement, the version that was sent there last. `begun_at` is
    when a message that carries it was begun, which may or may not have gone out; those of one instant belong together.
    It failed by its own fault `attempts` times since `first_failed_at`, was sent `unknowns` times without an answer,
    and failed for either reason last at `failed_at`. `subscriptions` are those that want it there now, `watched` says
    that someone there follows the paper, or got it and must hear that it is withdrawn; if neither is left (deleted,
    paused, edited or muted since), no one wants it any more. `slot`: only digests asked for it, no one wants it
    instantly.
    """

    paper: Paper
    occasion: Occasion
    due_at: datetime
    attempts: int
    begun_at: datetime | None
    label: str
    subscriptions: tuple[Interest, ...]
    watched: bool
    slot: bool
    before: Revision | None = None
    unknowns: int = 0
    first_failed_at: datetime | None = None
    failed_at: datetime | None = None

    @property
    def key(self) -> Key:
        """What `settle` calls it."""
        return self.paper.number, self.occasion

    @property
    def is_wanted(self) -> bool:
        return self.watched or bool(self.subscriptions)

    @property
    def silent(self) -> bool:
        """Whether all who want it want it without a sound."""
        return not self.watched and bool(self.subscriptions) and all(interest.silent for interest in self.subscriptions)


Entry: TypeAlias = tuple[Due, ...]
"""All deliveries of one paper that come together: one message or one line of a list tells what they are about."""


def by_paper(owed: Iterable[Due]) -> list[Entry]:
    """Deliveries by their papers, in the order of each paper's first one."""
    entries: dict[int, list[Due]] = {}
    for delivery in owed:
        entries.setdefault(delivery.paper.number, []).append(delivery)
    return [tuple(entry) for entry in entries.values()]
