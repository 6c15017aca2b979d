"""A narrower or wider query, and how much it finds."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.search.suggestion import Suggestion


@dataclass(frozen=True, slots=True)
class Rated:
    """A suggestion, and how many papers match it within `days`."""

    suggestion: Suggestion
    total: int
    days: int

    @property
    def text(self) -> str:
        """The query to type."""
        return str(self.suggestion.query)
