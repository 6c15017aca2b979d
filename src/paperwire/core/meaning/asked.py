"""What a query by meaning asks for, as an encoder makes it."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.meaning.threshold import Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryMeaning:
    """What a query asks for by one version of an encoder; both empty until it is made.

    `packed` is its vector; papers whose score reaches the threshold match, and none without one. Of `like:saved`,
    `list_of` is the person, whose list had changed `list_changes` times; of `like:ID`, `paper` is that paper's number.
    """

    encoder: str
    packed: bytes
    threshold: Threshold | None = None
    list_of: int | None = None
    list_changes: int = 0
    paper: int | None = None
