"""What a subscription makes of a paper, and how far the paper came on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from paperwire.core.papers.paper import Occasion
from paperwire.core.query.language import Check
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription

VerdictKind: TypeAlias = Literal[
    "sent", "given_up", "unknown", "dropped", "counted", "place_paused", "on_hold", "unanswered", "failing",
    "channel_down", "due", "occasion", "subscription_paused", "muted", "before", "quiet", "unmatched", "not_owed",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far a paper came on its way to a place, and the facts that belong to this kind of stage.

    `occasion` is what made it news there, None where it never was.
    """

    kind: VerdictKind
    place: StoredPlace
    at: datetime | None = None
    since: datetime | None = None
    next_at: datetime | None = None
    reason: str = ""
    count: int = 0
    missing: frozenset[str] = frozenset()
    occasion: Occasion | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one subscription makes of a paper: how it matches, and if it does, a stage for each of its places."""

    subscription: Subscription
    check: Check
    stages: tuple[Stage, ...]
