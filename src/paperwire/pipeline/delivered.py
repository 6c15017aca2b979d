"""What went out by a channel since the last look, for one line of the log."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Delivered:
    """Messages that were sent, the papers in them, and the places they went to."""

    messages: int = 0
    papers: int = 0
    places: set[int] = field(default_factory=set)

    def add(self, place: int, papers: int) -> None:
        """Count one message to a place."""
        self.messages += 1
        self.papers += papers
        self.places.add(place)
